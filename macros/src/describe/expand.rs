//! From the model to Rust: plain static data.

use proc_macro2::{Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

use super::model::{
    Body, DefaultValue, Definition, EnumValue, Field, Kind, Label, Member, OneofField, Reserved,
};
use crate::{package, syntax::compact};

impl ToTokens for Definition {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let name = matches!(self.body, Body::Message(_)).then(|| self.prost_name());
        let checks = self.oneof_checks();
        let describe = self.describe();
        tokens.extend(quote!(#name #describe #checks));
    }
}

impl Definition {
    /// The file of the module's line, where the type does not say its package.
    fn line(&self) -> Option<TokenStream> {
        self.package.is_none().then(|| package::of_the_module(&self.rt()))
    }

    fn rt(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::rt)
    }

    /// `impl prost::Name`, which a message needs to travel in a call.
    fn prost_name(&self) -> TokenStream {
        let Self { ident, package, name, .. } = self;
        let rt = self.rt();
        let package = match self.line() {
            Some(line) => quote!(#line.package),
            None => package.to_token_stream(),
        };
        let (generics, arguments, clause) = self.generics.split_for_impl();
        quote! {
            impl #generics #rt::prost::Name for #ident #arguments #clause {
                const NAME: &'static str = #name;
                const PACKAGE: &'static str = #package;
            }
        }
    }

    fn describe(&self) -> TokenStream {
        let ident = &self.ident;
        let rt = self.rt();
        let (kind, value) = match &self.body {
            Body::Message(members) => ("MessageDescriptor", self.message(members)),
            Body::Enumeration(values) => ("EnumDescriptor", self.enumeration(values)),
            Body::Oneof(fields) => ("OneofDescriptor", self.oneof(fields)),
        };
        let kind = format_ident!("{kind}");
        let value = quote!(#rt::describe::#kind { #value });
        let value = match self.line().filter(|_| !matches!(self.body, Body::Oneof(_))) {
            Some(line) => quote!({ const __FILE: &#rt::describe::File = #line; #value }),
            None => value,
        };
        let (generics, arguments, clause) = self.generics.split_for_impl();
        quote! {
            impl #generics #rt::Describe for #ident #arguments #clause {
                type Descriptor = #rt::describe::#kind;
                const DESCRIPTOR: &'static #rt::describe::#kind = &#value;
            }
        }
    }

    /// What messages and enumerations have in common.
    fn head(&self) -> TokenStream {
        let Self { package, name, docs, deprecated, reserved, .. } = self;
        let rt = self.rt();
        let file = option(self.file.as_ref());
        let (package, file, options) = match (package, &self.file) {
            (Some(package), _) => (quote!(#package), file, quote!(&[])),
            (None, Some(_)) => (quote!(__FILE.package), file, quote!(__FILE.options)),
            (None, None) => (quote!(__FILE.package), quote!(__FILE.path), quote!(__FILE.options)),
        };
        let Reserved { numbers, names } = reserved;
        let numbers = numbers.iter().map(|(first, last)| {
            let (first, last) = (Literal::i32_unsuffixed(*first), Literal::i32_unsuffixed(*last));
            quote!((#first, #last))
        });
        quote! {
            package: #package,
            name: #name,
            file: #file,
            file_options: #options,
            docs: #docs,
            deprecated: #deprecated,
            reserved: #rt::describe::Reserved { numbers: &[#(#numbers),*], names: &[#(#names),*] },
        }
    }

    fn message(&self, members: &[Member]) -> TokenStream {
        let rt = self.rt();
        let head = self.head();
        let members = members.iter().map(|member| match member {
            Member::Field(it) => {
                let it = field(&rt, it);
                quote!(#rt::describe::Member::Field(#it))
            }
            Member::Oneof(OneofField { name, docs, ty, .. }) => {
                let fields = quote_spanned!(ty.span()=> #rt::describe::oneof::<#ty>);
                quote!(#rt::describe::Member::Oneof { name: #name, docs: #docs, fields: #fields })
            }
        });
        quote!(#head members: &[#(#members),*],)
    }

    fn enumeration(&self, values: &[EnumValue]) -> TokenStream {
        let rt = self.rt();
        let head = self.head();
        let values = values.iter().map(|EnumValue { name, number, docs, deprecated }| {
            let number = Literal::i32_unsuffixed(*number);
            quote! {
                #rt::describe::EnumValueDescriptor {
                    name: #name,
                    number: #number,
                    docs: #docs,
                    deprecated: #deprecated,
                }
            }
        });
        quote!(#head values: &[#(#values),*],)
    }

    fn oneof(&self, fields: &[Field]) -> TokenStream {
        let rt = self.rt();
        let docs = &self.docs;
        let fields = fields.iter().map(|it| field(&rt, it));
        quote!(docs: #docs, fields: &[#(#fields),*],)
    }

    /// Has the compiler compare the numbers that a message lists with those of the oneof.
    fn oneof_checks(&self) -> Option<TokenStream> {
        let Body::Message(members) = &self.body else { return None };
        let checks: Vec<_> = members
            .iter()
            .filter_map(|member| match member {
                Member::Oneof(OneofField { name, ty, tags, span, .. }) => {
                    let span = Span::call_site().located_at(*span);
                    let located = |mut token: TokenTree| {
                        token.set_span(span);
                        token
                    };
                    // The compiler marks a call from its first token to its last.
                    let rt: TokenStream = self.rt().into_iter().map(located).collect();
                    let text = format!("`{name}` lists other numbers than `{}` has", compact(ty));
                    let tags = tags.iter().map(|tag| Literal::u32_unsuffixed(*tag));
                    Some(quote_spanned! {span=>
                        #rt::describe::assert_tags(
                            <#ty as #rt::Describe>::DESCRIPTOR,
                            &[#(#tags),*],
                            #text,
                        );
                    })
                }
                Member::Field(_) => None,
            })
            .collect();
        (!checks.is_empty()).then(|| quote!(const _: () = { #(#checks)* };))
    }
}

fn field(rt: &TokenStream, field: &Field) -> TokenStream {
    let Field { name, json_name, number, label, kind, default, options, docs, deprecated } = field;
    let options = package::options(rt, options);
    let json_name = option(json_name.as_ref());
    let number = Literal::u32_unsuffixed(*number);
    let label = match label {
        Label::Plain => quote!(Plain),
        Label::Optional => quote!(Optional),
        Label::Required => quote!(Required),
        Label::Repeated { packed } => quote!(Repeated { packed: #packed }),
    };
    let kind = self::kind(rt, kind);
    let default = default.as_ref().map(|default| match default {
        DefaultValue::Text(text) => quote!(#rt::describe::DefaultValue::Text(#text)),
        DefaultValue::Bytes(bytes) => {
            let bytes = Literal::byte_string(bytes);
            quote!(#rt::describe::DefaultValue::Bytes(#bytes))
        }
        DefaultValue::Variant(variant) => {
            quote!(#rt::describe::DefaultValue::Enum(#variant as i32))
        }
    });
    let default = option(default.as_ref());
    quote! {
        #rt::describe::FieldDescriptor {
            name: #name,
            json_name: #json_name,
            number: #number,
            label: #rt::describe::Label::#label,
            kind: #kind,
            default: #default,
            options: #options,
            docs: #docs,
            deprecated: #deprecated,
        }
    }
}

fn kind(rt: &TokenStream, kind: &Kind) -> TokenStream {
    match kind {
        Kind::Scalar(scalar) => {
            let variant = format_ident!("{}", scalar.variant);
            quote!(#rt::describe::FieldKind::Scalar(#rt::describe::Scalar::#variant))
        }
        Kind::Message(ty) => {
            let described = quote_spanned!(ty.span()=> #rt::describe::message::<#ty>);
            quote!(#rt::describe::FieldKind::Message(#described))
        }
        Kind::Enum(path) => {
            let described = quote_spanned!(path.span()=> #rt::describe::enumeration::<#path>);
            quote!(#rt::describe::FieldKind::Enum(#described))
        }
        Kind::Map(key, value) => {
            let key = format_ident!("{}", key.variant);
            let value = self::kind(rt, value);
            quote!(#rt::describe::FieldKind::Map(#rt::describe::Scalar::#key, &#value))
        }
    }
}

fn option(value: Option<&impl ToTokens>) -> TokenStream {
    match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    }
}
