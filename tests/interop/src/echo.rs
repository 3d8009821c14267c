//! Metadata that the server sends back: handlers cannot set trailers beside a good status.

use http::{HeaderMap, HeaderValue, Response};
use http_body_util::BodyExt;
use tonic::{Status, body::Body};

/// Sent back at the beginning of an answer.
pub const INITIAL: &str = "x-grpc-test-echo-initial";

/// Sent back at its end.
pub const TRAILING: &str = "x-grpc-test-echo-trailing-bin";

/// What one request wants back.
pub(crate) struct Echo {
    initial: Option<HeaderValue>,
    trailing: Option<HeaderValue>,
}

impl Echo {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self { initial: headers.get(INITIAL).cloned(), trailing: headers.get(TRAILING).cloned() }
    }

    pub(crate) fn onto(self, response: Response<Body>) -> Response<Body> {
        let Self { initial, trailing } = self;
        // The headers of an answer without messages are its trailers.
        let trailers_only = Status::from_header_map(response.headers()).is_some();
        let (mut head, body) = response.into_parts();
        if let Some(value) = initial {
            head.headers.insert(INITIAL, value);
        }
        let Some(value) = trailing else { return Response::from_parts(head, body) };
        if trailers_only {
            head.headers.insert(TRAILING, value);
            return Response::from_parts(head, body);
        }
        let body = body.map_frame(move |mut frame| {
            if let Some(trailers) = frame.trailers_mut() {
                trailers.insert(TRAILING, value.clone());
            }
            frame
        });
        Response::from_parts(head, Body::new(body))
    }
}
