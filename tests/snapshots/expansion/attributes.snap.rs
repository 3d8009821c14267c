//! Every key of `#[service]` and `#[rpc]`, and the attributes that travel.
use traitwire::{Status, service};
extern crate traitwire as renamed;
/// All keys.
pub trait Keys: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Another name on the wire.
    fn one(
        &self,
    ) -> impl ::core::future::Future<
        Output = Result<(), Status>,
    > + ::core::marker::Send {
        async move { renamed::rt::unimplemented("Other") }
    }
    /// A body of its own.
    fn two(
        &self,
        number: u32,
    ) -> impl ::core::future::Future<
        Output = Result<u32, Status>,
    > + ::core::marker::Send {
        async move { Ok(number * 2) }
    }
    /// There on no platform.
    #[cfg(any())]
    fn three(
        &self,
    ) -> impl ::core::future::Future<
        Output = Result<(), Status>,
    > + ::core::marker::Send {
        async move { renamed::rt::unimplemented("three") }
    }
    /// Old.
    #[deprecated = "use `two`"]
    fn four(
        &self,
    ) -> impl ::core::future::Future<
        Output = Result<(), Status>,
    > + ::core::marker::Send {
        async move { renamed::rt::unimplemented("four") }
    }
}
const _: () = {
    renamed::rt::assert_message::<()>();
    renamed::rt::assert_into_status::<Status>();
    renamed::rt::assert_from_status::<Status>();
    renamed::rt::assert_message::<u32>();
    #[cfg(any())] renamed::rt::assert_message::<()>();
    #[cfg(any())] renamed::rt::assert_into_status::<Status>();
    #[cfg(any())] renamed::rt::assert_from_status::<Status>();
};
/// The descriptor of [`Keys`].
pub static KEYS: renamed::rt::ServiceDescriptor = renamed::rt::ServiceDescriptor {
    package: "keys.v1",
    name: "AllKeys",
    file: "keys/v1/all_keys.proto",
    docs: "All keys.",
    deprecated: false,
    methods: {
        use renamed::rt::Undescribed as _;
        &[
            renamed::rt::MethodDescriptor {
                name: "Other",
                path: "/keys.v1.AllKeys/Other",
                kind: renamed::rt::MethodKind::Unary,
                input: renamed::rt::TypeRef::of::<()>()
                    .described(renamed::rt::Definition::<()>::OF),
                output: renamed::rt::TypeRef::of::<()>()
                    .described(renamed::rt::Definition::<()>::OF),
                docs: "Another name on the wire.",
                deprecated: false,
            },
            renamed::rt::MethodDescriptor {
                name: "two",
                path: "/keys.v1.AllKeys/two",
                kind: renamed::rt::MethodKind::Unary,
                input: renamed::rt::TypeRef::of::<u32>()
                    .described(renamed::rt::Definition::<u32>::OF),
                output: renamed::rt::TypeRef::of::<u32>()
                    .described(renamed::rt::Definition::<u32>::OF),
                docs: "A body of its own.",
                deprecated: false,
            },
            #[cfg(any())]
            renamed::rt::MethodDescriptor {
                name: "three",
                path: "/keys.v1.AllKeys/three",
                kind: renamed::rt::MethodKind::Unary,
                input: renamed::rt::TypeRef::of::<()>()
                    .described(renamed::rt::Definition::<()>::OF),
                output: renamed::rt::TypeRef::of::<()>()
                    .described(renamed::rt::Definition::<()>::OF),
                docs: "There on no platform.",
                deprecated: false,
            },
            renamed::rt::MethodDescriptor {
                name: "four",
                path: "/keys.v1.AllKeys/four",
                kind: renamed::rt::MethodKind::Unary,
                input: renamed::rt::TypeRef::of::<()>()
                    .described(renamed::rt::Definition::<()>::OF),
                output: renamed::rt::TypeRef::of::<()>()
                    .described(renamed::rt::Definition::<()>::OF),
                docs: "Old.",
                deprecated: true,
            },
        ]
    },
    descriptor_set: ::core::option::Option::None,
};
/// Serves an [`Keys`] to gRPC callers.
pub struct KeysServer<__S> {
    host: renamed::rt::server::Host<__S>,
}
impl<__S: Keys> KeysServer<__S> {
    /// Serves a service.
    pub fn new(__service: __S) -> Self {
        Self::from_arc(renamed::rt::Arc::new(__service))
    }
    /// Serves a service that others hold too.
    pub fn from_arc(__service: renamed::rt::Arc<__S>) -> Self {
        Self {
            host: renamed::rt::server::Host::new(__service),
        }
    }
}
impl<__S> KeysServer<__S> {
    /// Accepts requests that are compressed in this way.
    #[must_use]
    pub fn accept_compressed(
        self,
        __encoding: renamed::rt::CompressionEncoding,
    ) -> Self {
        Self {
            host: self.host.accept_compressed(__encoding),
        }
    }
    /// Compresses answers in this way for callers that accept it.
    #[must_use]
    pub fn send_compressed(self, __encoding: renamed::rt::CompressionEncoding) -> Self {
        Self {
            host: self.host.send_compressed(__encoding),
        }
    }
    /// The largest message to accept, in bytes; 4 MiB unless set.
    #[must_use]
    pub fn max_decoding_message_size(self, __limit: usize) -> Self {
        Self {
            host: self.host.max_decoding_message_size(__limit),
        }
    }
    /// The largest message to send, in bytes; no limit unless set.
    #[must_use]
    pub fn max_encoding_message_size(self, __limit: usize) -> Self {
        Self {
            host: self.host.max_encoding_message_size(__limit),
        }
    }
}
impl<__S, __B> renamed::rt::server::Service<renamed::rt::server::HttpRequest<__B>>
for KeysServer<__S>
where
    __S: Keys,
    __B: renamed::rt::server::RequestBody,
{
    type Response = renamed::rt::server::HttpResponse;
    type Error = renamed::rt::server::Infallible;
    type Future = renamed::rt::server::ResponseFuture;
    fn poll_ready(
        &mut self,
        _: &mut renamed::rt::server::Context<'_>,
    ) -> renamed::rt::server::Poll<::core::result::Result<(), Self::Error>> {
        renamed::rt::server::Poll::Ready(::core::result::Result::Ok(()))
    }
    fn call(
        &mut self,
        __request: renamed::rt::server::HttpRequest<__B>,
    ) -> Self::Future {
        let __call = self.host.call(__request);
        match __call.path() {
            "/keys.v1.AllKeys/Other" => {
                __call
                    .unary(|__service, __request: renamed::rt::Request<()>| async move {
                        renamed::rt::server::plain(<__S as Keys>::one(&__service).await)
                    })
            }
            "/keys.v1.AllKeys/two" => {
                __call
                    .unary(|__service, __request: renamed::rt::Request<u32>| async move {
                        renamed::rt::server::plain(
                            <__S as Keys>::two(&__service, __request.into_inner()).await,
                        )
                    })
            }
            #[cfg(any())]
            "/keys.v1.AllKeys/three" => {
                __call
                    .unary(|__service, __request: renamed::rt::Request<()>| async move {
                        renamed::rt::server::plain(
                            <__S as Keys>::three(&__service).await,
                        )
                    })
            }
            #[allow(deprecated)]
            "/keys.v1.AllKeys/four" => {
                __call
                    .unary(|__service, __request: renamed::rt::Request<()>| async move {
                        renamed::rt::server::plain(<__S as Keys>::four(&__service).await)
                    })
            }
            _ => __call.unimplemented(&KEYS),
        }
    }
}
impl<__S> renamed::rt::server::NamedService for KeysServer<__S> {
    const NAME: &'static str = "keys.v1.AllKeys";
}
impl<__S> ::core::clone::Clone for KeysServer<__S> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone() }
    }
}
impl<__S> ::core::fmt::Debug for KeysServer<__S> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("KeysServer").finish_non_exhaustive()
    }
}
/// Calls an [`Keys`] elsewhere, and is one. Cheap to clone.
pub struct KeysClient<__T = renamed::rt::client::Channel> {
    caller: renamed::rt::client::Caller<__T>,
}
impl KeysClient {
    /// Connects to a server, such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    ///
    /// When the address is not a URI, or nobody answers there.
    pub async fn connect<__D>(
        __server: __D,
    ) -> ::core::result::Result<Self, renamed::rt::client::TransportError>
    where
        __D: ::core::convert::TryInto<renamed::rt::client::Endpoint>,
        __D::Error: ::core::convert::Into<renamed::rt::BoxError>,
    {
        ::core::result::Result::Ok(
            Self::new(renamed::rt::client::connect(__server).await?),
        )
    }
}
impl<__S: Keys> KeysClient<KeysServer<__S>> {
    /// Calls a service in this process: through the codec, without a socket.
    pub fn in_process(__service: __S) -> Self {
        Self::new(KeysServer::new(__service))
    }
}
impl<__T> KeysClient<__T> {
    /// Calls over a transport: a `Channel`, an intercepted one, a server.
    pub fn new(__transport: __T) -> Self {
        Self {
            caller: renamed::rt::client::Caller::new(__transport),
        }
    }
    /// Calls over a transport, with the scheme and the authority of an origin.
    pub fn with_origin(__transport: __T, __origin: renamed::rt::client::Uri) -> Self {
        Self {
            caller: renamed::rt::client::Caller::with_origin(__transport, __origin),
        }
    }
}
impl<__T, __I> KeysClient<renamed::rt::client::InterceptedService<__T, __I>>
where
    __I: renamed::rt::client::Interceptor,
{
    /// Calls over a transport; the interceptor sees every request first.
    pub fn with_interceptor(__transport: __T, __interceptor: __I) -> Self {
        Self::new(
            renamed::rt::client::InterceptedService::new(__transport, __interceptor),
        )
    }
}
impl<__T: ::core::clone::Clone> KeysClient<__T> {
    /// This client with a deadline for each of its calls: from the call to the end of
    /// its answer, the whole of a stream included.
    #[must_use]
    pub fn with_timeout(&self, __timeout: renamed::rt::client::Duration) -> Self {
        Self {
            caller: self.caller.clone().with_timeout(__timeout),
        }
    }
    /// This client with the deadline of the handler that it calls in, where that is
    /// the earlier one.
    #[must_use]
    pub fn inherit_deadline(&self) -> Self {
        Self {
            caller: self.caller.clone().inherit_deadline(),
        }
    }
    /// This client with a key and its value in the metadata of each of its calls. Where
    /// one of them is not valid, each call says so with INVALID_ARGUMENT.
    #[must_use]
    pub fn with_metadata(&self, __key: &str, __value: &str) -> Self {
        Self {
            caller: self.caller.clone().with_metadata(__key, __value),
        }
    }
}
impl<__T> KeysClient<__T> {
    /// Compresses requests in this way.
    #[must_use]
    pub fn send_compressed(self, __encoding: renamed::rt::CompressionEncoding) -> Self {
        Self {
            caller: self.caller.send_compressed(__encoding),
        }
    }
    /// Tells the server that answers may be compressed in this way.
    #[must_use]
    pub fn accept_compressed(
        self,
        __encoding: renamed::rt::CompressionEncoding,
    ) -> Self {
        Self {
            caller: self.caller.accept_compressed(__encoding),
        }
    }
    /// The largest message to accept, in bytes; 4 MiB unless set.
    #[must_use]
    pub fn max_decoding_message_size(self, __limit: usize) -> Self {
        Self {
            caller: self.caller.max_decoding_message_size(__limit),
        }
    }
    /// The largest message to send, in bytes; no limit unless set.
    #[must_use]
    pub fn max_encoding_message_size(self, __limit: usize) -> Self {
        Self {
            caller: self.caller.max_encoding_message_size(__limit),
        }
    }
}
impl<__T: ::core::clone::Clone> ::core::clone::Clone for KeysClient<__T> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
        }
    }
}
impl<__T> ::core::fmt::Debug for KeysClient<__T> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("KeysClient").finish_non_exhaustive()
    }
}
impl<__T: renamed::rt::client::Transport> Keys for KeysClient<__T> {
    async fn one(&self) -> Result<(), Status> {
        renamed::rt::client::plain(
            self
                .caller
                .call("/keys.v1.AllKeys/Other")
                .unary(renamed::rt::Request::new(()))
                .await,
        )
    }
    async fn two(&self, __request: u32) -> Result<u32, Status> {
        renamed::rt::client::plain(
            self
                .caller
                .call("/keys.v1.AllKeys/two")
                .unary(renamed::rt::Request::new(__request))
                .await,
        )
    }
    #[cfg(any())]
    async fn three(&self) -> Result<(), Status> {
        renamed::rt::client::plain(
            self
                .caller
                .call("/keys.v1.AllKeys/three")
                .unary(renamed::rt::Request::new(()))
                .await,
        )
    }
    async fn four(&self) -> Result<(), Status> {
        renamed::rt::client::plain(
            self
                .caller
                .call("/keys.v1.AllKeys/four")
                .unary(renamed::rt::Request::new(()))
                .await,
        )
    }
}
/// The server's half alone, with one method that may be missing.
pub trait ServerOnly: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Answers UNIMPLEMENTED unless it is written.
    fn maybe(
        &self,
    ) -> impl ::core::future::Future<
        Output = Result<(), Status>,
    > + ::core::marker::Send {
        async move { ::traitwire::rt::unimplemented("Maybe") }
    }
    /// Must be written.
    fn always(
        &self,
    ) -> impl ::core::future::Future<Output = Result<(), Status>> + ::core::marker::Send;
}
const _: () = {
    ::traitwire::rt::assert_message::<()>();
    ::traitwire::rt::assert_into_status::<Status>();
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`ServerOnly`].
pub static SERVER_ONLY: ::traitwire::rt::ServiceDescriptor = ::traitwire::rt::ServiceDescriptor {
    package: "",
    name: "ServerOnly",
    file: "server_only.proto",
    docs: "The server's half alone, with one method that may be missing.",
    deprecated: false,
    methods: {
        use ::traitwire::rt::Undescribed as _;
        &[
            ::traitwire::rt::MethodDescriptor {
                name: "Maybe",
                path: "/ServerOnly/Maybe",
                kind: ::traitwire::rt::MethodKind::Unary,
                input: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                output: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                docs: "Answers UNIMPLEMENTED unless it is written.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Always",
                path: "/ServerOnly/Always",
                kind: ::traitwire::rt::MethodKind::Unary,
                input: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                output: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                docs: "Must be written.",
                deprecated: false,
            },
        ]
    },
    descriptor_set: ::core::option::Option::None,
};
/// Serves an [`ServerOnly`] to gRPC callers.
pub struct ServerOnlyServer<__S> {
    host: ::traitwire::rt::server::Host<__S>,
}
impl<__S: ServerOnly> ServerOnlyServer<__S> {
    /// Serves a service.
    pub fn new(__service: __S) -> Self {
        Self::from_arc(::traitwire::rt::Arc::new(__service))
    }
    /// Serves a service that others hold too.
    pub fn from_arc(__service: ::traitwire::rt::Arc<__S>) -> Self {
        Self {
            host: ::traitwire::rt::server::Host::new(__service),
        }
    }
}
impl<__S> ServerOnlyServer<__S> {
    /// Accepts requests that are compressed in this way.
    #[must_use]
    pub fn accept_compressed(
        self,
        __encoding: ::traitwire::rt::CompressionEncoding,
    ) -> Self {
        Self {
            host: self.host.accept_compressed(__encoding),
        }
    }
    /// Compresses answers in this way for callers that accept it.
    #[must_use]
    pub fn send_compressed(
        self,
        __encoding: ::traitwire::rt::CompressionEncoding,
    ) -> Self {
        Self {
            host: self.host.send_compressed(__encoding),
        }
    }
    /// The largest message to accept, in bytes; 4 MiB unless set.
    #[must_use]
    pub fn max_decoding_message_size(self, __limit: usize) -> Self {
        Self {
            host: self.host.max_decoding_message_size(__limit),
        }
    }
    /// The largest message to send, in bytes; no limit unless set.
    #[must_use]
    pub fn max_encoding_message_size(self, __limit: usize) -> Self {
        Self {
            host: self.host.max_encoding_message_size(__limit),
        }
    }
}
impl<
    __S,
    __B,
> ::traitwire::rt::server::Service<::traitwire::rt::server::HttpRequest<__B>>
for ServerOnlyServer<__S>
where
    __S: ServerOnly,
    __B: ::traitwire::rt::server::RequestBody,
{
    type Response = ::traitwire::rt::server::HttpResponse;
    type Error = ::traitwire::rt::server::Infallible;
    type Future = ::traitwire::rt::server::ResponseFuture;
    fn poll_ready(
        &mut self,
        _: &mut ::traitwire::rt::server::Context<'_>,
    ) -> ::traitwire::rt::server::Poll<::core::result::Result<(), Self::Error>> {
        ::traitwire::rt::server::Poll::Ready(::core::result::Result::Ok(()))
    }
    fn call(
        &mut self,
        __request: ::traitwire::rt::server::HttpRequest<__B>,
    ) -> Self::Future {
        let __call = self.host.call(__request);
        match __call.path() {
            "/ServerOnly/Maybe" => {
                __call
                    .unary(|__service, __request: ::traitwire::rt::Request<()>| async move {
                        ::traitwire::rt::server::plain(
                            <__S as ServerOnly>::maybe(&__service).await,
                        )
                    })
            }
            "/ServerOnly/Always" => {
                __call
                    .unary(|__service, __request: ::traitwire::rt::Request<()>| async move {
                        ::traitwire::rt::server::plain(
                            <__S as ServerOnly>::always(&__service).await,
                        )
                    })
            }
            _ => __call.unimplemented(&SERVER_ONLY),
        }
    }
}
impl<__S> ::traitwire::rt::server::NamedService for ServerOnlyServer<__S> {
    const NAME: &'static str = "ServerOnly";
}
impl<__S> ::core::clone::Clone for ServerOnlyServer<__S> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone() }
    }
}
impl<__S> ::core::fmt::Debug for ServerOnlyServer<__S> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ServerOnlyServer").finish_non_exhaustive()
    }
}
