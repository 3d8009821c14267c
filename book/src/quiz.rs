//! A quiz: questions, each with answers to choose from, and for every answer the reason why it is
//! right or wrong.
//!
//! ```text
//! {{#quiz}}
//!
//! A client asks for the powers of 2. How many requests does it send?
//!
//! - [ ] One for each power.
//!   > The answers are a stream; the question is a single message.
//! - [x] One.
//!   > Server streaming: one message in, any number out.
//!
//! {{#end}}
//! ```
//!
//! The next question is the next text that is not indented. A question may contain directives.

use std::fmt::Write;

use crate::{
    Problem,
    edition::{Edition, Words},
};

/// More are no quiz, but an examination.
const MOST: usize = 3;

/// A question, with the numbers of its lines in the page.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Question {
    pub(crate) line: usize,
    pub(crate) text: Vec<String>,
    pub(crate) answers: Vec<Answer>,
}

#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    line: usize,
    is_right: bool,
    text: String,
    reason: Vec<String>,
}

/// Reads the lines between `{{#quiz}}`, which is the line before `first`, and `{{#end}}`.
pub(crate) fn read(lines: &[&str], first: usize) -> Result<Vec<Question>, (usize, Problem)> {
    let mut questions: Vec<Question> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let number = first + index;
        let wrong = |what: &str, mend: &str| Err((number, Problem::new(what, mend)));
        let answer = [("- [x] ", true), ("- [ ] ", false)]
            .into_iter()
            .find_map(|(mark, is_right)| Some((line.strip_prefix(mark)?, is_right)));
        let last = questions.last_mut();
        if let Some((text, is_right)) = answer {
            let Some(question) = last else {
                return wrong("an answer without a question", "write the question above it");
            };
            let (text, reason) = (text.trim().to_owned(), Vec::new());
            question.answers.push(Answer { line: number, is_right, text, reason });
            continue;
        }
        match last {
            _ if line.starts_with("- ") => {
                return wrong("an answer without a box", "start it with `- [ ] ` or `- [x] `");
            }
            Some(question) if question.answers.is_empty() => question.text.push((*line).to_owned()),
            Some(question) if line.starts_with("  ") => {
                let answer = question.answers.last_mut().expect("it has one");
                let line = line.trim();
                match line.strip_prefix('>') {
                    Some(reason) => answer.reason.push(reason.trim_start().to_owned()),
                    None if answer.reason.is_empty() => {
                        answer.text.push(' ');
                        answer.text += line;
                    }
                    None => return wrong("a line below a reason", "start it with `  > `"),
                }
            }
            _ if line.trim().is_empty() => {}
            _ => questions.push(Question {
                line: number,
                text: vec![(*line).to_owned()],
                answers: Vec::new(),
            }),
        }
    }
    check(&questions).map_err(|(line, what, mend)| {
        (if line == 0 { first - 1 } else { line }, Problem::new(what, mend))
    })?;
    Ok(questions)
}

/// What is wrong first, with its line, or 0 for that of `{{#quiz}}`.
fn check(questions: &[Question]) -> Result<(), (usize, String, String)> {
    let wrong = |line, what: &str, mend: &str| Err((line, what.to_owned(), mend.to_owned()));
    if questions.is_empty() || questions.len() > MOST {
        let what = format!("a quiz of {} questions", questions.len());
        return wrong(0, &what, &format!("ask one to {MOST}"));
    }
    for question in questions {
        if question.answers.len() < 2 {
            return wrong(
                question.line,
                "a question with no choice",
                "give it two answers or more",
            );
        }
        let right = question.answers.iter().filter(|it| it.is_right).count();
        if right != 1 {
            let what = format!("a question with {right} right answers");
            return wrong(question.line, &what, "mark one with `- [x] `");
        }
        if let Some(answer) = question.answers.iter().find(|it| it.reason.is_empty()) {
            return wrong(answer.line, "an answer without a reason", "write `  > why` below it");
        }
    }
    Ok(())
}

/// The quiz on the page. `text` has the questions, expanded; `page` makes the ids its own.
pub(crate) fn render(
    questions: &[Question],
    text: &[String],
    page: &str,
    edition: Edition,
    words: Words,
) -> String {
    let mut html = String::new();
    for (index, (question, text)) in questions.iter().zip(text).enumerate() {
        let id = format!("quiz-{page}-{}", index + 1);
        let mut add = |line: &str| writeln!(html, "{line}").expect("a string takes everything");
        let is_web = edition == Edition::Web;
        if is_web {
            add(&format!("<div class=\"quiz\" role=\"radiogroup\" aria-labelledby=\"{id}\">"));
            add(&format!("<div id=\"{id}\">\n\n{}\n\n</div>\n", text.trim()));
        } else {
            add(&format!("**{}.** {}\n", index + 1, text.trim()));
        }
        for (number, answer) in question.answers.iter().enumerate() {
            let number = number + 1;
            let text = &answer.text;
            if is_web {
                let input = format!("<input type=\"radio\" name=\"{id}\">");
                add(&format!("{number}. <label>{input} <span>{text}</span></label>"));
            } else {
                add(&format!("{number}. {text}"));
            }
        }
        add(&format!("\n<details>\n<summary>{}</summary>\n", words.answers));
        for (number, answer) in question.answers.iter().enumerate() {
            let verdict = if answer.is_right { words.right } else { words.wrong };
            add(&format!("{}. **{verdict}** {}", number + 1, answer.reason.join("\n   ")));
        }
        add("\n</details>");
        add(if is_web { "</div>\n" } else { "" });
    }
    html
}
