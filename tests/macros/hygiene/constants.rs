//! Constants and functions with the names of local variables: a pattern would mean the constant.

#![allow(non_upper_case_globals, dead_code, reason = "the names are there to be in the way")]

use traitwire::{CallOptions, Status, Stream, Streaming, service, stream_fn};

const request: u8 = 0;
const service_: u8 = 0;
const call: u8 = 0;
const out: u8 = 0;
const id: u8 = 0;
const error: u8 = 0;
const encoding: u8 = 0;
const limit: u8 = 0;
const timeout: u8 = 0;
const key: u8 = 0;
const value: u8 = 0;
const transport: u8 = 0;
const origin: u8 = 0;
const interceptor: u8 = 0;
const server: u8 = 0;
const f: u8 = 0;

/// A service in the middle of them.
#[service]
pub trait Middle {
    /// In and out.
    async fn one(&self, number: u32) -> Result<u32, Status>;
    /// In and out, often.
    fn many(&self, numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>>;
}

struct Echo;

impl Middle for Echo {
    async fn one(&self, number: u32) -> Result<u32, Status> {
        Ok(number)
    }

    fn many(&self, mut numbers: Streaming<u32>) -> impl Stream<Item = Result<u32, Status>> {
        stream_fn(async move |mut sender| {
            while let Some(number) = numbers.message().await? {
                sender.send(number).await?;
            }
            Ok(())
        })
    }
}

#[tokio::test]
async fn constants_are_no_patterns() {
    let client = MiddleClient::in_process(Echo).with(CallOptions::new().metadata("a", "b"));
    assert_eq!(client.one(7).await.unwrap(), 7);
    assert_eq!(client.many([8].into_iter().collect()).message().await.unwrap(), Some(8));
}
