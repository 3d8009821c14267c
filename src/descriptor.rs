//! What a service is, as data.

use std::hash::{Hash, Hasher};

use crate::{
    Message,
    describe::{MessageDescriptor, full_name},
};

/// A service: its name, where it is declared, and its methods.
///
/// `#[service]` makes one static for each trait. It answers the questions that grpc-go answers
/// with `grpc.ServiceDesc`: what is served, under which paths, in which shape.
///
/// ```
/// use traitwire::{Describe, MethodKind, Status, service};
///
/// #[derive(Clone, PartialEq, prost::Message, Describe)]
/// #[describe(package = "api.user.session.v1")]
/// pub struct Empty {}
///
/// #[service(package = "api.user.session.v1", file = "user/session/v1/session.proto")]
/// pub trait OrderService {
///     async fn get_order(&self, request: Empty) -> Result<Empty, Status>;
/// }
///
/// assert_eq!(ORDER_SERVICE.full_name(), "api.user.session.v1.OrderService");
/// let get_order = &ORDER_SERVICE.methods[0];
/// assert_eq!(get_order.path, "/api.user.session.v1.OrderService/GetOrder");
/// assert_eq!(get_order.kind, MethodKind::Unary);
/// assert_eq!(get_order.input.name, "Empty");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceDescriptor {
    /// The protobuf package, `""` for none.
    pub package: &'static str,
    /// The service's name within its package.
    pub name: &'static str,
    /// The `.proto` file that declares the service.
    pub file: &'static str,
    /// The trait's doc comment.
    pub docs: &'static str,
    /// Whether the trait is `#[deprecated]`.
    pub deprecated: bool,
    /// The methods, in the order of the trait.
    pub methods: &'static [MethodDescriptor],
    /// The encoded `FileDescriptorSet` that the trait follows, where a `.proto` came first:
    /// `#[service(descriptor_set = …)]`. `schema::check` compares the two.
    pub descriptor_set: Option<&'static [u8]>,
}

impl ServiceDescriptor {
    /// The package and the name, as they stand in a path: `ecommerce.OrderManagement`.
    pub fn full_name(&self) -> String {
        full_name(self.package, self.name)
    }
}

/// A method of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MethodDescriptor {
    /// The method's name on the wire.
    pub name: &'static str,
    /// The path of its calls: `/package.Service/Method`.
    pub path: &'static str,
    /// Which side sends one message and which a stream.
    pub kind: MethodKind,
    /// The message that the caller sends.
    pub input: TypeRef,
    /// The message that the server answers with.
    pub output: TypeRef,
    /// The method's doc comment.
    pub docs: &'static str,
    /// Whether the method is `#[deprecated]`.
    pub deprecated: bool,
}

/// The four shapes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MethodKind {
    /// One message each way.
    Unary,
    /// One message to the server, a stream back.
    ServerStreaming,
    /// A stream to the server, one message back.
    ClientStreaming,
    /// A stream each way.
    Bidirectional,
}

/// The name of a message type, and its definition where there is one.
///
/// Two references are equal when they have one name.
#[derive(Clone, Copy, Debug)]
pub struct TypeRef {
    /// The protobuf package of the message.
    pub package: &'static str,
    /// The message's name within its package.
    pub name: &'static str,
    /// Gives the definition. Present where the message derives [`Describe`](crate::Describe), and
    /// for the well-known types; a message made by prost-build has none.
    pub describe: Option<fn() -> &'static MessageDescriptor>,
}

impl TypeRef {
    /// The reference to `M`, without its definition.
    pub const fn of<M: Message>() -> Self {
        Self { package: M::PACKAGE, name: M::NAME, describe: None }
    }

    /// The same reference with a definition, if there is one.
    pub const fn described(self, describe: Option<fn() -> &'static MessageDescriptor>) -> Self {
        Self { describe, ..self }
    }

    /// Package and name: `ecommerce.Order`.
    pub fn full_name(&self) -> String {
        full_name(self.package, self.name)
    }

    fn key(&self) -> (&'static str, &'static str) {
        (self.package, self.name)
    }
}

impl PartialEq for TypeRef {
    fn eq(&self, other: &Self) -> bool {
        self.key() == other.key()
    }
}

impl Eq for TypeRef {}

impl Hash for TypeRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.key().hash(state);
    }
}
