//! What generated code calls. Not part of the public interface: it changes with the macro.

pub use crate::{
    Code, Describe, Idempotency, Message, MethodDescriptor, MethodKind, Request, Response,
    SendError, ServiceDescriptor, Status, Streaming, TypeRef,
    descriptor::Contract,
    status::{FromStatus, IntoStatus},
};
pub use prost;

/// Knows the name of `M` where `M` is a message, and its definition where it derives `Describe`: the
/// constants here then hide those of [`Undescribed`].
pub struct Definition<M>(std::marker::PhantomData<M>);

impl<M: Message> Definition<M> {
    /// The name.
    pub const NAME: TypeRef = TypeRef::of::<M>();
}

impl<M: Describe<Descriptor = describe::MessageDescriptor>> Definition<M> {
    /// Gives the definition.
    pub const OF: Option<fn() -> &'static describe::MessageDescriptor> =
        Some(describe::message::<M>);
}

/// What [`Definition`] knows of any type.
pub trait Undescribed {
    /// No name. [`assert_message`] has refused the type.
    const NAME: TypeRef = TypeRef { package: "", name: "", describe: None, spelled: String::new };
    /// Nothing.
    const OF: Option<fn() -> &'static describe::MessageDescriptor> = None;
}

impl<M> Undescribed for Definition<M> {}

/// What a module has that says no [`package!`](crate::package): generated code looks for `__PROTO_FILE` in
/// the module first, and then here.
pub mod fallback {
    #[doc(hidden)]
    pub const __PROTO_FILE: crate::describe::File = crate::describe::File::NONE;
}

/// `["/", "shop.v1", ".", "Orders"]` as one text, where the package is known to the compiler alone.
#[doc(hidden)]
#[macro_export]
macro_rules! __joined {
    ($($part:expr),*) => {{
        const PARTS: &[&str] = &[$($part),*];
        const BYTES: [u8; $crate::rt::length(PARTS)] = $crate::rt::bytes(PARTS);
        $crate::rt::text(&BYTES)
    }};
}

pub use crate::__joined as joined;

/// How many bytes the parts have together.
#[must_use]
pub const fn length(parts: &[&str]) -> usize {
    let (mut part, mut length) = (0, 0);
    while part < parts.len() {
        length += parts[part].len();
        part += 1;
    }
    length
}

/// The bytes of the parts.
#[must_use]
pub const fn bytes<const N: usize>(parts: &[&str]) -> [u8; N] {
    let mut bytes = [0; N];
    let (mut part, mut end) = (0, 0);
    while part < parts.len() {
        let from = parts[part].as_bytes();
        let mut index = 0;
        while index < from.len() {
            bytes[end] = from[index];
            (index, end) = (index + 1, end + 1);
        }
        part += 1;
    }
    bytes
}

/// Bytes that were texts before.
#[must_use]
pub const fn text(bytes: &'static [u8]) -> &'static str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(_) => panic!("parts of UTF-8 make UTF-8"),
    }
}

/// What stands between a package and a name.
#[must_use]
pub const fn dot(package: &str) -> &'static str {
    if package.is_empty() { "" } else { "." }
}

/// What `#[derive(Describe)]` is made of.
pub mod describe {
    pub use crate::describe::*;

    /// The definition of a message, for a field that holds it.
    #[must_use]
    pub fn message<D: DescribedMessage>() -> &'static MessageDescriptor {
        D::DESCRIPTOR
    }

    /// A name for its bound, for the sake of the error.
    #[diagnostic::on_unimplemented(
        message = "`{Self}` is not described as a message",
        label = "no message",
        note = "a type of your own is one by `#[message]`, or by `#[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]`",
        note = "an enumeration is a number in a field: `#[tag(1, enumeration = State)] state: i32`, `Option<i32>` or `Vec<i32>`",
        note = "an alias of another type says what it is: `#[tag(1, string)]`",
        note = "a time is an `Option<traitwire::well_known::Timestamp>`, and a duration an `Option<traitwire::well_known::Duration>`",
        note = "the types of `prost_types` are described with traitwire's feature `prost-types`"
    )]
    pub trait DescribedMessage: Describe<Descriptor = MessageDescriptor> {}

    #[diagnostic::do_not_recommend]
    impl<D: Describe<Descriptor = MessageDescriptor>> DescribedMessage for D {}

    /// The definition of an enumeration.
    #[must_use]
    pub fn enumeration<D: Describe<Descriptor = EnumDescriptor>>() -> &'static EnumDescriptor {
        D::DESCRIPTOR
    }

    /// The fields of a oneof.
    #[must_use]
    pub fn oneof<D: Describe<Descriptor = OneofDescriptor>>() -> &'static OneofDescriptor {
        D::DESCRIPTOR
    }

    /// Fails to compile, with this text, where a message lists other numbers than its oneof has.
    pub const fn assert_tags(oneof: &OneofDescriptor, tags: &[u32], text: &str) {
        assert!(oneof.fields.len() == tags.len(), "{}", text);
        let mut field = 0;
        while field < tags.len() {
            let mut listed = 0;
            while listed < tags.len() && tags[listed] != oneof.fields[field].number {
                listed += 1;
            }
            assert!(listed < tags.len(), "{}", text);
            field += 1;
        }
    }
}

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

/// Keeps what it is given where this crate has its server half. The macro cannot know: its own features
/// are those of every program that it is built for, and not of this one.
#[cfg(feature = "server")]
#[doc(hidden)]
#[macro_export]
macro_rules! __server_half {
    ($($items:tt)*) => { $($items)* };
}

/// Drops what it is given.
#[cfg(not(feature = "server"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __server_half {
    ($($items:tt)*) => {};
}

/// Keeps what it is given where this crate has its client half.
#[cfg(feature = "client")]
#[doc(hidden)]
#[macro_export]
macro_rules! __client_half {
    ($($items:tt)*) => { $($items)* };
}

/// Drops what it is given.
#[cfg(not(feature = "client"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __client_half {
    ($($items:tt)*) => {};
}

pub use crate::{__client_half as client_half, __server_half as server_half};

/// The client half.
#[cfg(feature = "client")]
pub mod client {
    pub use crate::client::{
        Call, Client, DefaultTransport, Transport, Uncallable, envelope, lend, plain,
    };
}

/// The server half.
#[cfg(feature = "server")]
pub mod server {
    pub use bytes::Bytes;

    pub use crate::server::{Dispatch, Method, Served, or_status, reply, reply_with, text};

    /// What a contract has in the place of its table, where a type in it was refused: the table has
    /// bounds, and hides this one where they hold.
    pub trait Undispatched {
        /// No method.
        #[must_use]
        fn table<S>(_: &str) -> Option<Method<S>> {
            None
        }
    }

    impl<C> Undispatched for C {}
}

/// The body of a method that is not written yet.
pub fn unimplemented<U, E: FromStatus>(method: &str) -> Result<U, E> {
    Err(E::from(Status::unimplemented(format!("method {method} not implemented"))))
}

/// The same for a method that returns a stream at once.
pub fn unimplemented_stream<U, E>(method: &str) -> Streaming<U, E>
where
    U: Send + 'static,
    E: FromStatus + Send + 'static,
{
    Streaming::new(tokio_stream::once(unimplemented(method)))
}

/// Fails to compile, with the text of [`Message`], where `M` is not one.
pub const fn assert_message<M: Message>() {}

/// Fails to compile, with the text of [`IntoStatus`], where `E` cannot be answered.
pub const fn assert_into_status<E: IntoStatus>() {}

/// Fails to compile, with the text of [`FromStatus`], where `E` cannot be received.
pub const fn assert_from_status<E: FromStatus>() {}

/// What `#[derive(RpcError)]` is made of.
pub mod errors {
    pub use crate::status::details::{Details, internal, known};
}
