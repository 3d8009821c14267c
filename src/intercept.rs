//! Interceptors: what is done around every call, on either side.
//!
//! An interceptor is an async function. It gets the [`Call`] before the handler starts, or before the request is
//! sent, and what stands behind it as [`Next`]:
//!
//! ```
//! use traitwire::{Server, ServiceOptions, Status, service};
//! use traitwire::intercept::{Call, End, Next, from_fn};
//!
//! async fn authorize(mut call: Call, next: Next) -> Result<End, Status> {
//!     let name = match call.metadata().get("x-user").map(|it| it.to_str()) {
//!         Some(Ok(name)) => name.to_owned(),
//!         // The handler never starts.
//!         _ => return Err(Status::unauthenticated("say who you are")),
//!     };
//!     // The handler finds it in its `Request`.
//!     call.extensions_mut().insert(User(name));
//!     next.run(call).await
//! }
//!
//! #[derive(Clone)]
//! struct User(String);
//!
//! # #[service]
//! # trait Orders {
//! #     async fn get(&self, id: String) -> Result<String, Status>;
//! # }
//! # fn example(shop: impl Orders) {
//! // Around all services of a server …
//! let server = Server::new().intercept(from_fn(authorize));
//! // … or around one, wherever it is served.
//! let orders = OrdersServer::new(shop).with(ServiceOptions::new().intercept(from_fn(authorize)));
//! # }
//! ```
//!
//! [`next.run(call)`](Next::run) is done when the call is: on the server when the handler and its stream have ended
//! and before the status leaves, on the client when the status has come. So one function is around calls of all four
//! shapes, and no stream passes it by.
//!
//! # What an interceptor can do
//!
//! | to | it |
//! |---|---|
//! | refuse a call | returns an `Err` without [`run`](Next::run) |
//! | know what is called | looks at [`Call::method`], [`Call::service`], [`Call::peer`], [`Call::remaining`] |
//! | read or change metadata | uses [`Call::metadata`] and [`Call::metadata_mut`]; of the answer, [`Call::on_response`] |
//! | hand something to the handler | puts it into [`Call::extensions_mut`] |
//! | see messages | asks for them: [`Call::inspect_requests`], [`Call::inspect_responses`] |
//! | answer by itself | uses [`Call::respond`] |
//! | know how the call ended | looks at what `run` gives, or uses [`Call::on_end`], which also hears of a call that is dropped |
//! | do it again | keeps a [`Call::try_clone`] |
//!
//! # On the client
//!
//! ```
//! use traitwire::{CallOptions, Status, service};
//! use traitwire::intercept::{Call, End, Next, from_fn};
//!
//! async fn with_token(mut call: Call, next: Next) -> Result<End, Status> {
//!     call.metadata_mut().insert("authorization", "Bearer …".parse().expect("ASCII"));
//!     next.run(call).await
//! }
//! # #[service]
//! # trait Orders {
//! #     async fn get(&self, id: String) -> Result<String, Status>;
//! # }
//! # fn example(client: OrdersClient) {
//! let client = client.with(CallOptions::new().intercept(from_fn(with_token)));
//! # }
//! ```
//!
//! # Order
//!
//! The first that was added is the outermost: it sees the call first, and its end last. Those of a
//! [`Server`](crate::Server) are outside of those of its services.
//!
//! # What it costs
//!
//! A call without interceptors costs what it cost. A type that implements [`Intercept`] takes part in a unary call
//! without an allocation. A function is one allocation a call, because its future has to live somewhere, and on the
//! client there is one more for all functions together. A call that streams has one for its counters, and on the
//! client two to hand its messages over.
//!
//! # Limits
//!
//! - A call that is not let in, because its method is unknown, its metadata too long or its message incomplete, never
//!   reaches the interceptors.
//! - A deadline bounds the interceptors too: when it passes, a server drops them where they stand, and what
//!   [`Call::on_end`] was given hears of it.
//! - A panic in an interceptor ends its call like one in the handler, with INTERNAL.

mod call;
mod chain;
mod ended;
mod flow;
mod next;

use std::{future::Future, pin::Pin};

use tonic::Status;

pub use self::{
    call::Call,
    ended::{End, Ended, Traffic},
    next::Next,
};
pub(crate) use self::{
    call::{Half, Hooks, Info, OnResponse},
    chain::{Chain, Level},
    flow::{Flow, Inspect, Tap, count},
    next::{Inner, run},
};

/// What is done around every call.
///
/// Most interceptors are functions: see [`from_fn`]. A type that implements this trait has two short moments instead,
/// none of which waits, and needs no memory of its own for a unary call:
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use traitwire::{CallOptions, Status, service};
/// use traitwire::intercept::{Call, Ended, Intercept};
///
/// #[derive(Default)]
/// struct Failures(AtomicU64);
///
/// impl Intercept for Failures {
///     fn end(&self, ended: &Ended<'_>) {
///         if ended.error().is_some() {
///             self.0.fetch_add(1, Ordering::Relaxed);
///         }
///     }
/// }
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # fn example(client: OrdersClient) {
/// let client = client.with(CallOptions::new().intercept(Failures::default()));
/// # }
/// ```
///
/// On a [`Server`](crate::Server), `begin` runs in the task of the connection, so what computes for long belongs into
/// a function.
pub trait Intercept: Send + Sync + 'static {
    /// Sees a call before its handler starts, or before its request is sent.
    ///
    /// # Errors
    ///
    /// Whatever the call is refused with. The interceptors inside of this one do not see it, and those outside see
    /// how it ended.
    fn begin(&self, call: &mut Call) -> Result<(), Status> {
        let _ = call;
        Ok(())
    }

    /// Sees how a call ended that it let [`begin`](Self::begin), also one that was dropped.
    fn end(&self, ended: &Ended<'_>) {
        let _ = ended;
    }

    /// What is around the call instead of these two.
    #[doc(hidden)]
    fn function(&self) -> Option<&dyn Function> {
        None
    }
}

/// The future of a function around a call.
type Around = Pin<Box<dyn Future<Output = Result<End, Status>> + Send>>;

/// A function around a call.
#[doc(hidden)]
pub trait Function: Send + Sync {
    /// Calls it.
    fn call(&self, call: Call, next: Next) -> Around;
}

/// Makes an interceptor of an async function.
///
/// What the function needs besides is captured by a closure:
///
/// ```
/// use std::sync::Arc;
/// use traitwire::{Server, Status};
/// use traitwire::intercept::{Call, End, Next, from_fn};
///
/// struct Doors {
///     open: bool,
/// }
///
/// async fn guard(doors: Arc<Doors>, call: Call, next: Next) -> Result<End, Status> {
///     if !doors.open {
///         return Err(Status::unavailable("closed for today"));
///     }
///     next.run(call).await
/// }
///
/// let doors = Arc::new(Doors { open: true });
/// let server = Server::new().intercept(from_fn(move |call, next| guard(Arc::clone(&doors), call, next)));
/// ```
#[must_use]
pub fn from_fn<F, Fut>(function: F) -> FromFn<F>
where
    F: Fn(Call, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<End, Status>> + Send + 'static,
{
    FromFn(function)
}

/// What [`from_fn`] makes.
#[derive(Clone, Copy, Debug)]
pub struct FromFn<F>(F);

impl<F, Fut> Intercept for FromFn<F>
where
    F: Fn(Call, Next) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<End, Status>> + Send + 'static,
{
    fn function(&self) -> Option<&dyn Function> {
        Some(self)
    }
}

impl<F, Fut> Function for FromFn<F>
where
    F: Fn(Call, Next) -> Fut + Send + Sync,
    Fut: Future<Output = Result<End, Status>> + Send + 'static,
{
    fn call(&self, call: Call, next: Next) -> Around {
        Box::pin((self.0)(call, next))
    }
}
