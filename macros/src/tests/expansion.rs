//! What the macros make, as snapshots to read.
//!
//! The inputs lie in `tests/macros/expansion/`, where they are compiled and called too, and so are
//! the snapshots.

use std::{path::Path, str::FromStr, time::Instant};

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{Attribute, File, Item, Meta};

use crate::{message, service};

/// The file with each service and each message expanded, as the compiler would see it.
fn expand_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/macros/expansion").join(name);
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let mut file = syn::parse_file(&source).expect("the input is Rust");
    file.items = file.items.into_iter().flat_map(expand_item).collect();
    prettyplease::unparse(&file)
}

fn expand_item(mut item: Item) -> Vec<Item> {
    let attributes = match &mut item {
        Item::Trait(item) => &mut item.attrs,
        Item::Struct(item) => &mut item.attrs,
        Item::Enum(item) => &mut item.attrs,
        _ => return vec![item],
    };
    let is_ours =
        |it: &mut Attribute| it.path().is_ident("service") || it.path().is_ident("message");
    let Some(attribute) = attributes.extract_if(.., is_ours).next() else { return vec![item] };
    let expand =
        if attribute.path().is_ident("service") { service::expand } else { message::expand };
    let arguments = match attribute.meta {
        Meta::List(list) => list.tokens,
        _ => Default::default(),
    };
    let expanded = expand(arguments, item.into_token_stream());
    halves(syn::parse2(expanded).expect("the expansion is Rust"))
}

/// The items, as they are where the runtime has both halves.
fn halves(file: File) -> Vec<Item> {
    let keep = |item| match item {
        Item::Macro(half) if half.ident.is_none() => {
            halves(half.mac.parse_body().expect("a half is items"))
        }
        item => vec![item],
    };
    file.items.into_iter().flat_map(keep).collect()
}

fn assert_expansion(name: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../../tests/snapshots/expansion");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let expanded = expand_file(&format!("{name}.rs"));
    settings.bind(|| insta::assert_binary_snapshot!(&format!("{name}.rs"), expanded.into_bytes()));
}

#[test]
fn a_unary_method() {
    assert_expansion("unary");
}

#[test]
fn the_contract_of_the_first_chapter() {
    assert_expansion("order_service");
}

#[test]
fn the_four_shapes() {
    assert_expansion("shapes");
}

#[test]
fn borrowed_arguments() {
    assert_expansion("borrowed");
}

#[test]
fn every_attribute() {
    assert_expansion("attributes");
}

#[test]
fn two_services_in_one_module() {
    assert_expansion("two_services");
}

#[test]
fn a_message_an_enumeration_and_a_oneof() {
    assert_expansion("message");
}

/// The figures: `cargo test -p traitwire-macros --release -- --nocapture linear`.
#[test]
fn expansion_time_is_linear_in_the_number_of_methods() {
    let time = |methods: usize| {
        let method =
            |it| format!("async fn method_{it}(&self, id: String) -> Result<u64, Status>;");
        let methods: String = (0..methods).map(method).collect();
        let item = TokenStream::from_str(&format!("pub trait Wide {{ {methods} }}")).unwrap();
        let times = (0..7).map(|_| {
            let begin = Instant::now();
            service::expand(TokenStream::new(), item.clone());
            begin.elapsed()
        });
        times.min().expect("there are seven")
    };
    let (hundred, thousand) = (time(100), time(1000));
    println!("100 methods: {hundred:?}, 1000 methods: {thousand:?}");
    // Ten times as long, and room for a busy machine; a quadratic one would take a hundred times.
    assert!(thousand < hundred * 30, "{hundred:?} for 100, {thousand:?} for 1000");
}
