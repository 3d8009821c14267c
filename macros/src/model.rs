//! What the service is: its methods and their shapes.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{Attribute, Block, Ident, ItemTrait, Path, Signature, Type, Visibility};

/// A service, read from a trait.
pub(crate) struct Service {
    /// Attributes of the trait that are not ours.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) docs: String,
    pub(crate) visibility: Visibility,
    pub(crate) ident: Ident,
    /// The protobuf package, `""` for none.
    pub(crate) package: String,
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) methods: Vec<Method>,
    pub(crate) has_server: bool,
    pub(crate) has_client: bool,
    /// The path of the `traitwire` crate.
    pub(crate) krate: Path,
    /// The trait as it was written, for [`fallback`](crate::fallback).
    pub(crate) item: ItemTrait,
}

impl Service {
    pub(crate) fn server(&self) -> Ident {
        format_ident!("{}Server", self.ident)
    }

    pub(crate) fn client(&self) -> Ident {
        format_ident!("{}Client", self.ident)
    }

    /// `package.Name`, as it stands in a path.
    pub(crate) fn full_name(&self) -> String {
        full_name(&self.package, &self.name)
    }

    /// The path of the module that generated code calls.
    pub(crate) fn rt(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::rt)
    }
}

/// `package.Name`, or the name alone where there is no package.
pub(crate) fn full_name(package: &str, name: &str) -> String {
    if package.is_empty() { name.to_owned() } else { format!("{package}.{name}") }
}

/// A method of the service.
pub(crate) struct Method {
    /// Attributes of the method that are not ours.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) docs: String,
    pub(crate) signature: Signature,
    /// The name on the wire.
    pub(crate) name: String,
    /// `/package.Service/Method`.
    pub(crate) path: String,
    pub(crate) input: Input,
    pub(crate) output: Output,
    pub(crate) body: Body,
}

impl Method {
    pub(crate) fn ident(&self) -> &Ident {
        &self.signature.ident
    }

    /// The `#[cfg(…)]` attributes: what is made from the method is there when the method is.
    pub(crate) fn cfgs(&self) -> impl Iterator<Item = &Attribute> {
        self.attributes.iter().filter(|it| is_cfg(it))
    }

    pub(crate) fn is_deprecated(&self) -> bool {
        self.attributes.iter().any(|it| it.path().is_ident("deprecated"))
    }

    /// The name of the call's shape in `MethodKind`, and of the runtime's function for it.
    pub(crate) fn kind(&self) -> (Ident, Ident) {
        let (kind, function) = match (self.input.is_stream(), self.output.is_stream()) {
            (false, false) => ("Unary", "unary"),
            (false, true) => ("ServerStreaming", "server_streaming"),
            (true, false) => ("ClientStreaming", "client_streaming"),
            (true, true) => ("Bidirectional", "bidirectional"),
        };
        (format_ident!("{kind}"), format_ident!("{function}"))
    }
}

pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
}

/// What a method takes.
pub(crate) struct Input {
    /// The argument's type as it was written; `None` for no argument.
    pub(crate) written: Option<Type>,
    /// Whether it is `Request<…>`.
    pub(crate) envelope: bool,
    pub(crate) streaming: bool,
    pub(crate) message: Type,
}

impl Input {
    pub(crate) fn is_stream(&self) -> bool {
        self.streaming
    }
}

/// What a method returns.
pub(crate) struct Output {
    /// The type as it was written.
    pub(crate) written: Type,
    pub(crate) form: Form,
    pub(crate) message: Type,
    /// The `Result<Message, Error>` of each item, for a stream.
    pub(crate) item: Option<Type>,
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

/// The text of the doc comments in `attributes`, one line each.
pub(crate) fn docs(attributes: &[Attribute]) -> String {
    let lines = attributes.iter().filter(|it| it.path().is_ident("doc")).filter_map(|it| {
        let value = &it.meta.require_name_value().ok()?.value;
        match value {
            syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) => Some(text.value()),
            _ => None,
        }
    });
    lines
        .map(|line| line.strip_prefix(' ').unwrap_or(&line).to_owned())
        .collect::<Vec<_>>()
        .join("\n")
}
