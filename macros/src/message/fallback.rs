//! What is emitted when something was refused: the errors, and a type that is still a message, so that
//! the compiler does not report in other places what follows from them. Nothing of it ever runs.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Data, DeriveInput, Ident, parse_quote};

use super::long_form::{derives, is_long, is_ours};
use crate::{
    describe::{Body, Definition},
    diagnostic::Errors,
    syntax::conditional,
};

/// The errors, and the item with all that `#[message]` would have given it.
pub(super) fn item(definition: &Definition, mut item: DeriveInput, errors: &Errors) -> TokenStream {
    let kind = item.clone();
    item.attrs.retain(|it| !is_long(it));
    for attribute in &mut item.attrs {
        let all = derives(attribute);
        let others: Vec<_> = all.iter().filter(|it| !is_ours(it, &kind)).collect();
        if others.len() < all.len() {
            *attribute = parse_quote!(#[derive(#(#others),*)]);
        }
    }
    let is_foreign = |it: &Attribute| {
        let ours = ["tag", "oneof", "prost", "describe"];
        !ours.iter().any(|name| it.path().is_ident(name) || conditional(it, name))
    };
    match &mut item.data {
        Data::Struct(data) => data.fields.iter_mut().for_each(|it| it.attrs.retain(is_foreign)),
        Data::Enum(data) => data.variants.iter_mut().for_each(|it| it.attrs.retain(is_foreign)),
        Data::Union(_) => {}
    }
    // A generic type need not be `Send`, as a message is.
    if !definition.generics.params.is_empty() {
        return quote!(#errors #item);
    }
    let implementations = implementations(definition);
    quote!(#errors #item #definition #implementations)
}

fn implementations(definition: &Definition) -> TokenStream {
    let Definition { ident, krate, body, .. } = definition;
    let prost = quote!(#krate::prost);
    let of_kind = match body {
        Body::Message(_) => message(ident, &prost),
        Body::Enumeration(_) => enumeration(ident, &prost),
        Body::Oneof(_) => oneof(ident, &prost),
    };
    quote! {
        impl ::core::clone::Clone for #ident {
            fn clone(&self) -> Self { ::core::unreachable!() }
        }
        impl ::core::cmp::PartialEq for #ident {
            fn eq(&self, _: &Self) -> bool { ::core::unreachable!() }
        }
        impl ::core::fmt::Debug for #ident {
            fn fmt(&self, _: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::unreachable!()
            }
        }
        #of_kind
    }
}

fn message(ident: &Ident, prost: &TokenStream) -> TokenStream {
    quote! {
        impl ::core::default::Default for #ident {
            fn default() -> Self { ::core::unreachable!() }
        }
        impl #prost::Message for #ident {
            fn encode_raw(&self, _: &mut impl #prost::bytes::BufMut) { ::core::unreachable!() }
            fn merge_field(
                &mut self,
                _: u32,
                _: #prost::encoding::WireType,
                _: &mut impl #prost::bytes::Buf,
                _: #prost::encoding::DecodeContext,
            ) -> ::core::result::Result<(), #prost::DecodeError> {
                ::core::unreachable!()
            }
            fn encoded_len(&self) -> usize { ::core::unreachable!() }
            fn clear(&mut self) { ::core::unreachable!() }
        }
    }
}

fn enumeration(ident: &Ident, prost: &TokenStream) -> TokenStream {
    quote! {
        impl ::core::marker::Copy for #ident {}
        impl ::core::cmp::Eq for #ident {}
        impl ::core::default::Default for #ident {
            fn default() -> Self { ::core::unreachable!() }
        }
        impl ::core::hash::Hash for #ident {
            fn hash<H: ::core::hash::Hasher>(&self, _: &mut H) { ::core::unreachable!() }
        }
        impl ::core::cmp::PartialOrd for #ident {
            fn partial_cmp(&self, _: &Self) -> ::core::option::Option<::core::cmp::Ordering> {
                ::core::unreachable!()
            }
        }
        impl ::core::cmp::Ord for #ident {
            fn cmp(&self, _: &Self) -> ::core::cmp::Ordering { ::core::unreachable!() }
        }
        impl ::core::convert::From<#ident> for i32 {
            fn from(_: #ident) -> i32 { ::core::unreachable!() }
        }
        impl ::core::convert::TryFrom<i32> for #ident {
            type Error = #prost::UnknownEnumValue;
            fn try_from(_: i32) -> ::core::result::Result<Self, Self::Error> {
                ::core::unreachable!()
            }
        }
    }
}

fn oneof(ident: &Ident, prost: &TokenStream) -> TokenStream {
    quote! {
        impl #ident {
            pub fn encode(&self, _: &mut impl #prost::bytes::BufMut) { ::core::unreachable!() }
            pub fn merge(
                _: &mut ::core::option::Option<Self>,
                _: u32,
                _: #prost::encoding::WireType,
                _: &mut impl #prost::bytes::Buf,
                _: #prost::encoding::DecodeContext,
            ) -> ::core::result::Result<(), #prost::DecodeError> {
                ::core::unreachable!()
            }
            pub fn encoded_len(&self) -> usize { ::core::unreachable!() }
        }
    }
}
