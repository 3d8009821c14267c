//! Health checks: `grpc.health.v1`, as balancers, orchestrators and other callers ask for it.
//!
//! [`Server::health`](crate::Server::health) answers them, and knows most of the answers by itself: what it
//! serves is SERVING, what it does not serve is unknown, and once it is told to end nothing is SERVING any more.
//! What it cannot know, the program says by its [`HealthReporter`]:
//!
//! ```
//! # #[cfg(feature = "transport")] {
//! use traitwire::{Server, health::{HealthReporter, ServingStatus}};
//!
//! let health = HealthReporter::new();
//! let server = Server::new().health(&health);
//! // server.add(OrdersServer::new(shop)).serve(listener, shutdown_signal()).await?;
//!
//! // When the database is away, and when it is back:
//! health.set("ecommerce.OrderManagement", ServingStatus::NotServing);
//! health.set("ecommerce.OrderManagement", ServingStatus::Serving);
//! # }
//! ```
//!
//! Other servers than this library's mount [`HealthServer::new(health.clone())`](HealthServer), and the program
//! says there what is served, and when it ends: [`HealthReporter::shut_down`].
//!
//! A client asks by [`HealthClient`]; in the same process, by `HealthClient::in_process(health)`.

mod contract;

use std::{collections::BTreeMap, future::pending, sync::Arc};

use tokio::sync::watch;
use tokio_stream::Stream;
use tonic::{Request, Status};

#[cfg(feature = "client")]
pub use self::contract::HealthClient;
pub use self::contract::{
    HEALTH, Health, HealthCheckRequest, HealthCheckResponse, HealthContract, HealthListRequest,
    HealthListResponse, HealthServer, ServingStatus,
};
use crate::{ServerShutdown, stream_fn};

/// How the services of a server are, said by the program and by the server, and asked for by callers.
///
/// Clones are of the same reporter. It belongs to one server: when that one ends, all is NOT_SERVING.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), traitwire::Status> {
/// use traitwire::health::{Health, HealthCheckRequest, HealthClient, HealthReporter, ServingStatus};
///
/// let health = HealthReporter::new();
/// health.set("shop.Orders", ServingStatus::NotServing);
///
/// let client = HealthClient::in_process(health);
/// let request = HealthCheckRequest { service: "shop.Orders".to_owned() };
/// assert_eq!(client.check(request).await?.status(), ServingStatus::NotServing);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct HealthReporter(Arc<watch::Sender<Report>>);

/// What a reporter knows.
#[derive(Clone, Debug)]
struct Report {
    /// By the full name of the service; that of the whole server is empty.
    services: BTreeMap<String, ServingStatus>,
    /// Whether all of it ends.
    is_over: bool,
}

impl HealthReporter {
    /// One that knows no service yet; the server as a whole, which is `""`, is SERVING.
    #[must_use]
    pub fn new() -> Self {
        let services = [(String::new(), ServingStatus::Serving)].into();
        Self(Arc::new(watch::Sender::new(Report { services, is_over: false })))
    }

    /// Says how a service is, by its full name: `ecommerce.OrderManagement`. `""` is the server as a whole.
    ///
    /// Those who watch it are told at once. The others hear it when they ask.
    pub fn set(&self, service: impl Into<String>, status: ServingStatus) {
        self.0.send_if_modified(|report| {
            report.services.insert(service.into(), status) != Some(status)
        });
    }

    /// Says that the server ends: everything is NOT_SERVING from now on, whatever is set later.
    ///
    /// A [`Server`](crate::Server) says this itself.
    pub fn shut_down(&self) {
        self.0.send_modify(|report| report.is_over = true);
    }

    /// Says what a server serves. What the program has said of it stands.
    #[cfg(feature = "transport")]
    pub(crate) fn serves(&self, services: impl IntoIterator<Item = String>) {
        self.0.send_modify(|report| {
            for service in services {
                report.services.entry(service).or_insert(ServingStatus::Serving);
            }
        });
    }
}

impl Default for HealthReporter {
    fn default() -> Self {
        Self::new()
    }
}

impl Report {
    /// How a service is, if it is known.
    fn of(&self, service: &str) -> Option<ServingStatus> {
        let status = *self.services.get(service)?;
        Some(if self.is_over { ServingStatus::NotServing } else { status })
    }
}

impl Health for HealthReporter {
    async fn check(&self, request: HealthCheckRequest) -> Result<HealthCheckResponse, Status> {
        let service = request.service;
        match self.0.borrow().of(&service) {
            Some(status) => Ok(status.into()),
            None => Err(Status::not_found(format!("unknown service {service}"))),
        }
    }

    async fn list(&self, _: HealthListRequest) -> Result<HealthListResponse, Status> {
        let report = self.0.borrow();
        let names = report.services.keys().cloned();
        let statuses = names.filter_map(|name| Some((name.clone(), report.of(&name)?.into())));
        Ok(HealthListResponse { statuses: statuses.collect() })
    }

    fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> impl Stream<Item = Result<HealthCheckResponse, Status>> {
        stream_fn(async move |mut out| {
            let shutdown = request.extensions().get::<ServerShutdown>().cloned();
            let service = request.into_inner().service;
            let mut ends = std::pin::pin!(async {
                match shutdown {
                    Some(shutdown) => shutdown.begun().await,
                    None => pending().await,
                }
            });
            let mut reports = self.0.subscribe();
            let mut told = None;
            loop {
                let status = reports.borrow_and_update().of(&service);
                let status = status.unwrap_or(ServingStatus::ServiceUnknown);
                if told.replace(status) != Some(status) {
                    out.send(status.into()).await?;
                }
                tokio::select! {
                    // What has been said is told before the end.
                    biased;
                    changed = reports.changed() => changed.expect("this reporter is there"),
                    () = &mut ends => {
                        return Err(Status::unavailable("the server is shutting down"));
                    }
                }
            }
        })
    }
}
