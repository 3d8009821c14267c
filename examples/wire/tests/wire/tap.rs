//! The tap on a real connection: it sees what passes, and nothing passes otherwise.

use std::io::IoSlice;

use tokio::{
    io::{AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use wire::{
    frame::{Frame, PREFACE, Reason, Setting},
    tap::{Event, Garbage, Side, Tap, Tapped},
};

use crate::soon;

/// A connection with a tap at the client's end.
async fn connection(tap: &Tap) -> (Tapped<TcpStream>, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (server, _) = listener.accept().await.unwrap();
    (tap.wrap(client, Side::Client), server)
}

fn events(tap: &Tap, from: Side) -> Vec<Event> {
    tap.events().into_iter().filter(|it| it.from == from).map(|it| it.event).collect()
}

#[tokio::test]
async fn both_directions_are_seen_with_their_ends() {
    let tap = Tap::new();
    let (mut client, mut server) = connection(&tap).await;
    let (hello, reset) = (Frame::settings(&[]), Frame::rst_stream(1, Reason::CANCEL));

    client.write_all(PREFACE).await.unwrap();
    client.write_all(&hello.to_bytes()).await.unwrap();
    client.shutdown().await.unwrap();
    let mut received = Vec::new();
    server.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, [&PREFACE[..], &hello.to_bytes()].concat());

    server.write_all(&[hello.to_bytes(), reset.to_bytes()].concat()).await.unwrap();
    drop(server);
    let mut answer = Vec::new();
    client.read_to_end(&mut answer).await.unwrap();
    assert_eq!(answer.len(), 22);

    let end = Event::End { unread: 0 };
    let sent = [Event::Preface, Event::Frame(hello.clone()), end.clone()];
    assert_eq!(events(&tap, Side::Client), sent);
    assert_eq!(events(&tap, Side::Server), [Event::Frame(hello), Event::Frame(reset), end]);
    assert_eq!(tap.writes(Side::Client), [24, 9]);
}

#[tokio::test]
async fn at_the_server_the_directions_are_the_other_way_round() {
    let tap = Tap::new();
    let (mut client, server) = connection(&Tap::new()).await;
    let mut server = tap.wrap(server, Side::Server);
    server.write_all(&Frame::settings(&[]).to_bytes()).await.unwrap();
    client.write_all(PREFACE).await.unwrap();
    server.read_exact(&mut [0; 24]).await.unwrap();

    assert_eq!(events(&tap, Side::Client), [Event::Preface]);
    assert_eq!(tap.frames(Side::Server), [Frame::settings(&[])]);
}

#[tokio::test]
async fn a_write_is_what_the_socket_took_at_once() {
    let tap = Tap::new();
    let (mut client, _server) = connection(&tap).await;
    let (one, two) = (Frame::settings(&[]).to_bytes(), Frame::ping(*b"12345678", false).to_bytes());

    client.write_all(PREFACE).await.unwrap();
    let slices = [IoSlice::new(&one), IoSlice::new(&two[..4])];
    assert!(client.is_write_vectored());
    assert_eq!(client.write_vectored(&slices).await.unwrap(), 13);
    client.write_all(&two[4..]).await.unwrap();

    assert_eq!(tap.writes(Side::Client), [24, 13, 13]);
    let writes: Vec<usize> = tap.events().iter().map(|it| it.write).collect();
    assert_eq!(writes, [0, 1, 2], "the last frame is whole with the third write");

    tap.forget();
    client.write_all(&one).await.unwrap();
    assert_eq!((tap.writes(Side::Client), tap.events().len()), (vec![9], 1));
    assert_eq!(tap.events()[0].write, 3, "the numbers go on");
}

#[tokio::test]
async fn who_waits_for_an_event_is_woken_by_it() {
    let tap = Tap::new();
    let (mut client, _server) = connection(&tap).await;
    let wait = tap.until(|events| events.len() == 2);
    let write = async {
        client.write_all(PREFACE).await.unwrap();
        client.write_all(&Frame::settings(&[]).to_bytes()).await.unwrap();
    };
    soon(async { tokio::join!(wait, write) }).await;
    soon(tap.until(|events| !events.is_empty())).await;
}

#[tokio::test]
async fn garbage_is_said_once_and_passed_on_for_ever() {
    let requests: [(&[u8], u64, &str); 3] = [
        (b"GET / HTTP/1.1\r\nhost: shop\r\n\r\n", 0, "not the preface of HTTP/2"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 0, "not the preface of HTTP/2"),
        (
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\x00\x00\x00\x00\x00\x01",
            24,
            "a frame longer than SETTINGS_MAX_FRAME_SIZE",
        ),
    ];
    for (bytes, at, what) in requests {
        let tap = Tap::new();
        let (mut client, mut server) = connection(&tap).await;
        let more = [bytes, &[b'x'; 1000]].concat();
        client.write_all(&more).await.unwrap();
        client.write_all(b"and more").await.unwrap();
        client.shutdown().await.unwrap();
        let mut received = Vec::new();
        server.read_to_end(&mut received).await.unwrap();
        assert_eq!(received, [&more[..], b"and more"].concat());

        let mut seen = events(&tap, Side::Client);
        seen.retain(|it| *it != Event::Preface);
        let [Event::Garbage(Garbage { offset, start, why }), Event::End { unread }] = &seen[..]
        else {
            panic!("{seen:?}");
        };
        assert_eq!((*offset, *why), (at, what));
        assert_eq!(start[..], more[at as usize..][..16]);
        assert_eq!(*unread, received.len() as u64 - at);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http2_is_garbage() {
    for answer in
        [&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], b"\x00\x00\x00\x00\x00\x00\x00\x00\x01"]
    {
        let tap = Tap::new();
        let (mut client, mut server) = connection(&tap).await;
        server.write_all(answer).await.unwrap();
        client.read_exact(&mut vec![0; answer.len()]).await.unwrap();
        let seen = events(&tap, Side::Server);
        assert!(matches!(&seen[..], [Event::Garbage(it)] if it.offset == 0), "{seen:?}");
    }
}

#[tokio::test]
async fn a_frame_cut_off_is_counted_at_the_end() {
    let tap = Tap::new();
    let (mut client, _server) = connection(&tap).await;
    client.write_all(PREFACE).await.unwrap();
    client.write_all(&Frame::ping(*b"12345678", false).to_bytes()[..12]).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(events(&tap, Side::Client), [Event::Preface, Event::End { unread: 12 }]);
}

#[tokio::test]
async fn who_allows_longer_frames_gets_them() {
    let tap = Tap::new();
    let (mut client, mut server) = connection(&tap).await;
    let allow = Frame::settings(&[(Setting::MAX_FRAME_SIZE, 20_000)]);
    server.write_all(&allow.to_bytes()).await.unwrap();
    client.read_exact(&mut [0; 15]).await.unwrap();

    let long = Frame::data(1, vec![0; 20_000], false);
    client.write_all(PREFACE).await.unwrap();
    client.write_all(&long.to_bytes()).await.unwrap();
    assert_eq!(tap.frames(Side::Client), [long]);
}

#[tokio::test]
async fn a_recording_ends_where_its_room_ends_and_the_bytes_go_on() {
    let tap = Tap::new();
    let (mut client, mut server) = tokio::io::duplex(1 << 20);
    let mut tapped = tap.wrap(&mut client, Side::Client);
    tapped.write_all(PREFACE).await.unwrap();
    server.read_exact(&mut [0; 24]).await.unwrap();
    let frame = Frame::data(1, vec![7; 16_000], false).to_bytes();
    let mut received = vec![0; frame.len()];
    for _ in 0..5000 {
        tapped.write_all(&frame).await.unwrap();
        server.read_exact(&mut received).await.unwrap();
        assert_eq!(received, frame);
    }
    let recorded: usize = tap.frames(Side::Client).iter().map(|it| it.payload.len()).sum();
    assert!((60 << 20..64 << 20).contains(&recorded), "{recorded}");
    assert!(tap.lost() > 0);
}
