//! The contract, which is gRPC's own.

use std::{collections::BTreeMap, fmt};

use tokio_stream::Stream;
use tonic::{Request, Status};

use crate::{message, service};

crate::package!(
    "grpc.health.v1",
    file = "grpc/health/v1/health.proto",
    csharp_namespace = "Grpc.Health.V1",
    go_package = "google.golang.org/grpc/health/grpc_health_v1",
    java_multiple_files = true,
    java_outer_classname = "HealthProto",
    java_package = "io.grpc.health.v1",
    objc_class_prefix = "GrpcHealthV1",
);

/// How the services of a server are.
#[service]
pub trait Health {
    /// How one service is now, or NOT_FOUND where the server does not know it.
    async fn check(&self, request: HealthCheckRequest) -> Result<HealthCheckResponse, Status>;
    /// How all services are now. Not for balancers, which ask for one service, and rather watch it.
    async fn list(&self, request: HealthListRequest) -> Result<HealthListResponse, Status>;
    /// How one service is, and again each time that this changes. One that the server does not know is
    /// SERVICE_UNKNOWN, and may become known later.
    fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> impl Stream<Item = Result<HealthCheckResponse, Status>>;
}

/// Which service is asked for.
#[message]
pub struct HealthCheckRequest {
    /// Its full name: `ecommerce.OrderManagement`. Without one, the server as a whole.
    #[tag(1)]
    pub service: String,
}

/// How a service is.
#[message]
pub struct HealthCheckResponse {
    /// How it is.
    #[tag(1, enumeration = ServingStatus)]
    pub status: i32,
}

impl From<ServingStatus> for HealthCheckResponse {
    fn from(status: ServingStatus) -> Self {
        Self { status: status.into() }
    }
}

/// Whether a service can do its work.
#[message(name = "HealthCheckResponse.ServingStatus")]
pub enum ServingStatus {
    /// Nobody has said.
    #[tag(name = "UNKNOWN")]
    Unknown = 0,
    /// It can.
    #[tag(name = "SERVING")]
    Serving = 1,
    /// It cannot, or soon will not: callers go elsewhere.
    #[tag(name = "NOT_SERVING")]
    NotServing = 2,
    /// The server does not know such a service. Used by `watch` alone.
    #[tag(name = "SERVICE_UNKNOWN")]
    ServiceUnknown = 3,
}

/// As the protocol calls it: `NOT_SERVING`.
impl fmt::Display for ServingStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "UNKNOWN",
            Self::Serving => "SERVING",
            Self::NotServing => "NOT_SERVING",
            Self::ServiceUnknown => "SERVICE_UNKNOWN",
        })
    }
}

/// Asks for all services.
#[message]
pub struct HealthListRequest {}

/// How all services are.
#[message]
pub struct HealthListResponse {
    /// By their full names; the server as a whole has the empty one.
    #[tag(1)]
    pub statuses: BTreeMap<String, HealthCheckResponse>,
}
