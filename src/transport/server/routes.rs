//! What is served: methods by their paths, and tower services.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    future::{Future, poll_fn, ready},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use pin_project_lite::pin_project;
use tonic::Status;
use tower_service::Service;

use super::{ServeError, incoming::Incoming, pace::Pace};
use crate::{
    BoxError, MethodDescriptor, MethodKind, Served, ServiceDescriptor,
    server::{Dispatch, Mounted, refusal, unimplemented},
};

/// A method of a service that was added.
pub(super) struct Route {
    pub(super) service: Arc<dyn Mounted>,
    /// Its place in the service's table.
    pub(super) index: usize,
    pub(super) method: &'static MethodDescriptor,
    /// Its place among the methods of all services.
    pub(super) number: usize,
    pace: Pace,
    /// The service again, for a call that comes through layers.
    http: HttpService,
}

impl Route {
    /// Whether a call of it is polled first in the task of its connection.
    pub(super) fn is_in_place(&self) -> bool {
        self.pace.is_in_place(self.service.options().placement)
    }

    /// Polls a call of it for the first time.
    pub(super) fn measure<T>(&self, poll: impl FnOnce() -> T) -> T {
        self.pace.measure(self.service.options().placement, poll)
    }

    /// Whether its caller sends one message.
    pub(super) fn takes_one(&self) -> bool {
        matches!(self.method.kind, MethodKind::Unary | MethodKind::ServerStreaming)
    }
}

/// All that a server serves. Adding to it nests no types, so that fifty services are compiled in the
/// time of fifty.
#[derive(Default)]
pub(super) struct Routes {
    methods: HashMap<&'static str, Arc<Route>>,
    /// The paths of the methods, by number.
    paths: Vec<&'static str>,
    services: Vec<&'static ServiceDescriptor>,
    /// Tower services by the name that stands first in their paths.
    mounted: HashMap<String, HttpService>,
    fallback: Option<HttpService>,
}

/// What a path names.
pub(super) enum Found<'a> {
    Method(&'a Arc<Route>),
    /// A tower service: one that is mounted, the fallback, or the layers around everything.
    Tower(&'a HttpService),
    Nothing(Status),
}

impl Routes {
    /// Adds a service.
    pub(super) fn add<C, S>(&mut self, served: Served<C, S>) -> Result<(), ServeError>
    where
        C: Dispatch<S>,
        S: Send + Sync + 'static,
    {
        self.is_free(&C::DESCRIPTOR.full_name())?;
        self.services.push(C::DESCRIPTOR);
        let http = HttpService::new(served.clone());
        let service: Arc<dyn Mounted> = Arc::new(served.mounted());
        for (index, method) in C::DESCRIPTOR.methods.iter().enumerate() {
            let (service, http) = (Arc::clone(&service), http.clone());
            let (number, pace) = (self.paths.len(), Pace::new());
            let route = Route { service, index, method, number, pace, http };
            self.paths.push(method.path);
            self.methods.insert(method.path, Arc::new(route));
        }
        Ok(())
    }

    /// Adds a tower service under a name.
    pub(super) fn mount(&mut self, name: &str, service: HttpService) -> Result<(), ServeError> {
        self.is_free(name)?;
        self.mounted.insert(name.to_owned(), service);
        Ok(())
    }

    /// Adds a tower service for every other path.
    pub(super) fn set_fallback(&mut self, service: HttpService) {
        self.fallback = Some(service);
    }

    /// The name of a tower service that was mounted, the first by the alphabet.
    pub(super) fn mounted(&self) -> Option<&str> {
        self.mounted.keys().min().map(String::as_str)
    }

    /// The path of the method with a number; empty where there is none.
    pub(super) fn path(&self, number: usize) -> &'static str {
        self.paths.get(number).copied().unwrap_or_default()
    }

    fn is_free(&self, name: &str) -> Result<(), ServeError> {
        if self.has(name) || self.mounted.contains_key(name) {
            return Err(ServeError::new(format!("the service {name} was added twice")));
        }
        Ok(())
    }

    /// The services that have descriptors.
    #[cfg(feature = "reflection")]
    pub(super) fn services(&self) -> &[&'static ServiceDescriptor] {
        &self.services
    }

    /// The full names of all services.
    #[cfg(any(feature = "health", feature = "reflection"))]
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let ours = self.services.iter().map(|it| it.full_name());
        ours.chain(self.mounted.keys().cloned())
    }

    fn has(&self, name: &str) -> bool {
        self.services.iter().any(|it| it.full_name() == name)
    }

    pub(super) fn find(&self, path: &str) -> Found<'_> {
        if let Some(route) = self.methods.get(path) {
            return Found::Method(route);
        }
        let service = path.trim_start_matches('/').rsplit_once('/').map_or("", |it| it.0);
        if let Some(service) = self.mounted.get(service) {
            return Found::Tower(service);
        }
        match &self.fallback {
            // A service that is there answers for its own name.
            Some(fallback) if !self.has(service) => Found::Tower(fallback),
            _ => Found::Nothing(unimplemented(path, self.services.iter().copied())),
        }
    }
}

/// The same for a call that comes through layers.
impl Call for Routes {
    fn call(&self, request: Request<Incoming>) -> HttpFuture {
        match self.find(request.uri().path()) {
            Found::Method(route) => route.http.0.call(request),
            Found::Tower(service) => service.0.call(request),
            Found::Nothing(status) => {
                let content_type = request.headers().get(http::header::CONTENT_TYPE);
                let response = match refusal(request.method(), content_type) {
                    Some(refusal) => refusal.into_response().map(ServerBody::from),
                    None => status.into_http(),
                };
                Box::pin(ready(Ok(response)))
            }
        }
    }
}

/// The future of an answer in HTTP.
pub(super) type HttpFuture =
    Pin<Box<dyn Future<Output = Result<Response<ServerBody>, Infallible>> + Send>>;

/// All that a [`Server`](super::Server) serves, as a tower service: what layers are put around.
#[derive(Clone)]
pub struct HttpService(Arc<dyn Call>);

trait Call: Send + Sync {
    fn call(&self, request: Request<Incoming>) -> HttpFuture;
}

impl HttpService {
    pub(super) fn new<S, B>(service: S) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Future: Send,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(Arc::new(Erased(service)))
    }

    pub(super) fn of(routes: Arc<Routes>) -> Self {
        Self(routes)
    }

    pub(super) fn answer(&self, request: Request<Incoming>) -> HttpFuture {
        self.0.call(request)
    }
}

impl Service<Request<Incoming>> for HttpService {
    type Response = Response<ServerBody>;
    type Error = Infallible;
    type Future = HttpFuture;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Incoming>) -> HttpFuture {
        self.answer(request)
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

struct Erased<S>(S);

impl<S, B> Call for Erased<S>
where
    S: Service<Request<Incoming>, Response = Response<B>> + Clone + Send + Sync + 'static,
    S::Future: Send,
    S::Error: Into<BoxError>,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    fn call(&self, request: Request<Incoming>) -> HttpFuture {
        let mut service = self.0.clone();
        Box::pin(async move {
            let answered = async {
                poll_fn(|cx| service.poll_ready(cx)).await?;
                service.call(request).await
            };
            Ok(match answered.await {
                Ok(response) => response.map(ServerBody::new),
                // A layer may fail with a status.
                Err(error) => Status::from_error(error.into()).into_http(),
            })
        })
    }
}

/// The body of an answer, of whatever a server serves.
#[derive(Default)]
pub struct ServerBody(Option<Pin<Box<dyn http_body::Body<Data = Bytes, Error = BoxError> + Send>>>);

impl ServerBody {
    fn new<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    {
        Self(Some(Box::pin(MapError { body })))
    }
}

impl From<Bytes> for ServerBody {
    fn from(bytes: Bytes) -> Self {
        Self::new(crate::ResponseBody::from(bytes))
    }
}

impl http_body::Body for ServerBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        match &mut self.0 {
            Some(body) => body.as_mut().poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.0.as_ref().is_none_or(|body| body.is_end_stream())
    }
}

impl fmt::Debug for ServerBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerBody").finish_non_exhaustive()
    }
}

pin_project! {
    /// A body whose errors are of one type.
    struct MapError<B> {
        #[pin]
        body: B,
    }
}

impl<B: http_body::Body<Error: Into<BoxError>>> http_body::Body for MapError<B> {
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        self.project().body.poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }
}
