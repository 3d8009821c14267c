//! A module in which nothing of the prelude means what it means elsewhere.

#![allow(dead_code, reason = "the names are there to be in the way")]

use traitwire::service;

enum Option {}
enum Result {}
struct Some;
struct None;
struct Ok;
struct Err;
struct Box;
struct String;
struct Vec;
trait Send {}
trait Sync {}
trait Clone {}
trait Default {}
trait From {}
trait Into {}
trait TryInto {}
trait Iterator {}
trait Future {}
trait FnOnce {}
trait Drop {}
mod core {}
mod std {}
mod tonic {}
mod http {}
fn drop() {}

macro_rules! compile_error {
    () => {};
}
compile_error!();

/// A message among them.
#[traitwire::message]
pub struct Small {
    /// A number.
    #[tag(1)]
    pub number: u32,
}

/// A service among them.
#[service]
pub trait Alone {
    /// Adds one.
    async fn next(&self, number: u32) -> ::core::result::Result<u32, ::traitwire::Status>;
    /// How long a text is.
    async fn length(&self, text: &str) -> ::core::result::Result<u32, ::traitwire::Status>;
    /// How many bytes there are.
    async fn count(&self, bytes: &[u8]) -> ::core::result::Result<u32, ::traitwire::Status>;
    /// Counts down.
    fn down(
        &self,
        number: u32,
    ) -> impl ::traitwire::Stream<Item = ::core::result::Result<u32, ::traitwire::Status>>;
    /// Is not there.
    #[rpc(unimplemented)]
    async fn missing(&self) -> ::core::result::Result<(), ::traitwire::Status>;
}

struct Numbers;

impl Alone for Numbers {
    async fn next(&self, number: u32) -> ::core::result::Result<u32, ::traitwire::Status> {
        ::core::result::Result::Ok(number + 1)
    }

    async fn length(&self, text: &str) -> ::core::result::Result<u32, ::traitwire::Status> {
        self.count(text.as_bytes()).await
    }

    async fn count(&self, bytes: &[u8]) -> ::core::result::Result<u32, ::traitwire::Status> {
        ::core::result::Result::Ok(bytes.iter().map(|_| 1).sum())
    }

    fn down(
        &self,
        number: u32,
    ) -> impl ::traitwire::Stream<Item = ::core::result::Result<u32, ::traitwire::Status>> {
        ::traitwire::stream_fn(async move |mut out| {
            let mut number = number;
            while number > 0 {
                number -= 1;
                out.send(number).await?;
            }
            ::core::result::Result::Ok(())
        })
    }
}

#[tokio::test]
async fn a_shadowed_prelude_is_not_used() {
    let client = AloneClient::in_process(Numbers);
    assert_eq!(client.next(1).await.unwrap(), 2);
    assert_eq!(client.length("four").await.unwrap(), 4);
    assert_eq!(client.count(&[0; 5]).await.unwrap(), 5);
    assert!(client.down(1).message().await.unwrap().is_some());
    assert!(client.missing().await.is_err());
}
