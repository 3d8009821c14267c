//! A schema is read from what it is shown as.

use traitwire::schema::Schema;

const TWO_FILES: &str = r#"// b.proto
syntax = "proto3";

package t;

import "a.proto";
import "google/protobuf/timestamp.proto";

// Not that of old.proto
// a.proto as it was
// https://example.com/c
message B {
  // When.
  google.protobuf.Timestamp at = 1;
  A a = 2;
}

// a.proto
syntax = "proto3";

package t;

message A {}
"#;

#[test]
fn files_may_stand_in_any_order_and_comments_are_kept() {
    let schema = Schema::parse(TWO_FILES).unwrap();
    let files: Vec<_> = schema.files().map(|file| file.name()).collect();
    assert_eq!(files, ["a.proto", "b.proto"]);
    let text = schema.to_string();
    for line in ["// Not that of old.proto\n", "// a.proto as it was\n", "  // When.\n"] {
        assert!(text.contains(line), "{line:?}: {text}");
    }
    assert_eq!(Schema::parse(&text).unwrap(), schema);
}

#[test]
fn lines_may_end_as_those_of_windows_do() {
    let windows = TWO_FILES.replace('\n', "\r\n");
    assert_eq!(Schema::parse(&windows).unwrap(), Schema::parse(TWO_FILES).unwrap());
}

#[test]
fn nothing_is_an_empty_schema() {
    assert_eq!(Schema::parse("").unwrap().files().count(), 0);
}

#[test]
fn an_import_that_is_not_there_is_named() {
    let (text, _) = TWO_FILES.split_once("// a.proto\nsyntax").unwrap();
    let error = Schema::parse(text).unwrap_err().to_string();
    assert!(error.contains("a.proto"), "{error}");
}

#[test]
fn a_text_without_the_name_of_a_file_is_not_read() {
    let error = Schema::parse("syntax = \"proto3\";\n").unwrap_err();
    assert_eq!(error.to_string(), "line 1: expected the name of a file: `// orders.proto`");
}
