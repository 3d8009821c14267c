//! What is wrong with the book: one type for every check.

use std::{
    error::Error,
    fmt,
    path::{Path, PathBuf},
};

/// What is wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub mend: String,
}

impl Problem {
    /// A problem and its mend.
    pub fn new(what: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { what: what.into(), mend: mend.into() }
    }

    /// The fault at this place.
    pub fn at(self, file: &Path, line: usize) -> Fault {
        Fault { file: file.to_owned(), line, problem: self }
    }
}

/// A problem at its place: `file:line: what is wrong; what to do`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Relative to the root of the project.
    pub file: PathBuf,
    /// From 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: Problem,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, problem: Problem { what, mend } } = self;
        write!(f, "{}:{line}: {what}; {mend}", file.display())
    }
}

/// All that is wrong, in the order of the files.
#[derive(Debug)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// The faults as an error, if there are any.
    pub fn check(mut faults: Vec<Fault>) -> Result<(), Self> {
        faults.sort();
        faults.dedup();
        if faults.is_empty() { Ok(()) } else { Err(Self(faults)) }
    }

    /// A line for each.
    pub fn lines(&self) -> Vec<String> {
        self.0.iter().map(ToString::to_string).collect()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.0 {
            writeln!(f, "{fault}")?;
        }
        match self.0.len() {
            1 => write!(f, "the book has a fault"),
            count => write!(f, "the book has {count} faults"),
        }
    }
}

impl Error for Faults {}
