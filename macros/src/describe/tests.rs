//! What is refused in a type with `#[derive(Describe)]`, and in which words.

use syn::{File, Item, LitStr};

use super::derive;

/// The errors that `item` gives.
fn texts(item: &str) -> Vec<String> {
    let item: proc_macro2::TokenStream = item.parse().expect("the item is tokens");
    let file: File = syn::parse2(derive(item)).expect("the expansion is Rust");
    let errors = file.items.into_iter().filter_map(|item| match item {
        Item::Macro(item) => Some(item.mac.parse_body::<LitStr>().expect("a text").value()),
        _ => None,
    });
    errors.collect()
}

/// The messages of the errors that `item` gives, without their help.
fn errors(item: &str) -> Vec<String> {
    let first_line = |text: &String| text.lines().next().unwrap_or_default().to_owned();
    texts(item).iter().map(first_line).collect()
}

/// The only field of a message.
fn field(written: &str) -> Vec<String> {
    errors(&format!("struct M {{ {written} }}"))
}

#[test]
fn a_type_without_faults_gives_no_error() {
    for item in [
        "struct M {}",
        "#[describe(package = \"a.b\", name = \"M.N\", file = \"a.proto\", reserved(2, 3..5))]
         struct M { #[prost(string, tag = \"1\")] id: String }",
        "enum E { A = 0, B = -1 }",
        "enum O { #[prost(string, tag = \"1\")] A(String) }",
    ] {
        assert_eq!(errors(item), [""; 0], "{item}");
    }
}

/// `Kind` stands in no JSON.
#[test]
fn a_oneof_may_be_called_almost_as_a_field() {
    let oneof = "#[prost(oneof = \"O\", tags = \"2\")] Kind: Option<O>";
    let kind = "#[prost(string, tag = \"1\")] kind: String";
    assert_eq!(errors(&format!("struct M {{ {kind}, {oneof} }}")), [""; 0]);
    assert_eq!(errors(&format!("struct M {{ {oneof}, {kind} }}")), [""; 0]);
}

#[test]
fn types_that_are_no_definitions() {
    assert_eq!(
        errors("struct M<T> { }"),
        ["message `M` is generic; a protobuf message is one type [TW041]"]
    );
    assert_eq!(
        errors("union U { a: u32 }"),
        ["a message is a struct, and an enumeration or a oneof an enum; found `union` [TW042]"]
    );
    assert_eq!(errors("struct M(u32);"), ["message `M` has fields without names [TW043]"]);
}

#[test]
fn attributes_that_say_too_little() {
    assert_eq!(field("id: String"), ["field `id` has no `#[prost(…)]` [TW044]"]);
    assert_eq!(
        field("#[prost(string; 1)] id: String"),
        ["`#[prost(…)]` takes a list of keys [TW045]"]
    );
    assert_eq!(
        field("#[prost(string, tag = \"one\")] id: String"),
        ["`tag = \"one\"` cannot be read [TW046]"]
    );
    assert_eq!(
        field("#[prost(tag = \"1\")] id: String"),
        ["field `id` has no protobuf type [TW047]"]
    );
    assert_eq!(field("#[prost(string)] id: String"), ["field `id` has no number [TW048]"]);
    assert_eq!(
        field("#[prost(oneof = \"O\")] o: Option<O>"),
        ["field `o` does not say the numbers of its oneof [TW049]"]
    );
}

#[test]
fn an_unknown_key_is_quoted_with_its_neighbour() {
    assert_eq!(
        field("#[prost(sting, tag = \"1\")] id: String"),
        ["unknown key `sting` in `#[prost(…)]`; did you mean `string`? [TW003]"]
    );
    assert_eq!(
        field("#[describe(nam = \"x\")] #[prost(string, tag = \"1\")] id: String"),
        ["unknown key `nam` in `#[describe(…)]`; did you mean `name`? [TW003]"]
    );
}

#[test]
fn numbers_that_no_field_can_have() {
    for number in ["0", "19000", "19999", "536870912", "-1"] {
        assert_eq!(
            field(&format!("#[prost(string, tag = \"{number}\")] id: String")),
            [format!("{number} cannot be the number of a field [TW050]")]
        );
    }
    for number in ["1", "18999", "20000", "536870911"] {
        assert_eq!(field(&format!("#[prost(string, tag = \"{number}\")] a: String")), [""; 0]);
    }
    assert_eq!(
        field(
            "#[prost(string, tag = \"1\")] a: String,
             #[prost(oneof = \"O\", tags = \"2, 1\")] b: Option<O>"
        ),
        ["the number 1 is given twice [TW051]"]
    );
    assert_eq!(
        errors("#[describe(reserved(4..=6))] struct M { #[prost(string, tag = \"5\")] a: String }"),
        ["the number 5 is reserved [TW052]"]
    );
}

#[test]
fn names_that_are_taken() {
    assert_eq!(
        field(
            "#[prost(string, tag = \"1\")] a: String,
             #[describe(name = \"a\")] #[prost(string, tag = \"2\")] b: String"
        ),
        ["the name `a` is given twice [TW053]"]
    );
    assert_eq!(
        errors("#[describe(reserved(\"a\"))] struct M { #[prost(string, tag = \"1\")] a: String }"),
        ["the name `a` is reserved [TW054]"]
    );
    assert_eq!(
        field("#[describe(name = \"a-b\")] #[prost(string, tag = \"1\")] a: String"),
        ["`a-b` is not a protobuf name [TW009]"]
    );
}

#[test]
fn keys_that_contradict_each_other() {
    for (written, found, other) in [
        ("string, bytes, tag = \"1\"", "bytes", "string"),
        ("string, optional, repeated, tag = \"1\"", "repeated", "optional"),
        ("string, boxed, tag = \"1\"", "boxed", "string"),
        ("message, packed = \"true\", tag = \"1\"", "packed = \"true\"", "message"),
        ("map = \"string, string\", repeated, tag = \"1\"", "repeated", "map = \"string, string\""),
        ("oneof = \"O\", tags = \"1\", tag = \"1\"", "tag = \"1\"", "oneof = \"O\""),
        ("int32, repeated, default = \"1\", tag = \"1\"", "default = \"1\"", "repeated"),
    ] {
        let error = format!("`{found}` cannot stand beside `{other}` [TW055]");
        assert!(field(&format!("#[prost({written})] a: A")).contains(&error), "{written}");
    }
    for written in ["string, repeated, packed = \"true\"", "int32, packed = \"false\""] {
        assert_eq!(
            field(&format!("#[prost({written}, tag = \"1\")] a: A")),
            ["field `a` has nothing to pack [TW056]"]
        );
    }
    assert_eq!(
        field("#[prost(int32, default = \"seven\", tag = \"1\")] a: i32"),
        ["`default = \"seven\"` is no default for `int32` [TW057]"]
    );
    assert_eq!(field("#[prost(group, tag = \"1\")] a: A"), ["groups are not described [TW058]"]);
}

#[test]
fn what_cannot_be_reserved() {
    for item in ["0", "9..=4", "x", "536870912", "1..=536870912", ".."] {
        let written = format!("#[describe(reserved({item}))] struct M {{ }}");
        assert_eq!(errors(&written), [format!("`{item}` cannot be reserved [TW059]")]);
    }
    for item in ["2", "1..4", "2.."] {
        let written = format!("#[describe(reserved(2, {item}))] struct M {{ }}");
        assert_eq!(errors(&written), [format!("`{item}` is reserved already [TW060]")]);
    }
}

#[test]
fn enumerations_that_no_other_language_reads() {
    assert_eq!(errors("enum E { }"), ["enumeration `E` has no values [TW061]"]);
    assert_eq!(errors("enum E { A = 1 }"), ["the first value of enumeration `E` is 1 [TW062]"]);
    assert_eq!(errors("enum E { A = 0, B }"), ["value `B` has no number [TW063]"]);
    // The help gives the first of them 0, and none of them a number that another has.
    let texts = texts("#[describe(reserved(2))] enum E { A, B, C, D = 3 }");
    for (text, value) in texts.iter().zip(["A = 0", "B = 1", "C = 4"]) {
        assert!(text.ends_with(&format!("write it as a literal: `{value}`")), "{text}");
    }
    assert_eq!(texts.len(), 3);
    assert_eq!(
        errors("#[describe(reserved(1))] enum E { A = 0, B = 1 }"),
        ["the number 1 is reserved [TW064]"]
    );
    assert_eq!(
        errors("enum E { #[describe(json_name = \"a\")] A = 0 }"),
        ["a value of an enumeration has no `json_name` [TW065]"]
    );
}

#[test]
fn oneofs_that_are_none() {
    assert_eq!(
        errors("enum O { #[prost(string, tag = \"1\")] A(String), B }"),
        ["variant `B` is not a field [TW066]"]
    );
    assert_eq!(
        errors("enum O { #[prost(string, repeated, tag = \"1\")] A(Vec<String>) }"),
        ["`repeated` has no place in a oneof [TW067]"]
    );
    assert_eq!(
        errors("#[describe(package = \"a\")] enum O { #[prost(string, tag = \"1\")] A(String) }"),
        ["key `package` has no place on a oneof [TW068]"]
    );
}

#[test]
fn all_faults_are_reported_at_once() {
    assert_eq!(
        field("a: A, #[prost(string)] b: String, #[prost(string, tag = \"0\")] c: String"),
        [
            "field `a` has no `#[prost(…)]` [TW044]",
            "field `b` has no number [TW048]",
            "0 cannot be the number of a field [TW050]",
        ]
    );
}
