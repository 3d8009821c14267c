//! How a field is sent, as its type and a word say together.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Ident, LitStr, Path};

use super::{
    tag::Word,
    types::{Map, Value},
};
use crate::syntax::compact;

/// How a value is sent: what stands in `#[prost(…)]`.
#[derive(Clone)]
pub(super) enum Sent {
    Scalar(&'static str),
    /// Into a `Bytes`.
    SharedBytes,
    Message {
        boxed: bool,
    },
    Enumeration(Path),
    Map(&'static str, String, String),
}

impl Sent {
    pub(super) fn is_message(&self) -> bool {
        matches!(self, Self::Message { .. })
    }

    /// The key of `#[prost(…)]`.
    pub(super) fn key(&self, span: Span) -> TokenStream {
        let word = |name| Ident::new(name, span);
        match self {
            Self::Scalar(name) => word(name).into_token_stream(),
            Self::SharedBytes => quote_spanned!(span=> bytes = "bytes"),
            Self::Message { boxed: false } => quote_spanned!(span=> message),
            Self::Message { boxed: true } => quote_spanned!(span=> message, boxed),
            Self::Enumeration(path) => quote_spanned!(span=> enumeration(#path)),
            Self::Map(kind, key, value) => {
                let kind = word(kind);
                let both = LitStr::new(&format!("{key}, {value}"), span);
                quote!(#kind = #both)
            }
        }
    }

    /// The same in the text of a map's key; `None` where it is no part of a map.
    fn text(&self) -> Option<String> {
        Some(match self {
            Self::Scalar(name) => (*name).to_owned(),
            Self::SharedBytes => "bytes".to_owned(),
            Self::Message { .. } => "message".to_owned(),
            Self::Enumeration(path) => format!("enumeration({})", compact(path)),
            Self::Map(..) => return None,
        })
    }
}

impl Value<'_> {
    /// How it is sent, as `word` says; `None` where that is not so.
    pub(super) fn sent(&self, word: Option<&Sent>) -> Option<Sent> {
        let boxed = matches!(self, Self::Own { boxed: true, .. });
        Some(match (self, word) {
            (Self::Map(_), _) => return None,
            (Self::Native(_), Some(Sent::Message { .. }))
            | (Self::Own { .. }, None | Some(Sent::Message { .. })) => Sent::Message { boxed },
            (Self::Native(native), Some(Sent::Enumeration(_))) if native.name != "i32" => {
                return None;
            }
            (Self::Native(native), Some(Sent::Scalar(word))) if !native.words.contains(word) => {
                return None;
            }
            (Self::Own { .. }, Some(_)) if boxed => return None,
            (Self::Own { .. }, Some(Sent::Enumeration(_))) => return None,
            (Self::Native(native), None | Some(Sent::Scalar("bytes")))
                if native.name == "Bytes" =>
            {
                Sent::SharedBytes
            }
            (Self::Native(native), None) => Sent::Scalar(native.words[0]),
            (_, Some(word)) => word.clone(),
        })
    }

    /// What it can be sent as.
    pub(super) fn help(&self) -> String {
        match self {
            Self::Native(native) => {
                let words = native.words.join("`, `");
                format!("`{}` is sent as one of these: `{words}`", native.name)
            }
            Self::Own { .. } => {
                "an enumeration is a number in a field: write `i32`, `Option<i32>` or `Vec<i32>`"
                    .to_owned()
            }
            Self::Map(_) => "say how key and value are sent, each as its type can be: \
                             `map(string, message)`, `map(sint32, enumeration = Kind)`"
                .to_owned(),
        }
    }
}

impl Map<'_> {
    pub(super) fn sent(&self, word: Option<&Word>) -> Option<Sent> {
        let (key, value) = match word {
            None => (None, None),
            Some(Word::Map(key, value)) => (Some(key), Some(value)),
            Some(Word::One(_)) => return None,
        };
        let key = self.key.sent(key).filter(|it| !it.is_message())?;
        let value = self.value.sent(value)?;
        Some(Sent::Map(self.kind, key.text()?, value.text()?))
    }
}
