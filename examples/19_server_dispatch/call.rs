//! A call: its service and method (7), its messages (8), its handler (9), its answer.

use std::future::pending;

use h2::RecvStream;
use http::{HeaderMap, HeaderValue, Request, StatusCode, header, request::Parts, response};
use http_body_util::BodyExt;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until},
};
use traitwire::{Status, tonic::body::Body};

use crate::{
    Server,
    headers::Headers,
    message::{Encoding, Pack, Unpack},
    panics::caught,
    recv::Messages,
    reply::{Gone, Reply, trailers_of},
};

/// A request whose headers are read.
pub(crate) struct Stream {
    pub(crate) headers: Headers,
    pub(crate) head: Parts,
    pub(crate) body: RecvStream,
    pub(crate) reply: Reply,
}

/// How a call ends that has no error.
enum Ended {
    /// With the trailers of its service.
    Trailers(HeaderMap),
    /// With the headers of its service, which are all of the answer.
    Headers(response::Parts),
    /// As a response that is none of gRPC: what answers unknown calls may have made it.
    Plain,
}

enum Failure {
    Status(Status),
    /// Nobody waits for an answer.
    Gone,
}

impl Stream {
    // 7. Serves the stream, whatever happens: the caller may leave, the deadline may come, and the
    // handler may panic. Then all that is left of the work is dropped where it stands.
    pub(crate) async fn handle_stream(self, server: &Server) {
        let Self { headers, head, body, mut reply } = self;
        let deadline = headers.deadline;
        let (fail, mut failed) = oneshot::channel();
        let request = Request::from_parts(head, body);
        let work = process_rpc(server, &headers.path, request, fail, &mut reply);
        let ended = tokio::select! {
            biased;
            // What is wrong with a message is not for the handler to say, be it faster or not.
            Ok(status) = &mut failed => Err(status.into()),
            ended = caught(work) => match (failed.try_recv(), ended) {
                (Ok(status), _) => Err(status.into()),
                (Err(_), Some(ended)) => ended,
                (Err(_), None) => Err(Status::internal("the handler panicked").into()),
            },
            // A service sees to its deadline too, but not while the window of its caller is closed.
            () = passed(deadline) => Err(Status::deadline_exceeded("deadline exceeded").into()),
        };
        match ended {
            Ok(Ended::Trailers(trailers)) => reply.write_status(trailers),
            Err(Failure::Status(status)) => reply.write_status(trailers_of(&status)),
            Ok(Ended::Headers(head)) => reply.write_headers_only(head),
            Ok(Ended::Plain) => reply.end(),
            Err(Failure::Gone) => {}
        }
    }
}

/// 7 to 10, for one call.
async fn process_rpc(
    server: &Server,
    path: &str,
    mut request: Request<RecvStream>,
    fail: oneshot::Sender<Status>,
    reply: &mut Reply,
) -> Result<Ended, Failure> {
    // 7. The service, and then the method.
    wire::step!(7, "handle_stream: looks up {path}");
    let handler = server.services.look_up(path)?;

    // 8. From here on the messages are plain, and the headers say so.
    let encoding = Encoding::of_request(request.headers())?;
    let mirrored = encoding.mirrored(request.headers());
    request.headers_mut().remove("grpc-encoding");
    request.headers_mut().remove(header::CONTENT_LENGTH);
    let unpack = Unpack::new(encoding, server.options.max_recv_msg_size);
    let request = request.map(|body| Body::new(Messages::new(body, unpack, fail)));

    // 9. It takes the messages of the request when it wants them.
    let response = reply.while_wanted(handler(request)).await?;
    wire::step!(9, "the handler has answered");
    let (mut head, mut body) = response.into_parts();
    if http_body::Body::is_end_stream(&body) {
        return Ok(Ended::Headers(head));
    }
    let is_plain = head.status != StatusCode::OK || head.headers.contains_key("grpc-status");

    // 10. Each message as it comes, and the next one when the caller has room for it.
    let mut pack = Pack::new(encoding_of(&mut head, mirrored));
    reply.write_header(head, false)?;
    while let Some(frame) = reply.while_wanted(body.frame()).await? {
        match frame?.into_data() {
            Ok(data) => reply.write(pack.pack(data)?).await?,
            Err(frame) => {
                return Ok(Ended::Trailers(frame.into_trailers().unwrap_or_default()));
            }
        }
    }
    match is_plain {
        true => Ok(Ended::Plain),
        false => Err(Status::internal("the service has ended without a status").into()),
    }
}

/// The encoding of an answer, which its headers then name. A service that compresses by itself is
/// left alone.
fn encoding_of(head: &mut response::Parts, encoding: Encoding) -> Encoding {
    if encoding == Encoding::Identity || head.headers.contains_key("grpc-encoding") {
        return Encoding::Identity;
    }
    head.headers.insert("grpc-encoding", HeaderValue::from_static("gzip"));
    encoding
}

async fn passed(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => sleep_until(deadline).await,
        None => pending().await,
    }
}

impl From<Status> for Failure {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Gone> for Failure {
    fn from(_: Gone) -> Self {
        Self::Gone
    }
}
