//! A message over the limit: with which code the call ends. Where the specification and Traitwire say
//! RESOURCE_EXHAUSTED, tonic says OUT_OF_RANGE; and what its client fails to encode resets the call,
//! which the caller reads as an INTERNAL error of HTTP/2.

use std::convert::Infallible;

use http::Request as HttpRequest;
use tonic::{Code, Request, Response, Status, body::Body, server::Grpc, transport::Server};
use tonic_prost::ProstCodec;
use tower::service_fn;
use traitwire::{CallOptions, ServiceOptions};

use crate::{
    claim::{Claim, Result, Verdict, alone},
    contract::{Chunk, Lab, LabClient, LabServer},
    rig::{Rig, dial_ours, serve},
    stock,
};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 17,
    name: "oversize-codes",
    claim: "a message over the limit is OUT_OF_RANGE or INTERNAL to tonic, not RESOURCE_EXHAUSTED",
    run: || alone(run()),
};

/// The limit of the side that has one.
const LIMIT: usize = 100;

/// What is limited.
#[derive(Clone, Copy)]
enum Limited {
    ClientSends,
    ServerReads,
    ServerSends,
    ClientReads,
}

use Limited::{ClientReads, ClientSends, ServerReads, ServerSends};

async fn run() -> Result {
    let mut saw = vec![format!("a message of 195, limit {LIMIT}    stock tonic  Traitwire")];
    let mut seen = Vec::new();
    for (what, limited) in [
        ("what the client sends", ClientSends),
        ("what the server reads", ServerReads),
        ("what the server sends", ServerSends),
        ("what the client reads", ClientReads),
    ] {
        let (stock, ours) = (stock_code(limited).await?, ours_code(limited).await?);
        let name = format!("{stock:?}");
        saw.push(format!("{what:<28}  {name:<11}  {ours:?}"));
        seen.push((stock, ours));
    }
    let mut expected = [(Code::OutOfRange, Code::ResourceExhausted); 4];
    expected[0].0 = Code::Internal;
    Ok(Verdict { saw, holds: seen == expected })
}

/// How a call of stock tonic ends.
async fn stock_code(limited: Limited) -> Result<Code> {
    let service = service_fn(move |request: HttpRequest<Body>| async move {
        let codec = ProstCodec::<Chunk, Chunk>::default();
        let mut grpc = match limited {
            ServerReads => Grpc::new(codec).max_decoding_message_size(LIMIT),
            ServerSends => Grpc::new(codec).max_encoding_message_size(LIMIT),
            _ => Grpc::new(codec),
        };
        let echo =
            service_fn(async |request: Request<Chunk>| Ok(Response::new(request.into_inner())));
        Ok::<_, Infallible>(grpc.unary(echo, request).await)
    });
    let (channel, _) = Rig::default().connect(service).await?;
    let mut client = stock::Client::new(channel);
    client.grpc = match limited {
        ClientSends => client.grpc.max_encoding_message_size(LIMIT),
        ClientReads => client.grpc.max_decoding_message_size(LIMIT),
        _ => client.grpc,
    };
    Ok(client.ask(Chunk::taking(200)).await.map_or_else(|status| status.code(), |_| Code::Ok))
}

/// How a call of Traitwire ends.
async fn ours_code(limited: Limited) -> Result<Code> {
    struct Echo;
    impl Lab for Echo {
        async fn ask(&self, request: Chunk) -> Result<Chunk, Status> {
            Ok(request)
        }
    }
    let server_options = match limited {
        ServerReads => ServiceOptions::new().max_decoding_message_size(LIMIT),
        ServerSends => ServiceOptions::new().max_encoding_message_size(LIMIT),
        _ => ServiceOptions::new(),
    };
    let client_options = match limited {
        ClientSends => CallOptions::new().max_encoding_message_size(LIMIT),
        ClientReads => CallOptions::new().max_decoding_message_size(LIMIT),
        _ => CallOptions::new(),
    };
    let server = LabServer::new(Echo).with(server_options);
    let (channel, _) = dial_ours(serve(Server::builder(), server)).await?;
    let client = LabClient::new(channel).with(client_options);
    Ok(client.ask(Chunk::taking(200)).await.map_or_else(|status| status.code(), |_| Code::Ok))
}
