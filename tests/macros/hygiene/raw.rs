//! Raw identifiers.

use traitwire::{Describe, Status, service};

/// A message with a field that is a keyword.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct r#Struct {
    /// The field.
    #[prost(int32, tag = "1")]
    pub r#type: i32,
}

/// A service whose methods are keywords.
#[service]
pub trait r#Trait {
    /// A keyword for a name, and for the argument.
    async fn r#match(&self, r#type: Struct) -> Result<Struct, Status>;
    /// Another.
    #[rpc(unimplemented)]
    async fn r#try(&self, r#loop: u32) -> Result<u32, Status>;
}

struct Keywords;

impl Trait for Keywords {
    async fn r#match(&self, r#type: Struct) -> Result<Struct, Status> {
        Ok(r#type)
    }
}

#[tokio::test]
async fn keywords_are_names_on_the_wire() {
    let client = TraitClient::in_process(Keywords);
    assert_eq!(client.r#match(Struct { r#type: 1 }).await.unwrap().r#type, 1);
    assert!(client.r#try(1).await.unwrap_err().message().contains("method Try"));
    assert_eq!(TRAIT.methods[0].path, "/Trait/Match");
    assert_eq!(TRAIT.methods[0].input.name, "Struct");
}
