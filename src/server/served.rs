//! A service, as it is served.

use std::{fmt, marker::PhantomData, sync::Arc};

use bytes::Bytes;
use tonic::{Status, server::NamedService};

use super::{
    Interception, ServiceOptions,
    call::Handler,
    method::{Input, Method, One, Request, RequestHead, RequestMessages},
};
#[cfg(feature = "transport")]
use crate::intercept::Chain;
use crate::{ServiceDescriptor, codec::Writer, descriptor::Contract};

/// A service behind its contract: the `XServer` of a trait `X` is an alias of this.
///
/// It is a tower service, for any body, so it stands wherever one can: in a [`Server`](crate::Server), in
/// tonic's router, in axum beside other routes, under tower's layers.
pub struct Served<C, S> {
    pub(crate) service: Arc<S>,
    pub(crate) options: ServiceOptions,
    pub(crate) interception: Option<Arc<Interception>>,
    contract: PhantomData<fn() -> C>,
}

impl<C: Dispatch<S>, S: Send + Sync + 'static> Served<C, S> {
    /// Serves a service.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self::from_arc(Arc::new(service))
    }

    /// Serves a service that others hold too.
    #[must_use]
    pub fn from_arc(service: Arc<S>) -> Self {
        let (options, interception) = Default::default();
        Self { service, options, interception, contract: PhantomData }
    }

    /// Serves it with these options.
    #[must_use]
    pub fn with(self, options: ServiceOptions) -> Self {
        let interception = Interception::of::<C, S>(&options.intercept, &self.service);
        Self { options, interception, ..self }
    }

    /// The same with other interceptors around its own.
    #[cfg(feature = "transport")]
    pub(crate) fn within(self, outer: &Chain) -> Self {
        let mut options = self.options.clone();
        options.intercept = outer.around(&options.intercept);
        self.with(options)
    }
}

impl<C, S> Clone for Served<C, S> {
    fn clone(&self) -> Self {
        Self {
            service: self.service.clone(),
            options: self.options.clone(),
            interception: self.interception.clone(),
            contract: PhantomData,
        }
    }
}

impl<C: Contract, S> fmt::Debug for Served<C, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("service", &C::NAME).finish_non_exhaustive()
    }
}

/// So that tonic's router mounts it.
impl<C: Contract, S> NamedService for Served<C, S> {
    const NAME: &'static str = C::NAME;
}

/// What [`Server::add`](crate::Server::add) takes: the `XServer` of a trait `X`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the server of a trait",
    label = "wrap it in that of its trait `X`: `XServer::new(…)`",
    note = "a tower service of another kind is for `Server::mount` or `Server::fallback`"
)]
pub trait IntoServed {
    /// Its contract.
    type Contract: Dispatch<Self::Service>;
    /// What implements the trait.
    type Service: Send + Sync + 'static;

    /// The service behind its contract.
    fn into_served(self) -> Served<Self::Contract, Self::Service>;
}

impl<C: Dispatch<S>, S: Send + Sync + 'static> IntoServed for Served<C, S> {
    type Contract = C;
    type Service = S;

    fn into_served(self) -> Self {
        self
    }
}

/// Knows which method of an `S` a path names.
pub trait Dispatch<S>: Contract {
    /// The method of `path`, which is `/package.Service/Method`.
    fn method(path: &str) -> Option<Method<S>>;
}

/// A service in a table of several: its methods by number, as its descriptor lists them.
pub(crate) trait Mounted: Send + Sync + 'static {
    fn options(&self) -> &ServiceOptions;

    /// What its calls go through instead, where there are interceptors.
    fn interception(&self) -> Option<&Arc<Interception>>;

    /// Calls the handler of a method whose caller sends one message.
    fn start_one(
        &self,
        method: usize,
        head: RequestHead,
        message: Bytes,
        writer: Writer,
    ) -> Handler;

    /// Calls the handler of a method whose caller sends a stream.
    fn start_many(
        &self,
        method: usize,
        head: RequestHead,
        messages: RequestMessages,
        writer: Writer,
    ) -> Handler;
}

/// A service whose methods have been looked up.
struct Table<S> {
    service: Arc<S>,
    options: ServiceOptions,
    interception: Option<Arc<Interception>>,
    methods: Box<[Method<S>]>,
}

impl<C: Dispatch<S>, S: Send + Sync + 'static> Served<C, S> {
    /// The service for a table of several.
    pub(crate) fn mounted(self) -> impl Mounted {
        let methods = C::DESCRIPTOR.methods.iter().map(|method| {
            C::method(method.path).expect("the contract has each method that it describes")
        });
        Table {
            methods: methods.collect(),
            service: self.service,
            options: self.options,
            interception: self.interception,
        }
    }
}

impl<S: Send + Sync + 'static> Mounted for Table<S> {
    fn options(&self) -> &ServiceOptions {
        &self.options
    }

    fn interception(&self) -> Option<&Arc<Interception>> {
        self.interception.as_ref()
    }

    fn start_one(
        &self,
        method: usize,
        head: RequestHead,
        message: Bytes,
        writer: Writer,
    ) -> Handler {
        let Input::One(start) = self.methods[method].input() else {
            unreachable!("the caller of this method sends one message")
        };
        start.call(Arc::clone(&self.service), Request::new(head, One(message)), writer)
    }

    fn start_many(
        &self,
        method: usize,
        head: RequestHead,
        messages: RequestMessages,
        writer: Writer,
    ) -> Handler {
        let Input::Many(start) = self.methods[method].input() else {
            unreachable!("the caller of this method sends a stream")
        };
        start.call(Arc::clone(&self.service), Request::new(head, messages), writer)
    }
}

/// Says what is not there.
pub(crate) fn unimplemented<'a>(
    path: &str,
    services: impl IntoIterator<Item = &'a ServiceDescriptor>,
) -> Status {
    let mut services = services.into_iter();
    Status::unimplemented(match path.trim_start_matches('/').rsplit_once('/') {
        Some((name, method)) if services.any(|it| name == it.full_name()) => {
            format!("unknown method {method} of service {name}")
        }
        Some((name, _)) => format!("unknown service {name}"),
        None => format!("malformed path {path:?}: expected /package.Service/Method"),
    })
}
