//! What a module says once, in the file that comes out.

use std::{fs, process::Command};

use traitwire::schema::{Lock, Schema};

use crate::{assert_reads_back, peers};

mod shop {
    use traitwire::{Describe, Status, service};

    traitwire::package!(
        "shop.v1",
        go_package = "example.com/shop/v1;shopv1",
        java_package = "com.example.shop.v1",
        java_multiple_files = true,
        csharp_namespace = "Example.Shop.V1",
    );

    #[service]
    pub(crate) trait Prices {
        /// The price of a thing, in cents.
        #[rpc(idempotency = "NO_SIDE_EFFECTS")]
        async fn get_price(&self, thing: Thing) -> Result<Price, Status>;
    }

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    pub(crate) struct Thing {
        #[prost(string, tag = "1")]
        pub(crate) name: String,
    }

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    pub(crate) struct Price {
        #[prost(uint64, tag = "1")]
        #[describe(jstype = "JS_STRING")]
        pub(crate) cents: u64,
    }
}

#[test]
fn the_file_says_what_the_module_says() {
    let schema = Schema::of(&[&shop::PRICES]).unwrap();
    assert_eq!(schema.to_string(), include_str!("packages.proto"));
    assert_reads_back(&schema);
}

/// As in a crate of your own, where the folder is `proto`.
#[test]
fn the_contract_is_kept() {
    let schema = Schema::of(&[&shop::PRICES]).unwrap();
    let lock = Lock::at(concat!(env!("CARGO_MANIFEST_DIR"), "/contract/locked"));
    if let Err(error) = lock.check_or_bless(&schema) {
        panic!("{error}");
    }
}

/// Every option of a file that there is.
mod all {
    traitwire::package!(
        "all.options",
        file = "all.proto",
        java_package = "a",
        java_outer_classname = "B",
        java_multiple_files = false,
        java_string_check_utf8 = true,
        optimize_for = "CODE_SIZE",
        go_package = "example.com/go",
        cc_generic_services = true,
        java_generic_services = true,
        py_generic_services = true,
        deprecated = true,
        cc_enable_arenas = false,
        objc_class_prefix = "OBJ",
        csharp_namespace = "C.Sharp",
        swift_prefix = "S",
        php_class_prefix = "P",
        php_namespace = "a\\\"b",
        php_metadata_namespace = "M",
        ruby_package = "r\u{e9}",
    );

    #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
    pub(super) struct Empty {}
}

#[test]
fn every_option_of_a_file_is_rendered_and_read_back() {
    use traitwire::Describe;

    let schema = Schema::with_messages(&[], &[all::Empty::DESCRIPTOR]).unwrap();
    assert_reads_back(&schema);
    let text = schema.to_string();
    assert_eq!(text.matches("option ").count(), all::Empty::DESCRIPTOR.file_options.len());
    let back = Schema::parse(&text).unwrap();
    assert_eq!(back.changes_since(&schema), []);
    assert_eq!(back.to_string(), text);
}

/// Named as buf's style guide has it, and put where the library puts it.
mod warehouse {
    use traitwire::{Describe, Status, service};

    traitwire::package!("warehouse.v1", go_package = "example.com/warehouse/v1");

    #[service]
    pub(super) trait StockService {
        async fn get_stock(&self, request: GetStockRequest) -> Result<GetStockResponse, Status>;
    }

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    pub(super) struct GetStockRequest {
        #[prost(enumeration = "Shelf", tag = "1")]
        shelf: i32,
    }

    #[derive(Clone, PartialEq, prost::Message, Describe)]
    pub(super) struct GetStockResponse {}

    #[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
    #[repr(i32)]
    pub(super) enum Shelf {
        Unspecified = 0,
        Upper = 1,
    }
}

#[test]
fn the_usual_layout_is_that_of_bufs_style() {
    let schema = Schema::of(&[&warehouse::STOCK_SERVICE]).unwrap();
    let names: Vec<_> = schema.files().map(|file| file.name()).collect();
    assert_eq!(names, ["warehouse/v1/warehouse.proto"]);
    let Some(buf) = peers::find("buf") else { return };
    let folder = peers::folder("buf-lint");
    fs::create_dir_all(folder.join("warehouse/v1")).unwrap();
    fs::write(folder.join("buf.yaml"), "version: v2\n").unwrap();
    fs::write(folder.join(names[0]), schema.to_string()).unwrap();
    let output = Command::new(buf).arg("lint").arg(&folder).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
}
