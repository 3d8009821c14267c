//! `traitwire import orders.proto`.

use std::{
    error::Error,
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use lexopt::{Arg, Parser, ValueExt};
use traitwire_import::{Imported, import};

const HELP: &str = "\
Prints the traits and messages that a person would write for a .proto.

    traitwire import [-I DIR]... [-o FILE | --out DIR] FILE...

    -I, --include DIR  where imports are looked for; the folders of the files, if none is given
    -o FILE            writes into a file that is not there yet
    --out DIR          writes a file for each package into a folder, with `mod.rs` for the first
    -h, --help         prints this

What there is no Rust for is left out, and named on stderr.
";

#[derive(Default)]
struct Arguments {
    files: Vec<PathBuf>,
    includes: Vec<PathBuf>,
    file: Option<PathBuf>,
    folder: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let Some(arguments) = arguments(Parser::from_env())? else {
        return print(HELP);
    };
    let imported = import(&arguments.files, &arguments.includes)?;
    let text = imported.text();
    let files = match (&arguments.file, &arguments.folder) {
        (Some(_), Some(_)) => return Err("`-o` and `--out` exclude each other".into()),
        (Some(file), None) => vec![(file.clone(), text.clone())],
        (None, Some(folder)) => in_folder(folder, &imported),
        (None, None) => {
            print(&text)?;
            Vec::new()
        }
    };
    if let Some((taken, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(format!("{} is there already, and is not overwritten", taken.display()).into());
    }
    for (path, text) in &files {
        write(path, text).map_err(|error| format!("{}: {error}", path.display()))?;
    }
    for what in imported.left_out() {
        eprintln!("left out: {what}");
    }
    if text.contains("well_known::") {
        eprintln!("needs: the feature \"prost-types\" of traitwire");
    }
    Ok(())
}

/// `None` for a plea for help.
fn arguments(mut parser: Parser) -> Result<Option<Arguments>, lexopt::Error> {
    let mut arguments = Arguments::default();
    let mut command = None;
    while let Some(argument) = parser.next()? {
        match argument {
            Arg::Short('h') | Arg::Long("help") => return Ok(None),
            Arg::Short('I') | Arg::Long("include") => {
                arguments.includes.push(parser.value()?.into())
            }
            Arg::Short('o') => arguments.file = Some(parser.value()?.into()),
            Arg::Long("out") => arguments.folder = Some(parser.value()?.into()),
            Arg::Value(word) if command.is_none() => command = Some(word.string()?),
            Arg::Value(file) => arguments.files.push(file.into()),
            _ => return Err(argument.unexpected()),
        }
    }
    match command.as_deref() {
        Some("import") if arguments.files.is_empty() => {
            Err("which file? `traitwire import orders.proto`".into())
        }
        Some("import") => Ok(Some(arguments)),
        Some(other) => Err(format!("there is no `{other}`, only `traitwire import`").into()),
        None => Ok(None),
    }
}

fn in_folder(folder: &Path, imported: &Imported) -> Vec<(PathBuf, String)> {
    imported.files().into_iter().map(|(path, text)| (folder.join(path), text)).collect()
}

fn write(path: &Path, text: &str) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text)
}

/// A reader that goes away early is no error.
fn print(text: &str) -> Result<(), Box<dyn Error>> {
    match io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => Ok(outcome?),
    }
}
