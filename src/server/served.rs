//! A service, as it is served.

use std::{fmt, marker::PhantomData, sync::Arc};

use tonic::{Status, server::NamedService};

use super::{ServiceOptions, method::Method};
use crate::{ServiceDescriptor, descriptor::Contract};

/// A service behind its contract: the `XServer` of a trait `X` is an alias of this.
///
/// It is a tower service, for any body, so it stands wherever one can: in a [`Server`](crate::Server), in
/// tonic's router, in axum beside other routes, under tower's layers.
pub struct Served<C, S> {
    pub(crate) service: Arc<S>,
    pub(crate) options: ServiceOptions,
    contract: PhantomData<fn() -> C>,
}

impl<C: Dispatch<S>, S> Served<C, S> {
    /// Serves a service.
    #[must_use]
    pub fn new(service: S) -> Self {
        Self::from_arc(Arc::new(service))
    }

    /// Serves a service that others hold too.
    #[must_use]
    pub fn from_arc(service: Arc<S>) -> Self {
        Self { service, options: ServiceOptions::default(), contract: PhantomData }
    }

    /// Serves it with these options.
    #[must_use]
    pub fn with(self, options: ServiceOptions) -> Self {
        Self { options, ..self }
    }
}

impl<C, S> Clone for Served<C, S> {
    fn clone(&self) -> Self {
        Self { service: self.service.clone(), options: self.options, contract: PhantomData }
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

/// Knows which method of an `S` a path names.
pub trait Dispatch<S>: Contract {
    /// The method of `path`, which is `/package.Service/Method`.
    fn method(path: &str) -> Option<Method<S>>;
}

/// Says what is not there.
pub(crate) fn unimplemented(path: &str, service: &ServiceDescriptor) -> Status {
    Status::unimplemented(match path.trim_start_matches('/').rsplit_once('/') {
        Some((name, method)) if name == service.full_name() => {
            format!("unknown method {method} of service {name}")
        }
        Some((name, _)) => format!("unknown service {name}"),
        None => format!("malformed path {path:?}: expected /package.Service/Method"),
    })
}
