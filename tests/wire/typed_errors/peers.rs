//! What peers in other languages read of an error.

use std::{path::Path, process::Command};

use prost::Message;
use traitwire_tests::peer;

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

/// Nothing in the client was made for it: it unpacks what it knows of `google.rpc`.
#[tokio::test(flavor = "multi_thread")]
async fn python_reads_reason_metadata_and_details() {
    let Some(python) = peer("python", "python/bin/python") else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/python/errors.py");
    let server = shop().await;
    let mut command = Command::new(python);
    command.arg(script).arg(server.addr.to_string());
    command.args(["none", "many", "invalid", "locked", "unpaid", "store"]);
    let output = tokio::task::spawn_blocking(move || command.output()).await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap(), @"");
}
