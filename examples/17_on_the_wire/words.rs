//! The command line.

use std::{fmt, fs, path::Path};

use wire::{schema::Schema, trace::Style};

use crate::{
    proxy::Proxy,
    runs::{RUNS, Run},
};

/// What is to be done.
pub(crate) enum Words {
    /// Says which runs there are.
    List,
    /// Makes a call and shows it.
    Show(&'static Run),
    /// Sits between clients and a server.
    Proxy(Proxy),
    /// Prints the contract.
    Proto,
}

/// A command line that cannot be read.
#[derive(Debug)]
pub(crate) struct Usage(String);

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // It may have been pasted.
        f.write_str(&self.0.replace(char::is_control, "\u{fffd}"))
    }
}

impl Words {
    pub(crate) fn read(words: impl Iterator<Item = String>) -> Result<Self, Usage> {
        let words: Vec<String> = words.collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match &words[..] {
            [] => Ok(Self::Show(&RUNS[0])),
            ["show"] => Ok(Self::List),
            ["show", name] => {
                RUNS.iter().find(|run| run.name == *name).map(Self::Show).ok_or_else(|| {
                    Usage(format!("there is no run `{name}`; `show` alone says which there are"))
                })
            }
            ["proxy", listen, target, options @ ..] => {
                let (listen, target) = (address(listen)?, address(target)?);
                let (schema, style) = options_of(options)?;
                Ok(Self::Proxy(Proxy { listen, target, schema, style }))
            }
            ["proto"] => Ok(Self::Proto),
            words => Err(Usage(format!(
                "cannot read `{}`; expected nothing, `show [NAME]`, `proxy HOST:PORT HOST:PORT \
                 [--proto FILE]… [--compact]` or `proto`",
                words.join(" ")
            ))),
        }
    }
}

fn options_of(mut options: &[&str]) -> Result<(Schema, Style), Usage> {
    let (mut files, mut style) = (Vec::new(), Style::Full);
    loop {
        options = match options {
            [] => break,
            ["--compact", rest @ ..] => {
                style = Style::Compact;
                rest
            }
            ["--proto", path, rest @ ..] => {
                let text = fs::read_to_string(path)
                    .map_err(|error| Usage(format!("cannot read {path}: {error}")))?;
                let name = Path::new(path).file_name().unwrap_or_default();
                files.push((name.to_string_lossy().into_owned(), text));
                rest
            }
            rest => return Err(Usage(format!("cannot read `{}`", rest.join(" ")))),
        };
    }
    let files = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let schema = Schema::parse(files).map_err(|error| Usage(error.to_string()))?;
    Ok((schema, style))
}

fn address(word: &str) -> Result<String, Usage> {
    let (host, port) = word.rsplit_once(':').unwrap_or_default();
    if host.is_empty() || port.parse::<u16>().is_err() {
        return Err(Usage(format!("`{word}` is not an address")));
    }
    Ok(word.to_owned())
}
