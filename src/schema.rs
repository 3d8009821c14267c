//! The contract as protobuf: `.proto` files, their text, and what changed in them.
//!
//! [`Schema::of`] takes the descriptors of services and follows their messages. What comes out is
//! what a person would have written: one file for each file name, with imports, comments and
//! reserved numbers. It needs no feature and no dependency.
//!
//! ```
//! use traitwire::{Describe, Status, schema::Schema, service};
//!
//! /// Powers of numbers.
//! #[service(package = "stream", file = "server_stream.proto")]
//! pub trait Powers {
//!     /// The square.
//!     async fn square(&self, request: Number) -> Result<Number, Status>;
//! }
//!
//! #[derive(Clone, PartialEq, prost::Message, Describe)]
//! #[describe(package = "stream")]
//! pub struct Number {
//!     #[prost(int64, tag = "1")]
//!     pub number: i64,
//! }
//!
//! let schema = Schema::of(&[&POWERS])?;
//! assert_eq!(
//!     schema.to_string(),
//!     r#"// server_stream.proto
//! syntax = "proto3";
//!
//! package stream;
//!
//! // Powers of numbers.
//! service Powers {
//!   // The square.
//!   rpc Square(Number) returns (Number);
//! }
//!
//! message Number {
//!   int64 number = 1;
//! }
//! "#
//! );
//! # Ok::<(), traitwire::schema::Error>(())
//! ```
//!
//! # A lock in your own tests
//!
//! With the feature `lock`, a folder holds the contract as it was accepted, and a test says when the
//! code no longer keeps it: see `Lock`.

mod attributes;
mod changes;
#[cfg(feature = "prost-types")]
mod check;
mod collect;
mod defaults;
mod error;
mod finish;
#[cfg(feature = "prost-types")]
mod from_proto;
mod literals;
#[cfg(feature = "lock")]
mod lock;
mod model;
mod names;
mod options;
#[cfg(feature = "lock")]
mod parse;
mod rules;
mod text;
#[cfg(feature = "prost-types")]
mod to_proto;

use std::fmt;

pub use attributes::unread_attributes;
pub use changes::{Breaks, Change, Class};
#[cfg(feature = "prost-types")]
pub use check::{Disagreements, check};
pub use error::Error;
#[cfg(feature = "lock")]
pub use lock::{Lock, LockError};
pub use model::File;

use crate::{ServiceDescriptor, describe::MessageDescriptor};

/// The `.proto` files of some services, and of all that they use.
///
/// Shown as the text of its files, one after the other; each begins with its name in a comment.
///
/// # Errors
///
/// Everything that makes one is an [`Error`] where the parts do not fit: two definitions of one
/// name, a file in two packages, a message without `Describe`, files that import each other.
///
/// # Limits
///
/// Files under `google/protobuf/` take part, but are not among [`files`](Self::files) and not in the
/// text: every protobuf compiler brings them along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schema {
    /// Imported files come before those that import them.
    files: Vec<File>,
}

impl Schema {
    /// The schema of services.
    ///
    /// A definition goes into the file that it names. One that names none goes where the services
    /// of its package are, if they share a file; else into the file of the package:
    /// `shop/v1/shop.proto` for `shop.v1`, and `api.proto` without a package.
    ///
    /// The result depends on the order of `services` and on nothing else.
    ///
    /// # Errors
    ///
    /// Where no `.proto` can say it: two definitions under one name, files that import each other, a
    /// message without a definition.
    pub fn of(services: &[&'static ServiceDescriptor]) -> Result<Self, Error> {
        Self::with_messages(services, &[])
    }

    /// The schema of services and of further messages, such as those that travel inside an `Any`.
    ///
    /// ```
    /// # use traitwire::{Describe, schema::Schema};
    /// #[derive(Clone, PartialEq, prost::Message, Describe)]
    /// #[describe(package = "shop.v1")]
    /// pub struct Receipt {}
    ///
    /// let schema = Schema::with_messages(&[], &[Receipt::DESCRIPTOR])?;
    /// assert_eq!(schema.files().next().unwrap().name(), "shop/v1/shop.proto");
    /// # Ok::<(), traitwire::schema::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As [`of`](Self::of).
    pub fn with_messages(
        services: &[&'static ServiceDescriptor],
        messages: &[&'static MessageDescriptor],
    ) -> Result<Self, Error> {
        Self::finished(collect::files(services, messages)?)
    }

    /// The files, without those of protobuf itself; imported ones come first.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| !file.is_well_known())
    }

    /// Checks the files, completes them with imports and text, and sorts them.
    fn finished(files: Vec<File>) -> Result<Self, Error> {
        Ok(Self { files: finish::files(files)? })
    }
}

/// Schemas and protobuf's own descriptors.
#[cfg(feature = "prost-types")]
impl Schema {
    /// The descriptors of all files, also of protobuf's own: complete for a reflection client.
    /// Doc comments are in it as source info.
    ///
    /// ```
    /// # use traitwire::{Status, schema::Schema, service};
    /// #[service(package = "words")]
    /// pub trait Words {
    ///     async fn count(&self, text: String) -> Result<u32, Status>;
    /// }
    ///
    /// let set = Schema::of(&[&WORDS])?.file_descriptor_set();
    /// let names: Vec<_> = set.file.iter().map(|file| file.name()).collect();
    /// assert_eq!(names, ["google/protobuf/wrappers.proto", "words/words.proto"]);
    /// # Ok::<(), traitwire::schema::Error>(())
    /// ```
    pub fn file_descriptor_set(&self) -> prost_types::FileDescriptorSet {
        prost_types::FileDescriptorSet { file: self.files.iter().map(to_proto::file).collect() }
    }

    /// Reads descriptors, such as a compiler makes of a `.proto`.
    ///
    /// # Errors
    ///
    /// What a [`Schema`] does not have: extensions, groups, editions, and options that are not common
    /// to protobuf's compilers; and whatever makes any schema an error. Custom options are extensions
    /// of an option's message: prost passes over them.
    pub fn from_file_descriptor_set(set: &prost_types::FileDescriptorSet) -> Result<Self, Error> {
        Self::finished(collect::files_of_set(set)?)
    }
}

impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, file) in self.files().enumerate() {
            let gap = if index == 0 { "" } else { "\n" };
            write!(f, "{gap}{file}")?;
        }
        Ok(())
    }
}
