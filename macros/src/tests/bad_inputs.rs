//! Every way that was thought of to write something that is no gRPC service.

use proc_macro2::TokenStream;

use super::source::inputs;
use crate::{diagnostic::Errors, service::check};

/// The codes that a piece of source is refused with.
fn codes(source: &str) -> Vec<&'static str> {
    let errors = inputs(source).into_iter().map(|input| input.errors());
    errors.flat_map(|errors| errors.iter().map(|it| it.rule.code).collect::<Vec<_>>()).collect()
}

/// `#[service]` on a trait with this method.
fn method(method: &str) -> Vec<&'static str> {
    codes(&format!("#[service] trait Orders {{ {method} }}"))
}

/// `#[service(keys)]` on a good trait.
fn keys(keys: &str) -> Vec<&'static str> {
    codes(&format!("#[service({keys})] trait Orders {{ async fn get(&self) -> Result<(), E>; }}"))
}

#[test]
fn items_that_are_no_trait() {
    for item in [
        "struct Orders;",
        "struct Orders { id: u32 }",
        "enum Orders { One }",
        "union Orders { a: u32 }",
        "fn orders() {}",
        "impl Orders {}",
        "impl Orders for Shop {}",
        "mod orders {}",
        "const ORDERS: u32 = 1;",
        "static ORDERS: u32 = 1;",
        "type Orders = u32;",
        "use orders::Orders;",
        "macro_rules! orders { () => {} }",
        "extern crate orders;",
        // No items: another attribute has copied ours.
        "let orders = 1;",
        "orders.list();",
    ] {
        assert_eq!(codes(&format!("#[service] {item}")), ["TW001"], "{item}");
    }
}

#[test]
fn keys_of_the_service() {
    for (written, code) in [
        ("pakage = \"a\"", "TW003"),
        ("something_else", "TW003"),
        ("package::name = \"a\"", "TW003"),
        ("package = \"a\", package = \"b\"", "TW004"),
        ("unimplemented, unimplemented", "TW004"),
        ("package", "TW005"),
        ("package = 1", "TW005"),
        ("package(\"a\")", "TW005"),
        ("package = concat!(\"a\")", "TW005"),
        ("name = true", "TW005"),
        ("server", "TW005"),
        ("server = \"yes\"", "TW005"),
        ("client = 1", "TW005"),
        ("crate = \"1 + 1\"", "TW005"),
        ("crate = 1", "TW005"),
        ("unimplemented = true", "TW006"),
        ("unimplemented(get)", "TW006"),
        ("\"a\"", "TW007"),
        ("package = ", "TW007"),
        ("package = \"\"", "TW008"),
        ("package = \"a..b\"", "TW008"),
        ("package = \"a-b\"", "TW008"),
        ("package = \".a\"", "TW008"),
        ("package = \"1a\"", "TW008"),
        ("package = \"订单\"", "TW008"),
        ("name = \"Order Service\"", "TW009"),
        ("name = \"\"", "TW009"),
        ("name = \"a.B\"", "TW009"),
        ("file = \"orders\"", "TW010"),
        ("file = \"/orders.proto\"", "TW010"),
        ("file = \"../orders.proto\"", "TW010"),
        ("file = \"a\\\\orders.proto\"", "TW010"),
        ("file = \"a//orders.proto\"", "TW010"),
        ("rename_all = \"lowercase\"", "TW011"),
    ] {
        assert_eq!(keys(written), [code], "{written}");
    }
}

#[test]
fn keys_of_a_method() {
    for (written, code) in [
        ("#[rpc]", "TW007"),
        ("#[rpc = \"get\"]", "TW007"),
        ("#[rpc(nam = \"get\")]", "TW003"),
        ("#[rpc(name = \"a\", name = \"b\")]", "TW004"),
        ("#[rpc(name = \"a\")] #[rpc(name = \"b\")]", "TW004"),
        ("#[rpc(name)]", "TW005"),
        ("#[rpc(name = \"get it\")]", "TW009"),
        ("#[rpc(unimplemented = true)]", "TW006"),
        ("#[cfg_attr(a, rpc(name = \"b\"))]", "TW070"),
        ("#[rpc(attr)]", "TW110"),
        ("#[rpc(attr())]", "TW110"),
        ("#[rpc(attr = \"admin\")]", "TW110"),
        ("#[rpc(attr(role))]", "TW110"),
        ("#[rpc(attr(\"admin\"))]", "TW110"),
        ("#[rpc(attr(role = 1))]", "TW110"),
        ("#[rpc(attr(role = \"a\", the::role = \"b\"))]", "TW110"),
        ("#[rpc(attr(role = \"a\", role = \"b\"))]", "TW004"),
        ("#[rpc(attr(role = \"a\"), attr(audit = \"b\"))]", "TW004"),
    ] {
        let source = format!("{written} async fn get(&self) -> Result<(), E>;");
        assert_eq!(method(&source), [code], "{written}");
    }
}

#[test]
fn traits_that_are_no_service() {
    for (source, code) in [
        ("unsafe trait Orders {}", "TW012"),
        ("trait Orders<T> {}", "TW013"),
        ("trait Orders<'a> {}", "TW013"),
        ("trait Orders<const N: usize> {}", "TW013"),
        ("trait Orders where Self: Sized {}", "TW013"),
        ("trait Orders: Clone {}", "TW014"),
        ("trait Orders: for<'a> Fn(&'a u32) {}", "TW014"),
        ("trait Orders: 'a {}", "TW014"),
        ("trait Orders { const A: u32; }", "TW015"),
        ("trait Orders { const A: u32 = 1; }", "TW015"),
        ("trait Orders { type Item; }", "TW016"),
        ("trait Orders { type Item: Stream; }", "TW016"),
        ("trait Orders { methods!(); }", "TW017"),
        ("trait Orders { methods! {} }", "TW017"),
        ("trait Orders { pub async fn get(&self) -> Result<(), E>; }", "TW069"),
    ] {
        assert_eq!(codes(&format!("#[service] {source}")), [code], "{source}");
    }
}

#[test]
fn signatures_that_are_no_call() {
    for (source, code) in [
        ("async fn get() -> Result<(), E>;", "TW019"),
        ("async fn get(id: u32) -> Result<(), E>;", "TW019"),
        ("async fn get(self) -> Result<(), E>;", "TW020"),
        ("async fn get(mut self) -> Result<(), E> {}", "TW020"),
        ("async fn get(&mut self) -> Result<(), E>;", "TW020"),
        ("async fn get(&'a self) -> Result<(), E>;", "TW020"),
        ("async fn get(self: Arc<Self>) -> Result<(), E>;", "TW020"),
        ("async fn get(self: &Self) -> Result<(), E>;", "TW020"),
        ("async fn get(&self, a: u32, b: u32) -> Result<(), E>;", "TW021"),
        ("async fn get(&self, a: u32, b: u32, c: u32) -> Result<(), E>;", "TW021"),
        ("async fn get(&self, (a, b): Pair) -> Result<(), E>;", "TW022"),
        ("async fn get(&self, mut a: u32) -> Result<(), E>;", "TW022"),
        ("async fn get(&self, Id(id): Id) -> Result<(), E>;", "TW022"),
        ("async fn get(&self, ref a: u32) -> Result<(), E>;", "TW022"),
        ("async fn get<T>(&self, a: T) -> Result<(), E>;", "TW023"),
        ("async fn get<'a>(&self, a: u32) -> Result<(), E>;", "TW023"),
        ("async fn get<'a>(&self, a: &str) -> Result<(), E>;", "TW023"),
        ("async fn get<const N: usize>(&self) -> Result<(), E>;", "TW023"),
        ("async fn get(&self) -> Result<(), E> where Self: Sized;", "TW023"),
        ("const fn get(&self) -> impl Stream<Item = Result<(), E>>;", "TW024"),
        ("async unsafe fn get(&self) -> Result<(), E>;", "TW024"),
        ("async extern \"C\" fn get(&self) -> Result<(), E>;", "TW024"),
        ("async fn get(&self, ...) -> Result<(), E>;", "TW025"),
        ("async fn get(&self, #[id] id: u32) -> Result<(), E>;", "TW026"),
    ] {
        assert_eq!(method(source), [code], "{source}");
    }
}

#[test]
fn types_that_are_no_message_or_no_answer() {
    for (source, code) in [
        ("async fn get(&self) -> u32;", "TW027"),
        ("async fn get(&self) -> Option<u32>;", "TW027"),
        ("async fn get(&self) -> Result;", "TW027"),
        ("async fn get(&self) -> Response<u32>;", "TW027"),
        ("async fn get(&self) -> !;", "TW027"),
        ("async fn get(&self) -> (u32, u32);", "TW027"),
        ("async fn get(&self) -> Box<dyn Future<Output = Result<(), E>>>;", "TW027"),
        ("async fn get(&self);", "TW028"),
        ("fn get(&self);", "TW028"),
        ("fn get(&self) -> Result<(), E>;", "TW029"),
        ("fn get(&self) -> Result<impl Stream<Item = Result<(), E>>, E>;", "TW029"),
        ("async fn get(&self) -> impl Stream<Item = Result<(), E>>;", "TW030"),
        ("fn get(&self) -> impl Stream<Item = u32>;", "TW031"),
        ("fn get(&self) -> impl Stream<Item = Option<u32>>;", "TW031"),
        ("async fn get(&self) -> Result<impl Stream<Item = u32>, E>;", "TW031"),
        ("fn get(&self) -> impl Stream;", "TW032"),
        ("fn get(&self) -> impl Iterator<Item = Result<(), E>>;", "TW032"),
        ("fn get(&self) -> impl Future<Output = Result<(), E>>;", "TW032"),
        ("async fn get(&self) -> Result<impl Sized, E>;", "TW032"),
        ("fn get(&self) -> Streaming<u32>;", "TW033"),
        ("async fn get(&self) -> Result<Streaming<u32>, E>;", "TW033"),
        ("async fn get(&self) -> Result<Response<Streaming<u32>>, E>;", "TW033"),
        ("async fn get(&self, s: impl Stream<Item = u32>) -> Result<(), E>;", "TW034"),
        ("async fn get(&self, s: Request<impl Stream<Item = u32>>) -> Result<(), E>;", "TW034"),
        ("async fn get(&self, id: (u32, u32)) -> Result<(), E>;", "TW035"),
        ("async fn get(&self, id: [u8; 4]) -> Result<(), E>;", "TW035"),
        ("async fn get(&self, id: dyn Message) -> Result<(), E>;", "TW035"),
        ("async fn get(&self, id: fn()) -> Result<(), E>;", "TW035"),
        ("async fn get(&self, id: impl Message) -> Result<(), E>;", "TW035"),
        ("async fn get(&self) -> Result<_, E>;", "TW035"),
        ("async fn get(&self, r: Request<Request<u32>>) -> Result<(), E>;", "TW036"),
        ("async fn get(&self, r: Streaming<Request<u32>>) -> Result<(), E>;", "TW036"),
        ("async fn get(&self, r: Streaming<Streaming<u32>>) -> Result<(), E>;", "TW036"),
        ("async fn get(&self, r: Response<u32>) -> Result<(), E>;", "TW036"),
        ("async fn get(&self) -> Result<Response<Response<u32>>, E>;", "TW036"),
        ("async fn get(&self) -> Result<Request<u32>, E>;", "TW036"),
        ("async fn get(&self, s: tonic::Streaming<u32>) -> Result<(), E>;", "TW037"),
    ] {
        assert_eq!(method(source), [code], "{source}");
    }
}

#[test]
fn references_where_none_can_be() {
    for (argument, code) in [
        ("&dyn Message", "TW035"),
        ("&impl Message", "TW035"),
        ("&(dyn Message + Send)", "TW035"),
        ("&[u32]", "TW035"),
        ("&[u8; 4]", "TW035"),
        ("&&str", "TW035"),
        ("&(u32, u32)", "TW035"),
        ("&fn()", "TW035"),
        ("Vec<&str>", "TW035"),
        ("&Vec<&str>", "TW035"),
        ("Option<&'static Order>", "TW035"),
        ("Cow<'_, str>", "TW035"),
        ("&View<'a>", "TW035"),
        ("Request<Vec<&str>>", "TW035"),
        ("Streaming<Cow<'_, [u8]>>", "TW035"),
        ("&mut Order", "TW072"),
        ("&mut str", "TW072"),
        ("&'static str", "TW073"),
        ("&'a [u8]", "TW073"),
        ("&String", "TW074"),
        ("&Vec<u8>", "TW074"),
        ("&'static String", "TW074"),
        ("&'static bool", "TW075"),
        ("&f64", "TW075"),
        ("&(u32)", "TW075"),
        ("&()", "TW075"),
        ("&Request<Order>", "TW076"),
        ("&Streaming<Order>", "TW076"),
        ("&Request<Streaming<Order>>", "TW076"),
        ("Request<&Order>", "TW076"),
        ("Streaming<&str>", "TW076"),
        ("Streaming<&Order, E>", "TW076"),
        ("Request<Streaming<&'static [u8]>>", "TW076"),
        ("Request<&mut Order>", "TW076"),
    ] {
        let source = format!("async fn get(&self, it: {argument}) -> Result<(), E>;");
        assert_eq!(method(&source), [code], "{source}");
    }
    for answer in [
        "async fn get(&self) -> Result<&str, E>;",
        "async fn get(&self, id: &str) -> Result<&mut Order, E>;",
        "async fn get(&self) -> Result<Response<&'static [u8]>, E>;",
        "fn get(&self) -> impl Stream<Item = Result<&Order, E>>;",
        "async fn get(&self) -> Result<Response<impl Stream<Item = Result<&Order, E>>>, E>;",
    ] {
        assert_eq!(method(answer), ["TW077"], "{answer}");
    }
    for answer in [
        "async fn get(&self) -> Result<Vec<&str>, E>;",
        "fn get(&self) -> impl Stream<Item = Result<Cow<'_, str>, E>>;",
    ] {
        assert_eq!(method(answer), ["TW035"], "{answer}");
    }
    let named = "async fn get<'a>(&self, id: &'a str) -> Result<(), E>;";
    assert_eq!(method(named), ["TW073"]);
    let inside = "async fn get<'a>(&self, id: Id<'a>) -> Result<(), E>;";
    assert_eq!(method(inside), ["TW035"]);
    let more = "async fn get<'a, T>(&self, id: &'a T) -> Result<(), E>;";
    assert_eq!(method(more), ["TW023", "TW073"]);
}

#[test]
fn references_that_are_lent() {
    for argument in ["&str", "&[u8]", "&Order", "&shop::Order", "&'_ str", "(&str)", "&(str)"] {
        let source = format!("async fn get(&self, it: {argument}) -> Result<(), E>;");
        assert_eq!(method(&source), [""; 0], "{source}");
    }
}

#[test]
fn boxed_streams() {
    for answer in [
        "Result<Response<BoxStream<'static, Result<u32, E>>>, E>",
        "Result<Response<BoxStream<u32>>, E>",
        "Result<futures::stream::BoxStream<'static, Result<u32, E>>, E>",
        "Result<Response<Pin<Box<dyn Stream<Item = Result<u32, E>> + Send>>>, E>",
        "Result<Box<dyn Stream<Item = Result<u32, E>> + Send>, E>",
        "Pin<Box<dyn Send + Stream<Item = Result<u32, E>>>>",
        "BoxStream<'static, Result<u32, E>>",
    ] {
        let source = format!("async fn get(&self) -> {answer};");
        assert_eq!(method(&source), ["TW071"], "{source}");
    }
}

#[test]
fn names_that_protobuf_has_not() {
    for source in [
        "async fn größe(&self) -> Result<(), E>;",
        "async fn _1(&self) -> Result<(), E>;",
        "async fn __(&self) -> Result<(), E>;",
    ] {
        assert_eq!(method(source), ["TW009"], "{source}");
    }
    for source in [
        "#[service] trait Größen { async fn get(&self) -> Result<(), E>; }",
        "#[derive(Describe)] struct Größe {}",
        "#[derive(Describe)] struct A { #[prost(string, tag = \"1\")] größe: String }",
        "#[derive(Describe)] enum Art { Süß = 0 }",
        "#[derive(Describe)] enum Eins { #[prost(string, tag = \"1\")] Öl(String) }",
    ] {
        assert_eq!(codes(source), ["TW009"], "{source}");
    }
    let named = "#[derive(Describe)] #[describe(name = \"Size\")] struct Größe {
        #[prost(string, tag = \"1\")] #[describe(name = \"size\")] größe: String
    }";
    assert_eq!(codes(named), [""; 0]);
}

#[test]
fn names_that_clash() {
    for (source, code) in [
        ("async fn new(&self) -> Result<(), E>;", "TW038"),
        ("async fn connect(&self) -> Result<(), E>;", "TW038"),
        ("async fn clone(&self) -> Result<(), E>;", "TW038"),
        ("async fn with(&self) -> Result<(), E>;", "TW038"),
        ("async fn boxed(&self) -> Result<(), E>;", "TW038"),
        (
            "async fn get_it(&self) -> Result<(), E>; async fn get__it(&self) -> Result<(), E>;",
            "TW039",
        ),
        (
            "async fn a(&self) -> Result<(), E>; #[rpc(name = \"A\")] async fn b(&self) -> Result<(), E>;",
            "TW039",
        ),
        (
            "#[cfg(a)] async fn a(&self) -> Result<(), E>; #[rpc(name = \"A\")] async fn b(&self) -> Result<(), E>;",
            "TW039",
        ),
        ("#[rpc(unimplemented)] async fn get(&self) -> Result<(), E> { Ok(()) }", "TW040"),
    ] {
        assert_eq!(method(source), [code], "{source}");
    }
}

#[test]
fn methods_of_one_route_may_each_have_their_condition() {
    let both = "#[cfg(a)] async fn get(&self) -> Result<(), E>; \
                #[cfg(not(a))] async fn get(&self) -> Result<u32, E>;";
    assert_eq!(method(both), [""; 0]);
}

#[test]
fn five_faults_are_five_errors() {
    let source = "#[service(pakage = \"a\")] trait Orders { \
                  const A: u32; \
                  async fn one() -> Result<(), E>; \
                  async fn two(&self, a: u32, b: u32) -> Result<(), E>; \
                  async fn three(&self) -> u32; \
                  }";
    assert_eq!(codes(source), ["TW003", "TW015", "TW019", "TW021", "TW027"]);
}

#[test]
fn while_a_method_is_half_typed_the_others_are_read() {
    for half in [
        "async fn",
        "async fn search",
        "async fn search()",
        "async fn search(&self)",
        "async fn search(&self, word)",
        "async fn search(&self, word:)",
        "async fn search(&self) ->",
        "async fn search(&self) -> Result<",
        "async fn search(&self) -> Result<u32, E>",
        "fn search(&self) -> impl",
        "#[rpc()]",
        "/// A comment.",
        "pub",
    ] {
        let source = format!(
            "trait Orders {{ async fn get(&self) -> Result<(), E>; \n{half}\n \
             async fn list(&self) -> Result<(), E>; }}"
        );
        let mut errors = Errors::default();
        let service = check::service(TokenStream::new(), source.parse().unwrap(), &mut errors);
        let methods = service.map(|it| it.methods).unwrap_or_default();
        assert!(methods.iter().any(|it| it.ident() == "get"), "{source}");
        if !half.starts_with(['#', '/']) {
            assert!(methods.iter().any(|it| it.ident() == "list"), "{source}");
            assert!(!errors.is_empty(), "{source}");
        }
    }
}
