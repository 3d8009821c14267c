//! What a contract says of its methods besides: in the `.proto` it is a comment, and a lock records it.

use traitwire::{
    Status,
    schema::{Class, Lock, LockError, Schema, unread_attributes},
    service,
};

use crate::{assert_reads_back, peers};

/// The shop.
#[service(package = "shop", name = "Orders", file = "shop.proto")]
pub(crate) trait Before {
    /// All orders.
    #[rpc(attr(role = "clerk"))]
    async fn list(&self) -> Result<String, Status>;
    #[rpc(name = "Delete", attr(role = "admin", audit = "each \"id\", größer\nals 7"))]
    async fn delete(&self, id: &str) -> Result<(), Status>;
    async fn ping(&self) -> Result<(), Status>;
}

/// The shop.
#[service(package = "shop", name = "Orders", file = "shop.proto")]
pub(crate) trait After {
    /// All orders.
    #[rpc(attr(role = "admin"))]
    async fn list(&self) -> Result<String, Status>;
    #[rpc(attr(rule = "admin"))]
    async fn delete(&self, id: &str) -> Result<(), Status>;
    async fn ping(&self) -> Result<(), Status>;
}

#[test]
fn the_file_has_them_as_comments() {
    let schema = Schema::of(&[&BEFORE]).unwrap();
    let text = schema.to_string();
    let (_, service) = text.split_once("// The shop.\n").unwrap();
    assert_eq!(
        service,
        r#"service Orders {
  // All orders.
  //
  // attr(role = "clerk")
  rpc List(google.protobuf.Empty) returns (google.protobuf.StringValue);

  // attr(role = "admin", audit = "each \"id\", größer\nals 7")
  rpc Delete(google.protobuf.StringValue) returns (google.protobuf.Empty);
  rpc Ping(google.protobuf.Empty) returns (google.protobuf.Empty);
}
"#
    );
    assert_reads_back(&schema);
}

#[test]
fn the_descriptor_has_them_as_they_are() {
    let [list, delete, ping] = BEFORE.methods else { panic!("there are three") };
    assert_eq!(list.attribute("role"), Some("clerk"));
    assert_eq!(list.attribute("audit"), None);
    assert_eq!(delete.attribute("audit"), Some("each \"id\", größer\nals 7"));
    assert_eq!(ping.attributes, []);
}

/// A lock sees that they have changed, and nobody breaks by it.
#[test]
fn a_lock_records_them() {
    let lock = Lock::at(peers::folder("lock-attributes"));
    lock.bless(&Schema::of(&[&BEFORE]).unwrap(), Class::Breaking).unwrap();
    let after = Schema::of(&[&AFTER]).unwrap();
    let LockError::Changed { changes, .. } = lock.check(&after).unwrap_err() else {
        panic!("a change");
    };
    let lines: Vec<_> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "additive: the comment of method List of service shop.Orders changed",
            "additive: the comment of method Delete of service shop.Orders changed",
        ]
    );
}

#[test]
fn what_nobody_reads_is_found() {
    assert_eq!(
        unread_attributes(&[&BEFORE, &AFTER], &["role", "audit"]),
        ["/shop.Orders/Delete has rule = \"admin\", which nobody reads"]
    );
    assert_eq!(unread_attributes(&[&BEFORE], &["role", "audit"]), [""; 0]);
}
