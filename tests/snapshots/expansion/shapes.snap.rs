//! The four shapes, in their forms.
use traitwire::{Request, Response, Status, Stream, Streaming, service};
/// Every shape once, and every form.
pub trait Shapes: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// One message each way, in envelopes.
    fn unary(
        &self,
        request: Request<String>,
    ) -> impl ::core::future::Future<
        Output = Result<Response<u64>, Status>,
    > + ::core::marker::Send;
    /// A stream back, at once.
    fn listen(
        &self,
        topic: String,
    ) -> impl Stream<Item = Result<String, Status>> + ::core::marker::Send;
    /// A stream back, unless it fails first.
    fn search(
        &self,
        words: String,
    ) -> impl ::core::future::Future<
        Output = Result<
            impl Stream<Item = Result<String, Status>> + ::core::marker::Send,
            Status,
        >,
    > + ::core::marker::Send;
    /// A stream back, with metadata.
    fn tail(
        &self,
        file: Request<String>,
    ) -> impl ::core::future::Future<
        Output = Result<
            Response<impl Stream<Item = Result<Vec<u8>, Status>> + ::core::marker::Send>,
            Status,
        >,
    > + ::core::marker::Send;
    /// A stream out, one message back.
    fn upload(
        &self,
        chunks: Streaming<Vec<u8>>,
    ) -> impl ::core::future::Future<
        Output = Result<u64, Status>,
    > + ::core::marker::Send;
    /// A stream each way.
    fn chat(
        &self,
        lines: Streaming<String>,
    ) -> impl Stream<Item = Result<String, Status>> + ::core::marker::Send;
    /// Nothing each way.
    fn ping(
        &self,
    ) -> impl ::core::future::Future<Output = Result<(), Status>> + ::core::marker::Send;
}
const _: () = {
    ::traitwire::rt::assert_message::<String>();
    ::traitwire::rt::assert_message::<u64>();
    ::traitwire::rt::assert_into_status::<Status>();
    ::traitwire::rt::assert_from_status::<Status>();
    ::traitwire::rt::assert_message::<Vec<u8>>();
    ::traitwire::rt::assert_message::<()>();
};
/// The descriptor of [`Shapes`].
pub static SHAPES: ::traitwire::rt::ServiceDescriptor = ::traitwire::rt::ServiceDescriptor {
    package: "shapes",
    name: "Shapes",
    file: "shapes.proto",
    docs: "Every shape once, and every form.",
    deprecated: false,
    methods: {
        use ::traitwire::rt::Undescribed as _;
        &[
            ::traitwire::rt::MethodDescriptor {
                name: "Unary",
                path: "/shapes.Shapes/Unary",
                kind: ::traitwire::rt::MethodKind::Unary,
                input: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                output: ::traitwire::rt::TypeRef::of::<u64>()
                    .described(::traitwire::rt::Definition::<u64>::OF),
                docs: "One message each way, in envelopes.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Listen",
                path: "/shapes.Shapes/Listen",
                kind: ::traitwire::rt::MethodKind::ServerStreaming,
                input: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                output: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                docs: "A stream back, at once.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Search",
                path: "/shapes.Shapes/Search",
                kind: ::traitwire::rt::MethodKind::ServerStreaming,
                input: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                output: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                docs: "A stream back, unless it fails first.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Tail",
                path: "/shapes.Shapes/Tail",
                kind: ::traitwire::rt::MethodKind::ServerStreaming,
                input: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                output: ::traitwire::rt::TypeRef::of::<Vec<u8>>()
                    .described(::traitwire::rt::Definition::<Vec<u8>>::OF),
                docs: "A stream back, with metadata.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Upload",
                path: "/shapes.Shapes/Upload",
                kind: ::traitwire::rt::MethodKind::ClientStreaming,
                input: ::traitwire::rt::TypeRef::of::<Vec<u8>>()
                    .described(::traitwire::rt::Definition::<Vec<u8>>::OF),
                output: ::traitwire::rt::TypeRef::of::<u64>()
                    .described(::traitwire::rt::Definition::<u64>::OF),
                docs: "A stream out, one message back.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Chat",
                path: "/shapes.Shapes/Chat",
                kind: ::traitwire::rt::MethodKind::Bidirectional,
                input: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                output: ::traitwire::rt::TypeRef::of::<String>()
                    .described(::traitwire::rt::Definition::<String>::OF),
                docs: "A stream each way.",
                deprecated: false,
            },
            ::traitwire::rt::MethodDescriptor {
                name: "Ping",
                path: "/shapes.Shapes/Ping",
                kind: ::traitwire::rt::MethodKind::Unary,
                input: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                output: ::traitwire::rt::TypeRef::of::<()>()
                    .described(::traitwire::rt::Definition::<()>::OF),
                docs: "Nothing each way.",
                deprecated: false,
            },
        ]
    },
    descriptor_set: ::core::option::Option::None,
};
/// Serves an [`Shapes`] to gRPC callers.
pub struct ShapesServer<__S> {
    host: ::traitwire::rt::server::Host<__S>,
}
impl<__S: Shapes> ShapesServer<__S> {
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
impl<__S> ShapesServer<__S> {
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
for ShapesServer<__S>
where
    __S: Shapes,
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
            "/shapes.Shapes/Unary" => {
                __call
                    .unary(|__service, __request: Request<String>| async move {
                        ::traitwire::rt::server::envelope(
                            <__S as Shapes>::unary(&__service, __request).await,
                        )
                    })
            }
            "/shapes.Shapes/Listen" => {
                __call
                    .server_streaming(|
                        __service,
                        __request: ::traitwire::rt::Request<String>,
                        __out|
                    async move {
                        __out
                            .respond(
                                ::traitwire::rt::Response::new(
                                    <__S as Shapes>::listen(&__service, __request.into_inner()),
                                ),
                            )
                            .await
                    })
            }
            "/shapes.Shapes/Search" => {
                __call
                    .server_streaming(|
                        __service,
                        __request: ::traitwire::rt::Request<String>,
                        __out|
                    async move {
                        __out
                            .respond(
                                ::traitwire::rt::server::plain(
                                    <__S as Shapes>::search(&__service, __request.into_inner())
                                        .await,
                                )?,
                            )
                            .await
                    })
            }
            "/shapes.Shapes/Tail" => {
                __call
                    .server_streaming(|__service, __request: Request<String>, __out| async move {
                        __out
                            .respond(
                                ::traitwire::rt::server::envelope(
                                    <__S as Shapes>::tail(&__service, __request).await,
                                )?,
                            )
                            .await
                    })
            }
            "/shapes.Shapes/Upload" => {
                __call
                    .client_streaming(|
                        __service,
                        __request: ::traitwire::rt::Request<Streaming<Vec<u8>>>|
                    async move {
                        ::traitwire::rt::server::plain(
                            <__S as Shapes>::upload(&__service, __request.into_inner())
                                .await,
                        )
                    })
            }
            "/shapes.Shapes/Chat" => {
                __call
                    .bidirectional(|
                        __service,
                        __request: ::traitwire::rt::Request<Streaming<String>>,
                        __out|
                    async move {
                        __out
                            .respond(
                                ::traitwire::rt::Response::new(
                                    <__S as Shapes>::chat(&__service, __request.into_inner()),
                                ),
                            )
                            .await
                    })
            }
            "/shapes.Shapes/Ping" => {
                __call
                    .unary(|__service, __request: ::traitwire::rt::Request<()>| async move {
                        ::traitwire::rt::server::plain(
                            <__S as Shapes>::ping(&__service).await,
                        )
                    })
            }
            _ => __call.unimplemented(&SHAPES),
        }
    }
}
impl<__S> ::traitwire::rt::server::NamedService for ShapesServer<__S> {
    const NAME: &'static str = "shapes.Shapes";
}
impl<__S> ::core::clone::Clone for ShapesServer<__S> {
    fn clone(&self) -> Self {
        Self { host: self.host.clone() }
    }
}
impl<__S> ::core::fmt::Debug for ShapesServer<__S> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ShapesServer").finish_non_exhaustive()
    }
}
/// Calls an [`Shapes`] elsewhere, and is one. Cheap to clone.
pub struct ShapesClient<__T = ::traitwire::rt::client::Channel> {
    caller: ::traitwire::rt::client::Caller<__T>,
}
impl ShapesClient {
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
impl<__S: Shapes> ShapesClient<ShapesServer<__S>> {
    /// Calls a service in this process: through the codec, without a socket.
    pub fn in_process(__service: __S) -> Self {
        Self::new(ShapesServer::new(__service))
    }
}
impl<__T> ShapesClient<__T> {
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
impl<__T, __I> ShapesClient<::traitwire::rt::client::InterceptedService<__T, __I>>
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
impl<__T: ::core::clone::Clone> ShapesClient<__T> {
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
impl<__T> ShapesClient<__T> {
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
impl<__T: ::core::clone::Clone> ::core::clone::Clone for ShapesClient<__T> {
    fn clone(&self) -> Self {
        Self {
            caller: self.caller.clone(),
        }
    }
}
impl<__T> ::core::fmt::Debug for ShapesClient<__T> {
    fn fmt(&self, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        __f.debug_struct("ShapesClient").finish_non_exhaustive()
    }
}
impl<__T: ::traitwire::rt::client::Transport> Shapes for ShapesClient<__T> {
    async fn unary(&self, __request: Request<String>) -> Result<Response<u64>, Status> {
        ::traitwire::rt::client::envelope(
            self.caller.call("/shapes.Shapes/Unary").unary(__request).await,
        )
    }
    fn listen(
        &self,
        __request: String,
    ) -> ::traitwire::rt::Messages<Result<String, Status>> {
        ::traitwire::rt::client::direct(
            self
                .caller
                .call("/shapes.Shapes/Listen")
                .server_streaming(::traitwire::rt::Request::new(__request)),
        )
    }
    fn search(
        &self,
        __request: String,
    ) -> impl ::core::future::Future<
        Output = Result<::traitwire::rt::Messages<Result<String, Status>>, Status>,
    > + ::core::marker::Send {
        async move {
            ::traitwire::rt::client::plain(
                self
                    .caller
                    .call("/shapes.Shapes/Search")
                    .server_streaming(::traitwire::rt::Request::new(__request))
                    .await,
            )
        }
    }
    fn tail(
        &self,
        __request: Request<String>,
    ) -> impl ::core::future::Future<
        Output = Result<
            Response<::traitwire::rt::Messages<Result<Vec<u8>, Status>>>,
            Status,
        >,
    > + ::core::marker::Send {
        async move {
            ::traitwire::rt::client::envelope(
                self.caller.call("/shapes.Shapes/Tail").server_streaming(__request).await,
            )
        }
    }
    async fn upload(&self, __request: Streaming<Vec<u8>>) -> Result<u64, Status> {
        ::traitwire::rt::client::plain(
            self
                .caller
                .call("/shapes.Shapes/Upload")
                .client_streaming(::traitwire::rt::Request::new(__request))
                .await,
        )
    }
    fn chat(
        &self,
        __request: Streaming<String>,
    ) -> ::traitwire::rt::Messages<Result<String, Status>> {
        ::traitwire::rt::client::direct(
            self
                .caller
                .call("/shapes.Shapes/Chat")
                .bidirectional(::traitwire::rt::Request::new(__request)),
        )
    }
    async fn ping(&self) -> Result<(), Status> {
        ::traitwire::rt::client::plain(
            self
                .caller
                .call("/shapes.Shapes/Ping")
                .unary(::traitwire::rt::Request::new(()))
                .await,
        )
    }
}
