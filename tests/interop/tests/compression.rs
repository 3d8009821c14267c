//! Server and client compress where a case asks for it, and nowhere else.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use http::{Request, Response};
use interop::{
    cases::{Ours, Stack, Stock},
    contract::{
        ResponseParameters, SimpleRequest, StreamingInputCallRequest, StreamingOutputCallRequest,
        TestService,
    },
    service, stock,
    wire::Seen,
};
use tonic::body::Body;
use tower::{Service, ServiceExt, service_fn};
use traitwire::{Incoming, StreamExt};
use traitwire_tests::{Server, serve_http};

use crate::outcome;

async fn answers_plainly_unasked(server: Server) {
    let client = <Ours>::accepting_compressed(server.connect().await);
    let plain = |seen: Seen| assert_eq!(seen.next_is_compressed(), Some(false));

    let request = SimpleRequest { response_size: 1000, ..SimpleRequest::default() };
    let response = client.unary_call(traitwire::Request::new(request)).await.unwrap();
    plain(Seen::of(response.extensions()));

    let requests = [StreamingInputCallRequest::default()].into_iter().collect();
    let response = client.streaming_input_call(traitwire::Request::new(requests)).await.unwrap();
    plain(Seen::of(response.extensions()));

    let request = StreamingOutputCallRequest {
        response_parameters: vec![ResponseParameters { size: 1000, ..Default::default() }],
        ..StreamingOutputCallRequest::default()
    };
    let answer = client.streaming_output_call(traitwire::Request::new(request.clone())).await;
    let seen = Seen::of(answer.as_ref().unwrap().extensions());
    let messages = answer.unwrap().into_inner().collect::<Vec<_>>().await;
    assert!(matches!(messages[..], [Ok(_)]));
    plain(seen);

    let requests = [request].into_iter().collect();
    let answer = client.full_duplex_call(traitwire::Request::new(requests)).await;
    let seen = Seen::of(answer.as_ref().unwrap().extensions());
    let messages = answer.unwrap().into_inner().collect::<Vec<_>>().await;
    assert!(matches!(messages[..], [Ok(_)]));
    plain(seen);
}

#[tokio::test]
async fn an_answer_is_plain_unless_it_is_asked_for_compressed() {
    answers_plainly_unasked(serve_http(service::server()).await).await;
    answers_plainly_unasked(serve_http(stock::server()).await).await;
}

/// Serves, and notes the encoding that each request announces.
fn noting(
    noted: Arc<Mutex<Vec<Option<String>>>>,
) -> impl Service<Request<Incoming>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static {
    let server = service::server();
    service_fn(move |request: Request<Incoming>| {
        let encoding = request.headers().get("grpc-encoding");
        let encoding = encoding.map(|it| it.to_str().expect("a name").to_owned());
        noted.lock().expect("nobody panics").push(encoding);
        server.clone().oneshot(request)
    })
}

async fn announces<S: Stack>(case: &str, expected: &[Option<&str>]) {
    let noted = Arc::<Mutex<Vec<_>>>::default();
    let server = serve_http(noting(Arc::clone(&noted))).await;
    assert_eq!(outcome::<S>(&server, case).await, Ok(()), "{case}");
    let noted = noted.lock().unwrap().clone();
    assert_eq!(noted.iter().map(Option::as_deref).collect::<Vec<_>>(), expected, "{case}");
}

#[tokio::test]
async fn a_request_announces_gzip_only_where_it_is_compressed() {
    for (case, expected) in [
        ("client_compressed_unary", &[None, Some("gzip"), None][..]),
        ("client_compressed_streaming", &[None, Some("gzip")]),
        ("server_compressed_unary", &[None, None]),
        ("server_compressed_streaming", &[None]),
    ] {
        announces::<Ours>(case, expected).await;
        announces::<Stock>(case, expected).await;
    }
}
