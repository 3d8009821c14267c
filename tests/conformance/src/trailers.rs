//! What the interface of the library cannot say yet; this module goes away when it can.
//!
//! - A handler cannot send trailers beside a good status: here it puts [`Trailers`] into the
//!   extensions of its response.
//! - A client cannot tell headers from trailers, and sees no trailers of a stream: here it puts a
//!   [`Seen`] into the extensions of its request.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use http::{HeaderMap, Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt;
use tonic::{
    body::Body,
    transport::{self, Channel},
};
use tower::{Service, ServiceExt, service_fn, util::BoxCloneSyncService};

/// What is sent at the end of a response, beside its status.
#[derive(Clone)]
pub(crate) struct Trailers(pub(crate) HeaderMap);

/// Sends the [`Trailers`] of responses.
pub(crate) fn serving<S>(
    service: S,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ 'static
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
    S: Clone + Send + 'static,
    S::Future: Send,
{
    service.map_response(|mut response: Response<Body>| {
        let Some(Trailers(more)) = response.extensions_mut().remove() else { return response };
        response.map(|body| {
            Body::new(body.map_frame(move |mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    append(trailers, &more);
                }
                frame
            }))
        })
    })
}

fn append(map: &mut HeaderMap, more: &HeaderMap) {
    for (name, value) in more {
        map.append(name, value.clone());
    }
}

/// The headers and the trailers of a response, as far as they have come.
#[derive(Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<(HeaderMap, HeaderMap)>>);

impl Seen {
    pub(crate) fn headers(&self) -> HeaderMap {
        self.lock().0.clone()
    }

    pub(crate) fn trailers(&self) -> HeaderMap {
        self.lock().1.clone()
    }

    fn lock(&self) -> MutexGuard<'_, (HeaderMap, HeaderMap)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A connection that fills the [`Seen`] of requests.
pub(crate) type Watched = BoxCloneSyncService<Request<Body>, Response<Body>, transport::Error>;

pub(crate) fn calling(channel: Channel) -> Watched {
    BoxCloneSyncService::new(service_fn(move |request: Request<Body>| {
        let channel = channel.clone();
        async move {
            let seen = request.extensions().get::<Seen>().cloned().unwrap_or_default();
            let response = channel.oneshot(request).await?;
            let headers = response.headers().clone();
            // The headers of a response without a body are its trailers.
            match response.body().is_end_stream() {
                true => seen.lock().1 = headers,
                false => seen.lock().0 = headers,
            }
            Ok(response.map(|body| {
                Body::new(body.inspect_frame(move |frame| {
                    if let Some(trailers) = frame.trailers_ref() {
                        seen.lock().1.clone_from(trailers);
                    }
                }))
            }))
        }
    }))
}
