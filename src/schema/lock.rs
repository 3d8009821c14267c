//! A folder with the contract as it was accepted.

use std::{
    collections::BTreeMap,
    env, fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{Change, Class, Error, Schema};

/// A folder of `.proto` files that the code must agree with.
///
/// The files are what a [`Schema`] is rendered to: people in other languages read them, and reviews
/// show what changes in them. A test compares them with the code and names every difference. One
/// folder holds one contract; several services in one [`Schema`] make one contract.
///
/// # A recipe
///
/// ```no_run
/// # mod shop { #[traitwire::service] pub trait Orders {} }
/// use traitwire::schema::{Lock, Schema};
///
/// #[test]
/// fn the_contract_is_kept() {
///     let schema = Schema::of(&[&shop::ORDERS]).unwrap();
///     let lock = Lock::at(concat!(env!("CARGO_MANIFEST_DIR"), "/proto"));
///     if let Err(error) = lock.check_or_bless(&schema) {
///         panic!("{error}");
///     }
/// }
/// ```
///
/// `TRAITWIRE_BLESS=additive cargo test` accepts what breaks nobody, and writes the first version;
/// `TRAITWIRE_BLESS=breaking cargo test` accepts everything. Commit what was written.
///
/// # Limits
///
/// The folder belongs to the lock: blessing removes `.proto` files that the contract does not have.
/// Contracts that are written by hand, with options of other languages, are better checked the other
/// way round: [`check`](super::check).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lock {
    folder: PathBuf,
}

/// Why a [`Lock`] does not open.
#[derive(Debug)]
#[non_exhaustive]
pub enum LockError {
    /// The code has another contract than the folder.
    Changed {
        /// The folder.
        folder: PathBuf,
        /// Every difference, breaking ones first.
        changes: Vec<Change>,
    },
    /// A file of the folder is not protobuf; the message names file and line.
    Unreadable {
        /// The folder.
        folder: PathBuf,
        /// What is wrong.
        error: Error,
    },
    /// A file could not be read or written.
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

impl Lock {
    /// The name of the environment variable that [`check_or_bless`](Self::check_or_bless) reads.
    pub const VARIABLE: &'static str = "TRAITWIRE_BLESS";

    /// The lock in `folder`. A folder that is not there holds an empty contract.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Compares `schema` with the folder.
    ///
    /// # Errors
    ///
    /// [`LockError::Changed`] with every difference, also one of layout alone.
    pub fn check(&self, schema: &Schema) -> Result<(), LockError> {
        let changes = self.changes(schema)?;
        if changes.is_empty() {
            return Ok(());
        }
        Err(LockError::Changed { folder: self.folder.clone(), changes })
    }

    /// Writes `schema` into the folder, if no change goes beyond `accepted`. Gives the changes.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check), when there is a breaking change and only additive ones are
    /// accepted, or when a file of the folder cannot be read. Nothing is written then.
    pub fn bless(&self, schema: &Schema, accepted: Class) -> Result<Vec<Change>, LockError> {
        let changes = self.changes(schema)?;
        if changes.iter().any(|change| change.class() > accepted) {
            return Err(LockError::Changed { folder: self.folder.clone(), changes });
        }
        let old = self.texts()?;
        for file in schema.files() {
            let text = file.to_string();
            if old.get(file.name()) != Some(&text) {
                write(&self.folder.join(file.name()), &text)?;
            }
        }
        for name in old.keys().filter(|name| schema.files().all(|file| file.name() != *name)) {
            let path = self.folder.join(name);
            fs::remove_file(&path).map_err(|error| LockError::Io { path, error })?;
        }
        Ok(changes)
    }

    /// [`check`](Self::check), or [`bless`](Self::bless) where the environment variable
    /// `TRAITWIRE_BLESS` is `additive` or `breaking`: what a test calls.
    ///
    /// # Errors
    ///
    /// As these two.
    pub fn check_or_bless(&self, schema: &Schema) -> Result<(), LockError> {
        match env::var(Self::VARIABLE).as_deref() {
            Ok("additive") => self.bless(schema, Class::Additive).map(drop),
            Ok("breaking") => self.bless(schema, Class::Breaking).map(drop),
            _ => self.check(schema),
        }
    }

    fn changes(&self, schema: &Schema) -> Result<Vec<Change>, LockError> {
        let texts = self.texts()?;
        let unreadable = |error| LockError::Unreadable { folder: self.folder.clone(), error };
        let old = Schema::of_sources(texts.clone().into_iter().collect()).map_err(unreadable)?;
        let mut changes = schema.changes_since(&old);
        if changes.is_empty() {
            changes.extend(layout(&texts, schema));
        }
        Ok(changes)
    }

    /// The texts of the folder's `.proto` files by their names.
    fn texts(&self) -> Result<BTreeMap<String, String>, LockError> {
        let mut texts = BTreeMap::new();
        if self.folder.exists() {
            collect(&self.folder, "", &mut texts)?;
        }
        Ok(texts)
    }
}

/// Differences that no descriptor shows.
fn layout(texts: &BTreeMap<String, String>, schema: &Schema) -> Vec<Change> {
    let differs = schema.files().filter(|file| texts.get(file.name()) != Some(&file.to_string()));
    let differs = differs.map(|file| {
        let name = file.name();
        Change::additive(format!("{name} differs in its layout, its order or in options alone"))
    });
    let stale = texts.keys().filter(|name| schema.files().all(|file| file.name() != *name));
    let stale = stale.map(|name| Change::additive(format!("{name} is not part of the contract")));
    differs.chain(stale).collect()
}

fn collect(
    folder: &Path,
    prefix: &str,
    texts: &mut BTreeMap<String, String>,
) -> Result<(), LockError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        |error| LockError::Io { path, error }
    };
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()) else { continue };
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            collect(&path, &format!("{name}/"), texts)?;
        } else if name.ends_with(".proto") {
            let text = fs::read_to_string(&path).map_err(failed(&path))?;
            texts.insert(name, text);
        }
    }
    Ok(())
}

fn write(path: &Path, text: &str) -> Result<(), LockError> {
    let failed = |error| LockError::Io { path: path.to_owned(), error };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

impl fmt::Display for LockError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed { folder, changes } => {
                writeln!(f, "the contract is not the one in {}:", folder.display())?;
                for change in changes {
                    writeln!(f, "  {change}")?;
                }
                let class = changes.iter().map(Change::class).max().unwrap_or(Class::Additive);
                write!(f, "accept it with {}={class}, or undo it", Lock::VARIABLE)
            }
            Self::Unreadable { folder, error } => write!(f, "in {}: {error}", folder.display()),
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for LockError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Changed { .. } => None,
            Self::Unreadable { error, .. } => Some(error),
            Self::Io { error, .. } => Some(error),
        }
    }
}
