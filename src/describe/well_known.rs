//! The types of `google/protobuf/*.proto`, for the Rust types that prost gives them.

use super::{
    Describe, EnumDescriptor, EnumValueDescriptor, FieldDescriptor, FieldKind, Label, Member,
    MessageDescriptor, OneofDescriptor, Reserved, Scalar,
};

/// A file, with everything it defines.
pub(crate) struct WellKnownFile {
    pub(crate) name: &'static str,
    pub(crate) messages: &'static [&'static MessageDescriptor],
    pub(crate) enums: &'static [&'static EnumDescriptor],
}

/// The file of that name, if it is one of protobuf's own.
pub(crate) fn file(name: &str) -> Option<&'static WellKnownFile> {
    FILES.iter().find(|file| file.name == name)
}

const ANY_FILE: &str = "google/protobuf/any.proto";
const DURATION_FILE: &str = "google/protobuf/duration.proto";
const EMPTY_FILE: &str = "google/protobuf/empty.proto";
const FIELD_MASK_FILE: &str = "google/protobuf/field_mask.proto";
const STRUCT_FILE: &str = "google/protobuf/struct.proto";
const TIMESTAMP_FILE: &str = "google/protobuf/timestamp.proto";
const WRAPPERS_FILE: &str = "google/protobuf/wrappers.proto";

static FILES: &[WellKnownFile] = &[
    WellKnownFile { name: ANY_FILE, messages: &[ANY], enums: &[] },
    WellKnownFile { name: DURATION_FILE, messages: &[DURATION], enums: &[] },
    WellKnownFile { name: EMPTY_FILE, messages: &[EMPTY], enums: &[] },
    WellKnownFile { name: FIELD_MASK_FILE, messages: &[FIELD_MASK], enums: &[] },
    WellKnownFile {
        name: STRUCT_FILE,
        messages: &[STRUCT, VALUE, LIST_VALUE],
        enums: &[NULL_VALUE],
    },
    WellKnownFile { name: TIMESTAMP_FILE, messages: &[TIMESTAMP], enums: &[] },
    WellKnownFile { name: WRAPPERS_FILE, messages: WRAPPERS, enums: &[] },
];

const WRAPPERS: &[&MessageDescriptor] = &[
    f64::DESCRIPTOR,
    f32::DESCRIPTOR,
    i64::DESCRIPTOR,
    u64::DESCRIPTOR,
    i32::DESCRIPTOR,
    u32::DESCRIPTOR,
    bool::DESCRIPTOR,
    String::DESCRIPTOR,
    Vec::<u8>::DESCRIPTOR,
];

/// Describes the Rust types that prost encodes as wrapper messages.
macro_rules! wrappers {
    ($($rust:ty: $name:literal $scalar:ident,)*) => {
        $(impl Describe for $rust {
            type Descriptor = MessageDescriptor;
            const DESCRIPTOR: &'static MessageDescriptor = &message(
                WRAPPERS_FILE,
                $name,
                &[field("value", 1, FieldKind::Scalar(Scalar::$scalar))],
            );
        })*
    };
}

wrappers! {
    f64: "DoubleValue" Double,
    f32: "FloatValue" Float,
    i64: "Int64Value" Int64,
    u64: "UInt64Value" Uint64,
    i32: "Int32Value" Int32,
    u32: "UInt32Value" Uint32,
    bool: "BoolValue" Bool,
    String: "StringValue" String,
    Vec<u8>: "BytesValue" Bytes,
    bytes::Bytes: "BytesValue" Bytes,
}

impl Describe for () {
    type Descriptor = MessageDescriptor;
    const DESCRIPTOR: &'static MessageDescriptor = EMPTY;
}

const EMPTY: &MessageDescriptor = &message(EMPTY_FILE, "Empty", &[]);

const ANY: &MessageDescriptor = &message(
    ANY_FILE,
    "Any",
    &[
        field("type_url", 1, FieldKind::Scalar(Scalar::String)),
        field("value", 2, FieldKind::Scalar(Scalar::Bytes)),
    ],
);

const DURATION: &MessageDescriptor = &message(DURATION_FILE, "Duration", SECONDS_AND_NANOS);

const TIMESTAMP: &MessageDescriptor = &message(TIMESTAMP_FILE, "Timestamp", SECONDS_AND_NANOS);

const SECONDS_AND_NANOS: &[Member] = &[
    field("seconds", 1, FieldKind::Scalar(Scalar::Int64)),
    field("nanos", 2, FieldKind::Scalar(Scalar::Int32)),
];

const FIELD_MASK: &MessageDescriptor = &message(
    FIELD_MASK_FILE,
    "FieldMask",
    &[repeated("paths", 1, FieldKind::Scalar(Scalar::String))],
);

const STRUCT: &MessageDescriptor = &message(
    STRUCT_FILE,
    "Struct",
    &[repeated("fields", 1, FieldKind::Map(Scalar::String, &FieldKind::Message(|| VALUE)))],
);

const VALUE: &MessageDescriptor = &message(
    STRUCT_FILE,
    "Value",
    &[Member::Oneof { name: "kind", docs: "", fields: || VALUE_KIND }],
);

const VALUE_KIND: &OneofDescriptor = &OneofDescriptor {
    docs: "",
    fields: &[
        plain("null_value", 1, FieldKind::Enum(|| NULL_VALUE)),
        plain("number_value", 2, FieldKind::Scalar(Scalar::Double)),
        plain("string_value", 3, FieldKind::Scalar(Scalar::String)),
        plain("bool_value", 4, FieldKind::Scalar(Scalar::Bool)),
        plain("struct_value", 5, FieldKind::Message(|| STRUCT)),
        plain("list_value", 6, FieldKind::Message(|| LIST_VALUE)),
    ],
};

const LIST_VALUE: &MessageDescriptor =
    &message(STRUCT_FILE, "ListValue", &[repeated("values", 1, FieldKind::Message(|| VALUE))]);

const NULL_VALUE: &EnumDescriptor = &EnumDescriptor {
    package: PACKAGE,
    name: "NullValue",
    file: Some(STRUCT_FILE),
    file_options: &[],
    docs: "",
    deprecated: false,
    values: &[EnumValueDescriptor { name: "NULL_VALUE", number: 0, docs: "", deprecated: false }],
    reserved: Reserved::NONE,
};

const PACKAGE: &str = "google.protobuf";

const fn message(
    file: &'static str,
    name: &'static str,
    members: &'static [Member],
) -> MessageDescriptor {
    MessageDescriptor {
        package: PACKAGE,
        name,
        file: Some(file),
        file_options: &[],
        docs: "",
        deprecated: false,
        members,
        reserved: Reserved::NONE,
    }
}

const fn field(name: &'static str, number: u32, kind: FieldKind) -> Member {
    Member::Field(plain(name, number, kind))
}

const fn repeated(name: &'static str, number: u32, kind: FieldKind) -> Member {
    let label = Label::Repeated { packed: false };
    Member::Field(FieldDescriptor { label, ..plain(name, number, kind) })
}

const fn plain(name: &'static str, number: u32, kind: FieldKind) -> FieldDescriptor {
    FieldDescriptor {
        name,
        number,
        json_name: None,
        label: Label::Plain,
        kind,
        default: None,
        options: &[],
        docs: "",
        deprecated: false,
    }
}

/// The types that have a crate of their own.
#[cfg(feature = "prost-types")]
mod of_prost_types {
    use super::{
        ANY, DURATION, Describe, EnumDescriptor, FIELD_MASK, LIST_VALUE, MessageDescriptor,
        NULL_VALUE, STRUCT, TIMESTAMP, VALUE,
    };

    macro_rules! described {
        ($($rust:ident: $kind:ty = $descriptor:ident,)*) => {
            $(impl Describe for prost_types::$rust {
                type Descriptor = $kind;
                const DESCRIPTOR: &'static $kind = $descriptor;
            })*
        };
    }

    described! {
        Any: MessageDescriptor = ANY,
        Duration: MessageDescriptor = DURATION,
        FieldMask: MessageDescriptor = FIELD_MASK,
        ListValue: MessageDescriptor = LIST_VALUE,
        NullValue: EnumDescriptor = NULL_VALUE,
        Struct: MessageDescriptor = STRUCT,
        Timestamp: MessageDescriptor = TIMESTAMP,
        Value: MessageDescriptor = VALUE,
    }
}
