//! Every refusal, in one table. A code is given once and never again.

use super::Rule;

macro_rules! rules {
    ($($code:ident $name:ident: $message:literal, $help:literal;)*) => {
        $(pub(crate) const $name: Rule =
            Rule { code: stringify!($code), message: $message, help: $help };)*

        #[cfg(test)]
        pub(crate) const ALL: &[Rule] = &[$($name),*];
    };
}

rules! {
    // The attribute and its keys.
    TW001 NOT_A_TRAIT:
        "`#[service]` describes a trait",
        "put it on `pub trait Orders { … }`; a type that implements the trait needs no attribute, and \
         one that makes more of the trait, such as `#[automock]`, stands below this one";
    TW002 SYNTAX:
        "this is not a {1} that Rust can read: {0}",
        "mend the syntax at the mark; until then nothing is made from this {1}";
    TW003 UNKNOWN_KEY:
        "unknown key `{0}` in `{1}`{3}",
        "the keys are `{2}`";
    TW004 KEY_TWICE:
        "key `{0}` is given twice",
        "keep one of them";
    TW005 WRONG_VALUE:
        "key `{0}` takes {1}",
        "write `{2}`";
    TW006 VALUE_NOT_EXPECTED:
        "key `{0}` takes no value",
        "write `{1}`";
    TW007 KEYS_EXPECTED:
        "`{0}` takes a list of keys",
        "write `{1}`; the keys are `{2}`";
    TW008 PACKAGE:
        "`{0}` is not a protobuf package",
        "write names with dots between them, such as `shop.orders.v1`; leave the key out for no package";
    TW009 NAME:
        "`{0}` is not a protobuf name",
        "begin with a letter; then letters, digits and `_`, in ASCII";
    TW010 FILE:
        "`{0}` is not the name of a `.proto` file",
        "write a relative path with `/` that ends in `.proto`, such as `shop/orders.proto`";
    TW011 RENAME_ALL:
        "unknown casing `{0}`",
        "the casings are `PascalCase` (the default), `camelCase` and `snake_case`";

    // The trait.
    TW012 UNSAFE_TRAIT:
        "service `{0}` is an unsafe trait",
        "remove `unsafe`; the generated client implements the trait, and safely";
    TW013 GENERIC_TRAIT:
        "service `{0}` is generic; a gRPC service has one set of messages",
        "make the implementation generic instead: `impl<S: Store> {0} for App<S>`";
    TW014 SUPERTRAIT:
        "supertrait `{0}`: the generated client could not implement it",
        "bound the implementation instead; `Send + Sync + 'static` is there already";
    TW015 CONST:
        "associated const `{0}`: a service has methods only",
        "put the const beside the trait; a caller could not read it";
    TW016 TYPE:
        "associated type `{0}`: a service has methods only",
        "name the message in the method; for a stream write `impl Stream<Item = Result<Message, Status>>`";
    TW017 MACRO:
        "a macro in a service: its methods cannot be seen from here",
        "write the methods out, or let the macro make the whole trait";
    TW018 UNKNOWN_ITEM:
        "this is not a method",
        "a service has methods only";

    // A method's signature.
    TW019 NO_RECEIVER:
        "rpc `{0}` has no `&self`",
        "write `fn {0}(&self, …)`";
    TW020 RECEIVER:
        "rpc `{0}` must take `&self`, found `{1}`",
        "calls run side by side, so they share the service: write `&self` and keep what changes in a lock";
    TW021 ARGUMENTS:
        "rpc `{0}` takes {1} message arguments; a gRPC call sends one message",
        "put the fields into one message: `#[message] struct {2}Request { … }`; \
         metadata and the peer come with it in `Request<{2}Request>`, and metadata goes back in `Response<…>`";
    TW022 PATTERN:
        "rpc `{0}` has a pattern for its argument",
        "write a name alone, as in `request: Message`; take it apart in the body, or make it mutable there: \
         `let mut request = request;`";
    TW023 GENERIC_METHOD:
        "rpc `{0}` is generic; each call must have one message type",
        "write the message's type; for several kinds of message use a oneof";
    TW024 QUALIFIER:
        "rpc `{0}` is `{1}`; a method of a service is `async fn` or `fn`",
        "remove `{1}`";
    TW025 VARIADIC:
        "rpc `{0}` takes a variable number of arguments",
        "send a stream: `Streaming<Message>`";
    TW026 ATTRIBUTE_ON_ARGUMENT:
        "an attribute on the argument of rpc `{0}`",
        "remove it; attributes go on the method";

    // A method's types.
    TW027 NO_RESULT:
        "rpc `{0}` returns `{1}`; expected `Result<Message, Error>`",
        "write `-> Result<{1}, Status>`: every call may fail on its way";
    TW028 NOTHING_RETURNED:
        "rpc `{0}` returns nothing; expected `Result<Message, Error>`",
        "write `-> Result<(), Status>`: the answer is then google.protobuf.Empty";
    TW029 NOT_ASYNC:
        "rpc `{0}` must be `async`",
        "write `async fn {0}`; only a method that returns `impl Stream` at once goes without";
    TW030 ASYNC_STREAM:
        "rpc `{0}` is `async` and returns a bare stream",
        "write `fn {0}(…) -> impl Stream<…>`, or `async fn {0}(…) -> Result<impl Stream<…>, Status>` to fail before the first message";
    TW031 STREAM_ITEM:
        "the stream of rpc `{0}` yields `{1}`; expected `Result<Message, Error>`",
        "write `impl Stream<Item = Result<{1}, Status>>`: a stream may break off";
    TW032 NOT_A_STREAM:
        "rpc `{0}` returns `{1}`; `impl Stream<Item = Result<Message, Error>>` is the only `impl` that a call can return",
        "write `impl Stream<Item = Result<Message, Status>>`, or name the message";
    TW033 STREAMING_RETURNED:
        "rpc `{0}` returns `Streaming`, which is what a caller reads",
        "write `impl Stream<Item = Result<Message, Status>>`; the client's method returns `Streaming`";
    TW034 STREAM_TAKEN:
        "rpc `{0}` takes `{1}`; a stream from the caller is `Streaming<Message>`",
        "write `Streaming<Message>`";
    TW035 MESSAGE_TYPE:
        "rpc `{0}`: `{1}` cannot be a message",
        "name a type with `#[message]` that owns what is in it; an argument may borrow one: `&Message`, \
         `&str`, `&[u8]`";
    TW036 ENVELOPE_PLACE:
        "rpc `{0}`: `{1}` has no place here",
        "`Request<…>` wraps the argument, `Response<…>` stands directly in the result, `Streaming<…>` is the argument or directly in its `Request`";
    TW037 FOREIGN_STREAMING:
        "rpc `{0}` takes tonic's `Streaming`",
        "write `traitwire::Streaming<Message>`, which a test can make too";

    // Names.
    TW038 RESERVED_NAME:
        "rpc `{0}` has the name of a method of the generated client",
        "rename it and keep its name on the wire: `#[rpc(name = \"{1}\")] async fn {0}_rpc`";
    TW039 SAME_ROUTE:
        "rpc `{0}` and rpc `{1}` have one route, `{2}`",
        "give one of them another name on the wire: `#[rpc(name = \"…\")]`";
    TW040 TWO_BODIES:
        "rpc `{0}` has a body and is `unimplemented`",
        "keep one: the body, or `#[rpc(unimplemented)]`, which answers UNIMPLEMENTED";

    // `#[derive(Describe)]`.
    TW041 DESCRIBE_GENERIC:
        "message `{0}` is generic; a protobuf message is one type",
        "write one struct for each message";
    TW042 NOT_A_STRUCT:
        "a message is a struct, and an enumeration or a oneof an enum; found `{0}`",
        "write a struct for a message, an enum for an enumeration or a oneof";

    // The fields of a message.
    TW043 TUPLE_STRUCT:
        "message `{0}` has fields without names",
        "name them: the names stand in the `.proto` and in JSON";
    TW044 NO_PROST:
        "field `{0}` has no `#[prost(…)]`",
        "write its type and its number, such as `#[prost(string, tag = \"1\")]`; every field of a message is sent";
    TW045 PROST_KEYS:
        "`#[prost(…)]` takes a list of keys",
        "write the type and the number, such as `#[prost(string, tag = \"1\")]`";
    TW046 PROST_VALUE:
        "`{0}` cannot be read",
        "write it like one of these: `tag = \"1\"`, `tags = \"1, 2\"`, `packed = \"false\"`, `enumeration = \"Stock\"`, `oneof = \"Payment\"`, `map = \"string, message\"`, `bytes = \"bytes\"`";
    TW047 NO_TYPE:
        "field `{0}` has no protobuf type",
        "begin with it, such as `#[prost(string, tag = \"1\")]` or `#[prost(message, optional, tag = \"1\")]`";
    TW048 NO_TAG:
        "field `{0}` has no number",
        "write `tag = \"…\"` with the next free number; one that is counted would change when fields move";
    TW049 NO_TAGS:
        "field `{0}` does not say the numbers of its oneof",
        "list them: `{1}`";
    TW050 TAG:
        "{0} cannot be the number of a field",
        "the numbers go from 1 to 536870911, without 19000 to 19999; {1} is free";
    TW051 TAG_TWICE:
        "the number {0} is given twice",
        "the number is all that the wire knows of a field; {1} is free";
    TW052 TAG_RESERVED:
        "the number {0} is reserved",
        "old messages may still hold the field that had it; {1} is free";
    TW053 NAME_TWICE:
        "the name `{0}` is given twice",
        "rename one of them; `name = \"…\"` sets the name on the wire alone";
    TW054 NAME_RESERVED:
        "the name `{0}` is reserved",
        "programs of yesterday may still use it in JSON; choose another";
    TW055 CONTRADICTION:
        "`{0}` cannot stand beside `{1}`",
        "remove one of them";
    TW056 PACKED:
        "field `{0}` has nothing to pack",
        "`packed` goes with `repeated` numbers, bools and enumerations; remove it";
    TW057 DEFAULT:
        "`{0}` is no default for `{1}`",
        "write a literal of the field's type in a string: `default = \"7\"`, or the variant of an enumeration";
    TW058 GROUP:
        "groups are not described",
        "write `message`: groups left the language with proto3";
    TW059 RESERVED:
        "`{0}` cannot be reserved",
        "write numbers that could be used, ranges and names: `reserved(2, 9..=11, 1000.., \"old_name\")`";
    TW060 RESERVED_TWICE:
        "`{0}` is reserved already",
        "list each number and each name once";

    // Enumerations and oneofs.
    TW061 NO_VALUES:
        "enumeration `{0}` has no values",
        "begin with the value that an absent field is read as: `Unspecified = 0`";
    TW062 FIRST_VALUE:
        "the first value of enumeration `{0}` is {1}",
        "begin with 0, which an absent field is read as: `Unspecified = 0`";
    TW063 NO_NUMBER:
        "value `{0}` has no number",
        "write it as a literal: `{0} = {1}`";
    TW064 VALUE_RESERVED:
        "the number {0} is reserved",
        "old messages may still hold the value that had it; choose another";
    TW065 NOT_ON_A_VALUE:
        "a value of an enumeration has no `{0}`",
        "remove it; JSON uses the `name` of a value as it is";
    TW066 ONEOF_VARIANT:
        "variant `{0}` is not a field",
        "each variant of a oneof holds one value, such as `{0}(String)`; those of an enumeration hold none";
    TW067 NOT_IN_A_ONEOF:
        "`{0}` has no place in a oneof",
        "a field of a oneof is set or not, once; put a message around it";
    TW068 NOT_ON_A_ONEOF:
        "key `{0}` has no place on a oneof",
        "a oneof is a part of its message: write the key there";

    // The methods again.
    TW069 VISIBILITY:
        "an item of a trait has no visibility of its own",
        "remove `pub`: methods are as visible as the trait";
    TW070 CONDITIONAL:
        "`#[{0}(…)]` under a condition cannot be decided here",
        "write the {1} twice, each with its `#[cfg(…)]` and its `#[{0}(…)]`";
    TW071 BOXED_STREAM:
        "rpc `{0}` returns a boxed stream, `{1}`",
        "write `impl Stream<Item = Result<Message, Status>>`; the macro boxes what must be boxed";

    // References.
    TW072 MUTABLE_REFERENCE:
        "rpc `{0}` takes `{1}`; a message can be read through a reference, not changed",
        "write `{2}`: an implementation that owns the message may change it";
    TW073 NAMED_LIFETIME:
        "rpc `{0}` takes `{1}`; a message is lent for as long as its call runs, which has no name",
        "write `{2}`, or `{3}` for an implementation that keeps the message";
    TW074 REFERENCE_TO_OWNED:
        "rpc `{0}` takes `{1}`; the call has bytes to lend, and would have to make a `{3}` of them",
        "write `{2}`";
    TW075 REFERENCE_TO_VALUE:
        "rpc `{0}` takes `{1}`; a value of this size is not lent",
        "write `{2}`";
    TW076 REFERENCE_AND_ENVELOPE:
        "rpc `{0}` takes `{1}`; `Request` and `Streaming` are owned, and own their messages",
        "write `{2}`";
    TW077 REFERENCE_RETURNED:
        "rpc `{0}` answers with a reference, `{1}`",
        "write `{2}`: the answer outlives the handler, so give it a message of its own, such as a clone";
    // `#[message]`.
    TW078 NO_FIELD_NUMBER:
        "field `{0}` has no number",
        "write it above the field: `#[tag({1})]`; {1} is free";
    TW079 TAG_SYNTAX:
        "`#[{0}(…)]` takes a number, then keys",
        "write `#[{0}(1)]` or `#[{0}(1, name = \"…\")]`; the keys are `{1}`";
    TW080 SECOND_NUMBER:
        "field `{0}` has a second number",
        "write one; a number that the field had before is listed in `#[message(reserved(…))]`";
    TW081 NO_PROTOBUF_TYPE:
        "field `{0}`: protobuf has no `{1}`",
        "{2}";
    TW082 BARE_MESSAGE:
        "field `{0}` holds `{1}` without `Option`",
        "a message in a message may be absent: write `Option<{1}>`; if `{1}` is an enumeration, write \
         `#[tag({2}, enumeration = {1})] {0}: i32`, and if it is an alias, what it is, such as \
         `#[tag({2}, string)]`";
    TW083 WORD:
        "field `{0}`: `{1}` does not go with `{2}`",
        "{3}";
    TW084 MAP:
        "`{0}` cannot be read",
        "write the words for key and value: `map(string, message)`, `map(sint32, enumeration = Kind)`";
    TW085 ONEOF_IN_AN_OPTION:
        "field `{0}`: a oneof is an `Option`, found `{1}`",
        "write `Option<…>` around the enum that has the variants: none of them need be set";
    TW086 LONG_FORM:
        "`#[{0}(…)]` inside `#[message]`",
        "`#[message]` writes it: say in `#[tag(…)]` what the type does not say, or write the long form \
         and no `#[message]`";
    TW087 DERIVED:
        "`{0}` is derived by `#[message]`",
        "remove it from this `#[derive(…)]`";

    // `package!`, and options of protobuf.
    TW088 PACKAGE_FIRST:
        "`package!` begins with the name of a package",
        "write `package!(\"shop.v1\")`, or with keys behind it: `package!(\"shop.v1\", go_package = \"example.com/shop/v1\")`";
    TW089 OPTION_TYPE:
        "`{0}` has no meaning for field `{1}`",
        "`jstype` goes with numbers of 64 bits, `ctype` with strings and bytes; remove it";
    TW090 VALUE_ALIKE:
        "the values `{0}` and `{1}` are alike to other languages, which leave the enumeration's name, `_` and casing out",
        "rename one of them; `name = \"…\"` sets the name on the wire alone";
    TW091 JSON_ALIKE:
        "the fields `{0}` and `{1}` differ in `_` and casing alone, which JSON leaves out",
        "rename one of them; `name = \"…\"` sets the name on the wire alone";
    TW092 VALUE_WORD:
        "a `.proto` cannot call a value `{0}`",
        "choose another `name`: with this word another statement begins";

    // A message again.
    TW093 UNIT_STRUCT:
        "message `{0}` has no braces",
        "write `struct {0} {}`: fields may come later";

    // `#[derive(RpcError)]`.
    TW094 ERROR_NOT_AN_ENUM:
        "`RpcError` turns an enum into a status and back, found `{0}`",
        "write an enum with one variant for each error that a caller can tell apart";
    TW095 ERROR_GENERIC:
        "error `{0}` is generic; what is sent must be the same for every caller",
        "name the types in the variants";
    TW096 NO_DOMAIN:
        "error `{0}` does not say its domain",
        "write who gives the reasons their meaning: `#[rpc_error(domain = \"shop.example.com\")]`";
    TW097 DOMAIN:
        "`{0}` is not an error domain",
        "write a name as in DNS, such as `shop.example.com`: letters, digits and `-`, with dots between";
    TW098 NO_ANSWER:
        "variant `{0}` does not say what its caller gets",
        "write `#[rpc_error(code = NotFound)]` with its code; or `#[rpc_error(internal)]`, which tells the \
         caller nothing of it; or `#[rpc_error(status)]` on the one that holds any other `Status`";
    TW099 CODE:
        "`{0}` is not the code of an error{1}",
        "the codes are `{2}`";
    TW100 REASON:
        "`{0}` is not a reason",
        "write `#[rpc_error(reason = \"…\")]` with 3 to 63 of `A` to `Z`, `0` to `9` and `_`; a letter first, \
         no `_` at the end";
    TW101 REASON_TWICE:
        "variants `{0}` and `{1}` have one reason, `{2}`",
        "give one of them another: `#[rpc_error(reason = \"…\")]`; a reason says which error it is";
    TW102 METADATA_KEY:
        "`{0}` is not a key of an error's metadata",
        "write `#[rpc_error(send = \"…\")]` with 2 to 64 ASCII letters, digits, `-` and `_`; a small letter first, \
         such as `orderId`";
    TW103 METADATA_KEY_TWICE:
        "variant `{0}` sends two fields as `{1}`",
        "give one of them another key: `#[rpc_error(send = \"…\")]`";
    TW104 NO_METADATA_KEY:
        "a field without a name needs a key to be sent under",
        "write it: `#[rpc_error(send = \"orderId\")]`";
    TW105 DETAIL_TWICE:
        "variant `{0}` has two fields for `{1}`",
        "keep one: a status carries each kind of detail once";
    TW106 NO_STATUS:
        "error `{0}` has no variant for other statuses",
        "add `#[rpc_error(status)] Other(Status)`: a call can always end with a status that is none of yours, \
         such as UNAVAILABLE";
    TW107 STATUS_TWICE:
        "variants `{0}` and `{1}` both stand for other statuses",
        "keep one `#[rpc_error(status)]`";
    TW108 STATUS_FIELDS:
        "variant `{0}` holds something else than one `Status`",
        "write `#[rpc_error(status)] {0}(Status)`";
    TW109 NOT_SENT:
        "variant `{0}` is `{1}`: none of its fields is sent",
        "remove the mark, or write a code in the place of `{1}`";
    TW110 ATTRIBUTES_EXPECTED:
        "`attr` holds names, each with a text",
        "write `#[rpc(attr(role = \"admin\"))]`";
}

#[cfg(test)]
mod tests {
    use super::ALL;

    #[test]
    fn a_code_is_given_once_and_in_order() {
        let codes: Vec<_> = ALL.iter().map(|rule| rule.code).collect();
        let expected: Vec<_> = (1..=ALL.len()).map(|number| format!("TW{number:03}")).collect();
        assert_eq!(codes, expected);
    }

    #[test]
    fn every_text_is_lower_case_and_has_no_full_stop() {
        for rule in ALL {
            for text in [rule.message, rule.help] {
                assert!(!text.starts_with(char::is_uppercase), "{}: {text}", rule.code);
                assert!(!text.ends_with('.'), "{}: {text}", rule.code);
            }
        }
    }
}
