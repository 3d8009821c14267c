//! A file as its sender announces it, checked.

use traitwire::Status;

use crate::{checksum::Checksum, contract::File};

/// The longest name, in bytes: what the usual filesystems allow.
const LONGEST_NAME: usize = 255;

/// A file that may be stored.
#[derive(Clone)]
pub struct Announced {
    /// A name that stays in its folder.
    pub name: String,
    /// How many bytes it has.
    pub size: u64,
    /// Of all of them.
    pub sha256: Checksum,
}

impl Announced {
    /// Refuses what cannot be stored, before the first of its bytes is sent.
    pub fn check(file: Option<File>, limit: u64) -> Result<Self, Status> {
        let Some(File { name, size, sha256 }) = file else {
            return Err(Status::invalid_argument("no file is announced"));
        };
        check_name(&name)?;
        let sha256 = Checksum::try_from(&sha256[..]).map_err(|_| {
            let length = sha256.len();
            Status::invalid_argument(format!("a SHA-256 has 32 bytes, and this one {length}"))
        })?;
        if size > limit {
            let why = format!("{name} has {size} bytes, and the limit is {limit}");
            return Err(Status::resource_exhausted(why));
        }
        Ok(Self { name, size, sha256 })
    }

    /// What tells its bytes from those of any other file.
    pub fn key(&self) -> String {
        format!("{}-{}", hex::encode(self.sha256), self.size)
    }

    /// The refusal of a name that another file has.
    pub fn taken(&self) -> Status {
        Status::already_exists(format!("there is a file {} already", self.name))
    }
}

/// A leading dot is refused with the rest: `.`, `..` and the store's own files begin with it.
fn check_name(name: &str) -> Result<(), Status> {
    let why = if name.is_empty() {
        "the name is empty".to_owned()
    } else if name.len() > LONGEST_NAME {
        format!("the name has {} bytes, and the limit is {LONGEST_NAME}", name.len())
    } else if name.starts_with('.') {
        format!("the name {name:?} begins with a dot")
    } else if let Some(it) = name.chars().find(|it| matches!(it, '/' | '\\') || it.is_control()) {
        format!("the name {name:?} has {it:?} in it")
    } else {
        return Ok(());
    };
    Err(Status::invalid_argument(why))
}
