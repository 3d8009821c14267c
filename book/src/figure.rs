//! Blocks of code, and drawings.

use std::path::Path;

use crate::edition::Edition;

fn language_of(file: &str) -> &str {
    match Path::new(file).extension().and_then(|it| it.to_str()).unwrap_or_default() {
        "rs" => "rust",
        "proto" => "protobuf",
        "snap" | "txt" | "stderr" => "text",
        other => other,
    }
}

/// Code under the name of its file.
pub fn listing(edition: Edition, file: &str, language: Option<&str>, code: &str) -> String {
    let language = language.unwrap_or_else(|| language_of(file));
    match edition {
        Edition::Web => {
            let caption = format!("<figcaption><code>{file}</code></figcaption>\n");
            figure("listing", &caption, language, code)
        }
        Edition::Plain => format!("`{file}`\n\n{}", fenced(language, code)),
    }
}

/// What a program has printed.
pub fn output(edition: Edition, text: &str) -> String {
    match edition {
        Edition::Web => figure("output", "", "text", text),
        Edition::Plain => fenced("text", text),
    }
}

/// What a reader opens: empty lines around the text make Markdown of it again.
pub fn folded(class: &str, summary: &str, text: &str) -> String {
    let class = if class.is_empty() { String::new() } else { format!(" class=\"{class}\"") };
    format!("<details{class}>\n<summary>{summary}</summary>\n\n{text}\n\n</details>\n\n")
}

fn figure(class: &str, caption: &str, language: &str, text: &str) -> String {
    let block = fenced(language, text);
    format!("<figure class=\"{class}\">\n{caption}\n{block}\n</figure>\n")
}

fn fenced(language: &str, text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!("{fence}{language}\n{text}\n{fence}\n")
}
