//! What the macros make, as snapshots to read.
//!
//! The inputs lie in `tests/macros/expansion/`, where they are compiled and called too.

use std::path::Path;

use quote::ToTokens;
use syn::{File, Item};

use crate::{check::Halves, expand};

/// Expands every service in a file, as the compiler would see it.
fn expand_file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/macros/expansion").join(name);
    let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"));
    let file = syn::parse_file(&source).expect("the input is Rust");
    let expanded = file.items.into_iter().filter_map(expand_item).collect::<Vec<_>>().concat();
    let file: File = syn::parse_str(&expanded).expect("the expansion is Rust");
    prettyplease::unparse(&file)
}

/// The expansion of a trait with `#[service(…)]`; other items are left out.
fn expand_item(item: Item) -> Option<String> {
    let Item::Trait(mut item) = item else { return None };
    let place = item.attrs.iter().position(|it| it.path().is_ident("service"))?;
    let attribute = item.attrs.remove(place);
    let arguments = match attribute.meta {
        syn::Meta::List(list) => list.tokens,
        _ => Default::default(),
    };
    let halves = Halves { server: true, client: true };
    Some(expand::service(arguments, item.into_token_stream(), halves).to_string())
}

fn assert_expansion(name: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../../tests/snapshots/expansion");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, expand_file(&format!("{name}.rs"))));
}

#[test]
fn a_unary_method() {
    assert_expansion("unary");
}

#[test]
fn the_four_shapes() {
    assert_expansion("shapes");
}

#[test]
fn every_attribute() {
    assert_expansion("attributes");
}

#[test]
fn two_services_in_one_module() {
    assert_expansion("two_services");
}
