//! A call that tower services answer.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderMap;
use http_body::Body;
use tonic::Status;

use crate::{
    server::Foreign,
    transport::server::routes::{HttpFuture, ServerBody},
};

/// A call that tower services answer.
pub(super) enum Http {
    Answering(Foreign<HttpFuture>),
    Body(Foreign<ServerBody>),
}

/// What there is to send.
pub(super) enum Next {
    /// And whether that is all.
    Head(Box<http::response::Parts>, bool),
    Data(Bytes),
    End(Option<HeaderMap>),
    Failed(Status),
}

impl Http {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        Poll::Ready(match self {
            Self::Answering(future) => {
                let Ok(response) = ready!(future.get_mut().as_mut().poll(cx));
                let (head, body) = response.into_parts();
                let mut body = Foreign::new(body);
                let ends = body.get_mut().is_end_stream();
                *self = Self::Body(body);
                Next::Head(Box::new(head), ends)
            }
            Self::Body(body) => match ready!(Pin::new(body.get_mut()).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => Next::Data(data),
                    Err(frame) => Next::End(frame.into_trailers().ok()),
                },
                Some(Err(error)) => Next::Failed(Status::from_error(error)),
                None => Next::End(None),
            },
        })
    }
}
