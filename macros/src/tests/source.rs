//! Finds what the macros are put on, in source text, as the compiler would hand it over.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::{describe, diagnostic::Errors, error, message, package, service::check};

/// One macro call.
pub(super) enum Input {
    /// `#[service(arguments)] item`
    Service { arguments: TokenStream, item: TokenStream },
    /// `#[message(arguments)] item`
    Message { arguments: TokenStream, item: TokenStream },
    /// `package!(line)`
    Package { line: TokenStream },
    /// `#[derive(Describe)] item`
    Describe { item: TokenStream },
    /// `#[derive(RpcError)] item`
    RpcError { item: TokenStream },
}

impl Input {
    /// Everything that is wrong with it.
    pub(super) fn errors(self) -> Errors {
        let mut errors = Errors::default();
        match self {
            Self::Service { arguments, item } => {
                check::service(arguments, item, &mut errors);
            }
            Self::Message { arguments, item } => message::errors(arguments, item, &mut errors),
            Self::Package { line } => package::check(line, &mut errors),
            Self::Describe { item } => describe::check(item, &mut errors),
            Self::RpcError { item } => error::check(item, &mut errors),
        }
        errors
    }
}

/// The macro calls in a piece of source. It need not be Rust that the compiler can read.
pub(super) fn inputs(source: &str) -> Vec<Input> {
    let tokens: TokenStream = source.parse().expect("brackets close, and strings end");
    items(tokens).into_iter().filter_map(input).collect()
}

/// Items end with `;` or with a block.
fn items(tokens: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut items = vec![Vec::new()];
    for token in tokens {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        items.last_mut().expect("there is one").push(token);
        if ends {
            items.push(Vec::new());
        }
    }
    items
}

fn input(mut item: Vec<TokenTree>) -> Option<Input> {
    if let [.., TokenTree::Ident(name), _, TokenTree::Group(line), _] = item.as_slice()
        && name == "package"
    {
        return Some(Input::Package { line: line.stream() });
    }
    for place in 0..item.len().saturating_sub(1) {
        let [TokenTree::Punct(hash), TokenTree::Group(attribute)] = &item[place..place + 2] else {
            continue;
        };
        if hash.as_char() != '#' {
            continue;
        }
        let mut attribute = attribute.stream().into_iter();
        let name = attribute.next().map(|name| name.to_string());
        let arguments = attribute.find_map(|token| match token {
            TokenTree::Group(group) => Some(Group::stream(&group)),
            _ => None,
        });
        let arguments = arguments.unwrap_or_default();
        let derives = |name| arguments.to_string().split(", ").any(|it| it == name);
        match name.as_deref() {
            Some("service") => {
                item.drain(place..place + 2);
                return Some(Input::Service { arguments, item: item.into_iter().collect() });
            }
            Some("message") => {
                item.drain(place..place + 2);
                return Some(Input::Message { arguments, item: item.into_iter().collect() });
            }
            Some("derive") if derives("Describe") => {
                item.drain(place..place + 2);
                return Some(Input::Describe { item: item.into_iter().collect() });
            }
            Some("derive") if derives("RpcError") => {
                item.drain(place..place + 2);
                return Some(Input::RpcError { item: item.into_iter().collect() });
            }
            _ => {}
        }
    }
    None
}
