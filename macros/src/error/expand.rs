//! From the model to Rust: three `From`s, which have the library do the work.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{DeriveInput, Ident, spanned::Spanned};

use super::model::{Definition, Field, Part, Told, Variant};
use crate::{diagnostic::Errors, syntax::ErrorKeys};

impl ToTokens for Definition {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let (sent, received, unsent) = (self.sent(), self.received(), self.unsent());
        tokens.extend(quote!(#sent #received #unsent));
    }
}

impl Definition {
    fn rt(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::rt)
    }

    /// The status of each variant.
    fn sent(&self) -> TokenStream {
        let Self { ident, domain, variants, status: (status, member), .. } = self;
        let rt = self.rt();
        let here = Span::mixed_site();
        let (error, other) = (local("error", here), local("status", here));
        let arms = variants.iter().map(|Variant { ident: variant, told }| {
            let variant = made(variant);
            let Some(Told { code, reason, fields, .. }) = told else {
                return quote!(#ident::#variant { .. } => #rt::errors::internal(#error),);
            };
            let members = fields.iter().map(|it| &it.member);
            let value = |(index, field): (usize, &Field)| local(&index.to_string(), place(field));
            let values: Vec<_> = fields.iter().enumerate().map(value).collect();
            let parts = fields.iter().zip(&values).map(|(field, value)| put(field, value));
            quote! {
                #ident::#variant { #(#members: #values,)* .. } => {
                    #rt::errors::Details::new(#rt::Code::#code, #domain, #reason)
                        #(#parts)*
                        .status(&#error)
                }
            }
        });
        let status = made(status);
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<#ident> for #rt::Status {
                fn from(#error: #ident) -> Self {
                    match &#error {
                        #(#arms)*
                        #ident::#status { #member: #other } => ::core::clone::Clone::clone(#other),
                    }
                }
            }
        }
    }

    /// The variant of a status that is one of ours, whole; else the one for other statuses.
    fn received(&self) -> TokenStream {
        let Self { ident, domain, variants, status: (status, member), .. } = self;
        let rt = self.rt();
        let [received, code, reason, details] =
            ["status", "code", "reason", "details"].map(|name| local(name, Span::mixed_site()));
        let arms = variants.iter().filter_map(|Variant { ident: variant, told }| {
            let Told { code, reason, fields, .. } = told.as_ref().filter(|it| it.is_whole)?;
            let variant = made(variant);
            let members = fields.iter().map(|it| &it.member);
            let parts = fields.iter().map(take);
            Some(quote! {
                (#rt::Code::#code, #reason) => {
                    ::core::option::Option::Some(#ident::#variant { #(#members: #parts,)* })
                }
            })
        });
        let status = made(status);
        quote! {
            #[automatically_derived]
            impl ::core::convert::From<#rt::Status> for #ident {
                fn from(#received: #rt::Status) -> Self {
                    #rt::errors::known(&#received, #domain, |#code, #reason, #details| {
                        match (#code, #reason) {
                            #(#arms)*
                            _ => ::core::option::Option::None,
                        }
                    })
                    .unwrap_or(#ident::#status { #member: #received })
                }
            }
        }
    }

    /// So that `?` goes on where a handler sends a message that nobody reads.
    fn unsent(&self) -> TokenStream {
        let Self { ident, status: (status, member), .. } = self;
        let rt = self.rt();
        let (error, status) = (local("error", Span::mixed_site()), made(status));
        quote! {
            #[automatically_derived]
            impl<__Message> ::core::convert::From<#rt::SendError<__Message>> for #ident {
                fn from(#error: #rt::SendError<__Message>) -> Self {
                    #ident::#status { #member: ::core::convert::From::from(#error) }
                }
            }
        }
    }
}

/// A local variable at this place, which no item of that name is in the way of.
fn local(name: &str, place: Span) -> Ident {
    format_ident!("__{name}", span = Span::mixed_site().located_at(place))
}

/// The name of a variant as one that a macro has written, so that the compiler does not warn where it
/// is deprecated.
fn made(variant: &Ident) -> Ident {
    let mut made = variant.clone();
    made.set_span(Span::call_site().located_at(variant.span()));
    made
}

/// Where the type of a field stands, so that the compiler says there what is wrong with it.
fn place(field: &Field) -> Span {
    Span::call_site().located_at(field.ty.span())
}

fn put(field: &Field, value: &Ident) -> TokenStream {
    let place = place(field);
    match &field.part {
        Part::Metadata(key) => quote_spanned!(place=> .send(#key, #value)),
        Part::Detail(kind) => {
            let kind = Ident::new(kind, place);
            quote_spanned!(place=> .#kind(#value))
        }
    }
}

fn take(field: &Field) -> TokenStream {
    let Field { ty, part, .. } = field;
    let place = place(field);
    let details = local("details", place);
    match part {
        Part::Metadata(key) => quote_spanned!(place=> #details.sent::<#ty>(#key)?),
        Part::Detail(kind) => {
            let kind = format_ident!("sent_{kind}", span = place);
            quote_spanned!(place=> #details.#kind()?)
        }
    }
}

/// What an enum with faults has, so that what uses it still finds it.
pub(crate) fn fallback(input: &DeriveInput) -> TokenStream {
    let ident = &input.ident;
    let krate = ErrorKeys::parse(&input.attrs, &mut Errors::default()).krate();
    let (generics, arguments, clause) = input.generics.split_for_impl();
    // Beside parameters of its own it would need more; there are none in an enum that is right.
    let unsent = input.generics.params.is_empty().then(|| {
        quote! {
            impl<__Message> ::core::convert::From<#krate::rt::SendError<__Message>> for #ident {
                fn from(_: #krate::rt::SendError<__Message>) -> Self {
                    ::core::unreachable!()
                }
            }
        }
    });
    quote! {
        impl #generics ::core::convert::From<#ident #arguments> for #krate::rt::Status #clause {
            fn from(_: #ident #arguments) -> Self {
                ::core::unreachable!()
            }
        }
        impl #generics ::core::convert::From<#krate::rt::Status> for #ident #arguments #clause {
            fn from(_: #krate::rt::Status) -> Self {
                ::core::unreachable!()
            }
        }
        #unsent
    }
}
