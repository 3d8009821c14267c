//! What a service is, as data.

use std::hash::{Hash, Hasher};

use crate::{
    Message,
    describe::{File, MessageDescriptor, ProtoOption, full_name},
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
#[non_exhaustive]
pub struct ServiceDescriptor {
    /// The protobuf package, `""` for none.
    pub package: &'static str,
    /// The service's name within its package.
    pub name: &'static str,
    /// The `.proto` file that declares the service, where the code names one.
    pub file: Option<&'static str>,
    /// What [`package!`](crate::package) says of that file.
    pub file_options: &'static [ProtoOption],
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
    /// That of calls which no contract here knows.
    pub(crate) const UNKNOWN: Self = Self::new("", "", &[]);

    /// A service of these methods, without docs.
    #[must_use]
    pub const fn new(
        package: &'static str,
        name: &'static str,
        methods: &'static [MethodDescriptor],
    ) -> Self {
        let (docs, deprecated, descriptor_set) = ("", false, None);
        let (file, file_options): (_, &[_]) = (None, &[]);
        Self { package, name, file, file_options, docs, deprecated, methods, descriptor_set }
    }

    /// The same service in another file of its package.
    #[must_use]
    pub const fn with_file(self, file: &'static str) -> Self {
        Self { file: Some(file), ..self }
    }

    /// The same service where [`package!`](crate::package) puts it.
    #[must_use]
    pub const fn placed(self, file: &File) -> Self {
        let File { package, path, options } = *file;
        Self { package, file: path, file_options: options, ..self }
    }

    /// The same service with a doc comment.
    #[must_use]
    pub const fn with_docs(self, docs: &'static str) -> Self {
        Self { docs, ..self }
    }

    /// The same service, deprecated.
    #[must_use]
    pub const fn as_deprecated(self) -> Self {
        Self { deprecated: true, ..self }
    }

    /// The same service, which follows a `.proto` that came first.
    #[must_use]
    pub const fn with_descriptor_set(self, bytes: &'static [u8]) -> Self {
        Self { descriptor_set: Some(bytes), ..self }
    }

    /// The package and the name, as they stand in a path: `ecommerce.OrderManagement`.
    #[must_use]
    pub fn full_name(&self) -> String {
        full_name(self.package, self.name)
    }
}

/// A method of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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
    /// Whether a call may be sent again: `#[rpc(idempotency = "…")]`.
    pub idempotency: Idempotency,
    /// What else the contract says of the method, for interceptors: `#[rpc(attr(role = "admin"))]`.
    pub attributes: &'static [(&'static str, &'static str)],
}

impl MethodDescriptor {
    /// A method without docs.
    #[must_use]
    pub const fn new(
        name: &'static str,
        path: &'static str,
        kind: MethodKind,
        input: TypeRef,
        output: TypeRef,
    ) -> Self {
        let (docs, deprecated, idempotency) = ("", false, Idempotency::Unknown);
        let attributes: &[_] = &[];
        Self { name, path, kind, input, output, docs, deprecated, idempotency, attributes }
    }

    /// The same method with a doc comment.
    #[must_use]
    pub const fn with_docs(self, docs: &'static str) -> Self {
        Self { docs, ..self }
    }

    /// The same method, deprecated.
    #[must_use]
    pub const fn as_deprecated(self) -> Self {
        Self { deprecated: true, ..self }
    }

    /// The same method with attributes.
    #[must_use]
    pub const fn with_attributes(
        self,
        attributes: &'static [(&'static str, &'static str)],
    ) -> Self {
        Self { attributes, ..self }
    }

    /// The text of an attribute, where the contract gives the method one of this name.
    ///
    /// ```
    /// use traitwire::{Status, service};
    ///
    /// #[service(package = "shop")]
    /// trait Orders {
    ///     #[rpc(attr(role = "admin"))]
    ///     async fn delete(&self, id: &str) -> Result<(), Status>;
    /// }
    ///
    /// let delete = &ORDERS.methods[0];
    /// assert_eq!(delete.attribute("role"), Some("admin"));
    /// assert_eq!(delete.attribute("rule"), None);
    /// ```
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&'static str> {
        self.attributes.iter().find(|it| it.0 == name).map(|it| it.1)
    }

    /// The same method with what is known of a call that is sent twice.
    #[must_use]
    pub const fn with_idempotency(self, idempotency: Idempotency) -> Self {
        Self { idempotency, ..self }
    }
}

/// What happens when a call is sent twice, as the option `idempotency_level` of protobuf has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Idempotency {
    /// Nobody has said.
    #[default]
    Unknown,
    /// `NO_SIDE_EFFECTS`: a call changes nothing, so that it may be repeated and answered from a cache.
    NoSideEffects,
    /// `IDEMPOTENT`: two calls do what one does.
    Idempotent,
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
#[non_exhaustive]
pub struct TypeRef {
    /// The protobuf package of the message.
    pub package: &'static str,
    /// The message's name within its package.
    pub name: &'static str,
    /// Gives the definition. Present where the message derives [`Describe`](crate::Describe), and
    /// for the well-known types; a message made by prost-build has none.
    pub describe: Option<fn() -> &'static MessageDescriptor>,
    /// prost-build's messages inside others have the outer name here alone.
    pub(crate) spelled: fn() -> String,
}

impl TypeRef {
    /// The reference to `M`, without its definition.
    #[must_use]
    pub const fn of<M: Message>() -> Self {
        Self { package: M::PACKAGE, name: M::NAME, describe: None, spelled: M::full_name }
    }

    /// The same reference with a definition, if there is one.
    #[must_use]
    pub const fn described(self, describe: Option<fn() -> &'static MessageDescriptor>) -> Self {
        Self { describe, ..self }
    }

    /// Package and name: `ecommerce.Order`.
    #[must_use]
    pub fn full_name(&self) -> String {
        // Without a package there is a dot in front.
        (self.spelled)().trim_start_matches('.').to_owned()
    }

    fn key(&self) -> (&'static str, &'static str, String) {
        (self.package, self.name, (self.spelled)())
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

/// What all that is made of one trait has in common.
pub trait Contract: 'static {
    /// The service as data.
    const DESCRIPTOR: &'static ServiceDescriptor;
    /// The package and the name.
    const NAME: &'static str;
}
