//! One method, in the plain form.
use traitwire::{Status, service};
/// Orders of the shop.
pub trait OrderManagement: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// The description of an order, or NOT_FOUND.
    fn get_order(
        &self,
        id: String,
    ) -> impl ::core::future::Future<
        Output = Result<String, Status>,
    > + ::core::marker::Send;
}
const _: () = {
    ::traitwire::rt::assert_message::<String>();
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
const _: () = {
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`OrderManagement`].
pub static ORDER_MANAGEMENT: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "getOrder",
                "/ecommerce.OrderManagement/getOrder",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("The description of an order, or NOT_FOUND."),
    ];
    ::traitwire::rt::ServiceDescriptor::new("ecommerce", "OrderManagement", METHODS)
        .with_docs("Orders of the shop.")
};
/// The contract of [`OrderManagement`] as a type.
#[derive(::core::fmt::Debug)]
pub enum OrderManagementContract {}
impl ::traitwire::rt::Contract for OrderManagementContract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &ORDER_MANAGEMENT;
    const NAME: &'static str = "ecommerce.OrderManagement";
}
/// Serves an [`OrderManagement`] to gRPC callers.
#[allow(dead_code)]
pub type OrderManagementServer<__S> = ::traitwire::rt::server::Served<
    OrderManagementContract,
    __S,
>;
impl<__S: OrderManagement> ::traitwire::rt::server::Dispatch<__S>
for OrderManagementContract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl OrderManagementContract
where
    for<'__a> String: ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
{
    fn table<__S: OrderManagement>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            "/ecommerce.OrderManagement/getOrder" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as OrderManagement>::get_order(
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
/// Calls an [`OrderManagement`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type OrderManagementClient<__T = ::traitwire::rt::client::DefaultTransport> = ::traitwire::rt::client::Client<
    OrderManagementContract,
    __T,
>;
use ::traitwire::rt::client::Uncallable as _;
impl<__T: ::traitwire::rt::client::Transport> OrderManagement
for ::traitwire::rt::client::Client<OrderManagementContract, __T> {
    async fn get_order(&self, __request: String) -> Result<String, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<
                String,
                String,
            >::of(self, "/ecommerce.OrderManagement/getOrder")
                .unary(::traitwire::rt::Request::new(__request))
                .await,
        )
    }
}
