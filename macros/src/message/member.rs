//! The attributes of fields, variants and values in the long form.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{
    Attribute, Data, DeriveInput, Field, Fields, Ident, LitStr, Type, Variant, parse_quote,
    spanned::Spanned,
};

use super::{
    long_form::is_long,
    tag::{Known, Tag, Word},
    types::{Refused, Shape, Value, shape},
};
use crate::{
    describe::{Numbers, is_enumeration},
    diagnostic::{Errors, rules},
    syntax::{DescribeKeys, compact, conditional},
};

/// Writes `#[prost(…)]` and `#[describe(…)]` in the place of `#[tag(…)]` and `#[oneof(…)]`.
///
/// A member with faults gets something that `describe` has no quarrel with.
pub(super) fn translate(item: &mut DeriveInput, keys: &DescribeKeys, errors: &mut Errors) {
    let mut numbers = numbers(item, keys);
    let is_enumeration = is_enumeration(&item.data);
    match &mut item.data {
        Data::Struct(data) => {
            for field in &mut data.fields {
                let Field { ident: Some(ident), ty, attrs, .. } = field else { continue };
                Place { ident, ty, is_variant: false }.translate(attrs, &mut numbers, errors);
            }
        }
        Data::Enum(data) if is_enumeration => {
            data.variants.iter_mut().for_each(|it| value(it, errors));
        }
        Data::Enum(data) => {
            for Variant { ident, attrs, fields, .. } in &mut data.variants {
                let Fields::Unnamed(inner) = fields else { continue };
                let Some(Field { ty, .. }) = inner.unnamed.first() else { continue };
                Place { ident, ty, is_variant: true }.translate(attrs, &mut numbers, errors);
            }
        }
        Data::Union(_) => {}
    }
}

/// The numbers that are given or reserved.
fn numbers(item: &DeriveInput, keys: &DescribeKeys) -> Numbers {
    let ours = super::members(item).flatten().filter(|it| is_ours(it));
    let tags = ours.map(|it| Tag::parse(it, Known::Field, &mut Errors::default()));
    let numbers = tags.flat_map(|it| it.numbers).filter_map(|it| it.value().parse().ok());
    Numbers::new(numbers.collect(), keys)
}

fn is_ours(attribute: &Attribute) -> bool {
    ["tag", "oneof"].iter().any(|it| attribute.path().is_ident(it))
}

/// A value of an enumeration: only its names can be said.
fn value(variant: &mut Variant, errors: &mut Errors) {
    let Some(tag) = take(&mut variant.attrs, Known::Value, errors) else { return };
    if let Some(number) = tag.numbers.first() {
        let (number, value) = (format!("tag({})", number.value()), compact(variant));
        errors.refuse(&tag.meta, &rules::CONTRADICTION, &[&number, &value]);
    }
    let names = tag.names;
    if !names.is_empty() {
        variant.attrs.push(parse_quote!(#[describe(#(#names),*)]));
    }
}

/// Takes the attribute of ours out of those of a member; refuses what cannot stand there.
fn take(attributes: &mut Vec<Attribute>, known: Known, errors: &mut Errors) -> Option<Tag> {
    for name in ["tag", "oneof"] {
        for attribute in attributes.extract_if(.., |it| conditional(it, name)) {
            errors.refuse(attribute, &rules::CONDITIONAL, &[&name, &"field"]);
        }
    }
    for attribute in attributes.extract_if(.., |it| is_long(it)) {
        let name = compact(&attribute.path());
        errors.refuse(&attribute.meta, &rules::LONG_FORM, &[&name]);
    }
    let mut ours = attributes.extract_if(.., |it| is_ours(it)).collect::<Vec<_>>().into_iter();
    let first = ours.next()?;
    for second in ours {
        let texts = [compact(&second.path()), compact(&first.path())];
        errors.refuse(&second.meta, &rules::CONTRADICTION, &[&texts[0], &texts[1]]);
    }
    let known = if first.path().is_ident("oneof") { Known::Oneof } else { known };
    Some(Tag::parse(&first, known, errors))
}

/// A field, or the variant of a oneof.
struct Place<'a> {
    ident: &'a Ident,
    ty: &'a Type,
    is_variant: bool,
}

impl Place<'_> {
    fn translate(
        &self,
        attributes: &mut Vec<Attribute>,
        numbers: &mut Numbers,
        errors: &mut Errors,
    ) {
        let before = errors.len();
        let tag = take(attributes, Known::Field, errors);
        let number = tag.as_ref().and_then(|it| it.numbers.first().cloned());
        let number = number.unwrap_or_else(|| text(&numbers.next(), self.ident.span()));
        let keys = match &tag {
            Some(tag) if tag.meta.path().is_ident("oneof") => self.oneof(tag, errors),
            Some(tag) => self.field(tag, &number, errors),
            None => {
                if errors.len() == before {
                    let found = [self.ident.to_string(), number.value()];
                    errors.refuse(self.ident, &rules::NO_FIELD_NUMBER, &[&found[0], &found[1]]);
                }
                None
            }
        };
        // Whatever is wrong has been said: a number, and nothing that could be wrong again.
        let keys = keys.unwrap_or_else(|| quote_spanned!(number.span()=> string, tag = #number));
        let names = tag.map(|it| it.names).unwrap_or_default();
        attributes.push(parse_quote!(#[prost(#keys)]));
        if !names.is_empty() {
            attributes.push(parse_quote!(#[describe(#(#names),*)]));
        }
    }

    /// `oneof = "Payment", tags = "4, 5"`
    fn oneof(&self, tag: &Tag, errors: &mut Errors) -> Option<TokenStream> {
        if self.is_variant {
            let oneof = compact(&tag.meta);
            errors.refuse(&tag.meta, &rules::NOT_IN_A_ONEOF, &[&oneof]);
            return None;
        }
        let Ok(Shape { label: Some("optional"), value: Value::Own { ty, boxed: false } }) =
            shape(self.ty)
        else {
            let ty = compact(self.ty);
            errors.refuse(self.ty, &rules::ONEOF_IN_AN_OPTION, &[&self.ident, &ty]);
            return None;
        };
        let span = ty.span();
        let oneof = text(&compact(ty), span);
        let oneof = quote_spanned!(span=> oneof = #oneof);
        let Some(first) = tag.numbers.first().filter(|_| !tag.has_faults) else {
            if !tag.has_faults {
                errors.refuse(&tag.meta, &rules::NO_TAGS, &[&self.ident, &"#[oneof(4, 5)]"]);
            }
            return None;
        };
        let numbers: Vec<_> = tag.numbers.iter().map(LitStr::value).collect();
        let tags = text(&numbers.join(", "), first.span());
        let tags = quote_spanned!(first.span()=> tags = #tags);
        Some(quote!(#oneof, #tags))
    }

    /// `string, optional, tag = "1"`
    fn field(&self, tag: &Tag, number: &LitStr, errors: &mut Errors) -> Option<TokenStream> {
        let before = errors.len();
        if let [_, second, ..] = &tag.numbers[..] {
            errors.refuse(second, &rules::SECOND_NUMBER, &[&self.ident]);
        } else if tag.numbers.is_empty() && !tag.has_faults {
            errors.refuse(&tag.meta, &rules::NO_FIELD_NUMBER, &[&self.ident, &number.value()]);
        }
        let ty = self.ty(tag, number, errors);
        let number = quote_spanned!(number.span()=> tag = #number);
        let keys = &tag.keys;
        let is_good = !tag.has_faults && errors.len() == before;
        is_good.then(|| quote!(#ty, #number #(, #keys)*))
    }

    /// The type and the label, at the Rust type or at the word that they follow from.
    fn ty(&self, tag: &Tag, number: &LitStr, errors: &mut Errors) -> Option<TokenStream> {
        let Shape { label, value } = match shape(self.ty) {
            Ok(shape) => shape,
            Err(Refused { ty, help }) => {
                let found = compact(ty);
                errors.refuse(ty, &rules::NO_PROTOBUF_TYPE, &[&self.ident, &found, &help]);
                return None;
            }
        };
        let word = tag.word.as_ref();
        let span = word.map_or(self.ty.span(), |it| it.meta.span());
        let sent = match (&value, word.map(|it| &it.word)) {
            (Value::Map(map), word) => map.sent(word),
            (_, Some(Word::Map(..))) => None,
            (value, Some(Word::One(word))) => value.sent(Some(word)),
            (value, None) => value.sent(None),
        };
        let Some(sent) = sent else {
            let (ty, help) = (compact(self.ty), value.help());
            match word.map(|it| &it.meta) {
                Some(word) => {
                    let found = compact(word);
                    errors.refuse(word, &rules::WORD, &[&self.ident, &found, &ty, &help]);
                }
                None => {
                    errors.refuse(self.ty, &rules::NO_PROTOBUF_TYPE, &[&self.ident, &ty, &help]);
                }
            }
            return None;
        };
        let is_required = || tag.keys.iter().any(|it| it.to_string() == "required");
        if sent.is_message() && label.is_none() && !self.is_variant && !is_required() {
            let (ty, number) = (compact(self.ty), number.value());
            errors.refuse(self.ty, &rules::BARE_MESSAGE, &[&self.ident, &ty, &number]);
            return None;
        }
        let sent = sent.key(span);
        let label = label.map(|it| Ident::new(it, self.ty.span())).into_iter();
        Some(quote!(#sent #(, #label)*))
    }
}

fn text(text: &impl ToString, span: Span) -> LitStr {
    LitStr::new(&text.to_string(), span)
}
