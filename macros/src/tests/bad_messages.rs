//! Every way that was thought of to write something that is no message.

use super::source::inputs;

/// The codes that a piece of source is refused with.
fn codes(source: &str) -> Vec<&'static str> {
    let errors = inputs(source).into_iter().map(|input| input.errors());
    errors.flat_map(|errors| errors.iter().map(|it| it.rule.code).collect::<Vec<_>>()).collect()
}

/// `#[message]` on a struct with these fields.
fn fields(fields: &str) -> Vec<&'static str> {
    codes(&format!("#[message] struct Order {{ {fields} }}"))
}

#[test]
fn fields_that_are_sent() {
    for (tag, ty) in [
        ("1", "bool"),
        ("1", "String"),
        ("1", "std::string::String"),
        ("1", "Vec<u8>"),
        ("1", "Option<Vec<u8>>"),
        ("1", "Vec<Vec<u8>>"),
        ("1", "Option<bytes::Bytes>"),
        ("1", "Vec<i64>"),
        ("1", "Option<Box<Order>>"),
        ("1", "Option<(Item)>"),
        ("1", "Vec<Box<Order>>"),
        ("1", "Option<()>"),
        ("1", "Option<crate::item::Item>"),
        ("1", "HashMap<String, Item>"),
        ("1", "BTreeMap<i32, Vec<u8>>"),
        ("1", "HashMap<bool, ()>"),
        ("1, sint32", "i32"),
        ("1, sfixed64", "Option<i64>"),
        ("1, fixed32", "Vec<u32>"),
        ("1, enumeration = Kind", "i32"),
        ("1, enumeration = crate::Kind", "Vec<i32>"),
        ("1, message", "Option<String>"),
        ("1, string", "Id"),
        ("1, fixed64", "Option<Id>"),
        ("1, map(sint32, fixed64)", "HashMap<i32, u64>"),
        ("1, map(string, enumeration = Kind)", "HashMap<String, i32>"),
        ("1, map(string, message)", "BTreeMap<Id, Item>"),
        ("1, map(string, message)", "BTreeMap<String, String>"),
        ("1, packed = false", "Vec<u32>"),
        ("1, required", "u32"),
        ("1, required", "Item"),
        ("1, required", "Box<Item>"),
        ("1, default = -1.5", "f64"),
        ("1, default = \"Ready\", enumeration = Kind", "i32"),
        ("1, name = \"orderId\", json_name = \"order\"", "String"),
        ("1,", "String"),
        ("0x10", "String"),
        ("1_000u32", "String"),
    ] {
        assert_eq!(fields(&format!("#[tag({tag})] field: {ty}")), [""; 0], "#[tag({tag})] {ty}");
    }
    assert_eq!(fields("#[oneof(1, 2, name = \"which\")] field: Option<Which>"), [""; 0]);
}

#[test]
fn types_that_protobuf_has_not() {
    for ty in [
        "u8",
        "u16",
        "i8",
        "i16",
        "usize",
        "isize",
        "u128",
        "i128",
        "char",
        "Vec<u16>",
        "Option<char>",
        "&'static str",
        "&'a [u8]",
        "&Order",
        "Vec<&str>",
        "[u32; 4]",
        "(u32, u32)",
        "Option<(u32,)>",
        "fn()",
        "dyn Message",
        "impl Message",
        "*const u8",
        "!",
        "_",
        "Box<String>",
        "Box<Option<Order>>",
        "Box<Box<Order>>",
        "Option<Option<String>>",
        "Option<Vec<String>>",
        "Option<HashMap<String, String>>",
        "Vec<Option<String>>",
        "Vec<Vec<u32>>",
        "Vec<BTreeMap<u32, u32>>",
        "HashMap<f64, String>",
        "HashMap<Vec<u8>, String>",
        "HashMap<Id, String>",
        "HashMap<String, Vec<u32>>",
        "HashMap<String, Option<Item>>",
        "HashMap<String, HashMap<String, String>>",
        "HashMap<String, u8>",
        "HashMap<String>",
        "HashSet<String>",
        "Arc<Order>",
        "Page<Item>",
        "Result<u32, u32>",
    ] {
        assert_eq!(fields(&format!("#[tag(1)] field: {ty}")), ["TW081"], "{ty}");
    }
}

#[test]
fn words_that_do_not_go_with_the_type() {
    for (tag, ty) in [
        ("1, sint32", "i64"),
        ("1, string", "Vec<u8>"),
        ("1, int32", "Option<u32>"),
        ("1, bytes", "String"),
        ("1, enumeration = Kind", "i64"),
        ("1, enumeration = Kind", "Kind"),
        ("1, enumeration = Kind", "Option<Kind>"),
        ("1, string", "Option<Box<Id>>"),
        ("1, fixed32", "HashMap<u32, u32>"),
        ("1, enumeration = Kind", "HashMap<String, i32>"),
        ("1, map(string, string)", "String"),
        ("1, map(string, string)", "Vec<Item>"),
        ("1, map(string, string)", "HashMap<String, u32>"),
        ("1, map(string, string)", "HashMap<u32, String>"),
    ] {
        assert_eq!(fields(&format!("#[tag({tag})] field: {ty}")), ["TW083"], "#[tag({tag})] {ty}");
    }
}

#[test]
fn attributes_of_a_field() {
    for (written, codes) in [
        ("field: String", &["TW078"][..]),
        ("/// A text.\n field: String", &["TW078"]),
        ("#[tag] field: String", &["TW078"]),
        ("#[tag()] field: String", &["TW078"]),
        ("#[tag(string)] field: String", &["TW078"]),
        ("#[tag(name = \"a\")] field: String", &["TW078"]),
        ("#[tag = 1] field: String", &["TW079"]),
        ("#[tag(\"1\")] field: String", &["TW079"]),
        ("#[tag(1 string)] field: String", &["TW079"]),
        ("#[tag(string, 1)] field: String", &["TW079"]),
        ("#[tag(-)] field: String", &["TW079"]),
        ("#[oneof(a b)] field: Option<A>", &["TW079"]),
        ("#[tag(1, 2)] field: String", &["TW080"]),
        ("#[tag(0)] field: String", &["TW050"]),
        ("#[tag(-1)] field: String", &["TW050"]),
        ("#[tag(19000)] field: String", &["TW050"]),
        ("#[tag(99999999999999999999)] field: String", &["TW050"]),
        ("#[tag(1)] a: String, #[tag(1)] b: String", &["TW051"]),
        ("#[tag(1)] a: String, #[oneof(2, 1)] b: Option<B>", &["TW051"]),
        ("#[tag(1)] a: String, #[tag(2, name = \"a\")] b: String", &["TW053"]),
        ("#[tag(1, name = \"a-b\")] a: String", &["TW009"]),
        ("#[tag(1, nam = \"a\")] a: String", &["TW003"]),
        ("#[tag(1, name)] a: String", &["TW005"]),
        ("#[tag(1, enumeration)] a: i32", &["TW005"]),
        ("#[tag(1, enumeration = \"Kind\")] a: i32", &["TW005"]),
        ("#[tag(1, packed)] a: Vec<i32>", &["TW005"]),
        ("#[tag(1, default)] a: i32", &["TW005"]),
        ("#[tag(1, default = 1 + 1)] a: i32", &["TW005"]),
        ("#[tag(1, sint32 = true)] a: i32", &["TW006"]),
        ("#[tag(1, required = true)] a: i32", &["TW006"]),
        ("#[tag(1, sint32, sint32)] a: i32", &["TW004"]),
        ("#[tag(1, sint32, sfixed32)] a: i32", &["TW055"]),
        ("#[tag(1, default = \"seven\")] a: i32", &["TW057"]),
        ("#[tag(1, default = 7)] a: Vec<i32>", &["TW055"]),
        ("#[tag(1, default = 7)] a: Option<Item>", &["TW055"]),
        ("#[tag(1, required)] a: Option<i32>", &["TW055"]),
        ("#[tag(1, required)] a: HashMap<i32, i32>", &["TW055"]),
        ("#[tag(1, packed = false)] a: i32", &["TW056"]),
        ("#[tag(1, packed = false)] a: Vec<String>", &["TW056"]),
        ("#[tag(1, map(string))] a: HashMap<String, i32>", &["TW084"]),
        ("#[tag(1, map(bytes, string))] a: HashMap<String, i32>", &["TW084"]),
        ("#[tag(1, map(string, number))] a: HashMap<String, i32>", &["TW084"]),
        ("#[tag(1, map)] a: HashMap<String, i32>", &["TW084"]),
        ("#[tag(1)] a: Item", &["TW082"]),
        ("#[tag(1, message)] a: String", &["TW082"]),
        ("#[tag(1)] a: Box<Item>", &["TW082"]),
        ("#[oneof] a: Option<A>", &["TW049"]),
        ("#[oneof()] a: Option<A>", &["TW049"]),
        ("#[oneof(1)] a: A", &["TW085"]),
        ("#[oneof(1)] a: Vec<A>", &["TW085"]),
        ("#[oneof(1)] a: Option<String>", &["TW085"]),
        ("#[oneof(1, json_name = \"b\")] a: Option<A>", &["TW068"]),
        ("#[oneof(1, string)] a: Option<A>", &["TW003"]),
        ("#[tag(1)] #[oneof(2)] a: Option<A>", &["TW055"]),
        ("#[tag(1)] #[tag(2)] a: String", &["TW055"]),
        ("#[prost(string, tag = \"1\")] a: String", &["TW086"]),
        ("#[tag(1)] #[describe(name = \"b\")] a: String", &["TW086"]),
        ("#[cfg_attr(unix, tag(1))] a: String", &["TW070"]),
    ] {
        assert_eq!(fields(written), codes, "{written}");
    }
}

#[test]
fn types_that_are_no_message() {
    for (source, codes_of_it) in [
        ("#[message(pakage = \"a\")] struct A {}", &["TW003"][..]),
        ("#[message(package = 1)] struct A {}", &["TW005"]),
        ("#[message(package = \"a-b\")] struct A {}", &["TW008"]),
        ("#[message(name = \"A B\")] struct A {}", &["TW009"]),
        ("#[message(file = \"a\")] struct A {}", &["TW010"]),
        ("#[message(reserved(0))] struct A {}", &["TW059"]),
        ("#[message(reserved(1, 1))] struct A {}", &["TW060"]),
        ("#[message(reserved(1))] struct A { #[tag(1)] a: String }", &["TW052"]),
        ("#[message(reserved(\"a\"))] struct A { #[tag(1)] a: String }", &["TW054"]),
        ("#[message] struct A<T> { #[tag(1)] a: Vec<T> }", &["TW041"]),
        ("#[message] union A { a: u32 }", &["TW042"]),
        ("#[message] fn a() {}", &["TW042"]),
        ("#[message] pub trait A {}", &["TW042"]),
        ("#[message] struct A { #[tag(1)] a }", &["TW002"]),
        ("#[message] struct A(#[tag(1)] String);", &["TW043"]),
        ("#[message] struct A;", &["TW093"]),
        ("#[message] #[derive(Eq, Clone)] struct A {}", &["TW087"]),
        ("#[message] #[derive(Debug)] #[derive(Default)] struct A {}", &["TW087", "TW087"]),
        ("#[message] #[derive(prost::Message, Describe)] struct A {}", &["TW087", "TW087"]),
        ("#[message] #[derive(Eq, Hash, PartialOrd, Copy)] struct A {}", &[]),
        ("#[message] #[derive(Hash, Copy)] enum A { A = 0 }", &["TW087", "TW087"]),
        ("#[message] #[derive(Default, Eq)] enum A { #[tag(1)] A(String) }", &[]),
        ("#[message] #[describe(package = \"a\")] struct A {}", &["TW086"]),
        ("#[message] enum A { }", &["TW061"]),
        ("#[message] enum A { A = 1 }", &["TW062"]),
        ("#[message] enum A { A }", &["TW063"]),
        ("#[message] enum A { #[tag(1)] A = 0 }", &["TW055"]),
        ("#[message] enum A { #[tag(string)] A = 0 }", &["TW003"]),
        ("#[message] enum A { #[tag(json_name = \"a\")] A = 0 }", &["TW065"]),
        ("#[message] enum A { #[tag(name = \"B\")] A = 0 }", &[]),
        ("#[message] #[repr(u8)] enum A { A = 0 }", &[]),
        ("#[message(package = \"a\")] enum A { #[tag(1)] A(String) }", &["TW068"]),
        ("#[message] enum A { #[tag(1)] A(String), B }", &["TW066"]),
        ("#[message] enum A { #[tag(1)] A(String), #[tag(2)] B { b: String } }", &["TW066"]),
        ("#[message] enum A { A(String) }", &["TW078"]),
        ("#[message] enum A { #[tag(1)] A(Option<String>) }", &["TW067"]),
        ("#[message] enum A { #[tag(1)] A(Vec<String>) }", &["TW067"]),
        ("#[message] enum A { #[tag(1)] A(HashMap<String, String>) }", &["TW067"]),
        ("#[message] enum A { #[tag(1, required)] A(String) }", &["TW067"]),
        ("#[message] enum A { #[oneof(1)] A(Option<B>) }", &["TW067"]),
        ("#[message] enum A { #[tag(1)] A(u16) }", &["TW081"]),
        ("#[message] enum A { #[tag(1)] A(Item), #[tag(2)] B(Box<A>), #[tag(3)] C(()) }", &[]),
    ] {
        assert_eq!(codes(source), codes_of_it, "{source}");
    }
}

#[test]
fn what_follows_from_types_is_judged_at_the_type() {
    let source = "#[message] enum A { #[tag(1)] Several(Vec<String>) }";
    let errors = inputs(source).into_iter().next().expect("a message").errors();
    let place = errors.iter().next().expect("an error").place;
    assert!(source[place.first.byte_range()].starts_with("Vec"));
}
