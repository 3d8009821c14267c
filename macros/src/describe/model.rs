//! What the type is: a message, an enumeration or a oneof.

use proc_macro2::Span;
use syn::{Expr, Generics, Ident, Path, Type};

use crate::syntax::OptionValue;

/// A type with `#[derive(Describe)]`.
pub(crate) struct Definition {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    /// The path of the `traitwire` crate.
    pub(crate) krate: Path,
    /// `None` where the line of the module says it.
    pub(crate) package: Option<String>,
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) docs: String,
    pub(crate) deprecated: bool,
    pub(crate) reserved: Reserved,
    pub(crate) body: Body,
}

pub(crate) enum Body {
    Message(Vec<Member>),
    Enumeration(Vec<EnumValue>),
    Oneof(Vec<Field>),
}

/// Numbers and names that must not be used again.
#[derive(Default)]
pub(crate) struct Reserved {
    /// With their ends.
    pub(crate) numbers: Vec<(i32, i32)>,
    pub(crate) names: Vec<String>,
}

impl Reserved {
    pub(crate) fn has_number(&self, number: i64) -> bool {
        self.numbers.iter().any(|&(first, last)| (first.into()..=last.into()).contains(&number))
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|reserved| reserved == name)
    }
}

/// A field of the struct.
pub(crate) enum Member {
    Field(Box<Field>),
    Oneof(OneofField),
}

/// A field of a message, or a variant of a oneof.
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) json_name: Option<String>,
    pub(crate) number: u32,
    pub(crate) label: Label,
    pub(crate) kind: Kind,
    pub(crate) default: Option<DefaultValue>,
    /// `ctype` and `jstype`.
    pub(crate) options: Vec<(String, OptionValue)>,
    pub(crate) docs: String,
    pub(crate) deprecated: bool,
}

/// The field of a message that holds a oneof.
pub(crate) struct OneofField {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) ty: Path,
    /// The numbers that the message lists.
    pub(crate) tags: Vec<u32>,
    /// Where they are listed.
    pub(crate) span: Span,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    Plain,
    Optional,
    Required,
    Repeated { packed: bool },
}

pub(crate) enum Kind {
    Scalar(Scalar),
    /// The type of the field: what it holds is found by the compiler.
    Message(Box<Type>),
    Enum(Path),
    Map(Scalar, Box<Kind>),
}

/// A default, as it stands in a `.proto`.
pub(crate) enum DefaultValue {
    Text(String),
    Bytes(Vec<u8>),
    /// The variant of an enumeration.
    Variant(Box<Expr>),
}

/// A value of an enumeration.
pub(crate) struct EnumValue {
    pub(crate) name: String,
    pub(crate) number: i32,
    pub(crate) docs: String,
    pub(crate) deprecated: bool,
}

/// A type without parts: its name in `.proto` files and its variant in `traitwire::describe`.
#[derive(Clone, Copy)]
pub(crate) struct Scalar {
    pub(crate) name: &'static str,
    pub(crate) variant: &'static str,
}

impl Scalar {
    pub(crate) const ALL: &'static [Self] = &[
        Self { name: "double", variant: "Double" },
        Self { name: "float", variant: "Float" },
        Self { name: "int32", variant: "Int32" },
        Self { name: "int64", variant: "Int64" },
        Self { name: "uint32", variant: "Uint32" },
        Self { name: "uint64", variant: "Uint64" },
        Self { name: "sint32", variant: "Sint32" },
        Self { name: "sint64", variant: "Sint64" },
        Self { name: "fixed32", variant: "Fixed32" },
        Self { name: "fixed64", variant: "Fixed64" },
        Self { name: "sfixed32", variant: "Sfixed32" },
        Self { name: "sfixed64", variant: "Sfixed64" },
        Self { name: "bool", variant: "Bool" },
        Self { name: "string", variant: "String" },
        Self { name: "bytes", variant: "Bytes" },
    ];

    pub(crate) fn find(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|scalar| scalar.name == name)
    }

    /// Whether JavaScript has no number for it.
    pub(crate) fn has_64_bits(self) -> bool {
        self.name.ends_with("64")
    }

    /// Whether repeated values may be packed.
    pub(crate) fn is_numeric(self) -> bool {
        !matches!(self.name, "string" | "bytes")
    }

    pub(crate) fn is_float(self) -> bool {
        matches!(self.name, "double" | "float")
    }

    pub(crate) fn is_map_key(self) -> bool {
        !self.is_float() && self.name != "bytes"
    }
}
