//! Two services with the same method names, side by side.
use traitwire::{Status, service};
/// The first version.
pub trait ShopV1: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Counts the orders.
    fn count(
        &self,
    ) -> impl ::core::future::Future<
        Output = Result<u64, Status>,
    > + ::core::marker::Send;
}
const _: () = {
    ::traitwire::rt::assert_message::<()>();
    ::traitwire::rt::assert_message::<u64>();
    ::traitwire::rt::assert_into_status::<Status>();
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`ShopV1`].
pub static SHOP_V1: ::traitwire::rt::ServiceDescriptor = ::traitwire::rt::ServiceDescriptor {
    package: "shop.v1",
    name: "ShopV1",
    file: "shop/v1.proto",
    docs: "The first version.",
    deprecated: false,
    methods: {
        use ::traitwire::rt::Undescribed as _;
        &[
            ::traitwire::rt::MethodDescriptor {
                name: "Count",
                path: "/shop.v1.ShopV1/Count",
                kind: ::traitwire::rt::MethodKind::Unary,
                input: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                output: ::traitwire::rt::TypeRef::of::<u64>()
                    .described(::traitwire::rt::Definition::<u64>::OF),
                docs: "Counts the orders.",
                deprecated: false,
            },
        ]
    },
    descriptor_set: ::core::option::Option::None,
};
/// Serves an [`ShopV1`] to gRPC callers.
pub struct ShopV1Server<__S> {
    host: ::traitwire::rt::server::Host<__S>,
}
impl<__S: ShopV1> ShopV1Server<__S> {
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
impl<__S> ShopV1Server<__S> {
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
for ShopV1Server<__S>
where
    __S: ShopV1,
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
            "/shop.v1.ShopV1/Count" => {
                __call
                    .unary(|__service, __request: ::traitwire::rt::Request<()>| async move {
                        ::traitwire::rt::server::plain(
                            <__S as ShopV1>::count(&__service).await,
                        )
                    })
            }
            _ => __call.unimplemented(&SHOP_V1),
        }
    }
}
impl<__S> ::traitwire::rt::server::NamedService for ShopV1Server<__S> {
    const NAME: &'static str = "shop.v1.ShopV1";
}
impl<__S> ::core::clone::Clone for ShopV1Server<__S> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone() }
    }
}
impl<__S> ::core::fmt::Debug for ShopV1Server<__S> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ShopV1Server").finish_non_exhaustive()
    }
}
/// Calls an [`ShopV1`] elsewhere, and is one. Cheap to clone.
pub struct ShopV1Client<__T = ::traitwire::rt::client::Channel> {
    caller: ::traitwire::rt::client::Caller<__T>,
}
impl ShopV1Client {
    /// Connects to a server, such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    ///
    /// When the address is not a URI, or nobody answers there.
    pub async fn connect<__D>(
        __server: __D,
    ) -> ::core::result::Result<Self, ::traitwire::rt::client::TransportError>
    where
        __D: ::core::convert::TryInto<::traitwire::rt::client::Endpoint>,
        __D::Error: ::core::convert::Into<::traitwire::rt::BoxError>,
    {
        ::core::result::Result::Ok(
            Self::new(::traitwire::rt::client::connect(__server).await?),
        )
    }
}
impl<__S: ShopV1> ShopV1Client<ShopV1Server<__S>> {
    /// Calls a service in this process: through the codec, without a socket.
    pub fn in_process(__service: __S) -> Self {
        Self::new(ShopV1Server::new(__service))
    }
}
impl<__T> ShopV1Client<__T> {
    /// Calls over a transport: a `Channel`, an intercepted one, a server.
    pub fn new(__transport: __T) -> Self {
        Self {
            caller: ::traitwire::rt::client::Caller::new(__transport),
        }
    }
    /// Calls over a transport, with the scheme and the authority of an origin.
    pub fn with_origin(
        __transport: __T,
        __origin: ::traitwire::rt::client::Uri,
    ) -> Self {
        Self {
            caller: ::traitwire::rt::client::Caller::with_origin(__transport, __origin),
        }
    }
}
impl<__T, __I> ShopV1Client<::traitwire::rt::client::InterceptedService<__T, __I>>
where
    __I: ::traitwire::rt::client::Interceptor,
{
    /// Calls over a transport; the interceptor sees every request first.
    pub fn with_interceptor(__transport: __T, __interceptor: __I) -> Self {
        Self::new(
            ::traitwire::rt::client::InterceptedService::new(__transport, __interceptor),
        )
    }
}
impl<__T: ::core::clone::Clone> ShopV1Client<__T> {
    /// This client with a deadline for each of its calls: from the call to the end of
    /// its answer, the whole of a stream included.
    #[must_use]
    pub fn with_timeout(&self, __timeout: ::traitwire::rt::client::Duration) -> Self {
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
impl<__T> ShopV1Client<__T> {
    /// Compresses requests in this way.
    #[must_use]
    pub fn send_compressed(
        self,
        __encoding: ::traitwire::rt::CompressionEncoding,
    ) -> Self {
        Self {
            caller: self.caller.send_compressed(__encoding),
        }
    }
    /// Tells the server that answers may be compressed in this way.
    #[must_use]
    pub fn accept_compressed(
        self,
        __encoding: ::traitwire::rt::CompressionEncoding,
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
impl<__T: ::core::clone::Clone> ::core::clone::Clone for ShopV1Client<__T> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
        }
    }
}
impl<__T> ::core::fmt::Debug for ShopV1Client<__T> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ShopV1Client").finish_non_exhaustive()
    }
}
impl<__T: ::traitwire::rt::client::Transport> ShopV1 for ShopV1Client<__T> {
    async fn count(&self) -> Result<u64, Status> {
        ::traitwire::rt::client::plain(
            self
                .caller
                .call("/shop.v1.ShopV1/Count")
                .unary(::traitwire::rt::Request::new(()))
                .await,
        )
    }
}
/// The second version.
pub trait ShopV2: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Counts the orders.
    fn count(
        &self,
    ) -> impl ::core::future::Future<
        Output = Result<u64, Status>,
    > + ::core::marker::Send;
}
const _: () = {
    ::traitwire::rt::assert_message::<()>();
    ::traitwire::rt::assert_message::<u64>();
    ::traitwire::rt::assert_into_status::<Status>();
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`ShopV2`].
pub static SHOP_V2: ::traitwire::rt::ServiceDescriptor = ::traitwire::rt::ServiceDescriptor {
    package: "shop.v2",
    name: "ShopV2",
    file: "shop/v2.proto",
    docs: "The second version.",
    deprecated: false,
    methods: {
        use ::traitwire::rt::Undescribed as _;
        &[
            ::traitwire::rt::MethodDescriptor {
                name: "Count",
                path: "/shop.v2.ShopV2/Count",
                kind: ::traitwire::rt::MethodKind::Unary,
                input: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                output: ::traitwire::rt::TypeRef::of::<u64>()
                    .described(::traitwire::rt::Definition::<u64>::OF),
                docs: "Counts the orders.",
                deprecated: false,
            },
        ]
    },
    descriptor_set: ::core::option::Option::None,
};
/// Serves an [`ShopV2`] to gRPC callers.
pub struct ShopV2Server<__S> {
    host: ::traitwire::rt::server::Host<__S>,
}
impl<__S: ShopV2> ShopV2Server<__S> {
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
impl<__S> ShopV2Server<__S> {
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
for ShopV2Server<__S>
where
    __S: ShopV2,
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
            "/shop.v2.ShopV2/Count" => {
                __call
                    .unary(|__service, __request: ::traitwire::rt::Request<()>| async move {
                        ::traitwire::rt::server::plain(
                            <__S as ShopV2>::count(&__service).await,
                        )
                    })
            }
            _ => __call.unimplemented(&SHOP_V2),
        }
    }
}
impl<__S> ::traitwire::rt::server::NamedService for ShopV2Server<__S> {
    const NAME: &'static str = "shop.v2.ShopV2";
}
impl<__S> ::core::clone::Clone for ShopV2Server<__S> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone() }
    }
}
impl<__S> ::core::fmt::Debug for ShopV2Server<__S> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ShopV2Server").finish_non_exhaustive()
    }
}
/// Calls an [`ShopV2`] elsewhere, and is one. Cheap to clone.
pub struct ShopV2Client<__T = ::traitwire::rt::client::Channel> {
    caller: ::traitwire::rt::client::Caller<__T>,
}
impl ShopV2Client {
    /// Connects to a server, such as `http://127.0.0.1:50051`.
    ///
    /// # Errors
    ///
    /// When the address is not a URI, or nobody answers there.
    pub async fn connect<__D>(
        __server: __D,
    ) -> ::core::result::Result<Self, ::traitwire::rt::client::TransportError>
    where
        __D: ::core::convert::TryInto<::traitwire::rt::client::Endpoint>,
        __D::Error: ::core::convert::Into<::traitwire::rt::BoxError>,
    {
        ::core::result::Result::Ok(
            Self::new(::traitwire::rt::client::connect(__server).await?),
        )
    }
}
impl<__S: ShopV2> ShopV2Client<ShopV2Server<__S>> {
    /// Calls a service in this process: through the codec, without a socket.
    pub fn in_process(__service: __S) -> Self {
        Self::new(ShopV2Server::new(__service))
    }
}
impl<__T> ShopV2Client<__T> {
    /// Calls over a transport: a `Channel`, an intercepted one, a server.
    pub fn new(__transport: __T) -> Self {
        Self {
            caller: ::traitwire::rt::client::Caller::new(__transport),
        }
    }
    /// Calls over a transport, with the scheme and the authority of an origin.
    pub fn with_origin(
        __transport: __T,
        __origin: ::traitwire::rt::client::Uri,
    ) -> Self {
        Self {
            caller: ::traitwire::rt::client::Caller::with_origin(__transport, __origin),
        }
    }
}
impl<__T, __I> ShopV2Client<::traitwire::rt::client::InterceptedService<__T, __I>>
where
    __I: ::traitwire::rt::client::Interceptor,
{
    /// Calls over a transport; the interceptor sees every request first.
    pub fn with_interceptor(__transport: __T, __interceptor: __I) -> Self {
        Self::new(
            ::traitwire::rt::client::InterceptedService::new(__transport, __interceptor),
        )
    }
}
impl<__T: ::core::clone::Clone> ShopV2Client<__T> {
    /// This client with a deadline for each of its calls: from the call to the end of
    /// its answer, the whole of a stream included.
    #[must_use]
    pub fn with_timeout(&self, __timeout: ::traitwire::rt::client::Duration) -> Self {
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
impl<__T> ShopV2Client<__T> {
    /// Compresses requests in this way.
    #[must_use]
    pub fn send_compressed(
        self,
        __encoding: ::traitwire::rt::CompressionEncoding,
    ) -> Self {
        Self {
            caller: self.caller.send_compressed(__encoding),
        }
    }
    /// Tells the server that answers may be compressed in this way.
    #[must_use]
    pub fn accept_compressed(
        self,
        __encoding: ::traitwire::rt::CompressionEncoding,
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
impl<__T: ::core::clone::Clone> ::core::clone::Clone for ShopV2Client<__T> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
        }
    }
}
impl<__T> ::core::fmt::Debug for ShopV2Client<__T> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ShopV2Client").finish_non_exhaustive()
    }
}
impl<__T: ::traitwire::rt::client::Transport> ShopV2 for ShopV2Client<__T> {
    async fn count(&self) -> Result<u64, Status> {
        ::traitwire::rt::client::plain(
            self
                .caller
                .call("/shop.v2.ShopV2/Count")
                .unary(::traitwire::rt::Request::new(()))
                .await,
        )
    }
}
