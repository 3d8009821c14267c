//! Why parts do not make a schema.

use std::fmt;

/// Why there is no [`Schema`](super::Schema). One line says what does not fit, and how to mend it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A message or an enumeration has two different definitions.
    TwoDefinitions {
        /// The full name.
        name: String,
    },
    /// Definitions of two packages name one file.
    FileInTwoPackages {
        /// The file.
        file: String,
        /// The package that has it already.
        first: String,
        /// The one that wants it too.
        second: String,
    },
    /// A message of a method does not derive `Describe`.
    NotDescribed {
        /// The message's full name.
        message: String,
        /// The path of the method.
        method: &'static str,
    },
    /// A definition belongs inside a message that is not there.
    NoParent {
        /// The full name.
        name: String,
        /// The full name of the message that it belongs into.
        parent: String,
    },
    /// Something that protobuf does not allow, or that traitwire does not read.
    Invalid {
        /// The file.
        file: String,
        /// What it is.
        reason: String,
    },
    /// A text that is not protobuf.
    Unreadable {
        /// File, line, column, and what is wrong: `orders.proto:3:9: expected an identifier`.
        message: String,
    },
}

impl Error {
    pub(crate) fn invalid(file: &str, reason: impl Into<String>) -> Self {
        Self::Invalid { file: file.to_owned(), reason: reason.into() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwoDefinitions { name } => {
                write!(f, "{name} has two different definitions; give one of them another name")
            }
            Self::FileInTwoPackages { file, first, second } => write!(
                f,
                "{file} would be in two packages, {} and {}; a file has one: \
                 give one of them `file = \"…\"`",
                shown(first),
                shown(second),
            ),
            Self::NotDescribed { message, method } => write!(
                f,
                "{message}, which {method} uses, is not described; derive `Describe` for it, or \
                 give the service the `.proto` that it comes from: `descriptor_set = …`"
            ),
            Self::NoParent { name, parent } => write!(
                f,
                "{name} belongs inside {parent}, which is not in the same file of this schema"
            ),
            Self::Unreadable { message } => f.write_str(message),
            Self::Invalid { file, reason } => write!(f, "{file}: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

fn shown(package: &str) -> &str {
    if package.is_empty() { "(none)" } else { package }
}
