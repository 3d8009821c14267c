//! What peers in other languages read of an error.

use std::{path::Path, process::Command};

use prost::Message;
use traitwire_tests::{peer, python};

use super::shop;

/// grpcurl, which is made of grpc-go, prints details as JSON when it knows the official messages.
#[tokio::test(flavor = "multi_thread")]
async fn grpcurl_reads_reason_metadata_and_details() {
    let Some(grpcurl) = peer("grpcurl", "go/bin/grpcurl") else { return };
    let folder = tempfile::tempdir().unwrap();
    let (echo, details) = (folder.path().join("echo"), folder.path().join("details"));
    let compiled = protox::compile(["proof/v1/proof.proto"], ["proto"]).unwrap();
    std::fs::write(&echo, compiled.encode_to_vec()).unwrap();
    std::fs::write(&details, tonic_types::pb::FILE_DESCRIPTOR_SET).unwrap();
    let server = shop().await;
    let say = async |text: &str| {
        let mut command = Command::new(&grpcurl);
        command.arg("-plaintext").arg("-protoset").arg(&echo).arg("-protoset").arg(&details);
        command.args(["-d", &format!(r#"{{"text": "{text}"}}"#)]);
        command.args([&server.addr.to_string(), "proof.v1.Echo/Say"]);
        let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
        assert!(!output.status.success());
        // Without the spaces, of which it has more or fewer by chance.
        String::from_utf8(output.stderr).unwrap().replace([' ', '\n', '\t'], "")
    };
    let none = say("none").await;
    for part in [
        "Code:NotFound",
        r#""@type":"type.googleapis.com/google.rpc.ErrorInfo""#,
        r#""domain":"shop.example.com""#,
        r#""metadata":{"orderId":"größer\n107"}"#,
        r#""reason":"ORDER_NOT_FOUND""#,
    ] {
        assert!(none.contains(part), "{none}");
    }
    let many = say("many").await;
    assert!(many.contains(r#""limit":"3""#) && many.contains(r#""retryDelay":"1.500s""#), "{many}");
    let invalid = say("invalid").await;
    assert!(
        invalid.contains(r#""field":"items[0].id""#) && invalid.contains("NEGATIVE"),
        "{invalid}"
    );
    let locked = say("locked").await;
    assert!(locked.contains(r#""resourceName":"107""#), "{locked}");
}

/// As `tests/peers/python/errors.py` prints it.
const IN_PYTHON: &str = r#"none NOT_FOUND "no order gr\u00f6\u00dfer \n 107"
  ErrorInfo {"domain": "shop.example.com", "metadata": {"orderId": "gr\u00f6\u00dfer \n 107"}, "reason": "ORDER_NOT_FOUND"}
many RESOURCE_EXHAUSTED "3 orders at once are too many"
  ErrorInfo {"domain": "shop.example.com", "metadata": {"limit": "3"}, "reason": "TOO_MANY"}
  RetryInfo {"retryDelay": "1.500s"}
invalid INVALID_ARGUMENT "2 fields are wrong"
  ErrorInfo {"domain": "shop.example.com", "reason": "INVALID"}
  BadRequest {"fieldViolations": [{"description": "is empty", "field": "items[0].id"}, {"description": "is negative", "field": "price", "reason": "NEGATIVE"}]}
locked ABORTED "107 is locked"
  ErrorInfo {"domain": "shop.example.com", "reason": "LOCKED"}
  ResourceInfo {"description": "it is packed", "owner": "user:ada", "resourceName": "107", "resourceType": "order"}
unpaid FAILED_PRECONDITION "not paid"
  ErrorInfo {"domain": "shop.example.com", "metadata": {"sum": "7"}, "reason": "NOT_PAID"}
store INTERNAL "internal error"
"#;

/// Nothing in the client was made for it: it unpacks what it knows of `google.rpc`.
#[tokio::test(flavor = "multi_thread")]
async fn python_reads_reason_metadata_and_details() {
    let Some(python) = python("google.rpc.error_details_pb2") else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/python/errors.py");
    let server = shop().await;
    let mut command = Command::new(python);
    command.arg(script).arg(server.addr.to_string());
    command.args(["none", "many", "invalid", "locked", "unpaid", "store"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), IN_PYTHON);
}
