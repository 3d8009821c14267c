//! Whatever the macros are given, they give back Rust or an error of ours, and never panic.

use proc_macro2::{Group, TokenStream, TokenTree};
use syn::File;

use super::source::{Input, inputs};
use crate::{describe, error, message, package, service};

/// The inputs that a run tries, the same ones every time. More of them, and others:
/// `CASES=1000000 SEED=$RANDOM cargo test --release -p traitwire-macros random`
const CASES: u64 = 5_000;
const SEED: u64 = 2026;

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|it| it.parse().expect("a number"))
}

/// Programs to start from; pieces of one get into another.
const SEEDS: &[&str] = &[
    include_str!("../../../tests/macros/expansion/attributes.rs"),
    include_str!("../../../tests/macros/expansion/borrowed.rs"),
    include_str!("../../../tests/macros/expansion/shapes.rs"),
    include_str!("../../../tests/macros/expansion/two_services.rs"),
    include_str!("../../../tests/macros/expansion/message.rs"),
    "#[derive(Describe)] #[describe(package = \"a.b\", name = \"C\")]
     pub struct Order { #[prost(string, tag = \"1\")] pub id: String, #[prost(message, repeated, tag = \"2\")] items: Vec<Item> }",
    "package!(\"shop.v1\", file = \"a/b.proto\", go_package = \"x\", deprecated = true, optimize_for = \"SPEED\");",
    "#[derive(Describe)] #[repr(i32)] enum Kind { Unknown = 0, Known = 1 }",
    "#[derive(Describe)] enum Payload { #[prost(string, tag = \"5\")] Text(String), #[prost(int64, tag = \"6\")] Number(i64) }",
    "#[derive(RpcError)] #[rpc_error(domain = \"shop.example.com\")]
     enum ShopError { #[rpc_error(code = NotFound, reason = \"GONE\")] NoOrder { #[rpc_error(send = \"orderId\")] id: u64, at: Place },
     #[rpc_error(internal)] Store(io::Error), #[rpc_error(code = InvalidArgument)] Invalid(#[rpc_error(bad_request)] Vec<FieldViolation>),
     #[rpc_error(status)] Other(Status) }",
];

/// SplitMix64: small, and the same everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) % limit.max(1) as u64).expect("below a usize")
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// The tokens with one change: something left out, doubled, swapped or put in, here or deeper.
    fn mutate(&mut self, tokens: &TokenStream, words: &[TokenTree]) -> TokenStream {
        let mut tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
        if tokens.is_empty() {
            return self.pick(words).clone().into();
        }
        let place = self.below(tokens.len());
        if let TokenTree::Group(group) = &tokens[place]
            && self.below(8) > 0
        {
            let inner = self.mutate(&group.stream(), words);
            tokens[place] = Group::new(group.delimiter(), inner).into();
            return tokens.into_iter().collect();
        }
        match self.below(5) {
            0 => drop(tokens.remove(place)),
            1 => tokens.insert(place, tokens[place].clone()),
            2 => tokens.insert(place, self.pick(words).clone()),
            3 => tokens[place] = self.pick(words).clone(),
            _ => {
                let other = self.below(tokens.len());
                tokens.swap(place, other);
            }
        }
        tokens.into_iter().collect()
    }
}

/// All tokens, at every depth.
fn words(tokens: TokenStream, into: &mut Vec<TokenTree>) {
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            words(group.stream(), into);
        }
        into.push(token);
    }
}

fn assert_rust_or_an_error(expanded: &TokenStream, input: &dyn Fn() -> String) {
    let is_refused = expanded.to_string().contains("compile_error");
    if !is_refused && let Err(error) = syn::parse2::<File>(expanded.clone()) {
        panic!("not Rust: {error}\n{}\n{expanded}", input());
    }
}

#[test]
fn random_inputs_give_rust_or_an_error() {
    let mut vocabulary = Vec::new();
    for seed in SEEDS {
        words(seed.parse().expect("a seed is tokens"), &mut vocabulary);
    }
    let seeds: Vec<Input> = SEEDS.iter().flat_map(|seed| inputs(seed)).collect();
    let mut random = Random(number("SEED").unwrap_or(SEED));
    for _ in 0..number("CASES").unwrap_or(CASES) {
        let changes = 1 + random.below(4);
        let seed = random.below(seeds.len());
        let mut change = |tokens: &TokenStream| {
            (0..changes).fold(tokens.clone(), |tokens, _| random.mutate(&tokens, &vocabulary))
        };
        match &seeds[seed] {
            Input::Service { arguments, item } => {
                let (arguments, item) = (change(arguments), change(item));
                let expanded = service::expand(arguments.clone(), item.clone());
                assert_rust_or_an_error(&expanded, &|| format!("#[service({arguments})] {item}"));
            }
            Input::Message { arguments, item } => {
                let (arguments, item) = (change(arguments), change(item));
                let expanded = message::expand(arguments.clone(), item.clone());
                assert_rust_or_an_error(&expanded, &|| format!("#[message({arguments})] {item}"));
            }
            Input::Package { line } => {
                let line = change(line);
                let expanded = package::expand(line.clone());
                assert_rust_or_an_error(&expanded, &|| format!("package!({line});"));
            }
            Input::Describe { item } => {
                let item = change(item);
                let expanded = describe::derive(item.clone());
                assert_rust_or_an_error(&expanded, &|| format!("#[derive(Describe)] {item}"));
            }
            Input::RpcError { item } => {
                let item = change(item);
                let expanded = error::derive(item.clone());
                assert_rust_or_an_error(&expanded, &|| format!("#[derive(RpcError)] {item}"));
            }
        }
    }
}
