//! `cargo xtask book`: makes the book, and serves it.

use std::{env, path::Path, process::ExitCode};

use anyhow::Result;
use traitwire_book::{Project, make, preprocess, serve};

const USAGE: &str = "\
usage: cargo xtask book [--serve] [--open]

  --serve   serve it, and make it anew when a source changes
  --open    show it in a browser";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        // What stock mdBook says.
        ["preprocess", "supports", _] => Ok(()),
        ["preprocess"] => preprocess::command(),
        options if options.iter().all(|it| ["--serve", "--open"].contains(it)) => {
            run(options.contains(&"--serve"), options.contains(&"--open"))
        }
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(serving: bool, open: bool) -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let project = Project::open(&root)?;
    if serving {
        return serve_until_interrupted(project, open);
    }
    let folder = make::make(&project)?;
    println!("{}", folder.display());
    if open {
        opener::open_browser(folder.join("index.html"))?;
    }
    Ok(())
}

#[tokio::main]
async fn serve_until_interrupted(project: Project, open: bool) -> Result<()> {
    serve::serve(project, open).await
}
