//! A client in grpc-go's manner: the one of chapter 18.

use client_write_path::{CallOptions, ClientConn, ConnOptions};
use tokio::io::DuplexStream;
use tonic::Status;
use traitwire::{MethodKind, Stream, StreamExt};
use wire::{Side, tap::Tap};

use crate::contract::{Chunk, method};

/// The client of `Lab`.
#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) conn: ClientConn,
}

impl Client {
    /// A client over the caller's end of a connection, with a tap on it.
    pub(crate) async fn connect(io: DuplexStream) -> Result<(Self, Tap), Status> {
        let tap = Tap::new();
        let io = tap.wrap(io, Side::Client);
        let conn = ClientConn::handshake(io, "lab", ConnOptions::default()).await?;
        Ok((Self { conn }, tap))
    }

    /// One message each way.
    pub(crate) async fn ask(&self, request: Chunk, options: CallOptions) -> Result<Chunk, Status> {
        self.conn.invoke(method(MethodKind::Unary), &request, options).await
    }

    /// A stream out, one message back.
    pub(crate) async fn push(
        &self,
        requests: impl Stream<Item = Chunk>,
    ) -> Result<Option<Chunk>, Status> {
        let method = method(MethodKind::ClientStreaming);
        let mut call = self.conn.new_client_stream(method, CallOptions::default()).await?;
        let mut requests = std::pin::pin!(requests);
        while let Some(request) = requests.next().await {
            // The status says why, when it is over.
            if call.send_msg(&request).await.is_err() {
                break;
            }
        }
        call.close_send();
        call.recv_msg().await
    }
}
