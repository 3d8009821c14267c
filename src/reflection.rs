//! Server reflection, straight from the code.
//!
//! Tools such as `buf curl` and `grpcurl` ask a server what it serves, and then call it by JSON, with
//! no `.proto` file at hand. [`layer`] answers them, in both versions of the protocol:
//!
//! ```
//! # use traitwire::{Server, Status, reflection, service};
//! #[service(package = "words")]
//! pub trait Words {
//!     async fn count(&self, text: String) -> Result<u32, Status>;
//! }
//!
//! let reflection = reflection::layer(&[&WORDS])?;
//! let server = Server::new().layer(reflection);
//! // server.add(WordsServer::new(words)).serve(listener, shutdown_signal()).await?;
//! # Ok::<(), traitwire::schema::Error>(())
//! ```

use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use tonic::{body::Body, server::NamedService};
use tonic_reflection::server::Builder;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    BoxError, ServiceDescriptor,
    schema::{Error, Schema},
};

/// A layer that answers reflection for `services` (v1 and v1alpha) and passes every other call on.
///
/// A service with a `descriptor_set` is answered for with its bytes as they are, options and all;
/// put its imports into the set, as `protox` does on request.
///
/// # Errors
///
/// As [`Schema::of`], and where a descriptor set cannot be read.
///
/// # Limits
///
/// Reflection is not authenticated: whoever reaches the port may ask.
pub fn layer(services: &[&'static ServiceDescriptor]) -> Result<ReflectionLayer, Error> {
    let (given, described): (Vec<_>, Vec<_>) =
        services.iter().partition(|service| service.descriptor_set.is_some());
    let set = Schema::of(&described)?.file_descriptor_set();
    let builder = || {
        let sets = given.iter().filter_map(|service| service.descriptor_set);
        let builder = Builder::configure().register_file_descriptor_set(set.clone());
        sets.fold(builder, Builder::register_encoded_file_descriptor_set)
    };
    let invalid = |error: tonic_reflection::server::Error| {
        Error::invalid("the descriptor sets", error.to_string())
    };
    let endpoints = [
        Endpoint::of(builder().build_v1().map_err(invalid)?),
        Endpoint::of(builder().build_v1alpha().map_err(invalid)?),
    ];
    Ok(ReflectionLayer { endpoints: endpoints.into() })
}

/// Adds reflection to a server: see [`layer`].
#[derive(Clone, Debug)]
pub struct ReflectionLayer {
    endpoints: Arc<[Endpoint]>,
}

impl<S> Layer<S> for ReflectionLayer {
    type Service = Reflection<S>;

    fn layer(&self, inner: S) -> Reflection<S> {
        Reflection { endpoints: Arc::clone(&self.endpoints), inner }
    }
}

/// A server with reflection: what [`ReflectionLayer`] makes of `S`.
#[derive(Clone, Debug)]
pub struct Reflection<S> {
    endpoints: Arc<[Endpoint]>,
    inner: S,
}

type Answer<E> = Pin<Box<dyn Future<Output = Result<Response<Body>, E>> + Send>>;

impl<S, Q, B> Service<Request<Q>> for Reflection<S>
where
    S: Service<Request<Q>, Response = Response<B>, Future: Send + 'static>,
    S::Error: Send + 'static,
    Q: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Q>) -> Self::Future {
        let path = request.uri().path();
        match self.endpoints.iter().find(|endpoint| endpoint.serves(path)) {
            Some(endpoint) => {
                let answer = (endpoint.call)(request.map(Body::new));
                Box::pin(async move {
                    match answer.await {
                        Ok(response) => Ok(response),
                        Err(never) => match never {},
                    }
                })
            }
            None => {
                let answer = self.inner.call(request);
                Box::pin(async move { Ok(answer.await?.map(Body::new)) })
            }
        }
    }
}

/// One version of the reflection service.
struct Endpoint {
    name: &'static str,
    call: Box<dyn Fn(Request<Body>) -> Answer<Infallible> + Send + Sync>,
}

impl Endpoint {
    fn of<S>(service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>
            + NamedService
            + Clone
            + Send
            + Sync
            + 'static,
        S::Future: Send + 'static,
    {
        // A service that tonic generates is always ready.
        let call = move |request| -> Answer<Infallible> { Box::pin(service.clone().call(request)) };
        Self { name: S::NAME, call: Box::new(call) }
    }

    /// Whether `path` is `/name/…`.
    fn serves(&self, path: &str) -> bool {
        let rest = path.strip_prefix('/').and_then(|rest| rest.strip_prefix(self.name));
        rest.is_some_and(|rest| rest.starts_with('/'))
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Endpoint").field(&self.name).finish()
    }
}
