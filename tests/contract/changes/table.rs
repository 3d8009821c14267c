//! The changes, one by one.

use traitwire::schema::Class::{self, Additive, Breaking};

/// A contract before and after a change.
pub(super) struct Row {
    /// What somebody did.
    pub(super) name: &'static str,
    pub(super) old: &'static str,
    pub(super) new: &'static str,
    /// The class of the whole.
    pub(super) class: Class,
    /// Every change, as it is shown.
    pub(super) says: &'static [&'static str],
}

pub(super) const TABLE: &[Row] = &[
    Row {
        name: "a service is added",
        old: "message A {}",
        new: "message A {} service S {}",
        class: Additive,
        says: &["additive: service t.S was added"],
    },
    Row {
        name: "a service is removed",
        old: "message A {} service S {}",
        new: "message A {}",
        class: Breaking,
        says: &["breaking: service t.S was removed: breaks those who use it"],
    },
    Row {
        name: "a service becomes deprecated",
        old: "service S {}",
        new: "service S { option deprecated = true; }",
        class: Additive,
        says: &["additive: service t.S became deprecated"],
    },
    Row {
        name: "the comment of a service changes",
        old: r#"// Old.
service S {}"#,
        new: r#"// New.
service S {}"#,
        class: Additive,
        says: &["additive: the comment of service t.S changed"],
    },
    Row {
        name: "a method is added",
        old: "message A {} message C {} service S {  }",
        new: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        class: Additive,
        says: &["additive: method Get of service t.S was added"],
    },
    Row {
        name: "a method is removed",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S {  }",
        class: Breaking,
        says: &["breaking: method Get of service t.S was removed: its callers get UNIMPLEMENTED"],
    },
    Row {
        name: "a method is renamed",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S { rpc get(A) returns (C); }",
        class: Breaking,
        says: &[
            "breaking: method Get of service t.S was removed: its callers get UNIMPLEMENTED",
            "additive: method get of service t.S was added",
        ],
    },
    Row {
        name: "a method takes another message",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S { rpc Get(C) returns (C); }",
        class: Breaking,
        says: &["breaking: method Get of service t.S takes t.C instead of t.A: breaks callers"],
    },
    Row {
        name: "a method returns another message",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S { rpc Get(A) returns (A); }",
        class: Breaking,
        says: &["breaking: method Get of service t.S returns t.A instead of t.C: breaks callers"],
    },
    Row {
        name: "a method takes a stream",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S { rpc Get(stream A) returns (C); }",
        class: Breaking,
        says: &[
            "breaking: method Get of service t.S takes a stream instead of one message: breaks callers",
        ],
    },
    Row {
        name: "a method takes one message instead of a stream",
        old: "message A {} message C {} service S { rpc Get(stream A) returns (C); }",
        new: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        class: Breaking,
        says: &[
            "breaking: method Get of service t.S takes one message instead of a stream: breaks callers",
        ],
    },
    Row {
        name: "a method returns a stream",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S { rpc Get(A) returns (stream C); }",
        class: Breaking,
        says: &[
            "breaking: method Get of service t.S returns a stream instead of one message: breaks callers",
        ],
    },
    Row {
        name: "a method returns one message instead of a stream",
        old: "message A {} message C {} service S { rpc Get(A) returns (stream C); }",
        new: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        class: Breaking,
        says: &[
            "breaking: method Get of service t.S returns one message instead of a stream: breaks callers",
        ],
    },
    Row {
        name: "a method becomes deprecated",
        old: "message A {} message C {} service S { rpc Get(A) returns (C); }",
        new: "message A {} message C {} service S { rpc Get(A) returns (C) { option deprecated = true; } }",
        class: Additive,
        says: &["additive: method Get of service t.S became deprecated"],
    },
    Row {
        name: "a message is added",
        old: "message A {}",
        new: "message A {} message C {}",
        class: Additive,
        says: &["additive: message t.C was added"],
    },
    Row {
        name: "a message is removed",
        old: "message A {} message C {}",
        new: "message A {}",
        class: Breaking,
        says: &["breaking: message t.C was removed: breaks those who use it"],
    },
    Row {
        name: "a message moves to another file",
        old: "message A {} message C {}",
        new: r#"// t.proto
syntax = "proto3";
package t;
message A {}
// u.proto
syntax = "proto3";
package t;
message C {}
"#,
        class: Additive,
        says: &[
            "additive: message t.C moved from t.proto to u.proto: the bytes stay, imports change",
        ],
    },
    Row {
        name: "a message moves into another",
        old: "message A {} message C {}",
        new: "message A { message C {} }",
        class: Breaking,
        says: &[
            "breaking: message t.C was removed: breaks those who use it",
            "additive: message t.A.C was added",
        ],
    },
    Row {
        name: "a field is added",
        old: "message M {  }",
        new: "message M { string id = 1; }",
        class: Additive,
        says: &["additive: field 1 (id) of t.M was added"],
    },
    Row {
        name: "a field is removed",
        old: "message M { string id = 1; string name = 2; }",
        new: "message M { string id = 1; }",
        class: Breaking,
        says: &[
            r#"breaking: field 2 (name) of t.M was removed; reserve it: `reserved(2, "name")`"#,
        ],
    },
    Row {
        name: "a field is removed and its number is reserved",
        old: "message M { string id = 1; string name = 2; }",
        new: "message M { reserved 2; string id = 1; }",
        class: Breaking,
        says: &[
            r#"breaking: field 2 (name) of t.M was removed; reserve its name: `reserved("name")`"#,
            "additive: t.M reserves 2",
        ],
    },
    Row {
        name: "a field is removed and its name is reserved",
        old: "message M { string id = 1; string name = 2; }",
        new: r#"message M { reserved "name"; string id = 1; }"#,
        class: Breaking,
        says: &[
            "breaking: field 2 (name) of t.M was removed; reserve its number: `reserved(2)`",
            "additive: t.M reserves name",
        ],
    },
    Row {
        name: "a field is removed and reserved",
        old: "message M { string id = 1; string name = 2; }",
        new: r#"message M { reserved 2; reserved "name"; string id = 1; }"#,
        class: Additive,
        says: &[
            "additive: t.M reserves 2, name",
            "additive: field 2 (name) of t.M was removed and is reserved",
        ],
    },
    Row {
        name: "a field is renamed",
        old: "message M { string id = 1; }",
        new: "message M { string key = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M is now called key: breaks JSON and generated code"],
    },
    Row {
        name: "a field has another number",
        old: "message M { string id = 1; }",
        new: "message M { string id = 2; }",
        class: Breaking,
        says: &[
            "breaking: field 1 (id) of t.M is now number 2; give it back the number that peers know",
            "breaking: field 2 (id) of t.M was added, with the name of another: breaks JSON",
        ],
    },
    Row {
        name: "two fields change their numbers",
        old: "message M { string a = 1; string b = 2; }",
        new: "message M { string a = 2; string b = 1; }",
        class: Breaking,
        says: &[
            "breaking: field 2 (b) of t.M is now called a: breaks JSON and generated code",
            "breaking: field 1 (a) of t.M is now called b: breaks JSON and generated code",
        ],
    },
    Row {
        name: "a field changes from string to bytes",
        old: "message M { string id = 1; }",
        new: "message M { bytes id = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M changed from string to bytes: breaks readers"],
    },
    Row {
        name: "a field changes from int32 to int64",
        old: "message M { int32 id = 1; }",
        new: "message M { int64 id = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M changed from int32 to int64: breaks readers"],
    },
    Row {
        name: "a field changes from int32 to sint32",
        old: "message M { int32 id = 1; }",
        new: "message M { sint32 id = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M changed from int32 to sint32: breaks readers"],
    },
    Row {
        name: "a field has another message",
        old: "message A {} message C {} message M { A a = 1; }",
        new: "message A {} message C {} message M { C a = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (a) of t.M changed from t.A to t.C: breaks readers"],
    },
    Row {
        name: "a field changes from an enumeration to a number",
        old: "enum E { ZERO = 0; } message M { E e = 1; }",
        new: "enum E { ZERO = 0; } message M { int32 e = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (e) of t.M changed from t.E to int32: breaks readers"],
    },
    Row {
        name: "a field becomes repeated",
        old: "message M { string id = 1; }",
        new: "message M { repeated string id = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M changed from singular to repeated: breaks readers"],
    },
    Row {
        name: "a field is not repeated any more",
        old: "message M { repeated string id = 1; }",
        new: "message M { string id = 1; }",
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M changed from repeated to singular: breaks readers"],
    },
    Row {
        name: "a field becomes optional",
        old: "message M { string id = 1; }",
        new: "message M { optional string id = 1; }",
        class: Additive,
        says: &["additive: field 1 (id) of t.M now distinguishes absent from zero: the bytes stay"],
    },
    Row {
        name: "a field is not optional any more",
        old: "message M { optional string id = 1; }",
        new: "message M { string id = 1; }",
        class: Additive,
        says: &[
            "additive: field 1 (id) of t.M no longer distinguishes absent from zero: the bytes stay",
        ],
    },
    Row {
        name: "a repeated field is not packed any more",
        old: "message M { repeated int32 id = 1; }",
        new: "message M { repeated int32 id = 1 [packed = false]; }",
        class: Additive,
        says: &["additive: field 1 (id) of t.M is no longer packed: readers take both"],
    },
    Row {
        name: "a repeated field becomes packed",
        old: "message M { repeated int32 id = 1 [packed = false]; }",
        new: "message M { repeated int32 id = 1; }",
        class: Additive,
        says: &["additive: field 1 (id) of t.M is now packed: readers take both"],
    },
    Row {
        name: "a field has another name in JSON",
        old: "message M { string id = 1; }",
        new: r#"message M { string id = 1 [json_name = "key"]; }"#,
        class: Breaking,
        says: &["breaking: field 1 (id) of t.M is called key in JSON instead of id: breaks JSON"],
    },
    Row {
        name: "a field becomes deprecated",
        old: "message M { string id = 1; }",
        new: "message M { string id = 1 [deprecated = true]; }",
        class: Additive,
        says: &["additive: field 1 (id) of t.M became deprecated"],
    },
    Row {
        name: "a field is not deprecated any more",
        old: "message M { string id = 1 [deprecated = true]; }",
        new: "message M { string id = 1; }",
        class: Additive,
        says: &["additive: field 1 (id) of t.M is not deprecated any more"],
    },
    Row {
        name: "the comment of a field changes",
        old: r#"message M { 
// Old.
string id = 1; }"#,
        new: r#"message M { 
// New.
string id = 1; }"#,
        class: Additive,
        says: &["additive: the comment of field 1 (id) of t.M changed"],
    },
    Row {
        name: "a map has other values",
        old: "message M { map<string, string> m = 1; }",
        new: "message M { map<string, bytes> m = 1; }",
        class: Breaking,
        says: &[
            "breaking: field 1 (m) of t.M changed from map<string, string> to map<string, bytes>: breaks readers",
        ],
    },
    Row {
        name: "a map has other keys",
        old: "message M { map<string, string> m = 1; }",
        new: "message M { map<int32, string> m = 1; }",
        class: Breaking,
        says: &[
            "breaking: field 1 (m) of t.M changed from map<string, string> to map<int32, string>: breaks readers",
        ],
    },
    Row {
        name: "a number is reserved",
        old: "message M { string id = 1; }",
        new: "message M { reserved 2; string id = 1; }",
        class: Additive,
        says: &["additive: t.M reserves 2"],
    },
    Row {
        name: "a reserved number is used again",
        old: "message M { reserved 2; string id = 1; }",
        new: "message M { string id = 1; string name = 2; }",
        class: Breaking,
        says: &[
            "breaking: t.M no longer reserves 2: old data may still use it",
            "breaking: field 2 (name) of t.M was added, which was reserved: old data may still use it",
        ],
    },
    Row {
        name: "a reserved name is used again",
        old: r#"message M { reserved "name"; string id = 1; }"#,
        new: "message M { string id = 1; string name = 2; }",
        class: Breaking,
        says: &[
            "breaking: t.M no longer reserves name: old data may still use it",
            "breaking: field 2 (name) of t.M was added, which was reserved: old data may still use it",
        ],
    },
    Row {
        name: "a reserved range grows",
        old: "message M { reserved 5 to 9; string id = 1; }",
        new: "message M { reserved 5 to 20; string id = 1; }",
        class: Additive,
        says: &["additive: t.M reserves 5 to 20"],
    },
    Row {
        name: "a reserved range is cut in two",
        old: "message M { reserved 5 to 9; string id = 1; }",
        new: "message M { reserved 5 to 6, 7 to 9; string id = 1; }",
        class: Additive,
        says: &["additive: t.M lists what it reserves in another way"],
    },
    Row {
        name: "a reserved range shrinks",
        old: "message M { reserved 5 to 9; string id = 1; }",
        new: "message M { reserved 5 to 8; string id = 1; }",
        class: Breaking,
        says: &["breaking: t.M no longer reserves 5 to 9: old data may still use it"],
    },
    Row {
        name: "a oneof is added with new fields",
        old: "message M { string id = 1; }",
        new: "message M { string id = 1; oneof kind { string a = 2; string b = 3; } }",
        class: Additive,
        says: &[
            "additive: oneof kind of t.M was added",
            "additive: field 2 (a) of t.M was added",
            "additive: field 3 (b) of t.M was added",
        ],
    },
    Row {
        name: "a field moves into a oneof",
        old: "message M { string id = 1; oneof kind { string a = 2; } }",
        new: "message M { oneof kind { string id = 1; string a = 2; } }",
        class: Breaking,
        says: &[
            "breaking: field 1 (id) of t.M moved from no oneof to oneof kind: setting one field clears others",
        ],
    },
    Row {
        name: "a field leaves a oneof",
        old: "message M { oneof kind { string id = 1; string a = 2; } }",
        new: "message M { string id = 1; oneof kind { string a = 2; } }",
        class: Breaking,
        says: &[
            "breaking: field 1 (id) of t.M moved from oneof kind to no oneof: setting one field clears others",
        ],
    },
    Row {
        name: "a oneof is removed",
        old: "message M { oneof kind { string a = 2; } }",
        new: "message M { string a = 2; }",
        class: Breaking,
        says: &[
            "breaking: oneof kind of t.M was removed: breaks code that uses it",
            "breaking: field 2 (a) of t.M moved from oneof kind to no oneof: setting one field clears others",
        ],
    },
    Row {
        name: "a oneof is renamed",
        old: "message M { oneof kind { string a = 2; } }",
        new: "message M { oneof sort { string a = 2; } }",
        class: Breaking,
        says: &[
            "breaking: oneof kind of t.M was removed: breaks code that uses it",
            "breaking: field 2 (a) of t.M moved from oneof kind to oneof sort: setting one field clears others",
            "additive: oneof sort of t.M was added",
        ],
    },
    Row {
        name: "a oneof gets a further field",
        old: "message M { oneof kind { string a = 2; } }",
        new: "message M { oneof kind { string a = 2; string b = 3; } }",
        class: Additive,
        says: &["additive: field 3 (b) of t.M was added"],
    },
    Row {
        name: "an enumeration is added",
        old: "message A {}",
        new: "message A {} enum E { ZERO = 0; }",
        class: Additive,
        says: &["additive: enumeration t.E was added"],
    },
    Row {
        name: "an enumeration is removed",
        old: "enum E { ZERO = 0; } enum F { NIL = 0; }",
        new: "enum F { NIL = 0; }",
        class: Breaking,
        says: &["breaking: enumeration t.E was removed: breaks those who use it"],
    },
    Row {
        name: "a value is added",
        old: "enum E { ZERO = 0; }",
        new: "enum E { ZERO = 0; ONE = 1; }",
        class: Additive,
        says: &["additive: value 1 (ONE) of t.E was added"],
    },
    Row {
        name: "a value is removed",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: "enum E { ZERO = 0; }",
        class: Breaking,
        says: &[r#"breaking: value 1 (ONE) of t.E was removed; reserve it: `reserved(1, "ONE")`"#],
    },
    Row {
        name: "a value is removed and reserved",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: r#"enum E { reserved 1; reserved "ONE"; ZERO = 0; }"#,
        class: Additive,
        says: &[
            "additive: t.E reserves 1, ONE",
            "additive: value 1 (ONE) of t.E was removed and is reserved",
        ],
    },
    Row {
        name: "a value is renamed",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: "enum E { ZERO = 0; UNO = 1; }",
        class: Breaking,
        says: &["breaking: value 1 (ONE) of t.E is now called UNO: breaks JSON and generated code"],
    },
    Row {
        name: "a value has another number",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: "enum E { ZERO = 0; ONE = 2; }",
        class: Breaking,
        says: &[
            "breaking: value 1 (ONE) of t.E is now number 2; give it back the number that peers know",
            "breaking: value 2 (ONE) of t.E was added, with the name of another: breaks JSON",
        ],
    },
    Row {
        name: "a reserved value is used again",
        old: "enum E { reserved 1; ZERO = 0; }",
        new: "enum E { ZERO = 0; ONE = 1; }",
        class: Breaking,
        says: &[
            "breaking: t.E no longer reserves 1: old data may still use it",
            "breaking: value 1 (ONE) of t.E was added, which was reserved: old data may still use it",
        ],
    },
    Row {
        name: "a value is removed and its number is reserved",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: "enum E { reserved 1; ZERO = 0; }",
        class: Breaking,
        says: &[
            r#"breaking: value 1 (ONE) of t.E was removed; reserve its name: `reserved("ONE")`"#,
            "additive: t.E reserves 1",
        ],
    },
    Row {
        name: "a value is removed and its name is reserved",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: r#"enum E { reserved "ONE"; ZERO = 0; }"#,
        class: Breaking,
        says: &[
            "breaking: value 1 (ONE) of t.E was removed; reserve its number: `reserved(1)`",
            "additive: t.E reserves ONE",
        ],
    },
    Row {
        name: "the reserved name of a value is used again",
        old: r#"enum E { reserved "ONE"; ZERO = 0; }"#,
        new: "enum E { ZERO = 0; ONE = 1; }",
        class: Breaking,
        says: &[
            "breaking: t.E no longer reserves ONE: old data may still use it",
            "breaking: value 1 (ONE) of t.E was added, which was reserved: old data may still use it",
        ],
    },
    Row {
        name: "what is reserved is listed in another way",
        old: "message M { reserved 1 to 2; } enum E { reserved 1, 2; ZERO = 0; }",
        new: "message M { reserved 1, 2; } enum E { reserved 1 to 2; ZERO = 0; }",
        class: Additive,
        says: &[
            "additive: t.M lists what it reserves in another way",
            "additive: t.E lists what it reserves in another way",
        ],
    },
    Row {
        name: "messages, methods, enumerations and values become deprecated",
        old: "message M {} service S { rpc Get(M) returns (M); } enum E { ZERO = 0; }",
        new: r#"message M { option deprecated = true; }
service S { rpc Get(M) returns (M) { option deprecated = true; } }
enum E { option deprecated = true; ZERO = 0 [deprecated = true]; }"#,
        class: Additive,
        says: &[
            "additive: method Get of service t.S became deprecated",
            "additive: message t.M became deprecated",
            "additive: enumeration t.E became deprecated",
            "additive: value 0 (ZERO) of t.E became deprecated",
        ],
    },
    Row {
        name: "all other comments change",
        old: "message M { oneof o { bool a = 1; } } \
              service S { rpc Get(M) returns (M); } enum E { ZERO = 0; }",
        new: r#"// New.
message M {
  // New.
  oneof o { bool a = 1; }
}
service S {
  // New.
  rpc Get(M) returns (M);
}
// New.
enum E {
  // New.
  ZERO = 0;
}"#,
        class: Additive,
        says: &[
            "additive: the comment of method Get of service t.S changed",
            "additive: the comment of message t.M changed",
            "additive: the comment of oneof o of t.M changed",
            "additive: the comment of enumeration t.E changed",
            "additive: the comment of value 0 (ZERO) of t.E changed",
        ],
    },
    Row {
        name: "a value becomes deprecated",
        old: "enum E { ZERO = 0; ONE = 1; }",
        new: "enum E { ZERO = 0; ONE = 1 [deprecated = true]; }",
        class: Additive,
        says: &["additive: value 1 (ONE) of t.E became deprecated"],
    },
    Row {
        name: "a required field is added",
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; }
"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; required string b = 2; }
"#,
        class: Breaking,
        says: &[
            "breaking: field 2 (b) of t.M was added and is required: breaks readers of old messages",
        ],
    },
    Row {
        name: "a required field is removed and reserved",
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; required string b = 2; }
"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { reserved 2; reserved "b"; optional string a = 1; }
"#,
        class: Breaking,
        says: &[
            "breaking: field 2 (b) of t.M was removed, which was required: breaks readers",
            "additive: t.M reserves 2, b",
        ],
    },
    Row {
        name: "a field becomes required",
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; }
"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { required string a = 1; }
"#,
        class: Breaking,
        says: &[
            "breaking: field 1 (a) of t.M changed from optional to required: breaks readers of the other kind",
        ],
    },
    Row {
        name: "a default changes",
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1 [default = 7]; }
"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1 [default = 8]; }
"#,
        class: Breaking,
        says: &[
            "breaking: the default of field 1 (a) of t.M changed from 7 to 8: both sides must agree on it",
        ],
    },
    Row {
        name: "a default is added",
        old: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1; }
"#,
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional int32 a = 1 [default = 8]; }
"#,
        class: Breaking,
        says: &[
            "breaking: the default of field 1 (a) of t.M changed from none to 8: both sides must agree on it",
        ],
    },
    Row {
        name: "a file changes from proto3 to proto2",
        old: "message M { optional string a = 1; }",
        new: r#"// t.proto
syntax = "proto2";
package t;
message M { optional string a = 1; }
"#,
        class: Breaking,
        says: &[
            "breaking: t.proto changed from proto3 to proto2: absent fields and unknown values read differently",
        ],
    },
    Row {
        name: "the package changes",
        old: "message M {}",
        new: r#"// t.proto
syntax = "proto3";
package t.v2;
message M {}
"#,
        class: Breaking,
        says: &[
            "breaking: the package of t.proto changed from \"t\" to \"t.v2\": breaks all that it defines",
            "breaking: message t.M was removed: breaks those who use it",
            "additive: message t.v2.M was added",
        ],
    },
];
