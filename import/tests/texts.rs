//! The text, as a person would write it.

use insta::assert_snapshot;
use traitwire_import::{Imported, import};

use crate::paths;

fn imported(file: &str) -> Imported {
    import(&paths(&[file]), &paths(&["tests/proto"])).expect("it is right")
}

#[test]
fn a_service_with_an_import() {
    assert_snapshot!(imported("shop/v1/orders.proto").text());
}

#[test]
fn a_file_for_each_package() {
    let files = imported("shop/v1/orders.proto").files();
    let names: Vec<_> = files.iter().map(|(path, _)| path.display().to_string()).collect();
    assert_eq!(names, ["mod.rs", "common.rs"]);
    assert!(files[0].1.starts_with("pub mod common;\n\n// The orders of a shop.\n"));
    assert!(files[1].1.starts_with("use traitwire::message;\n"));
}

#[test]
fn names_that_rust_has_for_itself() {
    assert_snapshot!(imported("awkward/names.proto").text());
}

#[test]
fn proto2_and_what_is_left_out() {
    assert_snapshot!(imported("old/legacy.proto").text());
}

#[test]
fn what_is_left_out_has_its_place() {
    let left_out = imported("old/options.proto").left_out();
    assert_eq!(
        left_out,
        [
            "old/options.proto:1: `proto2`: without `required` and `default` it is `proto3` here, \
             where enumerations are open",
            "old/options.proto:5: the import of google/protobuf/descriptor.proto, which nothing needs",
            "old/options.proto:8: extension `owner` of `google.protobuf.FileOptions`",
        ]
    );
}

#[test]
fn comments_of_every_kind() {
    assert_snapshot!(imported("comments.proto").text());
}
