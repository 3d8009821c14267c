//! What the service is: its methods and their shapes.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{
    Attribute, Block, Expr, Ident, ItemTrait, Path, Signature, Type, Visibility, ext::IdentExt,
};

use crate::{
    names::full_name,
    syntax::{conditional, is_cfg, is_deprecated},
};

/// A service, read from a trait.
pub(crate) struct Service {
    /// Attributes of the trait that are not ours.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) docs: String,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    /// The protobuf package, `""` for none; `None` where the line of the module says it.
    pub(crate) package: Option<String>,
    pub(crate) name: String,
    pub(crate) file: Option<String>,
    pub(crate) methods: Vec<Method>,
    /// The bytes of the `.proto` that the trait follows, for a service that was written there first.
    pub(crate) descriptor_set: Option<Expr>,
    pub(crate) has_server: bool,
    pub(crate) has_client: bool,
    /// The path of the `traitwire` crate.
    pub(crate) krate: Path,
    /// The trait as it was written, for [`fallback`](super::fallback).
    pub(crate) item: ItemTrait,
}

impl Service {
    pub(crate) fn server(&self) -> Ident {
        self.beside("Server")
    }

    pub(crate) fn client(&self) -> Ident {
        self.beside("Client")
    }

    /// The type that stands for the contract where a type is needed.
    pub(crate) fn contract(&self) -> Ident {
        self.beside("Contract")
    }

    /// A name made from the trait's. It lies where the trait's lies, so that an editor finds its
    /// way, and it comes from the macro, so that no lint takes it for the user's.
    fn beside(&self, suffix: &str) -> Ident {
        let place = Span::call_site().located_at(self.ident.span());
        Ident::new(&format!("{}{suffix}", self.ident.unraw()), place)
    }

    /// What a type must be to be served.
    pub(crate) fn bound(&self) -> TokenStream {
        let ident = &self.ident;
        if self.item.generics.params.is_empty() {
            quote!(#ident)
        } else {
            // A generic trait was refused; its server is there all the same.
            quote!(::core::marker::Send + ::core::marker::Sync + 'static)
        }
    }

    /// `package.Name`, if the package is written here.
    pub(crate) fn full_name(&self) -> Option<String> {
        self.package.as_ref().map(|package| full_name(package, &self.name))
    }

    /// The path of a method: a text, or a constant of the contract.
    pub(crate) fn path(&self, method: &Method) -> TokenStream {
        match self.full_name() {
            Some(service) => format!("/{service}/{}", method.name).into_token_stream(),
            None => {
                let (contract, path) = (self.contract(), method.path_constant());
                quote!(#contract::#path)
            }
        }
    }

    /// The path of the module that generated code calls.
    pub(crate) fn rt(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::rt)
    }
}

/// A method of the service.
pub(crate) struct Method {
    /// Attributes of the method that are not ours.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) docs: String,
    pub(crate) signature: Signature,
    /// The name on the wire.
    pub(crate) name: String,
    /// Its place among the methods.
    pub(crate) index: usize,
    /// `NO_SIDE_EFFECTS` or `IDEMPOTENT`.
    pub(crate) idempotency: Option<String>,
    /// What the author says of it to interceptors: names and texts.
    pub(crate) contract_attributes: Vec<(String, String)>,
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) body: Body,
}

impl Method {
    pub(crate) fn ident(&self) -> &Ident {
        &self.signature.ident
    }

    /// The name of the constant that holds its path.
    pub(crate) fn path_constant(&self) -> Ident {
        Ident::new(&format!("__PATH_{}", self.index), Span::call_site())
    }

    /// The `#[cfg(…)]` attributes: what is made from the method is there when the method is.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|it| is_cfg(it))
    }

    pub(crate) fn is_deprecated(&self) -> bool {
        is_deprecated(&self.attributes)
    }

    /// Whether the method may be deprecated: `#[cfg_attr(…)]` cannot be decided here.
    pub(crate) fn may_be_deprecated(&self) -> bool {
        self.is_deprecated() || self.attributes.iter().any(|it| conditional(it, "deprecated"))
    }

    /// The name of the call's shape in `MethodKind`, and of the runtime's function for it.
    pub(crate) fn kind(&self) -> (Ident, Ident) {
        let (kind, function) = match (self.input.is_stream, self.output.is_stream()) {
            (false, false) => ("Unary", "unary"),
            (false, true) => ("ServerStreaming", "server_streaming"),
            (true, false) => ("ClientStreaming", "client_streaming"),
            (true, true) => ("Bidirectional", "bidirectional"),
        };
        (format_ident!("{kind}"), format_ident!("{function}"))
    }
}

/// What a method takes.
pub(crate) struct Input {
    /// The argument's type as it was written; `None` for no argument.
    pub(crate) written: Option<Type>,
    /// Whether it is `Request<…>`.
    pub(crate) envelope: bool,
    pub(crate) is_stream: bool,
    pub(crate) message: Type,
    pub(crate) passing: Passing,
    /// The error of `Streaming<Message, Error>`, where it was written.
    pub(crate) error: Option<Type>,
}

/// How the handler is passed a message that comes alone.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Passing {
    /// `T`
    Value,
    /// `&T`: the call decodes it, and lends it.
    Reference,
    /// `&str`: the call lends the bytes that came.
    Text,
    /// `&[u8]`, likewise.
    Bytes,
}

/// What a method returns.
pub(crate) struct Output {
    /// The type as it was written.
    pub(crate) written: Type,
    pub(crate) form: Form,
    pub(crate) message: Type,
    /// The `Result<Message, Error>` of each item, for a stream.
    pub(crate) item: Option<Type>,
    /// The errors that were written: of the call, and of an item.
    pub(crate) errors: Vec<Type>,
}

impl Output {
    pub(crate) fn is_stream(&self) -> bool {
        self.item.is_some()
    }
}

/// How the answer is wrapped.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// `async fn … -> Result<U, E>`
    Plain,
    /// `async fn … -> Result<Response<U>, E>`
    Envelope,
    /// `fn … -> impl Stream<…>`
    Direct,
}

/// The body of a method in the trait.
pub(crate) enum Body {
    /// An implementation must write it.
    Required,
    Default(Box<Block>),
    /// UNIMPLEMENTED, unless an implementation writes it.
    Unimplemented,
}
