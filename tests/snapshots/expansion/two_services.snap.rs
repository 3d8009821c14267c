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
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
const _: () = {
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`ShopV1`].
pub static SHOP_V1: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "Count",
                "/shop.v1.ShopV1/Count",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
                ::traitwire::rt::Definition::<u64>::NAME
                    .described(::traitwire::rt::Definition::<u64>::OF),
            )
            .with_docs("Counts the orders."),
    ];
    ::traitwire::rt::ServiceDescriptor::new("shop.v1", "ShopV1", METHODS)
        .with_docs("The first version.")
};
/// The contract of [`ShopV1`] as a type.
#[derive(::core::fmt::Debug)]
pub enum ShopV1Contract {}
impl ::traitwire::rt::Contract for ShopV1Contract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &SHOP_V1;
    const NAME: &'static str = "shop.v1.ShopV1";
}
/// Serves an [`ShopV1`] to gRPC callers.
#[allow(dead_code)]
pub type ShopV1Server<__S> = ::traitwire::rt::server::Served<ShopV1Contract, __S>;
impl<__S: ShopV1> ::traitwire::rt::server::Dispatch<__S> for ShopV1Contract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl ShopV1Contract
where
    for<'__a> (): ::traitwire::rt::Message,
    for<'__a> u64: ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
{
    fn table<__S: ShopV1>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            "/shop.v1.ShopV1/Count" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as ShopV1>::count(&*__service).await,
                        )
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
/// Calls an [`ShopV1`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type ShopV1Client<__T = ::traitwire::rt::client::DefaultTransport> = ::traitwire::rt::client::Client<
    ShopV1Contract,
    __T,
>;
use ::traitwire::rt::client::Uncallable as _;
impl<__T: ::traitwire::rt::client::Transport> ShopV1
for ::traitwire::rt::client::Client<ShopV1Contract, __T> {
    async fn count(&self) -> Result<u64, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<(), u64>::of(self, "/shop.v1.ShopV1/Count")
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
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
const _: () = {
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`ShopV2`].
pub static SHOP_V2: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "Count",
                "/shop.v2.ShopV2/Count",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
                ::traitwire::rt::Definition::<u64>::NAME
                    .described(::traitwire::rt::Definition::<u64>::OF),
            )
            .with_docs("Counts the orders."),
    ];
    ::traitwire::rt::ServiceDescriptor::new("shop.v2", "ShopV2", METHODS)
        .with_docs("The second version.")
};
/// The contract of [`ShopV2`] as a type.
#[derive(::core::fmt::Debug)]
pub enum ShopV2Contract {}
impl ::traitwire::rt::Contract for ShopV2Contract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &SHOP_V2;
    const NAME: &'static str = "shop.v2.ShopV2";
}
/// Serves an [`ShopV2`] to gRPC callers.
#[allow(dead_code)]
pub type ShopV2Server<__S> = ::traitwire::rt::server::Served<ShopV2Contract, __S>;
impl<__S: ShopV2> ::traitwire::rt::server::Dispatch<__S> for ShopV2Contract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl ShopV2Contract
where
    for<'__a> (): ::traitwire::rt::Message,
    for<'__a> u64: ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
{
    fn table<__S: ShopV2>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            "/shop.v2.ShopV2/Count" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as ShopV2>::count(&*__service).await,
                        )
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
/// Calls an [`ShopV2`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type ShopV2Client<__T = ::traitwire::rt::client::DefaultTransport> = ::traitwire::rt::client::Client<
    ShopV2Contract,
    __T,
>;
use ::traitwire::rt::client::Uncallable as _;
impl<__T: ::traitwire::rt::client::Transport> ShopV2
for ::traitwire::rt::client::Client<ShopV2Contract, __T> {
    async fn count(&self) -> Result<u64, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<(), u64>::of(self, "/shop.v2.ShopV2/Count")
                .unary(::traitwire::rt::Request::new(()))
                .await,
        )
    }
}
