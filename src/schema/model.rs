//! Files, messages, enumerations and services, as a `.proto` declares them.

use super::options::Options;
use crate::describe::{Label, Scalar, full_name};

/// A `.proto` file. Shown as its text.
///
/// ```
/// # use traitwire::{Status, schema::Schema, service};
/// #[service(package = "stream", file = "words.proto")]
/// pub trait Words {
///     async fn count(&self, text: String) -> Result<u32, Status>;
/// }
///
/// let schema = Schema::of(&[&WORDS]).unwrap();
/// let file = schema.files().next().unwrap();
/// assert_eq!(file.name(), "words.proto");
/// assert_eq!(file.package(), "stream");
/// assert_eq!(
///     file.to_string(),
///     r#"// words.proto
/// syntax = "proto3";
///
/// package stream;
///
/// import "google/protobuf/wrappers.proto";
///
/// service Words {
///   rpc Count(google.protobuf.StringValue) returns (google.protobuf.UInt32Value);
/// }
/// "#
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    pub(crate) name: String,
    pub(crate) package: String,
    pub(crate) syntax: Syntax,
    pub(crate) options: Options,
    /// The names of other files, sorted.
    pub(crate) imports: Vec<String>,
    pub(crate) messages: Vec<Message>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) services: Vec<Service>,
    /// What it looks like; made last.
    pub(crate) text: String,
}

impl File {
    /// An empty file.
    pub(crate) fn new(name: &str, package: &str) -> Self {
        Self {
            name: name.to_owned(),
            package: package.to_owned(),
            syntax: Syntax::Proto3,
            options: Options::default(),
            imports: Vec::new(),
            messages: Vec::new(),
            enums: Vec::new(),
            services: Vec::new(),
            text: String::new(),
        }
    }

    /// The name by which other files import it: `shop/v1/orders.proto`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The protobuf package, `""` for none.
    #[must_use]
    pub fn package(&self) -> &str {
        &self.package
    }

    /// Whether it is one of protobuf's own, which every compiler brings along.
    pub(crate) fn is_well_known(&self) -> bool {
        self.name.starts_with("google/protobuf/")
    }

    /// All messages with their full names, an outer one before its inner ones.
    pub(crate) fn all_messages(&self) -> Vec<(String, &Message)> {
        fn walk<'a>(scope: &str, messages: &'a [Message], all: &mut Vec<(String, &'a Message)>) {
            for message in messages {
                let name = full_name(scope, &message.name);
                all.push((name.clone(), message));
                walk(&name, &message.messages, all);
            }
        }
        let mut all = Vec::new();
        walk(&self.package, &self.messages, &mut all);
        all
    }

    /// All enumerations with their full names.
    pub(crate) fn all_enums(&self) -> Vec<(String, &Enum)> {
        let named = |scope: &str, it: &Enum| full_name(scope, &it.name);
        let own = self.enums.iter().map(|it| (named(&self.package, it), it));
        let inner = self.all_messages().into_iter().flat_map(|(scope, message)| {
            message.enums.iter().map(move |it| (named(&scope, it), it))
        });
        own.chain(inner).collect()
    }
}

/// What a file may say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Syntax {
    /// Has required fields and defaults.
    Proto2,
    Proto3,
}

impl Syntax {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Proto2 => "proto2",
            Self::Proto3 => "proto3",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Message {
    /// The last part of its name.
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Options,
    /// All fields, also those of oneofs, which stand together.
    pub(crate) fields: Vec<Field>,
    pub(crate) oneofs: Vec<Oneof>,
    pub(crate) messages: Vec<Message>,
    pub(crate) enums: Vec<Enum>,
    pub(crate) reserved: Reserved,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Options,
    pub(crate) number: u32,
    /// Where it is not the usual one.
    pub(crate) json_name: Option<String>,
    pub(crate) label: Label,
    pub(crate) ty: Type,
    pub(crate) default: Option<DefaultValue>,
    /// The index of its oneof.
    pub(crate) oneof: Option<usize>,
}

/// The type of a field; messages and enumerations by their full names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    Scalar(Scalar),
    Message(String),
    Enum(String),
    Map(Scalar, Box<Type>),
}

impl Type {
    /// The full name of what must be defined somewhere.
    pub(crate) fn reference(&self) -> Option<&str> {
        match self {
            Self::Scalar(_) => None,
            Self::Message(name) | Self::Enum(name) => Some(name),
            Self::Map(_, value) => value.reference(),
        }
    }

    /// Whether repeated values may be packed.
    pub(crate) fn is_packable(&self) -> bool {
        match self {
            Self::Scalar(scalar) => !matches!(scalar, Scalar::String | Scalar::Bytes),
            Self::Enum(_) => true,
            Self::Message(_) | Self::Map(..) => false,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DefaultValue {
    /// A number, a bool or the name of an enumeration's value.
    Word(String),
    String(String),
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Oneof {
    pub(crate) name: String,
    pub(crate) docs: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Enum {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Options,
    pub(crate) values: Vec<EnumValue>,
    pub(crate) reserved: Reserved,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EnumValue {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Options,
    pub(crate) number: i32,
}

/// Ranges of numbers with their ends, and names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Reserved {
    pub(crate) numbers: Vec<(i32, i32)>,
    pub(crate) names: Vec<String>,
}

impl Reserved {
    pub(crate) fn has_number(&self, number: i32) -> bool {
        self.numbers.iter().any(|&(first, last)| (first..=last).contains(&number))
    }

    /// Whether every number of the range is reserved.
    pub(crate) fn covers(&self, (first, last): (i32, i32)) -> bool {
        let mut next = i64::from(first);
        while next <= i64::from(last) {
            let Some(range) =
                self.numbers.iter().find(|it| (i64::from(it.0)..=i64::from(it.1)).contains(&next))
            else {
                return false;
            };
            next = i64::from(range.1) + 1;
        }
        true
    }

    pub(crate) fn has_name(&self, name: &str) -> bool {
        self.names.iter().any(|it| it == name)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Options,
    pub(crate) methods: Vec<Method>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Method {
    pub(crate) name: String,
    pub(crate) docs: String,
    pub(crate) options: Options,
    pub(crate) input: String,
    pub(crate) output: String,
    pub(crate) client_streaming: bool,
    pub(crate) server_streaming: bool,
}
