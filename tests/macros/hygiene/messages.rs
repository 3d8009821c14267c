//! Messages with the names of what generated code uses.

use traitwire::{Describe, service};

macro_rules! messages {
    ($($message:ident)*) => {
        $(
            /// A message.
            #[derive(Clone, PartialEq, prost::Message, Describe)]
            pub struct $message {
                /// A number.
                #[prost(int32, tag = "1")]
                pub number: i32,
            }
        )*
    };
}

messages!(Result Option Request Response Status String Vec Streaming Box Send Sync Future Arc);

/// Every one of them, in and out.
#[service]
pub trait Names {
    /// Two at once.
    async fn result(&self, request: Request) -> core::result::Result<Result, traitwire::Status>;
    /// Two more.
    async fn option(&self, option: Option) -> core::result::Result<Response, traitwire::Status>;
    /// In their envelopes.
    async fn status(
        &self,
        status: traitwire::Request<Status>,
    ) -> core::result::Result<traitwire::Response<String>, traitwire::Status>;
    /// In streams.
    fn stream(
        &self,
        vectors: traitwire::Streaming<Vec>,
    ) -> impl traitwire::Stream<Item = core::result::Result<Streaming, traitwire::Status>>;
    /// The rest.
    #[rpc(unimplemented)]
    async fn in_a_box(&self, message: Box) -> core::result::Result<Future, traitwire::Status>;
    /// The rest of the rest.
    #[rpc(unimplemented)]
    async fn shared(&self, message: Arc) -> core::result::Result<Send, traitwire::Status>;
}

struct Echo;

impl Names for Echo {
    async fn result(&self, request: Request) -> core::result::Result<Result, traitwire::Status> {
        Ok(Result { number: request.number })
    }

    async fn option(&self, option: Option) -> core::result::Result<Response, traitwire::Status> {
        Ok(Response { number: option.number })
    }

    async fn status(
        &self,
        status: traitwire::Request<Status>,
    ) -> core::result::Result<traitwire::Response<String>, traitwire::Status> {
        Ok(traitwire::Response::new(String { number: status.into_inner().number }))
    }

    fn stream(
        &self,
        mut vectors: traitwire::Streaming<Vec>,
    ) -> impl traitwire::Stream<Item = core::result::Result<Streaming, traitwire::Status>> {
        traitwire::stream_fn(async move |mut out| {
            while let Some(Vec { number }) = vectors.message().await? {
                out.send(Streaming { number }).await?;
            }
            Ok(())
        })
    }
}

#[tokio::test]
async fn a_message_may_have_any_name() {
    let client = NamesClient::in_process(Echo);
    assert_eq!(client.result(Request { number: 1 }).await.unwrap().number, 1);
    assert_eq!(client.option(Option { number: 2 }).await.unwrap().number, 2);
    let request = traitwire::Request::new(Status { number: 3 });
    assert_eq!(client.status(request).await.unwrap().into_inner().number, 3);
    let mut stream = client.stream([Vec { number: 4 }].into_iter().collect());
    assert_eq!(stream.message().await.unwrap(), Some(Streaming { number: 4 }));
    assert_eq!(Sync { number: 5 }.number, 5);
}
