//! What is refused in an enum with `#[derive(RpcError)]`: each fault once, and nothing that follows
//! from it.

use syn::File;

use super::{check, derive};
use crate::diagnostic::Errors;

/// The codes that an item is refused with.
fn item(item: &str) -> Vec<&'static str> {
    let item: proc_macro2::TokenStream = item.parse().expect("the item is tokens");
    let mut errors = Errors::default();
    check(item.clone(), &mut errors);
    // What is made is there with faults too, so that what uses it is none.
    let file: File = syn::parse2(derive(item)).expect("the expansion is Rust");
    let impls = file.items.iter().filter(|it| matches!(it, syn::Item::Impl(_))).count();
    assert_eq!(impls, if errors.iter().any(|it| it.rule.code == "TW095") { 2 } else { 3 });
    errors.iter().map(|it| it.rule.code).collect()
}

/// An enum with these keys and variants.
fn error(keys: &str, variants: &str) -> Vec<&'static str> {
    item(&format!("{keys} enum E {{ {variants} }}"))
}

const DOMAIN: &str = "#[rpc_error(domain = \"shop.example.com\")]";
const OTHER: &str = "#[rpc_error(status)] Other(Status)";

/// An enum with nothing wrong but what is in its other variants.
fn variants(variants: &str) -> Vec<&'static str> {
    error(DOMAIN, &format!("{variants}, {OTHER}"))
}

/// The same with one variant, which is sent and has these fields.
fn fields(fields: &str) -> Vec<&'static str> {
    variants(&format!("#[rpc_error(code = NotFound)] Gone {fields}"))
}

#[test]
fn enums_without_faults_are_not_refused() {
    for good in [
        "#[rpc_error(code = NotFound)] Gone",
        "#[rpc_error(code = NotFound, reason = \"A1_2\")] Gone {}",
        "#[rpc_error(code = NotFound)] #[rpc_error(reason = \"AB3\")] Gone(u32)",
        "#[rpc_error(internal)] Store(io::Error)",
        "#[rpc_error(code = Aborted)] r#Loop { #[rpc_error(send)] r#type: u32 }",
        "#[rpc_error(code = Aborted)] Lost(#[rpc_error(retry_info)] Duration, u32, #[rpc_error(send = \"a-B_1\")] u8)",
    ] {
        assert_eq!(variants(good), [""; 0], "{good}");
    }
    assert_eq!(error(DOMAIN, "#[rpc_error(status)] Other { status: Status }"), [""; 0]);
}

#[test]
fn keys_of_the_enum() {
    for (keys, code) in [
        ("", "TW096"),
        ("#[rpc_error(crate = \"t\")]", "TW096"),
        ("#[rpc_error(domian = \"a\")]", "TW003"),
        ("#[rpc_error(domain = \"a\", domain = \"b\")]", "TW004"),
        ("#[rpc_error(domain)]", "TW005"),
        ("#[rpc_error(domain = shop)]", "TW005"),
        ("#[rpc_error]", "TW007"),
        ("#[rpc_error(domain = \"\")]", "TW097"),
        ("#[rpc_error(domain = \"a..b\")]", "TW097"),
        ("#[rpc_error(domain = \"a b\")]", "TW097"),
        ("#[rpc_error(domain = \"-a.b\")]", "TW097"),
        ("#[rpc_error(domain = \"größe.de\")]", "TW097"),
    ] {
        assert_eq!(error(keys, OTHER), [code], "{keys}");
    }
    let long = format!("#[rpc_error(domain = \"{}.com\")]", "a".repeat(64));
    assert_eq!(error(&long, OTHER), ["TW097"]);
}

#[test]
fn what_a_variant_says() {
    for (variant, code) in [
        ("Gone", "TW098"),
        ("#[rpc_error(reason = \"GONE\")] Gone", "TW098"),
        ("#[rpc_error(cod = NotFound)] Gone", "TW003"),
        ("#[rpc_error(code)] Gone", "TW005"),
        ("#[rpc_error(code = \"NotFound\")] Gone", "TW005"),
        ("#[rpc_error(code = Code::NotFound)] Gone", "TW005"),
        ("#[rpc_error(code = 5)] Gone", "TW005"),
        ("#[rpc_error(internal = true)] Gone", "TW006"),
        ("#[rpc_error] Gone", "TW007"),
        ("#[rpc_error(code = NotFound, internal)] Gone", "TW055"),
        ("#[rpc_error(code = NotFound, status)] Gone(Status)", "TW055"),
        ("#[rpc_error(internal, reason = \"GONE\")] Gone", "TW055"),
        ("#[rpc_error(internal, status)] Gone(Status)", "TW055"),
        ("#[rpc_error(code = Ok)] Gone", "TW099"),
        ("#[rpc_error(code = NOT_FOUND)] Gone", "TW099"),
        ("#[rpc_error(code = NotFound)] Ab", "TW100"),
        ("#[rpc_error(code = NotFound)] Größe", "TW100"),
        ("#[rpc_error(code = NotFound, reason = \"\")] Gone", "TW100"),
        ("#[rpc_error(code = NotFound, reason = \"gone\")] Gone", "TW100"),
        ("#[rpc_error(code = NotFound, reason = \"1GONE\")] Gone", "TW100"),
        ("#[rpc_error(code = NotFound, reason = \"GONE_\")] Gone", "TW100"),
        ("#[rpc_error(status)] Gone(Status)", "TW107"),
    ] {
        assert_eq!(variants(variant), [code], "{variant}");
    }
    let reason = |length| {
        let reason = "A".repeat(length);
        variants(&format!("#[rpc_error(code = NotFound, reason = \"{reason}\")] Gone"))
    };
    assert_eq!(reason(63), [""; 0]);
    assert_eq!(reason(64), ["TW100"]);
    let twice = "#[rpc_error(code = NotFound)] OldOne, #[rpc_error(code = Aborted, reason = \"OLD_ONE\")] B";
    assert_eq!(variants(twice), ["TW101"]);
}

#[test]
fn the_variant_for_other_statuses() {
    for (variants, code) in [
        ("", "TW106"),
        ("#[rpc_error(internal)] Gone", "TW106"),
        // It may be the one that has the fault.
        ("Other(Status)", "TW098"),
        ("#[rpc_error(statsu)] Other(Status)", "TW003"),
        ("#[rpc_error(status)] Other", "TW108"),
        ("#[rpc_error(status)] Other {}", "TW108"),
        ("#[rpc_error(status)] Other(Status, u32)", "TW108"),
        ("#[rpc_error(status)] Other(#[rpc_error(send)] Status)", "TW109"),
    ] {
        assert_eq!(error(DOMAIN, variants), [code], "{variants}");
    }
}

#[test]
fn what_a_field_says() {
    for (written, code) in [
        ("{ #[rpc_error(sent)] id: u32 }", "TW003"),
        ("{ #[rpc_error(send, send)] id: u32 }", "TW004"),
        ("{ #[rpc_error(send = 1)] id: u32 }", "TW005"),
        ("{ #[rpc_error(send(\"id\"))] id: u32 }", "TW005"),
        ("{ #[rpc_error(retry_info = \"s\")] after: Duration }", "TW006"),
        ("{ #[rpc_error(send, retry_info)] after: Duration }", "TW055"),
        ("{ #[rpc_error(send)] n: u32 }", "TW102"),
        ("{ #[rpc_error(send)] größe: u32 }", "TW102"),
        ("{ #[rpc_error(send = \"\")] id: u32 }", "TW102"),
        ("{ #[rpc_error(send = \"Id\")] id: u32 }", "TW102"),
        ("{ #[rpc_error(send = \"1d\")] id: u32 }", "TW102"),
        ("{ #[rpc_error(send = \"order.id\")] id: u32 }", "TW102"),
        ("{ #[rpc_error(send)] order_id: u32, #[rpc_error(send = \"orderId\")] id: u32 }", "TW103"),
        ("(#[rpc_error(send)] u32)", "TW104"),
        ("(#[rpc_error(bad_request)] A, #[rpc_error(bad_request)] A)", "TW105"),
    ] {
        assert_eq!(fields(written), [code], "{written}");
    }
    let key =
        |length| fields(&format!("{{ #[rpc_error(send = \"{}\")] id: u32 }}", "a".repeat(length)));
    assert_eq!(key(64), [""; 0]);
    assert_eq!(key(65), ["TW102"]);
}

#[test]
fn items_that_are_no_enum() {
    assert_eq!(item("struct E;"), ["TW094"]);
    assert_eq!(item("union E { a: u32 }"), ["TW094"]);
    assert_eq!(error(DOMAIN, ""), ["TW106"]);
    assert_eq!(item(&format!("{DOMAIN} enum E<'a, T: 'a> {{ {OTHER} }}")), ["TW095"]);
}

#[test]
fn all_faults_are_told_at_once() {
    let variants = "#[rpc_error(code = Gone)] A(#[rpc_error(send)] u32), B";
    assert_eq!(error("", variants), ["TW096", "TW100", "TW099", "TW104", "TW098"]);
}
