//! A trait that somebody is still typing: what can be read of it is read, so that the rest of a
//! program keeps its server and its client while one method is not finished.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Attribute, ItemTrait, Token, TraitItem, braced,
    parse::{Parse, ParseStream, Parser},
    punctuated::Punctuated,
};

/// The trait with the items that can be read, and an error for each that cannot. `None` where the
/// trait's own line cannot be read.
pub(crate) fn trait_item(item: TokenStream) -> Option<(ItemTrait, Vec<syn::Error>)> {
    head.parse2(item).ok().map(|(mut item, body)| {
        let mut errors = Vec::new();
        for tokens in items(body) {
            match item_in(&tokens) {
                Ok(read) => item.items.push(read),
                Err(error) => {
                    errors.push(error);
                    item.items.extend(behind_the_fault(&tokens));
                }
            }
        }
        (item, errors)
    })
}

/// Everything up to the braces, and what is between them.
fn head(input: ParseStream<'_>) -> syn::Result<(ItemTrait, TokenStream)> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    let unsafety = input.parse()?;
    let trait_token = input.parse()?;
    let ident = input.parse()?;
    let mut generics: syn::Generics = input.parse()?;
    let colon_token: Option<Token![:]> = input.parse()?;
    let mut supertraits = Punctuated::new();
    while colon_token.is_some() && !input.peek(syn::token::Brace) && !input.peek(Token![where]) {
        supertraits.push_value(input.parse()?);
        if input.peek(Token![+]) {
            supertraits.push_punct(input.parse()?);
        }
    }
    generics.where_clause = input.parse()?;
    let body;
    let brace_token = braced!(body in input);
    let item = ItemTrait {
        attrs,
        vis,
        modifiers: Default::default(),
        unsafety,
        trait_token,
        ident,
        generics,
        colon_token,
        supertraits,
        brace_token,
        items: Vec::new(),
    };
    Ok((item, body.parse()?))
}

/// The tokens of each item: an item ends with `;` or with a block.
fn items(body: TokenStream) -> Vec<Vec<TokenTree>> {
    let mut items = Vec::new();
    let mut current = Vec::new();
    for token in body {
        let ends = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == proc_macro2::Delimiter::Brace,
            _ => false,
        };
        current.push(token);
        if ends {
            items.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        items.push(current);
    }
    items
}

fn item_in(tokens: &[TokenTree]) -> syn::Result<TraitItem> {
    TraitItem::parse.parse2(tokens.iter().cloned().collect())
}

/// The next method, where one that is not finished stands in front of it: `async fn async fn get…`.
fn behind_the_fault(tokens: &[TokenTree]) -> Option<TraitItem> {
    let begins_item = |token: &TokenTree| match token {
        TokenTree::Ident(ident) => ident == "async" || ident == "fn",
        TokenTree::Punct(punct) => punct.as_char() == '#',
        _ => false,
    };
    (1..tokens.len())
        .filter(|place| begins_item(&tokens[*place]))
        .find_map(|place| item_in(&tokens[place..]).ok())
}
