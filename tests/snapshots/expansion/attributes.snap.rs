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
    renamed::rt::assert_from_status::<Status>();
    renamed::rt::assert_message::<u32>();
    #[cfg(any())] renamed::rt::assert_message::<()>();
    #[cfg(any())] renamed::rt::assert_from_status::<Status>();
};
const _: () = {
    renamed::rt::assert_into_status::<Status>();
    #[cfg(any())] renamed::rt::assert_into_status::<Status>();
};
/// The descriptor of [`Keys`].
pub static KEYS: renamed::rt::ServiceDescriptor = {
    use renamed::rt::Undescribed as _;
    const METHODS: &[renamed::rt::MethodDescriptor] = &[
        renamed::rt::MethodDescriptor::new(
                "Other",
                "/keys.v1.AllKeys/Other",
                renamed::rt::MethodKind::Unary,
                renamed::rt::Definition::<()>::NAME
                    .described(renamed::rt::Definition::<()>::OF),
                renamed::rt::Definition::<()>::NAME
                    .described(renamed::rt::Definition::<()>::OF),
            )
            .with_docs("Another name on the wire."),
        renamed::rt::MethodDescriptor::new(
                "two",
                "/keys.v1.AllKeys/two",
                renamed::rt::MethodKind::Unary,
                renamed::rt::Definition::<u32>::NAME
                    .described(renamed::rt::Definition::<u32>::OF),
                renamed::rt::Definition::<u32>::NAME
                    .described(renamed::rt::Definition::<u32>::OF),
            )
            .with_docs("A body of its own."),
        #[cfg(any())]
        renamed::rt::MethodDescriptor::new(
                "three",
                "/keys.v1.AllKeys/three",
                renamed::rt::MethodKind::Unary,
                renamed::rt::Definition::<()>::NAME
                    .described(renamed::rt::Definition::<()>::OF),
                renamed::rt::Definition::<()>::NAME
                    .described(renamed::rt::Definition::<()>::OF),
            )
            .with_docs("There on no platform."),
        renamed::rt::MethodDescriptor::new(
                "four",
                "/keys.v1.AllKeys/four",
                renamed::rt::MethodKind::Unary,
                renamed::rt::Definition::<()>::NAME
                    .described(renamed::rt::Definition::<()>::OF),
                renamed::rt::Definition::<()>::NAME
                    .described(renamed::rt::Definition::<()>::OF),
            )
            .with_docs("Old.")
            .as_deprecated(),
    ];
    renamed::rt::ServiceDescriptor::new("keys.v1", "AllKeys", METHODS)
        .with_file("keys/v1/all_keys.proto")
        .with_docs("All keys.")
};
/// The contract of [`Keys`] as a type.
#[derive(::core::fmt::Debug)]
pub enum KeysContract {}
impl renamed::rt::Contract for KeysContract {
    const DESCRIPTOR: &'static renamed::rt::ServiceDescriptor = &KEYS;
    const NAME: &'static str = "keys.v1.AllKeys";
}
/// Serves an [`Keys`] to gRPC callers.
#[allow(dead_code)]
pub type KeysServer<__S> = renamed::rt::server::Served<KeysContract, __S>;
impl<__S: Keys> renamed::rt::server::Dispatch<__S> for KeysContract {
    fn method(__path: &str) -> ::core::option::Option<renamed::rt::server::Method<__S>> {
        use renamed::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl KeysContract
where
    for<'__a> (): renamed::rt::Message,
    for<'__a> Status: renamed::rt::IntoStatus,
    for<'__a> u32: renamed::rt::Message,
{
    fn table<__S: Keys>(
        __path: &str,
    ) -> ::core::option::Option<renamed::rt::server::Method<__S>> {
        match __path {
            "/keys.v1.AllKeys/Other" => {
                ::core::option::Option::Some(
                    renamed::rt::server::Method::Unary(|__service, __request, __writer| ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        renamed::rt::server::reply(
                            __writer,
                            <__S as Keys>::one(&*__service).await,
                        )
                    })),
                )
            }
            "/keys.v1.AllKeys/two" => {
                ::core::option::Option::Some(
                    renamed::rt::server::Method::Unary(|__service, __request, __writer| ::std::boxed::Box::pin(async move {
                        renamed::rt::server::reply(
                            __writer,
                            <__S as Keys>::two(&*__service, __request.message()?).await,
                        )
                    })),
                )
            }
            #[cfg(any())]
            "/keys.v1.AllKeys/three" => {
                ::core::option::Option::Some(
                    renamed::rt::server::Method::Unary(|__service, __request, __writer| ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        renamed::rt::server::reply(
                            __writer,
                            <__S as Keys>::three(&*__service).await,
                        )
                    })),
                )
            }
            #[allow(deprecated)]
            "/keys.v1.AllKeys/four" => {
                ::core::option::Option::Some(
                    renamed::rt::server::Method::Unary(|__service, __request, __writer| ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        renamed::rt::server::reply(
                            __writer,
                            <__S as Keys>::four(&*__service).await,
                        )
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
/// Calls an [`Keys`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type KeysClient<__T = renamed::rt::client::DefaultTransport> = renamed::rt::client::Client<
    KeysContract,
    __T,
>;
use renamed::rt::client::Uncallable as _;
impl<__T: renamed::rt::client::Transport> Keys
for renamed::rt::client::Client<KeysContract, __T> {
    async fn one(&self) -> Result<(), Status> {
        renamed::rt::client::plain(
            renamed::rt::client::Call::<(), ()>::of(self, "/keys.v1.AllKeys/Other")
                .unary(renamed::rt::Request::new(()))
                .await,
        )
    }
    async fn two(&self, __request: u32) -> Result<u32, Status> {
        renamed::rt::client::plain(
            renamed::rt::client::Call::<u32, u32>::of(self, "/keys.v1.AllKeys/two")
                .unary(renamed::rt::Request::new(__request))
                .await,
        )
    }
    #[cfg(any())]
    async fn three(&self) -> Result<(), Status> {
        renamed::rt::client::plain(
            renamed::rt::client::Call::<(), ()>::of(self, "/keys.v1.AllKeys/three")
                .unary(renamed::rt::Request::new(()))
                .await,
        )
    }
    async fn four(&self) -> Result<(), Status> {
        renamed::rt::client::plain(
            renamed::rt::client::Call::<(), ()>::of(self, "/keys.v1.AllKeys/four")
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
    ::traitwire::rt::assert_from_status::<Status>();
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
/// The descriptor of [`ServerOnly`].
pub static SERVER_ONLY: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "Maybe",
                ServerOnlyContract::__PATH_0,
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
            )
            .with_docs("Answers UNIMPLEMENTED unless it is written."),
        ::traitwire::rt::MethodDescriptor::new(
                "Always",
                ServerOnlyContract::__PATH_1,
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
            )
            .with_docs("Must be written."),
    ];
    ::traitwire::rt::ServiceDescriptor::new("", "ServerOnly", METHODS)
        .placed(ServerOnlyContract::__FILE)
        .with_docs("The server's half alone, with one method that may be missing.")
};
/// The contract of [`ServerOnly`] as a type.
#[derive(::core::fmt::Debug)]
pub enum ServerOnlyContract {}
impl ServerOnlyContract {
    const __FILE: &'static ::traitwire::rt::describe::File = {
        use ::traitwire::rt::fallback::*;
        {
            use self::*;
            &__PROTO_FILE
        }
    };
    const __NAME: &'static str = ::traitwire::rt::joined!(
        ServerOnlyContract::__FILE.package,
        ::traitwire::rt::dot(ServerOnlyContract::__FILE.package), "ServerOnly"
    );
    const __PATH_0: &'static str = ::traitwire::rt::joined!(
        "/", ServerOnlyContract::__NAME, "/", "Maybe"
    );
    const __PATH_1: &'static str = ::traitwire::rt::joined!(
        "/", ServerOnlyContract::__NAME, "/", "Always"
    );
}
impl ::traitwire::rt::Contract for ServerOnlyContract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &SERVER_ONLY;
    const NAME: &'static str = ServerOnlyContract::__NAME;
}
/// Serves an [`ServerOnly`] to gRPC callers.
#[allow(dead_code)]
pub type ServerOnlyServer<__S> = ::traitwire::rt::server::Served<
    ServerOnlyContract,
    __S,
>;
impl<__S: ServerOnly> ::traitwire::rt::server::Dispatch<__S> for ServerOnlyContract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl ServerOnlyContract
where
    for<'__a> (): ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
{
    fn table<__S: ServerOnly>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            ServerOnlyContract::__PATH_0 => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as ServerOnly>::maybe(&*__service).await,
                        )
                    })),
                )
            }
            ServerOnlyContract::__PATH_1 => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        __request.message::<()>()?;
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as ServerOnly>::always(&*__service).await,
                        )
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
