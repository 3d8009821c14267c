//! 7. What is hosted: two maps, from a service's name to the service, and from there to its methods.

use std::{
    collections::{HashMap, HashSet},
    convert::Infallible,
    error::Error,
    future::Future,
    pin::Pin,
};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;
use traitwire::{ServiceDescriptor, Status, tonic::body::Body};

/// What can be hosted: an `XServer` of `#[service]`, and every other tower service that takes a
/// request and answers it.
pub trait Hosted:
    Service<
        Request<Body>,
        Response = Response<<Self as Hosted>::Answer>,
        Error = Infallible,
        Future: Send,
    > + Clone
    + Send
    + Sync
    + 'static
{
    /// The body of an answer.
    type Answer: http_body::Body<Data = Bytes, Error: Error + Send + Sync> + Send + 'static;
}

impl<S, B> Hosted for S
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Error + Send + Sync> + Send + 'static,
{
    type Answer = B;
}

/// A hosted service, whatever its type is.
pub(crate) type Handler = Box<dyn Fn(Request<Body>) -> Handling + Send + Sync>;

/// A call, on its way to a response.
pub(crate) type Handling = Pin<Box<dyn Future<Output = Response<Body>> + Send>>;

/// The services of a server.
#[derive(Default)]
pub(crate) struct Services {
    services: HashMap<String, ServiceInfo>,
    unknown: Option<Handler>,
}

struct ServiceInfo {
    methods: HashSet<&'static str>,
    handler: Handler,
}

impl Services {
    pub(crate) fn register(
        &mut self,
        descriptor: &'static ServiceDescriptor,
        service: impl Hosted,
    ) {
        let name = descriptor.full_name();
        let methods = descriptor.methods.iter().map(|method| method.name).collect();
        let info = ServiceInfo { methods, handler: handler(service) };
        let before = self.services.insert(name, info);
        assert!(before.is_none(), "{} is registered twice", descriptor.full_name());
    }

    pub(crate) fn register_unknown(&mut self, service: impl Hosted) {
        self.unknown = Some(handler(service));
    }

    // 7. The service that has the method of this path: `/package.Service/Method`.
    pub(crate) fn look_up(&self, path: &str) -> Result<&Handler, Status> {
        let names = path.strip_prefix('/').and_then(|names| names.rsplit_once('/'));
        let Some((service, method)) = names else {
            return Err(Status::unimplemented(format!("malformed method name: {path:?}")));
        };
        let text = match self.services.get(service) {
            Some(info) if info.methods.contains(method) => return Ok(&info.handler),
            Some(_) => format!("unknown method {method} for service {service}"),
            None => format!("unknown service {service}"),
        };
        self.unknown.as_ref().ok_or_else(|| Status::unimplemented(text))
    }
}

fn handler(service: impl Hosted) -> Handler {
    Box::new(move |request| {
        let mut service = service.clone();
        Box::pin(async move {
            let Ok(()) = std::future::poll_fn(|cx| service.poll_ready(cx)).await;
            let Ok(response) = service.call(request).await;
            response.map(Body::new)
        })
    })
}
