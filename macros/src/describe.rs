//! `#[derive(Describe)]`: the protobuf name of a message.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, ext::IdentExt, parse_quote};

use crate::{
    check::{self, rules},
    diagnostic::Errors,
    parse::DescribeKeys,
};

pub(crate) fn derive(item: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match syn::parse2::<DeriveInput>(item) {
        Ok(input) => {
            let name = name(&input, &mut errors);
            quote!(#errors #name)
        }
        Err(error) => error.into_compile_error(),
    }
}

/// `impl prost::Name`, also for a message with faults, so that its services still find one.
fn name(input: &DeriveInput, errors: &mut Errors) -> TokenStream {
    let ident = &input.ident;
    let keys = DescribeKeys::parse(&input.attrs, errors);
    match &input.data {
        Data::Struct(_) => {}
        Data::Enum(it) => errors.refuse(it.enum_token, &rules::DESCRIBE_NOT_A_STRUCT, &[&"enum"]),
        Data::Union(it) => {
            errors.refuse(it.union_token, &rules::DESCRIBE_NOT_A_STRUCT, &[&"union"]);
        }
    }
    if !input.generics.params.is_empty() {
        errors.refuse(&input.generics, &rules::DESCRIBE_GENERIC, &[ident]);
    }
    let package = check::package(keys.package.as_ref(), errors);
    let name = match &keys.name {
        Some(written) => check::identifier(written, errors),
        None => ident.unraw().to_string(),
    };
    let krate = keys.krate.unwrap_or_else(|| parse_quote!(::traitwire));
    let (generics, arguments, clause) = input.generics.split_for_impl();
    quote! {
        impl #generics #krate::rt::prost::Name for #ident #arguments #clause {
            const NAME: &'static str = #name;
            const PACKAGE: &'static str = #package;
        }
    }
}
