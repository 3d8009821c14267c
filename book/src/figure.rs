//! Blocks of code as figures.

use std::path::Path;

fn language_of(file: &str) -> &str {
    match Path::new(file).extension().and_then(|it| it.to_str()).unwrap_or_default() {
        "rs" => "rust",
        "proto" => "protobuf",
        "snap" | "txt" | "stderr" => "text",
        other => other,
    }
}

/// Code under the name of its file.
pub fn listing(file: &str, language: Option<&str>, code: &str) -> String {
    let language = language.unwrap_or_else(|| language_of(file));
    figure("listing", &format!("<figcaption><code>{file}</code></figcaption>\n"), language, code)
}

/// Empty lines around the block make Markdown of it again.
pub fn figure(class: &str, caption: &str, language: &str, text: &str) -> String {
    let mut fence = "```".to_owned();
    while text.contains(&fence) {
        fence.push('`');
    }
    format!(
        "<figure class=\"{class}\">\n{caption}\n{fence}{language}\n{text}\n{fence}\n\n</figure>\n"
    )
}
