//! Services and messages make one set of files, or an error that says why not.

use traitwire::{
    Describe, Status,
    schema::{Error, Schema},
    service,
};

use crate::assert_reads_back;

/// An empty message with these keys.
macro_rules! message {
    ($name:ident { $($field:tt)* } $($key:tt)*) => {
        #[derive(Clone, PartialEq, prost::Message, Describe)]
        #[describe($($key)*)]
        pub(crate) struct $name { $($field)* }
    };
}

mod one {
    use super::*;

    message!(Order { #[prost(string, tag = "1")] id: String } package = "shop.v1");

    #[service(package = "shop.v1", file = "shop/orders.proto")]
    pub(crate) trait Orders {
        async fn get(&self, id: String) -> Result<Order, Status>;
    }

    #[service(package = "shop.v1", file = "shop/stock.proto")]
    pub(crate) trait Stock {
        async fn count(&self, order: Order) -> Result<u32, Status>;
    }
}

mod two {
    use super::*;

    message!(Order { #[prost(bytes, tag = "1")] id: Vec<u8> } package = "shop.v1");

    #[service(package = "billing.v1", file = "shop/orders.proto")]
    pub(crate) trait Billing {
        async fn pay(&self) -> Result<(), Status>;
    }
}

#[track_caller]
fn assert_error(result: Result<Schema, Error>, text: &str) {
    assert_eq!(result.unwrap_err().to_string(), text);
}

#[test]
fn a_message_goes_into_the_file_of_its_packages_services() {
    let schema = Schema::of(&[&one::ORDERS]).unwrap();
    assert_eq!(schema.files().map(|file| file.name()).collect::<Vec<_>>(), ["shop/orders.proto"]);
}

#[test]
fn a_message_of_services_in_several_files_has_the_file_of_the_package() {
    let schema = Schema::of(&[&one::ORDERS, &one::STOCK]).unwrap();
    let files: Vec<_> = schema.files().map(|file| file.name()).collect();
    assert_eq!(files, ["shop/v1/shop.proto", "shop/orders.proto", "shop/stock.proto"]);
    assert_reads_back(&schema);
}

#[test]
fn a_definition_that_comes_twice_is_there_once() {
    let schema =
        Schema::with_messages(&[&one::ORDERS], &[one::Order::DESCRIPTOR, one::Order::DESCRIPTOR]);
    assert_eq!(schema.unwrap().to_string().matches("message Order").count(), 1);
}

#[test]
fn the_set_holds_every_import() {
    let set = Schema::of(&[&one::ORDERS, &one::STOCK]).unwrap().file_descriptor_set();
    for (index, file) in set.file.iter().enumerate() {
        for import in &file.dependency {
            let before = &set.file[..index];
            assert!(before.iter().any(|file| file.name() == import), "{import} comes first");
        }
    }
    assert_eq!(set.file[0].name(), "google/protobuf/wrappers.proto");
    assert_eq!(set.file[0].message_type.len(), 9, "the whole file");
}

/// Compilers bring protobuf's own files along, and no other of Google's.
#[test]
fn no_files_but_protobufs_own_are_left_out() {
    message!(Price { #[prost(message, optional, tag = "1")] units: Option<i64> }
        package = "google.type", file = "google/type/price.proto");

    let schema = Schema::with_messages(&[], &[Price::DESCRIPTOR]).unwrap();
    let files: Vec<_> = schema.files().map(|file| file.name()).collect();
    assert_eq!(files, ["google/type/price.proto"]);
}

#[test]
fn two_definitions_of_one_name_are_an_error() {
    assert_error(
        Schema::with_messages(&[&one::ORDERS], &[two::Order::DESCRIPTOR]),
        "shop.v1.Order has two different definitions; give one of them another name",
    );
}

#[test]
fn a_file_in_two_packages_is_an_error() {
    assert_error(
        Schema::of(&[&one::ORDERS, &two::BILLING]),
        "shop/orders.proto would be in two packages, shop.v1 and billing.v1; a file has one: \
         give one of them `file = \"…\"`",
    );
}

#[test]
fn a_message_that_is_not_described_is_an_error_of_its_method() {
    #[derive(Clone, PartialEq, prost::Message)]
    pub(crate) struct Foreign {}

    impl prost::Name for Foreign {
        const NAME: &'static str = "Foreign";
        const PACKAGE: &'static str = "far.away";
    }

    #[service(package = "near")]
    pub(crate) trait Near {
        async fn get(&self) -> Result<Foreign, Status>;
    }

    assert_error(
        Schema::of(&[&NEAR]),
        "far.away.Foreign, which /near.Near/Get uses, is not described; derive `Describe` for it, \
         or give the service the `.proto` that it comes from: `descriptor_set = …`",
    );
}

#[test]
fn a_message_inside_one_that_is_not_there_is_an_error() {
    message!(Item {} package = "shop.v1", name = "Basket.Item");

    assert_error(
        Schema::with_messages(&[], &[Item::DESCRIPTOR]),
        "shop.v1.Basket.Item belongs inside shop.v1.Basket, which is not in the same file of this \
         schema",
    );
}

#[test]
fn a_message_is_placed_inside_one_that_is_found_after_it() {
    message!(Size {} package = "shop.v1", name = "Basket.Item.Size");
    message!(Item {} package = "shop.v1", name = "Basket.Item");
    message!(Basket {} package = "shop.v1");

    let inner_first = [Size::DESCRIPTOR, Item::DESCRIPTOR, Basket::DESCRIPTOR];
    let outer_first = [Basket::DESCRIPTOR, Item::DESCRIPTOR, Size::DESCRIPTOR];
    let schema = Schema::with_messages(&[], &inner_first).unwrap();
    assert_eq!(schema, Schema::with_messages(&[], &outer_first).unwrap());
    assert_reads_back(&schema);
}

#[test]
fn files_that_import_each_other_are_an_error() {
    message!(Hen { #[prost(message, optional, boxed, tag = "1")] egg: Option<Box<Egg>> }
        package = "farm", file = "hen.proto");
    message!(Egg { #[prost(message, optional, boxed, tag = "1")] hen: Option<Box<Hen>> }
        package = "farm", file = "egg.proto");

    assert_error(
        Schema::with_messages(&[], &[Hen::DESCRIPTOR]),
        "hen.proto, egg.proto: files import each other in a circle; move what they share into one \
         file",
    );
}

#[test]
fn values_of_two_enumerations_with_one_name_are_an_error() {
    macro_rules! enumeration {
        ($name:ident) => {
            #[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
            #[describe(package = "lamps")]
            #[repr(i32)]
            enum $name {
                #[describe(name = "UNKNOWN")]
                Unknown = 0,
            }
        };
    }
    enumeration!(Bulb);
    enumeration!(Socket);
    message!(Lamp {
        #[prost(enumeration = "Bulb", tag = "1")]
        bulb: i32,
        #[prost(enumeration = "Socket", tag = "2")]
        socket: i32,
    } package = "lamps");

    assert_error(
        Schema::with_messages(&[], &[Lamp::DESCRIPTOR]),
        "lamps/lamps.proto: lamps.UNKNOWN is defined twice; values count too, and what compilers make \
         of maps and optional fields",
    );
}

#[test]
fn two_modules_that_contradict_each_other_about_one_file_are_an_error() {
    mod go {
        traitwire::package!("post.v1", go_package = "example.com/post", java_multiple_files = true);

        #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
        pub(crate) struct Letter {}
    }

    mod java {
        traitwire::package!("post.v1", java_package = "com.example.post");

        #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
        pub(crate) struct Parcel {}
    }

    mod other {
        traitwire::package!("post.v1", go_package = "example.com/mail");

        #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
        pub(crate) struct Card {}
    }

    let schema = Schema::with_messages(&[], &[go::Letter::DESCRIPTOR, java::Parcel::DESCRIPTOR]);
    let schema = schema.unwrap();
    assert_reads_back(&schema);
    let options = "option go_package = \"example.com/post\";\n\
                   option java_multiple_files = true;\n\
                   option java_package = \"com.example.post\";\n";
    assert!(schema.to_string().contains(options), "{schema}");
    assert_error(
        Schema::with_messages(&[], &[go::Letter::DESCRIPTOR, other::Card::DESCRIPTOR]),
        "post/v1/post.proto: go_package is \"example.com/post\" for one definition, \
         \"example.com/mail\" for another",
    );
}

#[test]
fn an_enumeration_of_proto2_cannot_be_used_in_proto3() {
    #[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
    #[describe(package = "old", file = "old.proto")]
    #[repr(i32)]
    enum Age {
        Unknown = 0,
    }
    message!(Relic {
        #[prost(enumeration = "Age", required, tag = "1")]
        age: i32,
    } package = "old", file = "old.proto");
    message!(Museum {
        #[prost(enumeration = "Age", tag = "1")]
        age: i32,
        #[prost(message, repeated, tag = "2")]
        relics: Vec<Relic>,
    } package = "new", file = "new.proto");

    assert_error(
        Schema::with_messages(&[], &[Museum::DESCRIPTOR]),
        "new.proto: old.Age is an enumeration of old.proto, which has required fields or defaults \
         and so is proto2; a proto3 file cannot use it: give it a file of its own",
    );
}

#[test]
fn a_name_is_as_long_as_it_must_be_to_be_found() {
    message!(Order {} package = "shop");
    message!(Inner { #[prost(message, optional, tag = "1")] outer: Option<Order> }
        package = "shop", name = "Basket.Order");
    message!(Basket {
        #[prost(message, optional, tag = "1")]
        inner: Option<Inner>,
        #[prost(message, optional, tag = "2")]
        outer: Option<Order>,
        #[prost(message, optional, tag = "3")]
        google: Option<String>,
    } package = "shop");

    let schema = Schema::with_messages(&[], &[Basket::DESCRIPTOR]).unwrap();
    let text = schema.to_string();
    for line in
        ["Order inner = 1;", "shop.Order outer = 2;", ".google.protobuf.StringValue google = 3;"]
    {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_reads_back(&schema);
}
