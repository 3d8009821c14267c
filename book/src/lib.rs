//! Builds the book "From Trait to Wire", strictly: what the page says is what the sources say.
//!
//! Pages are Markdown with a few directives ([`directive`]), expanded by a preprocessor that stock
//! mdBook can run as well ([`preprocess`]). What mdBook passes over in silence is a [`Fault`] here
//! ([`checks`]), and all faults are told at once.

pub mod checks;
pub mod cite;
pub mod directive;
pub mod edition;
pub mod errors;
pub mod exercise;
pub mod expand;
pub mod fault;
pub mod figure;
pub mod make;
pub mod map;
pub mod markdown;
pub mod packages;
pub mod pdf;
pub mod plain;
pub mod predict;
pub mod preprocess;
pub mod project;
pub mod quiz;
pub mod sequence;
pub mod serve;
pub mod source;

pub use fault::{Fault, Faults, Problem};
pub use project::Project;
