//! The two forms of a page: for mdBook, and as Markdown that is read where the project is browsed.

/// What a page is expanded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edition {
    /// Markdown with HTML in it, as mdBook reads it.
    Web,
    /// Plain Markdown; drawings are files of their own.
    Plain,
}

/// The words that the builder itself puts on a page, in the language of the book.
#[derive(Clone, Copy, Debug)]
pub struct Words {
    /// Above a hint of an exercise.
    pub hint: &'static str,
    /// Above the solution of an exercise.
    pub solution: &'static str,
    /// Before the name of a test that proves what was said.
    pub proof: &'static str,
    /// Above the answers of a quiz.
    pub answers: &'static str,
    /// Before the reason why an answer is right.
    pub right: &'static str,
    /// Before the reason why an answer is wrong.
    pub wrong: &'static str,
    /// On the part of the map where the reader is.
    pub here: &'static str,
    /// What the map shows.
    pub map: &'static str,
}

impl Words {
    /// For this language; English when there is none.
    pub fn of(language: Option<&str>) -> Self {
        match language {
            Some("zh-CN") => Self {
                hint: "提示",
                solution: "一种解法",
                proof: "测试",
                answers: "答案与理由",
                right: "对。",
                wrong: "不对。",
                here: "当前位置",
                map: "本书的各部分，以及当前位置",
            },
            _ => Self {
                hint: "Hint",
                solution: "A solution",
                proof: "Test",
                answers: "The answers, and why",
                right: "Right.",
                wrong: "Wrong.",
                here: "you are here",
                map: "The parts of the book, and where you are",
            },
        }
    }
}
