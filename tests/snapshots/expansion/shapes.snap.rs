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
    ::traitwire::rt::assert_message::<Vec<u8>>();
    ::traitwire::rt::assert_message::<()>();
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
const _: () = {
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`Shapes`].
pub static SHAPES: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "Unary",
                "/shapes.Shapes/Unary",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
                ::traitwire::rt::Definition::<u64>::NAME
                    .described(::traitwire::rt::Definition::<u64>::OF),
            )
            .with_docs("One message each way, in envelopes."),
        ::traitwire::rt::MethodDescriptor::new(
                "Listen",
                "/shapes.Shapes/Listen",
                ::traitwire::rt::MethodKind::ServerStreaming,
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("A stream back, at once."),
        ::traitwire::rt::MethodDescriptor::new(
                "Search",
                "/shapes.Shapes/Search",
                ::traitwire::rt::MethodKind::ServerStreaming,
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("A stream back, unless it fails first."),
        ::traitwire::rt::MethodDescriptor::new(
                "Tail",
                "/shapes.Shapes/Tail",
                ::traitwire::rt::MethodKind::ServerStreaming,
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
                ::traitwire::rt::Definition::<Vec<u8>>::NAME
                    .described(::traitwire::rt::Definition::<Vec<u8>>::OF),
            )
            .with_docs("A stream back, with metadata."),
        ::traitwire::rt::MethodDescriptor::new(
                "Upload",
                "/shapes.Shapes/Upload",
                ::traitwire::rt::MethodKind::ClientStreaming,
                ::traitwire::rt::Definition::<Vec<u8>>::NAME
                    .described(::traitwire::rt::Definition::<Vec<u8>>::OF),
                ::traitwire::rt::Definition::<u64>::NAME
                    .described(::traitwire::rt::Definition::<u64>::OF),
            )
            .with_docs("A stream out, one message back."),
        ::traitwire::rt::MethodDescriptor::new(
                "Chat",
                "/shapes.Shapes/Chat",
                ::traitwire::rt::MethodKind::Bidirectional,
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("A stream each way."),
        ::traitwire::rt::MethodDescriptor::new(
                "Ping",
                "/shapes.Shapes/Ping",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
            )
            .with_docs("Nothing each way."),
    ];
    ::traitwire::rt::ServiceDescriptor::new("shapes", "Shapes", METHODS)
        .with_docs("Every shape once, and every form.")
};
/// The contract of [`Shapes`] as a type.
#[derive(::core::fmt::Debug)]
pub enum ShapesContract {}
impl ::traitwire::rt::Contract for ShapesContract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &SHAPES;
    const NAME: &'static str = "shapes.Shapes";
}
/// Serves an [`Shapes`] to gRPC callers.
#[allow(dead_code)]
pub type ShapesServer<__S> = ::traitwire::rt::server::Served<ShapesContract, __S>;
impl<__S: Shapes> ::traitwire::rt::server::Dispatch<__S> for ShapesContract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl ShapesContract
where
    for<'__a> String: ::traitwire::rt::Message,
    for<'__a> u64: ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
    for<'__a> Vec<u8>: ::traitwire::rt::Message,
    for<'__a> (): ::traitwire::rt::Message,
{
    fn table<__S: Shapes>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            "/shapes.Shapes/Unary" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply_with(
                            __writer,
                            <__S as Shapes>::unary(&*__service, __request.envelope()?)
                                .await,
                        )
                    })),
                )
            }
            "/shapes.Shapes/Listen" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::ServerStreaming(|
                        __service,
                        __request,
                        __out|
                    ::std::boxed::Box::pin(async move {
                        __out
                            .messages(
                                <__S as Shapes>::listen(&*__service, __request.message()?),
                            )
                            .await
                    })),
                )
            }
            "/shapes.Shapes/Search" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::ServerStreaming(|
                        __service,
                        __request,
                        __out|
                    ::std::boxed::Box::pin(async move {
                        __out
                            .messages(
                                ::traitwire::rt::server::or_status(
                                    <__S as Shapes>::search(&*__service, __request.message()?)
                                        .await,
                                )?,
                            )
                            .await
                    })),
                )
            }
            "/shapes.Shapes/Tail" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::ServerStreaming(|
                        __service,
                        __request,
                        __out|
                    ::std::boxed::Box::pin(async move {
                        __out
                            .respond(
                                ::traitwire::rt::server::or_status(
                                    <__S as Shapes>::tail(&*__service, __request.envelope()?)
                                        .await,
                                )?,
                            )
                            .await
                    })),
                )
            }
            "/shapes.Shapes/Upload" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::ClientStreaming(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as Shapes>::upload(&*__service, __request.messages())
                                .await,
                        )
                    })),
                )
            }
            "/shapes.Shapes/Chat" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Bidirectional(|
                        __service,
                        __request,
                        __out|
                    ::std::boxed::Box::pin(async move {
                        __out
                            .messages(
                                <__S as Shapes>::chat(&*__service, __request.messages()),
                            )
                            .await
                    })),
                )
            }
            "/shapes.Shapes/Ping" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as Shapes>::ping(&*__service).await,
                        )
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
/// Calls an [`Shapes`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type ShapesClient<__T = ::traitwire::rt::client::DefaultTransport> = ::traitwire::rt::client::Client<
    ShapesContract,
    __T,
>;
use ::traitwire::rt::client::Uncallable as _;
impl<__T: ::traitwire::rt::client::Transport> Shapes
for ::traitwire::rt::client::Client<ShapesContract, __T> {
    async fn unary(&self, __request: Request<String>) -> Result<Response<u64>, Status> {
        ::traitwire::rt::client::envelope(
            ::traitwire::rt::client::Call::<
                String,
                u64,
            >::of(self, "/shapes.Shapes/Unary")
                .unary(__request)
                .await,
        )
    }
    fn listen(
        &self,
        __request: String,
    ) -> ::traitwire::rt::Messages<Result<String, Status>> {
        ::traitwire::rt::client::Call::<
            String,
            String,
        >::of(self, "/shapes.Shapes/Listen")
            .server_streaming_when_polled(::traitwire::rt::Request::new(__request))
    }
    fn search(
        &self,
        __request: String,
    ) -> impl ::core::future::Future<
        Output = Result<::traitwire::rt::Messages<Result<String, Status>>, Status>,
    > + ::core::marker::Send {
        async move {
            ::traitwire::rt::client::plain(
                ::traitwire::rt::client::Call::<
                    String,
                    String,
                >::of(self, "/shapes.Shapes/Search")
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
                ::traitwire::rt::client::Call::<
                    String,
                    Vec<u8>,
                >::of(self, "/shapes.Shapes/Tail")
                    .server_streaming(__request)
                    .await,
            )
        }
    }
    async fn upload(&self, __request: Streaming<Vec<u8>>) -> Result<u64, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<
                Vec<u8>,
                u64,
            >::of(self, "/shapes.Shapes/Upload")
                .client_streaming(::traitwire::rt::Request::new(__request))
                .await,
        )
    }
    fn chat(
        &self,
        __request: Streaming<String>,
    ) -> ::traitwire::rt::Messages<Result<String, Status>> {
        ::traitwire::rt::client::Call::<String, String>::of(self, "/shapes.Shapes/Chat")
            .bidirectional_when_polled(::traitwire::rt::Request::new(__request))
    }
    async fn ping(&self) -> Result<(), Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<(), ()>::of(self, "/shapes.Shapes/Ping")
                .unary(::traitwire::rt::Request::new(()))
                .await,
        )
    }
}
