//! `cargo xtask book`: makes the book, and serves it.

use std::{env, path::Path, process::ExitCode};

use anyhow::Result;
use traitwire_book::{Project, make, pdf, plain, preprocess, serve};

const USAGE: &str = "\
usage: cargo xtask book [--open] [--serve | --pdf | --markdown]

  --open      show it in a browser
  --serve     serve it, and make it anew when a source changes
  --pdf       print it into one file, with Chromium or Chrome
  --markdown  write it into book/read, to be read where the project is browsed";

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        // What stock mdBook says.
        ["preprocess", "supports", _] => Ok(()),
        ["preprocess"] => preprocess::command(),
        ["--markdown"] => project().and_then(|it| shown(&plain::write(&it)?)),
        ["--pdf"] => project().and_then(|it| shown(&pdf::print(&make::make(&it)?)?)),
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

fn project() -> Result<Project> {
    Project::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
}

fn shown(path: &Path) -> Result<()> {
    println!("{}", path.display());
    Ok(())
}

fn run(serving: bool, open: bool) -> Result<()> {
    let project = project()?;
    if serving {
        return serve_until_interrupted(project, open);
    }
    let folder = make::make(&project)?;
    shown(&folder)?;
    if open {
        opener::open_browser(folder.join("index.html"))?;
    }
    Ok(())
}

#[tokio::main]
async fn serve_until_interrupted(project: Project, open: bool) -> Result<()> {
    serve::serve(project, open).await
}
