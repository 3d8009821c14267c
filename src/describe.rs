//! What a message is, as data.

mod well_known;

pub(crate) use well_known::{WellKnownFile, file as well_known_file};

/// A type with a protobuf definition: a message, an enumeration or a oneof.
///
/// [`#[message]`](macro@crate::message) derives it. So can you: `#[derive(Describe)]` reads the
/// `#[prost(…)]` attributes and gives plain static data, made at compile time and depending on
/// nothing. [`Schema`](crate::schema::Schema) collects the data of all that a service needs into
/// `.proto` files. A message gets its `prost::Name` too.
///
/// ```
/// use traitwire::{Describe, describe::Member};
///
/// /// A thing to buy.
/// #[derive(Clone, PartialEq, prost::Message, Describe)]
/// #[describe(package = "shop.v1", reserved(2, "price"))]
/// pub struct Product {
///     /// Never changes.
///     #[prost(string, tag = "1")]
///     pub id: String,
///     #[prost(enumeration = "Stock", tag = "3")]
///     pub stock: i32,
/// }
///
/// #[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
/// #[describe(package = "shop.v1")]
/// #[repr(i32)]
/// pub enum Stock {
///     Unknown = 0,
///     Ready = 1,
/// }
///
/// assert_eq!(Product::DESCRIPTOR.full_name(), "shop.v1.Product");
/// assert_eq!(Product::DESCRIPTOR.docs, "A thing to buy.");
/// let Member::Field(id) = &Product::DESCRIPTOR.members[0] else { panic!("a plain field") };
/// assert_eq!((id.name, id.number), ("id", 1));
/// assert_eq!(Stock::DESCRIPTOR.values[1].name, "STOCK_READY");
/// ```
///
/// # Keys
///
/// On the type: `package`, `name`, `file`, which [`package!`](crate::package) says once for a module,
/// `crate = "path::to::traitwire"` where this crate was
/// renamed, and `reserved(…)` with numbers, ranges and names, as in
/// `reserved(2, 9..=11, 1000.., "old_name")`. A name with dots, `Order.Item`, is defined inside the
/// message before the dot. Without `file` the type goes where its package's services are.
/// On a field or an enumeration's value: `name`, and on a field `json_name`, `jstype` for a number of
/// 64 bits (`JS_STRING`, `JS_NUMBER`, `JS_NORMAL`) and `ctype` for a string or bytes (`CORD`,
/// `STRING_PIECE`, `STRING`).
///
/// An enumeration's values are named after it, as protobuf's style asks: `Stock::Ready` is
/// `STOCK_READY`. A oneof is an enum whose variants have `#[prost(…)]` attributes; it belongs to
/// the message that has it as a field and takes no keys.
///
/// # Errors
///
/// What protobuf forbids is refused at its token: a field without a number, a number given twice,
/// reserved or out of range, an unknown or contradictory key.
///
/// # Limits
///
/// No groups, no extensions, no custom options, no tuple structs. A file with a required field or a
/// default is written as `proto2`, which alone has them; any other as `proto3`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no protobuf definition",
    label = "not described",
    note = "put `#[message]` on the message, enumeration or oneof, or `#[derive(traitwire::Describe)]` beside prost's derive",
    note = "the types of `prost_types` are described with traitwire's feature `prost-types`"
)]
pub trait Describe {
    /// [`MessageDescriptor`], [`EnumDescriptor`] or [`OneofDescriptor`].
    type Descriptor: 'static;

    /// The definition.
    const DESCRIPTOR: &'static Self::Descriptor;
}

/// A message.
#[derive(Clone, Copy, Debug)]
pub struct MessageDescriptor {
    /// The protobuf package, `""` for none.
    pub package: &'static str,
    /// The name within the package; with dots for a message inside another one.
    pub name: &'static str,
    /// The `.proto` file, where the code names one.
    pub file: Option<&'static str>,
    /// What [`package!`](crate::package) says of that file.
    pub file_options: &'static [ProtoOption],
    /// The doc comment.
    pub docs: &'static str,
    /// Whether the type is `#[deprecated]`.
    pub deprecated: bool,
    /// Fields and oneofs, in the order of the struct.
    pub members: &'static [Member],
    /// What fields may no longer use.
    pub reserved: Reserved,
}

impl MessageDescriptor {
    /// Package and name: `ecommerce.Order`.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(self.package, self.name)
    }
}

/// A field of the struct.
#[derive(Clone, Copy, Debug)]
pub enum Member {
    /// One field of the message.
    Field(FieldDescriptor),
    /// A group of fields of which one at most is set.
    Oneof {
        /// The oneof's name.
        name: &'static str,
        /// The doc comment on the struct's field.
        docs: &'static str,
        /// The fields.
        fields: fn() -> &'static OneofDescriptor,
    },
}

/// A field of a message or of a oneof.
#[derive(Clone, Copy, Debug)]
pub struct FieldDescriptor {
    /// The name on the wire of JSON and in the `.proto`.
    pub name: &'static str,
    /// The number on the wire.
    pub number: u32,
    /// The name in JSON, where it is not the usual one (lower camel case of `name`).
    pub json_name: Option<&'static str>,
    /// How many values there are.
    pub label: Label,
    /// The type of a value.
    pub kind: FieldKind,
    /// What an absent field is read as, where the code says it.
    pub default: Option<DefaultValue>,
    /// `ctype` and `jstype`, where the code says them.
    pub options: &'static [ProtoOption],
    /// The doc comment.
    pub docs: &'static str,
    /// Whether the field is `#[deprecated]`.
    pub deprecated: bool,
}

/// How many values a field has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// One; absent and zero are the same.
    Plain,
    /// None or one.
    Optional,
    /// Exactly one, as only proto2 has it.
    Required,
    /// Any number.
    Repeated {
        /// Whether the values are written without repeating the field number.
        packed: bool,
    },
}

/// The type of a field.
#[derive(Clone, Copy, Debug)]
pub enum FieldKind {
    /// A number, a text or bytes.
    Scalar(Scalar),
    /// A message. A function, so that messages may contain each other.
    Message(fn() -> &'static MessageDescriptor),
    /// An enumeration.
    Enum(fn() -> &'static EnumDescriptor),
    /// A map from the first to the second.
    Map(Scalar, &'static FieldKind),
}

/// The default of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefaultValue {
    /// A number or a bool, as it stands in a `.proto`; the text of a string.
    Text(&'static str),
    /// Bytes.
    Bytes(&'static [u8]),
    /// The number of an enumeration's value.
    Enum(i32),
}

/// Defines `Scalar` and the names of its kinds.
macro_rules! scalars {
    ($($kind:ident $name:literal,)*) => {
        /// The types that are no messages and no enumerations.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Scalar {
            $(#[doc = concat!("`", $name, "`")] $kind,)*
        }

        impl Scalar {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind),*];

            /// The name in a `.proto` file.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

scalars! {
    Double "double",
    Float "float",
    Int32 "int32",
    Int64 "int64",
    Uint32 "uint32",
    Uint64 "uint64",
    Sint32 "sint32",
    Sint64 "sint64",
    Fixed32 "fixed32",
    Fixed64 "fixed64",
    Sfixed32 "sfixed32",
    Sfixed64 "sfixed64",
    Bool "bool",
    String "string",
    Bytes "bytes",
}

/// A oneof: an enum whose variants are fields of a message.
#[derive(Clone, Copy, Debug)]
pub struct OneofDescriptor {
    /// The doc comment of the enum, used where the message's field has none.
    pub docs: &'static str,
    /// The fields, in the order of the variants.
    pub fields: &'static [FieldDescriptor],
}

/// An enumeration.
#[derive(Clone, Copy, Debug)]
pub struct EnumDescriptor {
    /// The protobuf package, `""` for none.
    pub package: &'static str,
    /// The name within the package; with dots for an enumeration inside a message.
    pub name: &'static str,
    /// The `.proto` file, where the code names one.
    pub file: Option<&'static str>,
    /// What [`package!`](crate::package) says of that file.
    pub file_options: &'static [ProtoOption],
    /// The doc comment.
    pub docs: &'static str,
    /// Whether the type is `#[deprecated]`.
    pub deprecated: bool,
    /// The values, in the order of the enum; the first is 0.
    pub values: &'static [EnumValueDescriptor],
    /// What values may no longer use.
    pub reserved: Reserved,
}

impl EnumDescriptor {
    /// Package and name: `shop.v1.Stock`.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(self.package, self.name)
    }
}

/// A value of an enumeration.
#[derive(Clone, Copy, Debug)]
pub struct EnumValueDescriptor {
    /// The name in JSON and in the `.proto`.
    pub name: &'static str,
    /// The number on the wire.
    pub number: i32,
    /// The doc comment.
    pub docs: &'static str,
    /// Whether the variant is `#[deprecated]`.
    pub deprecated: bool,
}

/// Numbers and names that must not be used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reserved {
    /// Ranges of numbers, with their ends.
    pub numbers: &'static [(i32, i32)],
    /// Names.
    pub names: &'static [&'static str],
}

impl Reserved {
    /// Nothing is reserved.
    pub const NONE: Self = Self { numbers: &[], names: &[] };
}

/// What [`package!`](crate::package) says once for all definitions of a module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// The protobuf package, `""` for none.
    pub package: &'static str,
    /// The `.proto` file, where the code names one.
    pub path: Option<&'static str>,
    /// Its options.
    pub options: &'static [ProtoOption],
}

impl File {
    /// Nothing is said.
    pub const NONE: Self = Self { package: "", path: None, options: &[] };
}

/// An option under the name that protobuf's `descriptor.proto` gives it, such as `go_package`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ProtoOption {
    /// The name.
    pub name: &'static str,
    /// The value.
    pub value: OptionValue,
}

/// The value of an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OptionValue {
    /// `true` or `false`.
    Flag(bool),
    /// The name of an enumeration's value, such as `SPEED`.
    Word(&'static str),
    /// A text between quotes.
    Text(&'static str),
}

/// A name in its package.
pub(crate) fn full_name(package: &str, name: &str) -> String {
    if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
}

/// What a container holds is what it is described by.
macro_rules! containers {
    ($($(#[$about:meta])* <$($parameter:ident),*> $container:ty;)*) => {
        $(
            $(#[$about])*
            impl<$($parameter,)* D: Describe> Describe for $container {
                type Descriptor = D::Descriptor;
                const DESCRIPTOR: &'static D::Descriptor = D::DESCRIPTOR;
            }
        )*
    };
}

containers! {
    /// An optional field of type `D`.
    <> Option<D>;
    /// A boxed field of type `D`.
    <> Box<D>;
    /// A repeated field of type `D`.
    <> Vec<D>;
    /// A map with values of type `D`.
    <K, S> std::collections::HashMap<K, D, S>;
    /// A map with values of type `D`.
    <K> std::collections::BTreeMap<K, D>;
}
