//! From syntax to the model; whatever protobuf does not have is refused here.

use std::collections::HashMap;

use syn::{Data, DeriveInput, Fields, Ident, ext::IdentExt, spanned::Spanned};

use super::{
    enumeration,
    field::{self, Place},
    model::{Body, Definition, Field, Member, OneofField, Reserved},
    parse::{Prost, Ty, Written},
    reserved,
};
use crate::{
    diagnostic::{Errors, rules},
    names,
    syntax::{DescribeKeys, MemberKeys, docs, is_deprecated},
};

/// Reads a type. Parts with faults are left out.
pub(crate) fn definition(
    input: &DeriveInput,
    keys: DescribeKeys,
    errors: &mut Errors,
) -> Definition {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        errors.refuse(&input.generics, &rules::DESCRIBE_GENERIC, &[ident]);
    }
    let package = keys.package.as_ref().map(|written| names::package(written, errors));
    let name = match &keys.name {
        Some(written) => names::dotted_name(written, errors),
        None => names::derived_name(ident, ident.unraw().to_string(), errors),
    };
    let file = keys.file.as_ref().map(|written| names::file(written, errors));
    let reserved = reserved::read(keys.reserved.as_ref(), is_enumeration(&input.data), errors);
    let body = match &input.data {
        Data::Struct(data) => {
            // prost cannot make one.
            if matches!(data.fields, Fields::Unit) {
                errors.refuse(ident, &rules::UNIT_STRUCT, &[ident]);
            }
            Body::Message(message(ident, &data.fields, &reserved, errors))
        }
        Data::Enum(data) if is_enumeration(&input.data) => {
            Body::Enumeration(enumeration::values(ident, &name, data, &reserved, errors))
        }
        Data::Enum(data) => {
            keys.refuse_on_a_oneof(errors);
            Body::Oneof(oneof(data, errors))
        }
        Data::Union(data) => {
            errors.refuse(data.union_token, &rules::NOT_A_STRUCT, &[&"union"]);
            Body::Message(Vec::new())
        }
    };
    Definition {
        ident: ident.clone(),
        generics: input.generics.clone(),
        krate: keys.krate(),
        package,
        name,
        file,
        docs: docs(&input.attrs),
        deprecated: is_deprecated(&input.attrs),
        reserved,
        body,
    }
}

/// An enum without data is an enumeration; one with data is a oneof.
pub(crate) fn is_enumeration(data: &Data) -> bool {
    match data {
        Data::Enum(data) => data.variants.iter().all(|it| matches!(it.fields, Fields::Unit)),
        _ => false,
    }
}

fn message(
    ident: &Ident,
    fields: &Fields,
    reserved: &Reserved,
    errors: &mut Errors,
) -> Vec<Member> {
    let mut taken = Taken::default();
    let mut members = Vec::new();
    for written in fields {
        let Some(name) = &written.ident else {
            errors.refuse(fields, &rules::TUPLE_STRUCT, &[ident]);
            break;
        };
        let prost = Prost::parse(&written.attrs, errors);
        let keys = MemberKeys::parse(&written.attrs, errors);
        taken.list(&prost);
        if let Some(Written { value: Ty::Oneof(ty), .. }) = &prost.ty {
            members.extend(oneof_field(name, ty, &keys, &prost, written, errors));
            continue;
        }
        let place = Place { name, ty: &written.ty, attributes: &written.attrs, oneof: false };
        let field = field::field(place, &keys, &prost, errors);
        members.extend(field.map(|it| Member::Field(Box::new(it))));
    }
    taken.check(reserved, errors);
    no_name_twice(fields, reserved, errors);
    members
}

/// The numbers of a message or oneof, each with the tokens that give it.
#[derive(Default)]
struct Taken(Vec<(i64, syn::Meta)>);

impl Taken {
    fn list(&mut self, prost: &Prost) {
        if let Some(tag) = &prost.tag {
            self.0.push((tag.value, tag.meta.clone()));
        }
        if let Some(tags) = &prost.tags {
            self.0.extend(tags.value.iter().map(|&tag| (tag, tags.meta.clone())));
        }
    }

    fn check(&self, reserved: &Reserved, errors: &mut Errors) {
        let taken: Vec<_> = self.0.iter().map(|it| it.0).collect();
        let next = reserved::first_free(&taken, reserved);
        let mut first: HashMap<i64, ()> = HashMap::new();
        for (number, meta) in &self.0 {
            if !field::is_number(*number) {
                errors.refuse(meta, &rules::TAG, &[number, &next]);
            } else if reserved.has_number(*number) {
                errors.refuse(meta, &rules::TAG_RESERVED, &[number, &next]);
            } else if first.insert(*number, ()).is_some() {
                errors.refuse(meta, &rules::TAG_TWICE, &[number, &next]);
            }
        }
    }
}

/// No name twice, and none that is reserved. JSON knows of the fields of a oneof, and not of itself.
fn no_name_twice(fields: &Fields, reserved: &Reserved, errors: &mut Errors) {
    let mut seen: Vec<(String, Option<String>)> = Vec::new();
    for field in fields {
        let Some(ident) = &field.ident else { continue };
        let keys = MemberKeys::parse(&field.attrs, &mut Errors::default());
        let prost = Prost::parse(&field.attrs, &mut Errors::default());
        let name = field::name(ident, &keys);
        let is_oneof = matches!(&prost.ty, Some(Written { value: Ty::Oneof(_), .. }));
        let in_json = (!is_oneof).then(|| names::plain(&name));
        if keys.name.is_none() {
            names::derived_name(ident, name.clone(), errors);
        }
        if reserved.has_name(&name) {
            errors.refuse(ident, &rules::NAME_RESERVED, &[&name]);
        } else if seen.iter().any(|it| it.0 == name) {
            errors.refuse(ident, &rules::NAME_TWICE, &[&name]);
        } else if let Some((alike, _)) = seen.iter().find(|it| in_json.is_some() && it.1 == in_json)
        {
            errors.refuse(ident, &rules::JSON_ALIKE, &[alike, &name]);
        }
        seen.push((name, in_json));
    }
}

fn oneof_field(
    ident: &Ident,
    ty: &syn::Path,
    keys: &MemberKeys,
    prost: &Prost,
    written: &syn::Field,
    errors: &mut Errors,
) -> Option<Member> {
    field::nothing_but_tags(prost, errors);
    if let Some(written) = &keys.json_name {
        errors.refuse(written, &rules::NOT_ON_A_ONEOF, &[&"json_name"]);
    }
    for (name, written) in [("jstype", &keys.jstype), ("ctype", &keys.ctype)] {
        if let Some((meta, _)) = written {
            errors.refuse(meta, &rules::NOT_ON_A_ONEOF, &[&name]);
        }
    }
    let Some(tags) = &prost.tags else {
        errors.refuse(ident, &rules::NO_TAGS, &[ident, &"tags = \"4, 5\""]);
        return None;
    };
    Some(Member::Oneof(OneofField {
        name: field::name(ident, keys),
        docs: docs(&written.attrs),
        ty: ty.clone(),
        tags: tags.value.iter().map(|&it| u32::try_from(it)).collect::<Result<_, _>>().ok()?,
        span: tags.meta.span(),
    }))
}

/// The variants of a oneof are fields with one value each.
fn oneof(data: &syn::DataEnum, errors: &mut Errors) -> Vec<Field> {
    let mut taken = Taken::default();
    let mut fields = Vec::new();
    for variant in &data.variants {
        let ty = match &variant.fields {
            Fields::Unnamed(inner) if inner.unnamed.len() == 1 => &inner.unnamed[0].ty,
            _ => {
                errors.refuse(variant, &rules::ONEOF_VARIANT, &[&variant.ident]);
                continue;
            }
        };
        let prost = Prost::parse(&variant.attrs, errors);
        let keys = MemberKeys::parse(&variant.attrs, errors);
        taken.list(&prost);
        if keys.name.is_none() {
            names::derived_name(&variant.ident, field::name(&variant.ident, &keys), errors);
        }
        let place = Place { name: &variant.ident, ty, attributes: &variant.attrs, oneof: true };
        fields.extend(field::field(place, &keys, &prost, errors));
    }
    taken.check(&Reserved::default(), errors);
    fields
}
