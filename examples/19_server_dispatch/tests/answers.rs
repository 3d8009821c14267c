//! What a caller gets: messages within its window, a status in any case.

use std::{future::ready, sync::atomic::Ordering::SeqCst, time::Duration};

use http::{Request, Response, StatusCode};
use tokio::{task::yield_now, time::Instant};
use traitwire::{Status, tonic::body::Body};
use wire::frame::{Content, Frame, Kind, Reason, Setting};

use super::{
    Scene,
    caller::{begin, begin_with, flagged, framed, text},
};
use crate::Server;

#[tokio::test(start_paused = true)]
async fn a_call_is_answered_with_headers_messages_and_trailers() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    for stream in [1, 3, 5] {
        let answer = caller.call(stream, "Echo", &text("hello")).await;
        assert_eq!(answer.headers[":status"], "200");
        assert_eq!(answer.headers["content-type"], "application/grpc");
        assert_eq!(answer.data, framed(&text("hello")));
        assert_eq!(answer.trailers["grpc-status"], "0");
        assert_eq!(answer.reset, None);
    }
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_error_before_the_first_message_is_headers_only() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    let answer = caller.call(1, "Sing", &text("hello")).await;
    assert_eq!(answer.status(), ("12", "unknown%20method%20Sing%20for%20service%20test.v1.Lab"));
    assert!(answer.trailers.is_empty() && answer.data.is_empty());
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_not_a_call_gets_an_http_status_and_a_grpc_status() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    for (stream, field, http, grpc) in [
        (1, ("grpc-timeout", "soon"), "400", "13"),
        (3, ("host", "lab"), "400", "13"),
        (5, ("x-bin", "?"), "400", "13"),
    ] {
        caller.send([begin_with(stream, "Echo", &[("host", "lab"), field])]).await;
        let answer = caller.answer(stream).await;
        assert_eq!((&*answer.headers[":status"], answer.status().0), (http, grpc), "{field:?}");
    }
    // Nobody waits for the rest of the requests.
    assert_eq!(caller.expect(Kind::RST_STREAM).await, Frame::rst_stream(5, Reason::NO_ERROR));
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_before_the_end_of_the_request_tells_the_caller_to_stop() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    caller.send([begin(1, "First"), Frame::data(1, framed(&text("a")), false)]).await;
    let answer = caller.answer(1).await;
    assert_eq!((answer.data, &*answer.trailers["grpc-status"]), (framed(&text("a")), "0"));
    // After the trailers, and with the reason that says that all is well.
    assert_eq!(caller.expect(Kind::RST_STREAM).await, Frame::rst_stream(1, Reason::NO_ERROR));
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn no_more_is_sent_than_the_caller_has_room_for() {
    const ROOM: u32 = 2500;
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    caller.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, ROOM)])]).await;
    // Five messages of 1,008 bytes.
    caller.send([begin(1, "Pour"), Frame::data(1, framed(&[0x08, 5]), true)]).await;
    let mut received = 0;
    while received < ROOM as usize {
        received += caller.expect(Kind::DATA).await.payload.len();
    }
    assert_eq!(received, ROOM as usize);
    caller.send([Frame::ping(*b"anything", false)]).await;
    let next = caller.expect(Kind::PING).await;
    assert!(next.has(1), "the answer to the PING, and no DATA before it");

    caller.send([Frame::window_update(1, 100_000)]).await;
    let rest = caller.answer(1).await;
    assert_eq!((received + rest.data.len(), rest.status().0), (5 * 1008, "0"));
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_runs_no_further_than_its_window_and_ends_at_its_deadline() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    caller.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 1)])]).await;
    let begun = Instant::now();
    let ask = Frame::data(1, framed(&[0x08, 0xff, 0xff, 0x03]), true);
    caller.send([begin_with(1, "Pour", &[("grpc-timeout", "2S")]), ask]).await;

    let answer = caller.answer(1).await;
    assert_eq!(answer.status(), ("4", "deadline%20exceeded"));
    assert_eq!(begun.elapsed().as_secs(), 2);
    assert_eq!(scene.bench.running(), 0, "the handler is dropped");
    // A batch of 16 KiB, of which one byte was sent, and not the next one.
    let poured = scene.bench.poured.load(SeqCst);
    assert!(poured <= 20, "{poured} messages of a thousand bytes");
    scene.end().await;
}

/// It has room for everything, and does not read.
#[tokio::test(start_paused = true)]
async fn a_caller_who_reads_nothing_is_owed_64_kibibytes_a_stream() {
    const WIDE_OPEN: u32 = 1 << 30;
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    caller.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, WIDE_OPEN)])]).await;
    caller.send([Frame::window_update(0, WIDE_OPEN), begin(1, "Pour")]).await;
    caller.send([Frame::data(1, framed(&[0x08, 0xff, 0xff, 0x03]), true)]).await;
    // The clock goes on when nobody has anything to do any more.
    tokio::time::sleep(Duration::from_secs(1)).await;
    // In the pipe there is a mebibyte, on the way to it 64 KiB, and behind that a batch or two.
    let poured = scene.bench.poured.load(SeqCst);
    assert!((1_050..1_160).contains(&poured), "{poured} messages of a thousand bytes");
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_takes_too_long_is_deadline_exceeded() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    let begun = Instant::now();
    caller.send([begin_with(1, "Hang", &[("grpc-timeout", "50m")])]).await;
    caller.send([Frame::data(1, framed(b""), true)]).await;
    assert_eq!(caller.answer(1).await.status().0, "4");
    assert!(begun.elapsed() <= Duration::from_millis(52), "{:?}", begun.elapsed());
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_request_is_taken_as_its_handler_reads_it() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    // One handler has what it wants and reads no more, and the other reads all.
    caller.send([begin(1, "First"), begin(3, "Count")]).await;
    caller.send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 0)])]).await;
    for _ in 0..60 {
        caller
            .send([1, 3].map(|it| Frame::data(it, framed(&text(&"x".repeat(16_000))), false)))
            .await;
    }
    // It gets room for more when half of its mebibyte is used up.
    let update = loop {
        let frame = caller.expect(Kind::WINDOW_UPDATE).await;
        if frame.stream > 0 {
            break frame;
        }
    };
    assert_eq!(update.stream, 3);
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn a_reset_drops_the_handler_where_it_stands() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    for (stream, method) in [(1, "Hang"), (3, "Count"), (5, "Repeat"), (7, "Pour")] {
        caller
            .send([Frame::settings(&[(Setting::INITIAL_WINDOW_SIZE, 0)]), begin(stream, method)])
            .await;
        let (ask, end) = match method {
            "Pour" => (&[0x08, 100][..], true),
            _ => (&b""[..], method == "Hang"),
        };
        caller.send([Frame::data(stream, framed(ask), end)]).await;
        scene.until(|it| it.bench.running() == 1).await;
        caller.send([Frame::rst_stream(stream, Reason::CANCEL)]).await;
        scene.until(|it| it.bench.running() == 0).await;
    }
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn gzip_is_answered_with_gzip_where_it_is_accepted() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    let compressed = flagged(1, &wire::gzip::compress(&text(&"hello ".repeat(100))));
    let gzip = ("grpc-encoding", "gzip");
    let accept = ("grpc-accept-encoding", "identity, gzip");
    for (stream, fields, flag) in [(1, &[gzip, accept][..], 1), (3, &[gzip], 0), (5, &[accept], 0)]
    {
        let data = if fields.contains(&gzip) { compressed.clone() } else { framed(&text("hello")) };
        caller.send([begin_with(stream, "Echo", fields), Frame::data(stream, data, true)]).await;
        let answer = caller.answer(stream).await;
        assert_eq!((answer.status().0, answer.data[0]), ("0", flag), "{fields:?}");
        assert_eq!(answer.headers.contains_key("grpc-encoding"), flag == 1);
        assert_eq!(answer.data.len() < 100, flag == 1 || stream == 5, "{}", answer.data.len());
    }
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_encoding_is_answered_with_those_that_are_known() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    caller.send([begin_with(1, "Echo", &[("grpc-encoding", "snappy")])]).await;
    let answer = caller.answer(1).await;
    assert_eq!(answer.status().0, "12");
    assert_eq!(answer.headers["grpc-accept-encoding"], "identity,gzip");
    scene.end().await;
}

/// Whether it has sent headers already or has not, and whether it makes an error of it or does not.
#[tokio::test(start_paused = true)]
async fn a_wrong_message_ends_its_call_whatever_the_handler_says() {
    let scene = Scene::new(Server::new().max_recv_msg_size(1000));
    let mut caller = scene.caller().await;
    let mut streams = (1..).step_by(2);
    for method in ["Echo", "Count", "Repeat", "Forgive"] {
        for (data, ends, code) in [
            (vec![0, 0, 0, 3, 0xe9], false, "8"),
            (flagged(1, b""), false, "13"),
            (flagged(9, b""), false, "13"),
            (vec![0, 0], true, "13"),
            (framed(b"x")[..5].to_vec(), true, "13"),
        ] {
            let stream = streams.next().unwrap();
            caller.send([begin(stream, method), Frame::data(stream, data, ends)]).await;
            assert_eq!(caller.answer(stream).await.status().0, code, "{method}");
        }
    }
    scene.end().await;
}

/// A service that has no methods of its own, and answers what is left over.
#[tokio::test(start_paused = true)]
async fn unknown_calls_go_to_their_handler() {
    #[derive(Clone)]
    struct Proxy;

    impl tower_service::Service<Request<Body>> for Proxy {
        type Response = Response<Body>;
        type Error = std::convert::Infallible;
        type Future = std::future::Ready<Result<Response<Body>, Self::Error>>;

        fn poll_ready(
            &mut self,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Result<(), Self::Error>> {
            std::task::Poll::Ready(Ok(()))
        }

        fn call(&mut self, request: Request<Body>) -> Self::Future {
            ready(Ok(match request.uri().path() {
                "/test.v1.Lab/Page" => {
                    let mut page = Response::new(Body::new(http_body_util::Full::from("a page")));
                    *page.status_mut() = StatusCode::NOT_FOUND;
                    page
                }
                "/test.v1.Lab/Half" => Response::new(Body::new(http_body_util::Full::from("half"))),
                "/test.v1.Lab/Panic" => panic!("as the caller asked for"),
                path => Status::not_found(path).into_http(),
            }))
        }
    }

    let scene = Scene::new(Server::new().unknown_service_handler(Proxy));
    let mut caller = scene.caller().await;
    assert_eq!(caller.call(1, "Echo", &text("known")).await.status().0, "0");
    assert_eq!(caller.call(3, "Sing", b"").await.status(), ("5", "/test.v1.Lab/Sing"));
    let page = caller.call(5, "Page", b"").await;
    assert_eq!((&*page.headers[":status"], &*page.data), ("404", &b"a page"[..]));
    let half = caller.call(7, "Half", b"").await;
    assert_eq!(half.status(), ("13", "the%20service%20has%20ended%20without%20a%20status"));
    let panicked = caller.call(9, "Panic", b"").await;
    assert_eq!(panicked.status(), ("13", "the%20handler%20panicked"));
    scene.end().await;
}

#[tokio::test(start_paused = true)]
async fn turn_by_turn_each_message_is_answered_at_once() {
    let scene = Scene::new(Server::new());
    let mut caller = scene.caller().await;
    caller.send([begin(1, "Repeat")]).await;
    let headers = caller.expect(Kind::HEADERS).await;
    assert!(matches!(headers.content(), Ok(Content::Headers { end_stream: false, .. })));
    for word in ["a", "b", "c"] {
        caller.send([Frame::data(1, framed(&text(word)), false)]).await;
        let data = caller.expect(Kind::DATA).await;
        assert_eq!(data.payload, framed(&text(word)));
        yield_now().await;
    }
    scene.end().await;
}
