//! What a field holds, as far as its Rust type says it by name.

use syn::{GenericArgument, PathArguments, Type, ext::IdentExt};

use crate::syntax::{compact, peel};

/// The type of a field, taken apart.
pub(super) struct Shape<'a> {
    /// `optional` or `repeated`.
    pub(super) label: Option<&'static str>,
    pub(super) value: Value<'a>,
}

/// What a field holds one of, or some.
pub(super) enum Value<'a> {
    Native(&'static Native),
    /// Somebody's type: a message, or an alias.
    Own {
        ty: &'a Type,
        boxed: bool,
    },
    Map(Box<Map<'a>>),
}

pub(super) struct Map<'a> {
    /// As prost has it.
    pub(super) kind: &'static str,
    pub(super) key: Value<'a>,
    pub(super) value: Value<'a>,
}

/// A type of Rust that protobuf has too.
pub(super) struct Native {
    pub(super) name: &'static str,
    /// How it can be sent; the first holds where nothing else is said.
    pub(super) words: &'static [&'static str],
}

/// A type that protobuf has not, and what to write instead.
pub(super) struct Refused<'a> {
    pub(super) ty: &'a Type,
    pub(super) help: String,
}

const NATIVE: [Native; 9] = [
    Native { name: "bool", words: &["bool"] },
    Native { name: "i32", words: &["int32", "sint32", "sfixed32"] },
    Native { name: "i64", words: &["int64", "sint64", "sfixed64"] },
    Native { name: "u32", words: &["uint32", "fixed32"] },
    Native { name: "u64", words: &["uint64", "fixed64"] },
    Native { name: "f32", words: &["float"] },
    Native { name: "f64", words: &["double"] },
    Native { name: "String", words: &["string"] },
    Native { name: "Bytes", words: &["bytes"] },
];

const VEC_OF_BYTES: Native = Native { name: "Vec", words: &["bytes"] };

/// Types that people reach for and protobuf has not, each with the nearest that it has.
const NEAREST: [(&str, &str); 12] = [
    ("u8", "`u32`: a small number is short on the wire"),
    ("u16", "`u32`: a small number is short on the wire"),
    ("i8", "`i32`"),
    ("i16", "`i32`"),
    ("usize", "`u64`, which is as wide on every machine"),
    ("isize", "`i64`, which is as wide on every machine"),
    ("u128", "`Vec<u8>`, or two `u64`"),
    ("i128", "`Vec<u8>`, or two `i64`"),
    ("char", "`String`"),
    ("str", "`String`"),
    ("HashSet", "`Vec`"),
    ("VecDeque", "`Vec`"),
];

impl Native {
    fn is_map_key(&self) -> bool {
        !matches!(self.words[0], "float" | "double" | "bytes")
    }
}

pub(super) fn shape(ty: &Type) -> Result<Shape<'_>, Refused<'_>> {
    let ty = peel(ty);
    if native(ty).is_some() {
        return Ok(Shape { label: None, value: value(ty)? });
    }
    let (label, inner) = match Name::of(ty).parts() {
        ("Option", [inner]) => ("optional", *inner),
        ("Vec", [inner]) => ("repeated", *inner),
        _ => return Ok(Shape { label: None, value: value(ty)? }),
    };
    let help = match (label, container(inner)) {
        (_, None) => return Ok(Shape { label: Some(label), value: value(inner)? }),
        ("optional", Some("Option")) => "write one `Option`".to_owned(),
        ("optional", _) => format!("write `{}`: an empty one is not sent", compact(inner)),
        (_, Some("Option")) => {
            "what is absent is left out: write the type without `Option`".to_owned()
        }
        _ => "put the inner one into a message".to_owned(),
    };
    Err(Refused { ty, help })
}

fn value(ty: &Type) -> Result<Value<'_>, Refused<'_>> {
    let ty = peel(ty);
    if let Some(native) = native(ty) {
        return Ok(Value::Native(native));
    }
    let help = match ty {
        Type::Path(_) => {
            let name = Name::of(ty);
            let nearest = NEAREST.iter().find(|it| it.0 == name.name);
            match (name.parts(), nearest) {
                (("HashMap", [key, value]), _) => return map("map", ty, key, value),
                (("BTreeMap", [key, value]), _) => return map("btree_map", ty, key, value),
                (("Box", [inner]), _) => match self::value(inner) {
                    Ok(Value::Own { boxed: false, .. }) => {
                        return Ok(Value::Own { ty, boxed: true });
                    }
                    _ => "a box is for a message: `Option<Box<Order>>`".to_owned(),
                },
                (_, Some((_, nearest))) => format!("write {nearest}"),
                ((_, []), None) => return Ok(Value::Own { ty, boxed: false }),
                _ => "a message has no type parameters; those that hold others are `Option`, \
                      `Vec`, `Box`, `HashMap` and `BTreeMap`"
                    .to_owned(),
            }
        }
        Type::Reference(reference) => match peel(&reference.elem) {
            Type::Slice(slice) => owned(&format!("Vec<{}>", compact(&slice.elem))),
            elem if Name::of(elem).name == "str" => owned("String"),
            elem => owned(&compact(elem)),
        },
        Type::Array(array) => format!("write `Vec<{}>`", compact(&array.elem)),
        // `google.protobuf.Empty`.
        Type::Tuple(unit) if unit.elems.is_empty() => return Ok(Value::Own { ty, boxed: false }),
        Type::Tuple(_) => "name its parts, as the fields of a message".to_owned(),
        _ => "name a message, or one of the types that protobuf has".to_owned(),
    };
    Err(Refused { ty, help })
}

fn owned(ty: &str) -> String {
    format!("a message owns what it holds: write `{ty}`")
}

fn map<'a>(
    kind: &'static str,
    ty: &'a Type,
    key: &'a Type,
    value: &'a Type,
) -> Result<Value<'a>, Refused<'a>> {
    let key = match self::value(key) {
        Ok(Value::Native(native)) if native.is_map_key() => Value::Native(native),
        Ok(own @ Value::Own { boxed: false, .. }) => own,
        _ => {
            let help = "the key of a map is an integer, a `bool` or a `String`".to_owned();
            return Err(Refused { ty, help });
        }
    };
    if container(value).is_some() {
        let help = "a map holds one value for each key: put them into a message".to_owned();
        return Err(Refused { ty, help });
    }
    Ok(Value::Map(Box::new(Map { kind, key, value: self::value(value)? })))
}

fn native(ty: &Type) -> Option<&'static Native> {
    match Name::of(ty).parts() {
        ("Vec", [inner]) if matches!(Name::of(inner).parts(), ("u8", [])) => Some(&VEC_OF_BYTES),
        (name, []) => NATIVE.iter().find(|it| it.name == name),
        _ => None,
    }
}

/// Which of the types that hold any number of another this is. Bytes are one value.
fn container(ty: &Type) -> Option<&'static str> {
    let name = Name::of(ty);
    let is_one = native(ty).is_none() && !name.arguments.is_empty();
    ["Option", "Vec", "HashMap", "BTreeMap"].into_iter().find(|it| is_one && name.name == *it)
}

/// The last name in the path of a type, and the types in its brackets. Without a path, nothing.
#[derive(Default)]
struct Name<'a> {
    name: String,
    arguments: Vec<&'a Type>,
}

impl<'a> Name<'a> {
    fn of(ty: &'a Type) -> Self {
        let Type::Path(path) = peel(ty) else { return Self::default() };
        let Some(last) = path.path.segments.last() else { return Self::default() };
        let arguments = match &last.arguments {
            PathArguments::AngleBracketed(brackets) => brackets.args.iter().collect(),
            _ => Vec::new(),
        };
        let types = arguments.into_iter().filter_map(|argument| match argument {
            GenericArgument::Type(ty) => Some(ty),
            _ => None,
        });
        Self { name: last.ident.unraw().to_string(), arguments: types.collect() }
    }

    fn parts(&self) -> (&str, &[&'a Type]) {
        (&self.name, &self.arguments)
    }
}
