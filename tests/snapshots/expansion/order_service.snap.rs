//! The contract of example 01, to the letter.
use traitwire::{Status, message, service};
/// The orders of a user's session.
pub trait OrderService: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Looks up an order.
    fn get_order(
        &self,
        request: Empty,
    ) -> impl ::core::future::Future<
        Output = Result<Empty, Status>,
    > + ::core::marker::Send {
        let _ = request;
        async move { ::traitwire::rt::unimplemented("GetOrder") }
    }
    /// Says where an order is.
    fn track_order(
        &self,
        id: &str,
    ) -> impl ::core::future::Future<
        Output = Result<String, Status>,
    > + ::core::marker::Send {
        let _ = id;
        async move { ::traitwire::rt::unimplemented("TrackOrder") }
    }
    /// Creates an order.
    fn create_order(
        &self,
        request: Empty,
    ) -> impl ::core::future::Future<
        Output = Result<Empty, Status>,
    > + ::core::marker::Send {
        let _ = request;
        async move { ::traitwire::rt::unimplemented("CreateOrder") }
    }
}
const _: () = {
    ::traitwire::rt::assert_message::<Empty>();
    ::traitwire::rt::assert_from_status::<Status>();
    ::traitwire::rt::assert_message::<::std::string::String>();
    ::traitwire::rt::assert_message::<String>();
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
/// The descriptor of [`OrderService`].
pub static ORDER_SERVICE: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "GetOrder",
                "/api.user.session.v1.OrderService/GetOrder",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<Empty>::NAME
                    .described(::traitwire::rt::Definition::<Empty>::OF),
                ::traitwire::rt::Definition::<Empty>::NAME
                    .described(::traitwire::rt::Definition::<Empty>::OF),
            )
            .with_docs("Looks up an order."),
        ::traitwire::rt::MethodDescriptor::new(
                "TrackOrder",
                "/api.user.session.v1.OrderService/TrackOrder",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<::std::string::String>::NAME
                    .described(::traitwire::rt::Definition::<::std::string::String>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("Says where an order is."),
        ::traitwire::rt::MethodDescriptor::new(
                "CreateOrder",
                "/api.user.session.v1.OrderService/CreateOrder",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<Empty>::NAME
                    .described(::traitwire::rt::Definition::<Empty>::OF),
                ::traitwire::rt::Definition::<Empty>::NAME
                    .described(::traitwire::rt::Definition::<Empty>::OF),
            )
            .with_docs("Creates an order."),
    ];
    ::traitwire::rt::ServiceDescriptor::new(
            "api.user.session.v1",
            "OrderService",
            METHODS,
        )
        .with_file("user/session/v1/session.proto")
        .with_docs("The orders of a user's session.")
};
/// The contract of [`OrderService`] as a type.
#[derive(::core::fmt::Debug)]
pub enum OrderServiceContract {}
impl ::traitwire::rt::Contract for OrderServiceContract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &ORDER_SERVICE;
    const NAME: &'static str = "api.user.session.v1.OrderService";
}
/// Serves an [`OrderService`] to gRPC callers.
#[allow(dead_code)]
pub type OrderServiceServer<__S> = ::traitwire::rt::server::Served<
    OrderServiceContract,
    __S,
>;
impl<__S: OrderService> ::traitwire::rt::server::Dispatch<__S> for OrderServiceContract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl OrderServiceContract
where
    for<'__a> Empty: ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
    for<'__a> ::std::string::String: ::traitwire::rt::Message,
    for<'__a> String: ::traitwire::rt::Message,
{
    fn table<__S: OrderService>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            "/api.user.session.v1.OrderService/GetOrder" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as OrderService>::get_order(
                                    &*__service,
                                    __request.message()?,
                                )
                                .await,
                        )
                    })),
                )
            }
            "/api.user.session.v1.OrderService/TrackOrder" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as OrderService>::track_order(
                                    &*__service,
                                    ::traitwire::rt::server::text(&__request.into_bytes())?,
                                )
                                .await,
                        )
                    })),
                )
            }
            "/api.user.session.v1.OrderService/CreateOrder" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as OrderService>::create_order(
                                    &*__service,
                                    __request.message()?,
                                )
                                .await,
                        )
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
/// Calls an [`OrderService`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type OrderServiceClient<__T = ::traitwire::rt::client::DefaultTransport> = ::traitwire::rt::client::Client<
    OrderServiceContract,
    __T,
>;
use ::traitwire::rt::client::Uncallable as _;
impl<__T: ::traitwire::rt::client::Transport> OrderService
for ::traitwire::rt::client::Client<OrderServiceContract, __T> {
    async fn get_order(&self, __request: Empty) -> Result<Empty, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<
                Empty,
                Empty,
            >::of(self, "/api.user.session.v1.OrderService/GetOrder")
                .unary(::traitwire::rt::Request::new(__request))
                .await,
        )
    }
    async fn track_order(&self, __request: &str) -> Result<String, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<
                ::std::string::String,
                String,
            >::of(self, "/api.user.session.v1.OrderService/TrackOrder")
                .unary(::traitwire::rt::client::lend(__request))
                .await,
        )
    }
    async fn create_order(&self, __request: Empty) -> Result<Empty, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<
                Empty,
                Empty,
            >::of(self, "/api.user.session.v1.OrderService/CreateOrder")
                .unary(::traitwire::rt::Request::new(__request))
                .await,
        )
    }
}
/// A message without fields. On the wire it takes no bytes at all.
#[derive(
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::traitwire::prost::Message,
    ::traitwire::Describe
)]
#[prost(prost_path = "::traitwire::prost")]
#[describe(package = "api.user.session.v1")]
pub struct Empty {}
