//! What generated code calls. Not part of the public interface: it changes with the macro.

pub use std::sync::Arc;

pub use prost;
pub use tonic::codec::CompressionEncoding;

pub use crate::{
    Message, MethodDescriptor, MethodKind, Request, Response, ServiceDescriptor, Status, Streaming,
    TypeRef,
};

/// What a foreign error is passed on as.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The stream of messages whose items are `R`, a `Result<Message, Error>`.
pub type Messages<R> = Streaming<<R as Outcome>::Message, <R as Outcome>::Error>;

/// The two sides of a `Result`, also of one behind an alias.
pub trait Outcome {
    /// What there is when it went well.
    type Message;
    /// What there is when it did not.
    type Error;
}

impl<M, E> Outcome for Result<M, E> {
    type Message = M;
    type Error = E;
}

/// The client half.
#[cfg(feature = "client")]
pub mod client {
    pub use std::time::Duration;

    pub use http::Uri;
    pub use tonic::{
        service::interceptor::{InterceptedService, Interceptor},
        transport::{Channel, Endpoint, Error as TransportError},
    };

    pub use crate::client::{Caller, Transport, direct, envelope, plain};

    /// Connects to a server.
    pub async fn connect<D>(server: D) -> Result<Channel, TransportError>
    where
        D: TryInto<Endpoint, Error: Into<super::BoxError>>,
    {
        Endpoint::new(server)?.connect().await
    }
}

/// The server half.
#[cfg(feature = "server")]
pub mod server {
    pub use std::{
        convert::Infallible,
        task::{Context, Poll},
    };

    pub use tonic::{body::Body, server::NamedService};
    pub use tower_service::Service;

    pub use crate::{
        request::RequestBody,
        server::{Host, ResponseFuture, envelope, plain},
    };

    /// A request as a transport delivers it.
    pub type HttpRequest<B> = http::Request<B>;

    /// An answer as a transport takes it.
    pub type HttpResponse = http::Response<Body>;
}

/// The body of a method that is not written yet.
pub fn unimplemented<U, E: From<Status>>(method: &str) -> Result<U, E> {
    Err(E::from(Status::unimplemented(format!("method {method} not implemented"))))
}

/// The same for a method that returns a stream at once.
pub fn unimplemented_stream<U, E>(method: &str) -> Streaming<U, E>
where
    U: Send + 'static,
    E: From<Status> + Send + 'static,
{
    Streaming::new(tokio_stream::once(unimplemented(method)))
}

/// Fails to compile, with the text of [`Message`], where `M` is not one.
pub const fn assert_message<M: Message>() {}
