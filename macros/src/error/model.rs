//! What an error is.

use syn::{Ident, Member, Path, Type};

/// An enum whose variants travel as a status.
pub(crate) struct Definition {
    pub(crate) ident: Ident,
    pub(crate) krate: Path,
    pub(crate) domain: String,
    pub(crate) variants: Vec<Variant>,
    /// The variant for every other status, and its field.
    pub(crate) status: (Ident, Member),
}

/// A variant that is not the one for other statuses.
pub(crate) struct Variant {
    pub(crate) ident: Ident,
    /// `None` where the caller hears nothing of it.
    pub(crate) told: Option<Told>,
}

/// What the caller of a method hears of a variant.
pub(crate) struct Told {
    pub(crate) code: Ident,
    pub(crate) reason: String,
    pub(crate) fields: Vec<Field>,
    /// Whether the fields are all there are, so that the variant can be made of them again.
    pub(crate) is_whole: bool,
}

/// A field that is sent.
pub(crate) struct Field {
    pub(crate) member: Member,
    pub(crate) ty: Type,
    pub(crate) part: Part,
}

/// The part of the status that holds a field.
#[derive(PartialEq)]
pub(crate) enum Part {
    /// The metadata of `ErrorInfo`, under this key.
    Metadata(String),
    /// A message of its own, by the name of the key that marks it.
    Detail(&'static str),
}
