//! One field: its type, label, number and default.

use heck::ToSnakeCase;
use proc_macro2::Span;
use syn::{Attribute, Ident, Lit, Path, Type, ext::IdentExt};

use super::{
    model::{DefaultValue, Field, Kind, Label, Scalar},
    parse::{Prost, Ty, Word, Written, text},
};
use crate::{
    diagnostic::{Errors, rules},
    syntax::{MemberKeys, OptionValue, docs, is_deprecated},
};

/// Where a field is written.
pub(crate) struct Place<'a> {
    pub(crate) name: &'a Ident,
    pub(crate) ty: &'a Type,
    pub(crate) attributes: &'a [Attribute],
    /// Whether it is the variant of a oneof.
    pub(crate) oneof: bool,
}

/// Reads a field; `None` where it cannot be one.
pub(crate) fn field(
    place: Place<'_>,
    keys: &MemberKeys,
    prost: &Prost,
    errors: &mut Errors,
) -> Option<Field> {
    let ident = place.name;
    if !prost.is_there {
        errors.refuse(ident, &rules::NO_PROST, &[ident]);
        return None;
    }
    let before = errors.len();
    contradictions(&place, prost, errors);
    let is_read = !prost.has_faults && errors.len() == before;
    if prost.ty.is_none() && is_read {
        errors.refuse(ident, &rules::NO_TYPE, &[ident]);
    } else if prost.tag.is_none() && is_read {
        errors.refuse(ident, &rules::NO_TAG, &[ident]);
    }
    let ty = prost.ty.as_ref()?;
    let default = match &prost.default {
        // Refused above.
        Some(_) if matches!(ty.value, Ty::Message | Ty::Map(..)) => None,
        Some(written) => match default(&ty.value, &written.value) {
            Some(value) => Some(value),
            None => {
                let default = text(&written.meta);
                errors.refuse(&written.meta, &rules::DEFAULT, &[&default, &text(&ty.meta)]);
                None
            }
        },
        None => None,
    };
    let options = options(ident, keys, &ty.value, errors);
    let number = prost.tag.as_ref().map_or(0, |tag| tag.value);
    Some(Field {
        name: match place.oneof && keys.name.is_none() {
            true => ident.unraw().to_string().to_snake_case(),
            false => name(ident, keys),
        },
        json_name: keys.json_name.as_ref().map(syn::LitStr::value),
        number: u32::try_from(number).unwrap_or_default(),
        label: label(&ty.value, prost),
        kind: kind(&ty.value, place.ty)?,
        default,
        options,
        docs: docs(place.attributes),
        deprecated: is_deprecated(place.attributes),
    })
}

/// `ctype` and `jstype`, where the type has a use for them.
fn options(
    ident: &Ident,
    keys: &MemberKeys,
    ty: &Ty,
    errors: &mut Errors,
) -> Vec<(String, OptionValue)> {
    let is = |fits: fn(Scalar) -> bool| matches!(ty, Ty::Scalar(scalar) if fits(*scalar));
    let written = [
        ("ctype", &keys.ctype, is(|it| !it.is_numeric())),
        ("jstype", &keys.jstype, is(Scalar::has_64_bits)),
    ];
    let mut options = Vec::new();
    for (name, written, fits) in written {
        let Some((meta, word)) = written else { continue };
        if !fits {
            errors.refuse(meta, &rules::OPTION_TYPE, &[&name, ident]);
        }
        options.push((name.to_owned(), OptionValue::Word(word.clone())));
    }
    options
}

/// The name on the wire: the one that was written, or that of the field.
pub(crate) fn name(ident: &Ident, keys: &MemberKeys) -> String {
    keys.name.as_ref().map_or_else(|| ident.unraw().to_string(), syn::LitStr::value)
}

/// A number that protobuf lets a field have.
pub(crate) fn is_number(number: i64) -> bool {
    (1..=super::reserved::LAST_FIELD.into()).contains(&number)
        && !(19_000..=19_999).contains(&number)
}

/// A oneof as a field has `tags`, and nothing else.
pub(crate) fn nothing_but_tags(prost: &Prost, errors: &mut Errors) {
    let Some(ty) = &prost.ty else { return };
    refuse(&prost.tag, ty, errors);
    refuse(&prost.label, ty, errors);
    refuse(&prost.packed, ty, errors);
    refuse(&prost.default, ty, errors);
    refuse(&prost.boxed, ty, errors);
}

/// Keys that cannot stand together.
fn contradictions(place: &Place<'_>, prost: &Prost, errors: &mut Errors) {
    let Some(ty) = &prost.ty else { return };
    refuse(&prost.tags, ty, errors);
    let is_message = matches!(ty.value, Ty::Message);
    let is_map = matches!(ty.value, Ty::Map(..));
    if !is_message {
        refuse(&prost.boxed, ty, errors);
    }
    if is_message || is_map {
        refuse(&prost.default, ty, errors);
        refuse(&prost.packed, ty, errors);
    }
    if is_map {
        refuse(&prost.label, ty, errors);
    }
    if place.oneof {
        let found = prost.label.as_ref().map(|it| &it.meta);
        let found =
            found.or_else(|| matches!(ty.value, Ty::Map(..) | Ty::Oneof(_)).then_some(&ty.meta));
        if let Some(meta) = found {
            errors.refuse(meta, &rules::NOT_IN_A_ONEOF, &[&text(meta)]);
        }
    }
    let repeated = prost.label.as_ref().filter(|it| it.value == Word::Repeated);
    if let (Some(repeated), Some(default)) = (repeated, &prost.default) {
        errors.refuse(
            &default.meta,
            &rules::CONTRADICTION,
            &[&text(&default.meta), &text(&repeated.meta)],
        );
    }
    if let Some(packed) = &prost.packed {
        let may_be = repeated.is_some() && is_numeric(&ty.value);
        if !may_be && !is_message && !is_map {
            errors.refuse(&packed.meta, &rules::PACKED, &[&place.name]);
        }
    }
}

fn refuse<T>(key: &Option<Written<T>>, ty: &Written<Ty>, errors: &mut Errors) {
    if let Some(key) = key {
        errors.refuse(&key.meta, &rules::CONTRADICTION, &[&text(&key.meta), &text(&ty.meta)]);
    }
}

fn is_numeric(ty: &Ty) -> bool {
    match ty {
        Ty::Scalar(scalar) => scalar.is_numeric(),
        Ty::Enumeration(_) => true,
        _ => false,
    }
}

fn label(ty: &Ty, prost: &Prost) -> Label {
    let packed = prost.packed.as_ref().is_none_or(|it| it.value) && is_numeric(ty);
    match prost.label.as_ref().map(|it| it.value) {
        _ if matches!(ty, Ty::Map(..)) => Label::Repeated { packed: false },
        Some(Word::Repeated) => Label::Repeated { packed },
        Some(Word::Required) => Label::Required,
        // A message is optional by its nature: no label says so in a `.proto`.
        Some(Word::Optional) if !matches!(ty, Ty::Message) => Label::Optional,
        _ => Label::Plain,
    }
}

fn kind(ty: &Ty, written: &Type) -> Option<Kind> {
    Some(match ty {
        Ty::Scalar(scalar) => Kind::Scalar(*scalar),
        Ty::Enumeration(path) => Kind::Enum(path.clone()),
        Ty::Message => Kind::Message(Box::new(written.clone())),
        Ty::Map(key, value) => Kind::Map(*key, Box::new(kind(value, written)?)),
        Ty::Oneof(_) => return None,
    })
}

fn default(ty: &Ty, lit: &Lit) -> Option<DefaultValue> {
    match (ty, lit) {
        (Ty::Enumeration(path), Lit::Str(variant)) => {
            variant_of(path, &variant.value(), lit.span())
        }
        (Ty::Scalar(scalar), lit) => scalar_default(*scalar, lit),
        _ => None,
    }
}

fn variant_of(path: &Path, variant: &str, span: Span) -> Option<DefaultValue> {
    let variant: Ident = syn::parse_str(variant.trim()).ok()?;
    let variant = Ident::new(&variant.to_string(), span);
    Some(DefaultValue::Variant(Box::new(syn::parse_quote!(#path::#variant))))
}

fn scalar_default(scalar: Scalar, lit: &Lit) -> Option<DefaultValue> {
    let written = match (scalar.name, lit) {
        ("string", Lit::Str(text)) => return Some(DefaultValue::Text(text.value())),
        ("bytes", Lit::ByteStr(bytes)) => return Some(DefaultValue::Bytes(bytes.value())),
        ("bytes", Lit::Str(text)) => match syn::parse_str(&text.value()).ok()? {
            Lit::ByteStr(bytes) => return Some(DefaultValue::Bytes(bytes.value())),
            _ => return None,
        },
        (_, Lit::Str(text)) => text.value().trim().to_owned(),
        (_, Lit::Int(number)) => number.base10_digits().to_owned(),
        (_, Lit::Float(number)) => number.base10_digits().to_owned(),
        (_, Lit::Bool(switch)) => switch.value.to_string(),
        _ => return None,
    };
    let number: i128 = written.parse().unwrap_or(i128::MAX);
    let is_one = match scalar.name {
        "bool" => written.parse::<bool>().is_ok(),
        "string" | "bytes" => false,
        "uint32" | "fixed32" => u32::try_from(number).is_ok(),
        "uint64" | "fixed64" => u64::try_from(number).is_ok(),
        _ if scalar.is_float() => written.parse::<f64>().is_ok(),
        _ if scalar.has_64_bits() => i64::try_from(number).is_ok(),
        _ => i32::try_from(number).is_ok(),
    };
    is_one.then_some(DefaultValue::Text(written))
}
