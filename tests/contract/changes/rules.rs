//! Every rule of `buf breaking` in its categories `FILE`, `WIRE_JSON` and `WIRE` that a schema can
//! break, with a change that breaks it. The book prints it.

use traitwire::schema::Breaks::{self, Code, Json, Wire};

/// The rules for extensions, which a schema does not have.
pub(super) const NOT_HERE: &[&str] = &["EXTENSION_NO_DELETE", "EXTENSION_MESSAGE_NO_DELETE"];

pub(super) struct Rule {
    pub(super) name: &'static str,
    /// What somebody does.
    pub(super) change: &'static str,
    pub(super) breaks: Breaks,
    pub(super) old: &'static str,
    pub(super) new: &'static str,
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "SERVICE_NO_DELETE",
        change: "a service goes",
        breaks: Code,
        old: "service S {} message M {}",
        new: "message M {}",
    },
    Rule {
        name: "RPC_NO_DELETE",
        change: "a method goes",
        breaks: Code,
        old: "message M {} service S { rpc Get(M) returns (M); }",
        new: "message M {} service S {}",
    },
    Rule {
        name: "MESSAGE_NO_DELETE",
        change: "a message goes",
        breaks: Code,
        old: "message M {} message N {}",
        new: "message M {}",
    },
    Rule {
        name: "ENUM_NO_DELETE",
        change: "an enumeration goes",
        breaks: Code,
        old: "message M {} enum E { A = 0; }",
        new: "message M {}",
    },
    Rule {
        name: "FILE_NO_DELETE",
        change: "a file goes, what it defines goes into another",
        breaks: Code,
        old: r#"// t.proto
syntax = "proto3";
package t;
message M {}
// u.proto
syntax = "proto3";
package t;
message N {}
"#,
        new: r#"// t.proto
syntax = "proto3";
package t;
message M {}
message N {}
"#,
    },
    Rule {
        name: "ONEOF_NO_DELETE",
        change: "a oneof goes, and its fields with it, reserved",
        breaks: Code,
        old: "message M { oneof o { string a = 1; } }",
        new: r#"message M { reserved 1; reserved "a"; }"#,
    },
    Rule {
        name: "FIELD_NO_DELETE",
        change: "a field goes, number and name stay reserved",
        breaks: Code,
        old: "message M { string a = 1; }",
        new: r#"message M { reserved 1; reserved "a"; }"#,
    },
    Rule {
        name: "FIELD_NO_DELETE_UNLESS_NAME_RESERVED",
        change: "only its number stays reserved",
        breaks: Json,
        old: "message M { string a = 1; }",
        new: "message M { reserved 1; }",
    },
    Rule {
        name: "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED",
        change: "its number is free",
        breaks: Wire,
        old: "message M { string a = 1; }",
        new: r#"message M { reserved "a"; }"#,
    },
    Rule {
        name: "ENUM_VALUE_NO_DELETE",
        change: "a value goes, number and name stay reserved",
        breaks: Code,
        old: "enum E { A = 0; B = 1; }",
        new: r#"enum E { reserved 1; reserved "B"; A = 0; }"#,
    },
    Rule {
        name: "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED",
        change: "only its number stays reserved",
        breaks: Json,
        old: "enum E { A = 0; B = 1; }",
        new: "enum E { reserved 1; A = 0; }",
    },
    Rule {
        name: "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED",
        change: "its number is free",
        breaks: Wire,
        old: "enum E { A = 0; B = 1; }",
        new: "enum E { A = 0; }",
    },
    Rule {
        name: "RESERVED_MESSAGE_NO_DELETE",
        change: "a message reserves less",
        breaks: Wire,
        old: "message M { reserved 1; }",
        new: "message M {}",
    },
    Rule {
        name: "RESERVED_ENUM_NO_DELETE",
        change: "an enumeration reserves less",
        breaks: Wire,
        old: "enum E { reserved 1; A = 0; }",
        new: "enum E { A = 0; }",
    },
    Rule {
        name: "FIELD_SAME_NAME",
        change: "a field is renamed",
        breaks: Json,
        old: "message M { string a = 1; }",
        new: "message M { string b = 1; }",
    },
    Rule {
        name: "FIELD_SAME_JSON_NAME",
        change: "a field is renamed in JSON",
        breaks: Json,
        old: "message M { string a = 1; }",
        new: r#"message M { string a = 1 [json_name = "b"]; }"#,
    },
    Rule {
        name: "ENUM_VALUE_SAME_NAME",
        change: "a value is renamed",
        breaks: Json,
        old: "enum E { A = 0; }",
        new: "enum E { B = 0; }",
    },
    Rule {
        name: "FIELD_SAME_TYPE",
        change: "another type of the same size: `int32` and `uint32`, `fixed64` and `sfixed64`",
        breaks: Code,
        old: "message M { int32 a = 1; }",
        new: "message M { uint32 a = 1; }",
    },
    Rule {
        name: "FIELD_WIRE_JSON_COMPATIBLE_TYPE",
        change: "a type that is written the same way: `int32` and `int64` and `bool`, `sint32` and `sint64`, `string` to `bytes`",
        breaks: Json,
        old: "message M { int32 a = 1; }",
        new: "message M { int64 a = 1; }",
    },
    Rule {
        name: "FIELD_WIRE_COMPATIBLE_TYPE",
        change: "any other type",
        breaks: Wire,
        old: "message M { int32 a = 1; }",
        new: "message M { string a = 1; }",
    },
    Rule {
        name: "FIELD_SAME_CARDINALITY",
        change: "a field becomes `optional`",
        breaks: Code,
        old: "message M { string a = 1; }",
        new: "message M { optional string a = 1; }",
    },
    Rule {
        name: "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY",
        change: "a field becomes `repeated`",
        breaks: Wire,
        old: "message M { string a = 1; }",
        new: "message M { repeated string a = 1; }",
    },
    Rule {
        name: "FIELD_WIRE_COMPATIBLE_CARDINALITY",
        change: "a field is `repeated` no more",
        breaks: Wire,
        old: "message M { repeated string a = 1; }",
        new: "message M { string a = 1; }",
    },
    Rule {
        name: "FIELD_SAME_DEFAULT",
        change: "another default",
        breaks: Wire,
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1 [default = 7]; }"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1 [default = 8]; }"#,
    },
    Rule {
        name: "FIELD_SAME_ONEOF",
        change: "a field moves into a oneof",
        breaks: Wire,
        old: "message M { string a = 1; }",
        new: "message M { oneof o { string a = 1; } }",
    },
    Rule {
        name: "MESSAGE_SAME_REQUIRED_FIELDS",
        change: "a required field comes or goes",
        breaks: Wire,
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1; }"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1; required int32 b = 2; }"#,
    },
    Rule {
        name: "RPC_SAME_REQUEST_TYPE",
        change: "a method takes another message",
        breaks: Wire,
        old: "message M {} message N {} service S { rpc Get(M) returns (M); }",
        new: "message M {} message N {} service S { rpc Get(N) returns (M); }",
    },
    Rule {
        name: "RPC_SAME_RESPONSE_TYPE",
        change: "a method returns another message",
        breaks: Wire,
        old: "message M {} message N {} service S { rpc Get(M) returns (M); }",
        new: "message M {} message N {} service S { rpc Get(M) returns (N); }",
    },
    Rule {
        name: "RPC_SAME_CLIENT_STREAMING",
        change: "a method takes a stream, or no longer",
        breaks: Wire,
        old: "message M {} service S { rpc Get(M) returns (M); }",
        new: "message M {} service S { rpc Get(stream M) returns (M); }",
    },
    Rule {
        name: "RPC_SAME_SERVER_STREAMING",
        change: "a method returns a stream, or no longer",
        breaks: Wire,
        old: "message M {} service S { rpc Get(M) returns (M); }",
        new: "message M {} service S { rpc Get(M) returns (stream M); }",
    },
    Rule {
        name: "RPC_SAME_IDEMPOTENCY_LEVEL",
        change: "another `idempotency`",
        breaks: Wire,
        old: "message M {} service S { rpc Get(M) returns (M); }",
        new: "message M {} service S { rpc Get(M) returns (M) { option idempotency_level = IDEMPOTENT; } }",
    },
    Rule {
        name: "FILE_SAME_PACKAGE",
        change: "a file gets another package",
        breaks: Wire,
        old: "message M {}",
        new: r#"// t.proto
syntax = "proto3";
package u;
message M {}
"#,
    },
    Rule {
        name: "FILE_SAME_SYNTAX",
        change: "a file becomes proto3",
        breaks: Code,
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1; }"#,
        new: "message M { optional int32 a = 1; }",
    },
    Rule {
        name: "FIELD_SAME_UTF8_VALIDATION",
        change: "the same, with a string in it",
        breaks: Code,
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; }"#,
        new: "message M { optional string a = 1; }",
    },
    Rule {
        name: "ENUM_SAME_TYPE",
        change: "the same, with an enumeration in it",
        breaks: Code,
        old: r#"// t.proto
syntax = "proto2";
package t;
enum E { A = 0; }"#,
        new: "enum E { A = 0; }",
    },
    Rule {
        name: "MESSAGE_SAME_JSON_FORMAT",
        change: "a file becomes proto2",
        breaks: Json,
        old: "message M { optional int32 a = 1; }",
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1; }"#,
    },
    Rule {
        name: "ENUM_SAME_JSON_FORMAT",
        change: "the same, with an enumeration in it",
        breaks: Json,
        old: "enum E { A = 0; }",
        new: r#"// t.proto
syntax = "proto2";
package t;
enum E { A = 0; }"#,
    },
    Rule {
        name: "FIELD_SAME_JSTYPE",
        change: "another `jstype`",
        breaks: Code,
        old: "message M { int64 a = 1; }",
        new: "message M { int64 a = 1 [jstype = JS_STRING]; }",
    },
    Rule {
        name: "FIELD_SAME_CPP_STRING_TYPE",
        change: "another `ctype`",
        breaks: Code,
        old: "message M { string a = 1; }",
        new: "message M { string a = 1 [ctype = CORD]; }",
    },
    Rule {
        name: "FIELD_SAME_JAVA_UTF8_VALIDATION",
        change: "`java_string_check_utf8` of a proto2 file",
        breaks: Code,
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; }"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
option java_string_check_utf8 = true;
message M { optional string a = 1; }"#,
    },
    Rule {
        name: "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR",
        change: "`no_standard_descriptor_accessor` comes",
        breaks: Code,
        old: "message M {}",
        new: "message M { option no_standard_descriptor_accessor = true; }",
    },
    Rule {
        name: "FILE_SAME_JAVA_PACKAGE",
        change: "another `java_package`",
        breaks: Code,
        old: "message M {}",
        new: r#"option java_package = "a"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_JAVA_OUTER_CLASSNAME",
        change: "another `java_outer_classname`",
        breaks: Code,
        old: "message M {}",
        new: r#"option java_outer_classname = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_JAVA_MULTIPLE_FILES",
        change: "another `java_multiple_files`",
        breaks: Code,
        old: "message M {}",
        new: "option java_multiple_files = true; message M {}",
    },
    Rule {
        name: "FILE_SAME_OPTIMIZE_FOR",
        change: "another `optimize_for`",
        breaks: Code,
        old: "message M {}",
        new: "option optimize_for = CODE_SIZE; message M {}",
    },
    Rule {
        name: "FILE_SAME_GO_PACKAGE",
        change: "another `go_package`",
        breaks: Code,
        old: "message M {}",
        new: r#"option go_package = "a/b"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_CC_GENERIC_SERVICES",
        change: "another `cc_generic_services`",
        breaks: Code,
        old: "message M {}",
        new: "option cc_generic_services = true; message M {}",
    },
    Rule {
        name: "FILE_SAME_JAVA_GENERIC_SERVICES",
        change: "another `java_generic_services`",
        breaks: Code,
        old: "message M {}",
        new: "option java_generic_services = true; message M {}",
    },
    Rule {
        name: "FILE_SAME_PY_GENERIC_SERVICES",
        change: "another `py_generic_services`",
        breaks: Code,
        old: "message M {}",
        new: "option py_generic_services = true; message M {}",
    },
    Rule {
        name: "FILE_SAME_CC_ENABLE_ARENAS",
        change: "another `cc_enable_arenas`",
        breaks: Code,
        old: "message M {}",
        new: "option cc_enable_arenas = false; message M {}",
    },
    Rule {
        name: "FILE_SAME_OBJC_CLASS_PREFIX",
        change: "another `objc_class_prefix`",
        breaks: Code,
        old: "message M {}",
        new: r#"option objc_class_prefix = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_CSHARP_NAMESPACE",
        change: "another `csharp_namespace`",
        breaks: Code,
        old: "message M {}",
        new: r#"option csharp_namespace = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_SWIFT_PREFIX",
        change: "another `swift_prefix`",
        breaks: Code,
        old: "message M {}",
        new: r#"option swift_prefix = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_PHP_CLASS_PREFIX",
        change: "another `php_class_prefix`",
        breaks: Code,
        old: "message M {}",
        new: r#"option php_class_prefix = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_PHP_NAMESPACE",
        change: "another `php_namespace`",
        breaks: Code,
        old: "message M {}",
        new: r#"option php_namespace = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_PHP_METADATA_NAMESPACE",
        change: "another `php_metadata_namespace`",
        breaks: Code,
        old: "message M {}",
        new: r#"option php_metadata_namespace = "A"; message M {}"#,
    },
    Rule {
        name: "FILE_SAME_RUBY_PACKAGE",
        change: "another `ruby_package`",
        breaks: Code,
        old: "message M {}",
        new: r#"option ruby_package = "A"; message M {}"#,
    },
];
