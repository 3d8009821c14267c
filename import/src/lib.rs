//! From `.proto` files to the traits and messages that a person would write for them.
//!
//! ```no_run
//! let imported = traitwire_import::import(&["orders.proto".into()], &["proto".into()])?;
//! print!("{}", imported.text());
//! for what in imported.left_out() {
//!     eprintln!("left out: {what}");
//! }
//! # Ok::<(), traitwire_import::Error>(())
//! ```

mod comments;
mod compile;
mod cycles;
mod enumeration;
mod field;
mod file;
mod layout;
mod message;
mod modules;
mod names;
mod naming;
mod options;
mod scope;
mod service;
mod text;

use std::path::PathBuf;

pub use compile::Error;
use layout::Layout;
use modules::Modules;

/// Reads `files` and what they import. Imports are looked for in `includes`; without any, in the
/// folders of the files.
///
/// Files that are imported are part of it if something of theirs is used. Those of protobuf itself
/// are not: their messages are types of `traitwire::well_known` and of the language.
///
/// # Errors
///
/// A file that is missing or that is no protobuf, with its place.
///
/// # Limits
///
/// Groups, extensions, custom options and other names of one value have no Rust here, nor have the
/// messages of `google/protobuf/descriptor.proto`, `api.proto` and `type.proto`. They are left out,
/// and [`Imported::left_out`] names them.
pub fn import(files: &[PathBuf], includes: &[PathBuf]) -> Result<Imported, Error> {
    let compiled = compile::compile(files, includes)?;
    let own = compiled.asked.iter().filter(|file| layout::is_well_known(file));
    let own = own.map(|file| {
        format!("{file}:1: all of it: `traitwire::well_known` has what protobuf defines")
    });
    let layout = Layout::new(&compiled.pool, &compiled.asked);
    Ok(Imported { layout, own: own.collect() })
}

/// What was read, ready to be written as Rust.
pub struct Imported {
    layout: Layout,
    /// The files that were asked for and are protobuf's own, in words.
    own: Vec<String>,
}

impl Imported {
    /// All of it in one text. The package that was asked for stands at the top, and each other one
    /// in a module.
    #[must_use]
    pub fn text(&self) -> String {
        Modules(&self.layout).text()
    }

    /// The same with a file for each module: `mod.rs`, and `google/rpc.rs` for `google.rpc`.
    #[must_use]
    pub fn files(&self) -> Vec<(PathBuf, String)> {
        Modules(&self.layout).files()
    }

    /// What there is no Rust for, one line each, with its place: `orders.proto:7: group …`.
    #[must_use]
    pub fn left_out(&self) -> Vec<String> {
        let homes = 0..self.layout.homes.len();
        let left_out = homes.flat_map(|index| file::text(&self.layout, index, 0).left_out);
        self.own.iter().cloned().chain(left_out).collect()
    }
}
