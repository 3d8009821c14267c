//! Arguments that the call lends.
use traitwire::{Status, Stream, message, service};
/// Notes, by their names.
pub trait Notes: ::core::marker::Send + ::core::marker::Sync + 'static {
    /// Keeps a note.
    fn add(
        &self,
        note: &Note,
    ) -> impl ::core::future::Future<Output = Result<(), Status>> + ::core::marker::Send;
    /// The text of a note, or NOT_FOUND.
    fn text(
        &self,
        name: &str,
    ) -> impl ::core::future::Future<
        Output = Result<String, Status>,
    > + ::core::marker::Send;
    /// The names of the notes that have these bytes in their texts.
    fn find(
        &self,
        bytes: &[u8],
    ) -> impl Stream<Item = Result<String, Status>> + ::core::marker::Send;
}
const _: () = {
    ::traitwire::rt::assert_message::<Note>();
    ::traitwire::rt::assert_message::<()>();
    ::traitwire::rt::assert_message::<::std::string::String>();
    ::traitwire::rt::assert_message::<String>();
    ::traitwire::rt::assert_message::<::std::vec::Vec<u8>>();
};
const _: () = {
    ::traitwire::rt::assert_into_status::<Status>();
};
const _: () = {
    ::traitwire::rt::assert_from_status::<Status>();
};
/// The descriptor of [`Notes`].
pub static NOTES: ::traitwire::rt::ServiceDescriptor = {
    use ::traitwire::rt::Undescribed as _;
    const METHODS: &[::traitwire::rt::MethodDescriptor] = &[
        ::traitwire::rt::MethodDescriptor::new(
                "Add",
                "/notes.Notes/Add",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<Note>::NAME
                    .described(::traitwire::rt::Definition::<Note>::OF),
                ::traitwire::rt::Definition::<()>::NAME
                    .described(::traitwire::rt::Definition::<()>::OF),
            )
            .with_docs("Keeps a note."),
        ::traitwire::rt::MethodDescriptor::new(
                "Text",
                "/notes.Notes/Text",
                ::traitwire::rt::MethodKind::Unary,
                ::traitwire::rt::Definition::<::std::string::String>::NAME
                    .described(::traitwire::rt::Definition::<::std::string::String>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("The text of a note, or NOT_FOUND."),
        ::traitwire::rt::MethodDescriptor::new(
                "Find",
                "/notes.Notes/Find",
                ::traitwire::rt::MethodKind::ServerStreaming,
                ::traitwire::rt::Definition::<::std::vec::Vec<u8>>::NAME
                    .described(::traitwire::rt::Definition::<::std::vec::Vec<u8>>::OF),
                ::traitwire::rt::Definition::<String>::NAME
                    .described(::traitwire::rt::Definition::<String>::OF),
            )
            .with_docs("The names of the notes that have these bytes in their texts."),
    ];
    ::traitwire::rt::ServiceDescriptor::new("notes", "Notes", METHODS)
        .with_docs("Notes, by their names.")
};
/// The contract of [`Notes`] as a type.
#[derive(::core::fmt::Debug)]
pub enum NotesContract {}
impl ::traitwire::rt::Contract for NotesContract {
    const DESCRIPTOR: &'static ::traitwire::rt::ServiceDescriptor = &NOTES;
    const NAME: &'static str = "notes.Notes";
}
/// Serves an [`Notes`] to gRPC callers.
#[allow(dead_code)]
pub type NotesServer<__S> = ::traitwire::rt::server::Served<NotesContract, __S>;
impl<__S: Notes> ::traitwire::rt::server::Dispatch<__S> for NotesContract {
    fn method(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        use ::traitwire::rt::server::Undispatched as _;
        Self::table(__path)
    }
}
impl NotesContract
where
    for<'__a> Note: ::traitwire::rt::Message,
    for<'__a> (): ::traitwire::rt::Message,
    for<'__a> Status: ::traitwire::rt::IntoStatus,
    for<'__a> ::std::string::String: ::traitwire::rt::Message,
    for<'__a> String: ::traitwire::rt::Message,
    for<'__a> ::std::vec::Vec<u8>: ::traitwire::rt::Message,
{
    fn table<__S: Notes>(
        __path: &str,
    ) -> ::core::option::Option<::traitwire::rt::server::Method<__S>> {
        match __path {
            "/notes.Notes/Add" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as Notes>::add(&*__service, &__request.message()?).await,
                        )
                    })),
                )
            }
            "/notes.Notes/Text" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::Unary(|
                        __service,
                        __request,
                        __writer|
                    ::std::boxed::Box::pin(async move {
                        ::traitwire::rt::server::reply(
                            __writer,
                            <__S as Notes>::text(
                                    &*__service,
                                    ::traitwire::rt::server::text(&__request.into_bytes())?,
                                )
                                .await,
                        )
                    })),
                )
            }
            "/notes.Notes/Find" => {
                ::core::option::Option::Some(
                    ::traitwire::rt::server::Method::ServerStreaming(|
                        __service,
                        __request,
                        __out|
                    ::std::boxed::Box::pin(async move {
                        __out
                            .messages(
                                <__S as Notes>::find(
                                    &*__service,
                                    &__request.message::<::traitwire::rt::server::Bytes>()?,
                                ),
                            )
                            .await
                    })),
                )
            }
            _ => ::core::option::Option::None,
        }
    }
}
/// Calls an [`Notes`] elsewhere, and is one. Cheap to clone.
#[allow(dead_code)]
pub type NotesClient<__T = ::traitwire::rt::client::DefaultTransport> = ::traitwire::rt::client::Client<
    NotesContract,
    __T,
>;
use ::traitwire::rt::client::Uncallable as _;
impl<__T: ::traitwire::rt::client::Transport> Notes
for ::traitwire::rt::client::Client<NotesContract, __T> {
    async fn add(&self, __request: &Note) -> Result<(), Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<Note, ()>::of(self, "/notes.Notes/Add")
                .unary(::traitwire::rt::client::lend(__request))
                .await,
        )
    }
    async fn text(&self, __request: &str) -> Result<String, Status> {
        ::traitwire::rt::client::plain(
            ::traitwire::rt::client::Call::<
                ::std::string::String,
                String,
            >::of(self, "/notes.Notes/Text")
                .unary(::traitwire::rt::client::lend(__request))
                .await,
        )
    }
    fn find(
        &self,
        __request: &[u8],
    ) -> ::traitwire::rt::Messages<Result<String, Status>> {
        ::traitwire::rt::client::Call::<
            ::std::vec::Vec<u8>,
            String,
        >::of(self, "/notes.Notes/Find")
            .server_streaming_when_polled(::traitwire::rt::client::lend(__request))
    }
}
/// A note.
#[derive(
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::traitwire::prost::Message,
    ::traitwire::Describe
)]
#[prost(prost_path = "::traitwire::prost")]
#[describe(package = "notes")]
pub struct Note {
    /// What it is called.
    #[prost(string, tag = "1")]
    pub name: String,
    /// What it says.
    #[prost(string, tag = "2")]
    pub text: String,
}
