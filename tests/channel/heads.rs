//! What calls say of themselves.

use bytes::Bytes;
use h2::server::SendResponse;
use http::request::Parts;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpListener,
    sync::mpsc,
};
use traitwire::{CallOptions, Channel, ChannelBuilder};
use traitwire_tests::frames::{Content, Setting};

use crate::{
    contract::{Echo, EchoClient, note},
    peer::{Site, say},
};

/// The name of this library in `user-agent`, with its version.
fn ours() -> String {
    let manifest = include_str!("../../Cargo.toml");
    let (_, version) = manifest.split_once("[workspace.package]\nversion = \"").unwrap();
    format!("traitwire/{}", version.split_once('"').unwrap().0)
}

/// Answers each call of a connection with a status, and tells the heads.
async fn serve(io: impl AsyncRead + AsyncWrite + Unpin, heads: mpsc::UnboundedSender<Parts>) {
    let mut connection = h2::server::handshake(io).await.unwrap();
    while let Some(Ok((request, respond))) = connection.accept().await {
        heads.send(request.into_parts().0).unwrap();
        refuse(respond);
    }
}

fn refuse(mut respond: SendResponse<Bytes>) {
    let answer = http::Response::builder()
        .header("content-type", "application/grpc")
        .header("grpc-status", "9")
        .body(())
        .unwrap();
    respond.send_response(answer, true).unwrap();
}

/// What a call says that is made by a client of this server.
async fn head(builder: impl FnOnce(u16) -> ChannelBuilder, options: CallOptions) -> (Parts, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    head_at(listener, builder(port), options, port).await
}

async fn head_at(
    listener: TcpListener,
    builder: ChannelBuilder,
    options: CallOptions,
    port: u16,
) -> (Parts, u16) {
    let (heads, mut asked) = mpsc::unbounded_channel();
    tokio::spawn(async move { serve(listener.accept().await.unwrap().0, heads).await });
    let client = EchoClient::new(builder.connect_lazy().unwrap()).with(options);
    client.say(note("hello")).await.unwrap_err();
    (asked.recv().await.unwrap(), port)
}

#[tokio::test]
async fn a_call_is_one_of_grpc() {
    let server = |port| Channel::builder(format!("http://127.0.0.1:{port}"));
    let (head, port) = head(server, CallOptions::new().metadata("x-shop", "north")).await;
    assert_eq!(head.method, "POST");
    assert_eq!(head.uri, *format!("http://127.0.0.1:{port}/proof.v1.Echo/Say"));
    assert_eq!(head.headers["te"], "trailers");
    assert_eq!(head.headers["content-type"], "application/grpc");
    assert_eq!(head.headers["x-shop"], "north");
    assert_eq!(head.headers["user-agent"], *ours());
}

#[tokio::test]
async fn the_path_of_the_server_goes_before_that_of_the_call() {
    for path in ["/api/v1", "/api/v1/"] {
        let server = |port| Channel::builder(format!("http://127.0.0.1:{port}{path}"));
        let (head, _) = head(server, CallOptions::new()).await;
        assert_eq!(head.uri.path(), "/api/v1/proof.v1.Echo/Say");
    }
}

#[tokio::test]
async fn the_authority_is_what_was_dialled() {
    for name in ["localhost", "127.0.0.1"] {
        let server = |port| Channel::builder(format!("{name}:{port}"));
        let (head, port) = head(server, CallOptions::new()).await;
        assert_eq!(head.uri.authority().unwrap(), &*format!("{name}:{port}"));
    }
}

#[tokio::test]
async fn the_authority_can_be_set() {
    let server = |port| Channel::builder(format!("127.0.0.1:{port}")).authority("shop.example");
    let (set, _) = head(server, CallOptions::new()).await;
    assert_eq!(set.uri.authority().unwrap(), "shop.example");

    let origin = "http://other.example/base".parse().unwrap();
    let (of_call, _) = head(server, CallOptions::new().origin(origin)).await;
    assert_eq!(of_call.uri, "http://other.example/base/proof.v1.Echo/Say");
}

#[tokio::test]
async fn the_name_of_the_caller_goes_before_that_of_this_library() {
    let server = |port| Channel::builder(format!("127.0.0.1:{port}")).user_agent("me");
    let (head, _) = head(server, CallOptions::new()).await;
    assert_eq!(head.headers["user-agent"], *format!("me {}", ours()));
}

#[tokio::test]
async fn a_server_by_its_address_of_ipv6() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        return traitwire_tests::skipped("there is no IPv6");
    };
    let port = listener.local_addr().unwrap().port();
    let builder = Channel::builder(format!("http://[::1]:{port}"));
    let (head, port) = head_at(listener, builder, CallOptions::new(), port).await;
    assert_eq!(head.uri.authority().unwrap(), &*format!("[::1]:{port}"));
}

/// What a client allows its server: its settings, and the window of the connection.
async fn allows(
    set: impl Fn(ChannelBuilder) -> ChannelBuilder,
) -> (Vec<(Setting, u32)>, Option<u32>) {
    let site = Site::new().await;
    let _call =
        say(&EchoClient::new(set(Channel::builder(site.uri())).connect_lazy().unwrap()), "hello");
    let mut peer = site.accept().await;
    let (mut settings, mut window) = (Vec::new(), None);
    for frame in peer.so_far().await {
        match frame.content().unwrap() {
            Content::Settings(said) => settings = said,
            Content::WindowUpdate(more) => window = Some(more + 65_535),
            other => panic!("{other:?}"),
        }
    }
    (settings, window)
}

#[tokio::test(start_paused = true)]
async fn a_client_says_what_it_allows() {
    let (kib, mib) = (1024, 1024 * 1024);
    let expected = [
        (Setting::ENABLE_PUSH, 0),
        (Setting::INITIAL_WINDOW_SIZE, 2 * mib),
        (Setting::MAX_FRAME_SIZE, 16 * kib),
        (Setting::MAX_HEADER_LIST_SIZE, 16 * kib),
    ];
    assert_eq!(allows(|it| it).await, (expected.to_vec(), Some(5 * mib)));

    let set = |it: ChannelBuilder| {
        it.initial_stream_window_size(3 * mib)
            .initial_connection_window_size(7 * mib)
            .max_frame_size(1)
            .max_header_list_size(9 * kib)
    };
    let expected = [
        (Setting::ENABLE_PUSH, 0),
        (Setting::INITIAL_WINDOW_SIZE, 3 * mib),
        (Setting::MAX_FRAME_SIZE, 16 * kib),
        (Setting::MAX_HEADER_LIST_SIZE, 9 * kib),
    ];
    assert_eq!(allows(set).await, (expected.to_vec(), Some(7 * mib)));
}

#[cfg(unix)]
#[tokio::test]
async fn a_server_at_a_unix_socket_is_localhost() {
    use traitwire::Code;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.sock");
    for target in [format!("unix:{}", path.display()), format!("unix://{}", path.display())] {
        let client = EchoClient::new(Channel::builder(&target).connect_lazy().unwrap());
        let status = client.say(note("hello")).await.unwrap_err();
        assert_eq!(status.code(), Code::Unavailable);
        assert_eq!(status.message(), format!("there is no socket at {}", path.display()));

        let listener = tokio::net::UnixListener::bind(&path).unwrap();
        let (heads, mut asked) = mpsc::unbounded_channel();
        tokio::spawn(async move { serve(listener.accept().await.unwrap().0, heads).await });
        let client = EchoClient::new(Channel::builder(&target).connect_lazy().unwrap());
        assert_eq!(client.say(note("hello")).await.unwrap_err().code(), Code::FailedPrecondition);
        assert_eq!(asked.recv().await.unwrap().uri, "http://localhost/proof.v1.Echo/Say");
        std::fs::remove_file(&path).unwrap();
    }
}
