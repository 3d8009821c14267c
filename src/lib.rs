//! Write one Rust trait. Traitwire makes of it a gRPC server, a client that implements the same
//! trait, and a descriptor, with the words of [tonic](https://docs.rs/tonic) and the messages of
//! [prost](https://docs.rs/prost), with no build script and no protoc.
//!
//! ```
//! use traitwire::{Status, Stream, message, service, stream_fn};
//!
//! #[service(package = "shop")]
//! pub trait Orders {
//!     /// One order, or NOT_FOUND.
//!     async fn get(&self, id: &str) -> Result<Order, Status>;
//!     /// Every order of the shop.
//!     fn list(&self) -> impl Stream<Item = Result<Order, Status>>;
//! }
//!
//! #[message(package = "shop")]
//! pub struct Order {
//!     #[tag(1)]
//!     pub id: String,
//! }
//!
//! struct Shop(Vec<Order>);
//!
//! impl Orders for Shop {
//!     async fn get(&self, id: &str) -> Result<Order, Status> {
//!         let order = self.0.iter().find(|order| order.id == id);
//!         order.cloned().ok_or_else(|| Status::not_found(format!("no order {id}")))
//!     }
//!
//!     fn list(&self) -> impl Stream<Item = Result<Order, Status>> {
//!         stream_fn(async |mut out| {
//!             for order in &self.0 {
//!                 out.send(order.clone()).await?;
//!             }
//!             Ok(())
//!         })
//!     }
//! }
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Status> {
//! let shop = Shop(vec![Order { id: "106".to_owned() }]);
//! let client = OrdersClient::in_process(shop);
//!
//! assert_eq!(client.get("106").await?.id, "106");
//! let mut orders = client.list();
//! while let Some(order) = orders.message().await? {
//!     println!("{}", order.id);
//! }
//! # Ok(())
//! # }
//! ```
//!
//! [`service`] says what a trait may look like and what is made of it. Over a socket, [`Server`]
//! serves `OrdersServer::new(shop)`, and `OrdersClient::connect("http://127.0.0.1:50051")` calls it.
//!
//! The book
//! [From Trait to Wire](https://github.com/traitwire/traitwire/tree/main/book/en/SUMMARY.md)
//! teaches gRPC with this library, one program a chapter.
//!
//! # Where to look
//!
//! | for | see |
//! |---|---|
//! | the four shapes of a call, names, defaults | [`service`] |
//! | messages | [`message`](macro@message), [`Message`], [`Describe`](trait@Describe) |
//! | streams, in and out | [`Streaming`], [`stream_fn`], [`Sender`] |
//! | calling, and over what | [`Client`], [`CallOptions`], [`Channel`], [`Transport`] |
//! | metadata | [`Request`], [`Response`], [`Trailers`], [`Received`] |
//! | serving, and its limits | [`Server`], [`ServiceOptions`], [`Listener`], [`Peer`] |
//! | errors: an enum as a status and back | [`RpcError`](derive@RpcError) |
//! | time limits | [`deadline`] |
//! | what is done around every call | [`intercept`] |
//! | the service as data | [`ServiceDescriptor`], [`describe`] |
//! | `.proto` files, what changed in them, a lock, contract first | [`schema`] |
//! | health checks | `health` |
//! | what a server is doing | [`Monitor`] |
//! | server reflection | `reflection` |
//!
//! # Features
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | `server` | the `XServer` types | yes |
//! | `client` | the `XClient` types | yes |
//! | `transport` | sockets: [`Server`], and [`Channel`] | yes |
//! | `prost-types` | schemas as `FileDescriptorSet`; `Describe` for `prost_types::Timestamp` and its kin; `schema::check` | no |
//! | `lock` | `schema::Lock`: a folder of accepted `.proto` files | no |
//! | `health` | health checks, `grpc.health.v1`, fed by the server itself | no |
//! | `reflection` | server reflection, v1 and v1alpha | no |
//! | `tls` | [`tls`]: `Server::tls`, and `https://` for `Channel`, with the cryptography of ring; `tls-no-provider` is without it | no |
//! | `tls-native-roots` | the authorities that the platform trusts, and `https://` without more | no |
//! | `proxy` | `ChannelBuilder::proxy`: connections through HTTP CONNECT and SOCKS5 | no |
//! | `service-config` | `ServiceConfig::from_json`: gRPC's service config | no |
//! | `proxy-protocol` | `Server::proxy_protocol`: who has connected to the balancer in front | no |
//! | `tonic-channel` | `TonicChannel`: calls over tonic's own channel, or a tower service with tonic's bodies | no |
//! | `gzip`, `deflate`, `zstd` | compression of messages: [`Compression`] | no |
//!
//! Without `transport` the client builds for `wasm32-unknown-unknown`, over a tower service that calls what the
//! program around it gives.
//!
//! A crate that holds only a contract, for servers and clients to share, turns the defaults off and
//! lets each side turn its own half on.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![warn(clippy::missing_errors_doc, clippy::must_use_candidate)]
// Each half uses its own part of what both share.
#![cfg_attr(
    not(all(feature = "server", feature = "client")),
    allow(dead_code, unreachable_pub, unused_imports)
)]

// The contracts in here are written as everybody's are.
#[cfg(any(feature = "health", feature = "reflection"))]
extern crate self as traitwire;

mod call;
#[cfg(feature = "client")]
mod client;
mod clock;
// What only sockets use is there without them too.
#[cfg_attr(not(feature = "transport"), allow(dead_code))]
mod codec;
pub mod deadline;
pub mod describe;
mod descriptor;
#[cfg(feature = "health")]
pub mod health;
#[cfg(any(feature = "client", feature = "server"))]
pub mod intercept;
mod message;
#[cfg(feature = "reflection")]
pub mod reflection;
#[doc(hidden)]
pub mod rt;
pub mod schema;
#[cfg(feature = "server")]
#[cfg_attr(not(feature = "transport"), allow(dead_code, unused_imports))]
mod server;
mod status;
mod stream;
#[cfg(all(feature = "transport", any(feature = "client", feature = "server")))]
mod transport;

pub use call::Trailers;
#[cfg(all(feature = "client", feature = "server"))]
pub use client::InProcess;
#[cfg(feature = "tonic-channel")]
pub use client::TonicChannel;
#[cfg(feature = "client")]
pub use client::{
    BoxTransport, CallOptions, Client, DefaultTransport, RawClient, RequestBody, Transport,
};
pub use codec::Compression;
pub use describe::Describe;
pub use descriptor::{Idempotency, MethodDescriptor, MethodKind, ServiceDescriptor, TypeRef};
pub use message::{Message, RawMessage};
pub use prost;
#[cfg(feature = "server")]
pub use server::{
    IntoServed, MethodPath, Peer, Placement, ResponseBody, ResponseFuture, Served, ServerShutdown,
    ServiceOptions, UnknownMethods, unknown_methods,
};
use status::BoxError;
pub use status::{
    Received,
    details::RpcError,
    rpc::{FieldViolation, ResourceInfo},
};
pub use stream::{SendError, Sender, Streaming, stream_fn};
pub use tokio_stream::{Stream, StreamExt};
#[cfg(feature = "client")]
pub use tokio_util::sync::CancellationToken;
pub use tonic::{self, Code, Request, Response, Status};
#[cfg(feature = "service-config")]
pub use transport::channel::ServiceConfigError;
#[cfg(all(feature = "client", feature = "transport"))]
pub use transport::channel::{
    Balance, CallPolicy, Channel, ChannelBuilder, ConnectError, ConnectivityState,
    ConnectivityStates, Endpoint, HedgingPolicy, OutlierDetection, Pick, PickCall, Resolve,
    ResolveHint, RetryPolicy, ServiceConfig, TowerBody, TowerChannel,
};
#[cfg(all(feature = "transport", any(feature = "client", feature = "server")))]
pub use transport::io::Io;
#[cfg(all(feature = "server", feature = "transport", unix))]
pub use transport::server::bind_unix;
#[cfg(all(feature = "server", feature = "transport"))]
pub use transport::server::{
    AnyIo, CallSnapshot, ConnectionSnapshot, HttpService, Incoming, Listener, Listeners, Monitor,
    ServeError, Server, ServerBody, Snapshot, shutdown_signal,
};
#[cfg(all(feature = "tls-no-provider", any(feature = "client", feature = "server")))]
pub use transport::tls;

/// protobuf's well-known types that are not types of Rust, for the fields of a message.
#[cfg(feature = "prost-types")]
pub mod well_known {
    pub use prost_types::{
        Any, Duration, FieldMask, ListValue, NullValue, Struct, Timestamp, Value, value,
    };
}

/// Implements the trait [`Describe`](trait@Describe), which says what it reads, and `prost::Name`.
pub use traitwire_macros::Describe;

/// Makes of a trait a gRPC service.
///
/// For `trait Orders` these are made beside it, as visible as the trait:
///
/// | item | what it is |
/// |---|---|
/// | `Orders` | the trait, with `Send` futures and streams; implementations write plain `async fn` |
/// | `OrdersServer<S>` | a tower service that calls an `S: Orders`: [`Served`] |
/// | `OrdersClient<T>` | calls over a [`Transport`], and implements `Orders`: [`Client`] |
/// | `ORDERS` | the [`ServiceDescriptor`], a static |
/// | `OrdersContract` | the contract where a type is needed |
///
/// # The shapes
///
/// The types of a method say which call it is. Everything else is an error at compile time.
///
/// | takes | returns | call |
/// |---|---|---|
/// | nothing, `T`, `&T`, `Request<T>` | `async fn … -> Result<U, E>` or `Result<Response<U>, E>` | unary |
/// | the same | `fn … -> impl Stream<Item = Result<U, E>>`, or `async fn … -> Result<impl Stream<…>, E>`, or `… Result<Response<impl Stream<…>>, E>` | server streaming |
/// | `Streaming<T>`, `Request<Streaming<T>>` | as unary | client streaming |
/// | the same | as server streaming | bidirectional |
///
/// `T` and `U` are [`Message`]s: structs with [`#[message]`](macro@message), or `String`,
/// `bool`, the numbers, `Vec<u8>` and `()`, which travel as `google.protobuf.StringValue` …
/// `google.protobuf.Empty`. `E` is any type with `Into<Status>`; the client and `unimplemented`
/// bodies also need `From<Status>` of it. Take [`Request`] and return [`Response`] where metadata
/// matters.
///
/// # Borrowed arguments
///
/// `&T`, `&str` and `&[u8]` mean the same call as `T`, `String` and `Vec<u8>`: nothing differs on the wire or in
/// the descriptor. The call owns the message, and lends it to the handler and to the stream that the handler
/// returns. A `&str` or `&[u8]` is a view of the bytes that came, without a copy. The client writes its request
/// from what you lend it.
///
/// Answers, `Request<T>` and `Streaming<T>` own their messages, and numbers are passed by value. A reference in
/// their place, or one with a named lifetime, is an error that says what to write.
///
/// # Streams
///
/// A stream may borrow `&self` and the argument. On the client it is a [`Streaming`], which borrows neither, and
/// reading it needs no pin:
///
/// ```
/// # use traitwire::{Status, Stream, service, stream_fn};
/// #[service]
/// trait Words {
///     fn split(&self, text: &str) -> impl Stream<Item = Result<String, Status>>;
/// }
///
/// struct Splitter {
///     separator: char,
/// }
///
/// impl Words for Splitter {
///     fn split(&self, text: &str) -> impl Stream<Item = Result<String, Status>> {
///         stream_fn(async move |mut out| {
///             for word in text.split(self.separator) {
///                 out.send(word.to_owned()).await?;
///             }
///             Ok(())
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Status> {
/// let client = WordsClient::in_process(Splitter { separator: ',' });
/// let mut words = client.split("to,be");
/// assert_eq!(words.message().await?.as_deref(), Some("to"));
/// assert_eq!(words.message().await?.as_deref(), Some("be"));
/// assert_eq!(words.message().await?, None);
/// # Ok(())
/// # }
/// ```
///
/// # Keys
///
/// | key | means | default |
/// |---|---|---|
/// | `package = "shop.v1"` | the protobuf package | that of [`package!`](package); without it none |
/// | `name = "OrderService"` | the service's name on the wire | the trait's |
/// | `rename_all = "camelCase"` | the casing of method names on the wire: `PascalCase`, `camelCase`, `snake_case` | `PascalCase` |
/// | `file = "shop/v1/orders.proto"` | the file that declares it | that of [`package!`](package); without it `shop/v1/shop.proto`, from the package |
/// | `unimplemented` | every method without a body answers UNIMPLEMENTED | an implementation must write it |
/// | `server = false`, `client = false` | leave that half out | both |
/// | `descriptor_set = BYTES` | the `.proto` that came first, compiled: see `schema::check` | the trait is the contract |
/// | `crate = "path::to::traitwire"` | this crate, where it was renamed | `::traitwire` |
///
/// On a method: `#[rpc(name = "getOrder")]`, `#[rpc(unimplemented)]`, and `#[rpc(idempotency =
/// "NO_SIDE_EFFECTS")]` or `"IDEMPOTENT"`, which the contract says to callers: [`Idempotency`]; and
/// `#[rpc(attr(role = "admin", audit = "yes"))]`, names and texts that [interceptors](crate::intercept) read by
/// [`MethodDescriptor::attribute`], and that stand in the `.proto` as a comment. A method may also have a body of its
/// own. `#[cfg]`, `#[deprecated]` and doc comments go with all that is made of it.
///
/// # The client
///
/// | call | what it gives |
/// |---|---|
/// | `OrdersClient::connect("http://127.0.0.1:50051").await?` | over a new connection |
/// | `OrdersClient::new(transport)` | over any [`Transport`]: a [`Channel`] with other settings, a tower stack, an `OrdersServer`, tonic's channel in a `TonicChannel` |
/// | `OrdersClient::in_process(service)` | without a socket |
/// | `client.with(CallOptions::new().timeout(duration))` | a client with other [`CallOptions`]: time, metadata, sizes, compression |
/// | `client.boxed()` | the same client whose type does not name its transport |
///
/// A method must not have the name of one of these, nor `clone`, `into`, `to_owned` or `try_into`.
///
/// # The server
///
/// `OrdersServer::new(service)` is a tower service; `.with(ServiceOptions::new()…)` says which sizes and
/// which compressions it takes: [`ServiceOptions`].
///
/// # Metadata
///
/// Take [`Request`] and return [`Response`] where metadata matters. What a handler sends after its last
/// message goes into [`Trailers`]. A caller reads the headers of an answer from its `Response`, those
/// before an error from [`Received`], and the trailers from [`Trailers`], [`Streaming::trailers`] or the
/// error itself.
///
/// # Calls that end early
///
/// The handler and its stream are one future, which the call owns: when the caller goes away it is
/// dropped where it stands, at an `await`. Nothing is spawned. Put what must not be cut off into a
/// task of its own.
pub use traitwire_macros::service;

/// Makes of a struct a protobuf message, and of an enum an enumeration or a oneof.
///
/// A field's number is all that has to be said; the rest follows from its Rust type.
///
/// ```
/// use std::collections::HashMap;
///
/// use traitwire::message;
///
/// /// A parcel on its way.
/// #[message(package = "post.v1", reserved(2, "owner"))]
/// pub struct Parcel {
///     /// Never changes.
///     #[tag(1)]
///     pub id: String,
///     #[tag(3, fixed32)]
///     pub weight: u32,
///     #[tag(4, enumeration = State)]
///     pub state: i32,
///     #[tag(5)]
///     pub inside: Vec<Parcel>,
///     #[tag(6)]
///     pub labels: HashMap<String, i64>,
///     #[oneof(7, 8)]
///     pub receiver: Option<Receiver>,
/// }
///
/// #[message(package = "post.v1")]
/// pub enum State {
///     Unspecified = 0,
///     OnItsWay = 1,
/// }
///
/// #[message]
/// pub enum Receiver {
///     #[tag(7)]
///     Person(String),
///     #[tag(8)]
///     Locker(u64),
/// }
///
/// let parcel = Parcel {
///     id: "P1".to_owned(),
///     state: State::OnItsWay.into(),
///     receiver: Some(Receiver::Locker(12)),
///     ..Parcel::default()
/// };
/// assert_eq!(parcel.state(), State::OnItsWay);
/// ```
///
/// # What types say
///
/// The last name of a type's path tells what it is.
///
/// | in Rust | in protobuf | with a word, also |
/// |---|---|---|
/// | `bool`, `String`, `f32`, `f64` | `bool`, `string`, `float`, `double` | |
/// | `i32`, `i64` | `int32`, `int64` | `sint32`, `sint64`; `sfixed32`, `sfixed64` |
/// | `u32`, `u64` | `uint32`, `uint64` | `fixed32`, `fixed64` |
/// | `Vec<u8>`, [`Bytes`](prost::bytes::Bytes) | `bytes` | |
/// | `i32` | | an enumeration: `enumeration = State` |
/// | `Option<T>` | `optional`; a message as it is | |
/// | `Vec<T>` | `repeated`; numbers are packed | `packed = false` |
/// | `HashMap<K, V>`, `BTreeMap<K, V>` | `map<K, V>` | `map(sint32, enumeration = State)` says both |
/// | any other name, in `Option` or `Vec` | a message, which `Box` may hold | an alias says what it is: `string` |
/// | `Option<String>`, and so on | | the wrapper `google.protobuf.StringValue`: `message` |
///
/// `()`, and with the feature `prost-types` the types of `traitwire::well_known`, are protobuf's own
/// messages. A message stands in an `Option`, because it may always be absent. An enumeration stands in
/// its message as an `i32`, because a newer program may send a value that an older one does not know; prost's
/// accessors, such as `parcel.state()` and `parcel.set_state(…)`, read and write it as what it is.
///
/// # Keys
///
/// | `#[message(…)]` | means | default |
/// |---|---|---|
/// | `package = "shop.v1"` | the protobuf package | that of [`package!`](package), or none |
/// | `name = "Order.Item"` | the name; behind a dot it is defined inside that message | the type's |
/// | `file = "shop/v1/orders.proto"` | the file that declares it | that of [`package!`](package), or where the package's services are |
/// | `reserved(2, 9..=11, 1000.., "old")` | numbers and names that must not be used again | nothing |
/// | `crate = "path::to::traitwire"` | this crate, where it was renamed | `::traitwire` |
///
/// A oneof is a part of its message, and takes `crate` alone.
///
/// | `#[tag(…)]`, behind the number | means | default |
/// |---|---|---|
/// | `sint32`, `message`, `enumeration = State`, `map(…)` … | what the type does not say | what it says |
/// | `name = "ordersList"` | the name in the `.proto` and in JSON | the field's |
/// | `json_name = "list"` | the name in JSON alone | lower camel case of the name |
/// | `jstype = "JS_STRING"` | for a number of 64 bits: its type in JavaScript | a number |
/// | `ctype = "CORD"` | for a string or bytes: its type in C++ | a string |
/// | `default = 7` | what an absent field is read as: a literal, or a variant in a string | zero, or nothing |
/// | `packed = false` | a number's field is repeated with each value | packed |
/// | `required` | the field must be there, also for a message without `Option` | |
///
/// `#[oneof(7, 8)]` lists the numbers of the oneof's fields, and takes `name`. A value of an enumeration has
/// its number from Rust; `#[tag(name = "STATE_SENT")]` renames it, where `Sent` of `State` would not be called so
/// anyway. `default` and `required` make the file a `proto2` file, which alone has them.
///
/// # What it becomes
///
/// The long form, which is as good: `#[derive(Clone, PartialEq, prost::Message, Describe)]` on a struct,
/// `prost::Oneof` or `prost::Enumeration` in its place on an enum, and the attributes `#[prost(…)]` and
/// `#[describe(…)]` that [`Describe`](trait@Describe) speaks of. prost's part implements `Debug` and, but for a
/// oneof, `Default`, in which an enumeration is its first value. An enumeration also derives `Copy`, `Eq`, `Hash`,
/// `PartialOrd` and `Ord`, and is `#[repr(i32)]`. Other attributes and derives stay as they are.
///
/// prost comes with this crate: `use traitwire::prost::Message` to encode and decode by hand.
///
/// # Errors
///
/// What protobuf does not have is refused at its token, all of it at once, with a code, and with what to write
/// instead: a type that it has no word for, a number that is missing, given twice or reserved, a word that does
/// not go with the type.
///
/// # Limits
///
/// Those of [`Describe`](trait@Describe). An alias of `Option`, `Vec` or a map is not seen through. The `Debug` of
/// a message with a `BTreeMap` prints enumerations as numbers. Under `#[deprecated]`, a whole type is warned of
/// where it is derived; its fields and variants are not.
pub use traitwire_macros::message;

/// Says the protobuf package of a module once, and what else there is to say of its `.proto` file.
///
/// It stands at the top of a file, or of an inline `mod`. Each type with
/// [`Describe`](macro@Describe) and each [`service`](macro@service) of that module belongs to the
/// package, if it says no `package` of its own; so do those of a module inside it that begins with
/// `use super::*`.
///
/// ```
/// mod shop {
///     use traitwire::{Describe, Status, service};
///
///     traitwire::package!("shop.v1", file = "shop/v1/shop.proto", go_package = "example.com/shop/v1");
///
///     #[service]
///     pub trait Orders {
///         async fn get(&self, id: String) -> Result<Order, Status>;
///     }
///
///     #[derive(Clone, PartialEq, prost::Message, Describe)]
///     pub struct Order {}
/// }
///
/// let schema = traitwire::schema::Schema::of(&[&shop::ORDERS])?;
/// assert_eq!(shop::ORDERS.methods[0].path, "/shop.v1.Orders/Get");
/// assert!(schema.to_string().starts_with(
///     r#"// shop/v1/shop.proto
/// syntax = "proto3";
///
/// package shop.v1;
///
/// import "google/protobuf/wrappers.proto";
///
/// option go_package = "example.com/shop/v1";
/// "#
/// ));
/// # Ok::<(), traitwire::schema::Error>(())
/// ```
///
/// # Keys
///
/// | key | means |
/// |---|---|
/// | `file = "shop/v1/orders.proto"` | the `.proto` file, unless a definition names another one |
/// | `go_package`, `java_package`, `java_outer_classname`, `csharp_namespace`, `objc_class_prefix`, `swift_prefix`, `php_class_prefix`, `php_namespace`, `php_metadata_namespace`, `ruby_package` | a text: the option of that name |
/// | `java_multiple_files`, `java_string_check_utf8`, `cc_enable_arenas`, `cc_generic_services`, `java_generic_services`, `py_generic_services`, `deprecated` | `true` or `false` |
/// | `optimize_for` | `"SPEED"`, `"CODE_SIZE"` or `"LITE_RUNTIME"` |
/// | `crate = "path::to::traitwire"` | this crate, where it was renamed |
///
/// # Errors
///
/// A name that protobuf does not have, an unknown key and a wrong value are refused at the token. Two
/// lines of one module are two definitions of `__PROTO_FILE` to the compiler. Two modules whose
/// options contradict each other for one file are an error of the
/// [`Schema`](schema::Schema).
///
/// # Limits
///
/// It belongs to a module: inside a function it has no effect. What says a `package` of its own takes
/// nothing from the line; what says only a `file` takes the package and the options.
pub use traitwire_macros::package;

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
