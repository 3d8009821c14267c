//! What is tried again by itself, and what is not.

use bytes::Bytes;
use tokio::{sync::mpsc, task::JoinHandle};
use tokio_stream::wrappers::UnboundedReceiverStream;
use traitwire::{Code, Status, StreamExt, Streaming};
use traitwire_tests::frames::{Frame, Kind, Reason, Setting};

use crate::{
    contract::{Echo, EchoClient, Note, note},
    peer::{Peer, Site, assert_no_call, framed, head, say, settle},
};

/// A call of each shape, that sends the same messages where it sends many.
const SHAPES: [&str; 4] = ["say", "repeat", "join", "chat"];

const TEXTS: [&str; 3] = ["one", "two", "three"];

fn call(client: &EchoClient, shape: &str) -> JoinHandle<Result<(), Status>> {
    let (client, shape) = (client.clone(), shape.to_owned());
    let notes = || TEXTS.map(note).into_iter().collect::<Streaming<Note>>();
    let notes = notes();
    tokio::spawn(async move {
        let mut answers = match &*shape {
            "say" => return client.say(note("one")).await.map(drop),
            "join" => return client.join(notes).await.map(drop),
            "repeat" => client.repeat(note("one")),
            _ => client.chat(notes),
        };
        while let Some(note) = answers.next().await {
            note?;
        }
        Ok(())
    })
}

/// What such a call sends.
fn sent(shape: &str) -> Bytes {
    let count = if matches!(shape, "say" | "repeat") { 1 } else { TEXTS.len() };
    TEXTS[..count].iter().flat_map(|text| framed(&note(text))).collect()
}

/// Answers with one message.
async fn answer(peer: &mut Peer, stream: u32) {
    peer.send(crate::peer::answer(stream, framed(&note("fine")))).await;
}

#[tokio::test]
async fn a_call_that_was_refused_is_sent_once_more_with_all_of_its_messages() {
    let site = Site::new().await;
    for shape in SHAPES {
        let call = call(&site.client(), shape);
        let mut peer = site.open(&[]).await;
        assert_eq!(peer.refuse().await, sent(shape), "{shape}");
        let (stream, messages) = peer.call().await;
        assert_eq!(messages, sent(shape), "{shape}");
        answer(&mut peer, stream).await;
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_was_refused_twice_is_unavailable() {
    let site = Site::new().await;
    for shape in SHAPES {
        let call = call(&site.client(), shape);
        let mut peer = site.open(&[]).await;
        peer.refuse().await;
        peer.refuse().await;
        let status = call.await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{shape}: {status:?}");
        settle().await;
        assert_no_call(&peer.so_far().await);
    }
}

#[tokio::test]
async fn a_call_that_a_server_going_away_has_not_looked_at_is_sent_to_another() {
    let site = Site::new().await;
    for shape in SHAPES {
        let call = call(&site.client(), shape);
        let mut old = site.open(&[]).await;
        assert_eq!(old.call().await.0, 1);
        old.send([Frame::goaway(0, Reason::NO_ERROR, b"")]).await;
        let mut new = site.open(&[]).await;
        let (stream, messages) = new.call().await;
        assert_eq!(messages, sent(shape), "{shape}");
        answer(&mut new, stream).await;
        call.await.unwrap().unwrap();
        assert_no_call(&old.rest().await);
    }
}

/// Also where the connection is closed right after the GOAWAY.
#[tokio::test(start_paused = true)]
async fn a_goaway_counts_when_the_connection_is_gone() {
    let site = Site::new().await;
    for shape in SHAPES {
        for is_reset in [false, true] {
            let call = call(&site.client(), shape);
            let mut old = site.open(&[]).await;
            assert_eq!(old.call().await.0, 1);
            old.send([Frame::goaway(0, Reason::ENHANCE_YOUR_CALM, b"")]).await;
            if is_reset {
                // After the client has read it: nobody hears what is thrown away with a connection.
                settle().await;
                old.reset();
            } else {
                old.close().await;
            }
            let mut new = site.open(&[]).await;
            let (stream, messages) = new.call().await;
            assert_eq!(messages, sent(shape), "{shape}");
            answer(&mut new, stream).await;
            call.await.unwrap().unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_the_server_may_have_looked_at_is_not_sent_again() {
    let site = Site::new().await;
    for shape in SHAPES {
        for how in ["FIN", "RST", "GOAWAY", "after the head"] {
            let call = call(&site.client(), shape);
            let mut peer = site.open(&[]).await;
            let (stream, _) = peer.call().await;
            match how {
                "GOAWAY" => peer.send([Frame::goaway(stream, Reason::NO_ERROR, b"")]).await,
                "after the head" => {
                    let goaway = Frame::goaway(0, Reason::NO_ERROR, b"");
                    peer.send([head(stream)]).await;
                    settle().await;
                    peer.send([goaway]).await;
                }
                _ => {}
            }
            match how {
                "RST" => peer.reset(),
                _ => assert_no_call(&peer.close().await),
            }
            let status = call.await.unwrap().unwrap_err();
            assert_eq!(status.code(), Code::Unavailable, "{shape}, {how}: {status:?}");
            site.assert_quiet().await;
        }
    }
}

/// A client that sends what the test has it send, and its server, which has room for it.
struct Upload {
    notes: mpsc::UnboundedSender<Note>,
    call: JoinHandle<Result<Note, Status>>,
    peer: Peer,
}

impl Upload {
    async fn new(site: &Site) -> Self {
        let (notes, messages) = mpsc::unbounded_channel();
        let client = site.client();
        let messages = Streaming::new(UnboundedReceiverStream::new(messages).map(Ok));
        let call = tokio::spawn(async move { client.join(messages).await });
        let mut peer = site.open(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 30)]).await;
        peer.send([Frame::window_update(0, 1 << 30)]).await;
        Self { notes, call, peer }
    }

    /// Sends messages of so many KiB, each in a frame of its own or more.
    async fn send(&mut self, sizes: &[usize]) {
        for kib in sizes {
            let note = Note { payload: vec![7; kib * 1024], ..Note::default() };
            let length = framed(&note).len();
            self.notes.send(note).unwrap();
            let mut read = 0;
            while read < length {
                let frame = self.peer.next().await.unwrap();
                if frame.kind == Kind::DATA {
                    read += frame.payload.len();
                }
            }
        }
    }
}

#[tokio::test]
async fn messages_that_come_after_a_refusal_follow_those_that_were_sent_before() {
    let site = Site::new().await;
    let mut upload = Upload::new(&site).await;
    upload.send(&[1, 2]).await;
    upload.peer.send([Frame::rst_stream(1, Reason::REFUSED_STREAM)]).await;
    let sizes = [1, 2, 3].map(|kib| kib * 1024);
    upload.notes.send(Note { payload: vec![7; sizes[2]], ..Note::default() }).unwrap();
    drop(upload.notes);
    let (stream, messages) = upload.peer.call().await;
    let expected = sizes.map(|size| framed(&Note { payload: vec![7; size], ..Note::default() }));
    assert!(messages == expected.concat(), "all in their order, once");
    answer(&mut upload.peer, stream).await;
    assert_eq!(upload.call.await.unwrap().unwrap(), note("fine"));
}

#[tokio::test]
async fn a_stream_that_has_sent_less_than_64_kib_is_sent_again() {
    let site = Site::new().await;
    let mut upload = Upload::new(&site).await;
    upload.send(&[16, 16, 16, 15]).await;
    upload.peer.send([Frame::rst_stream(1, Reason::REFUSED_STREAM)]).await;
    drop(upload.notes);
    let (stream, messages) = upload.peer.call().await;
    assert_eq!(messages.len() / 1024, 63);
    answer(&mut upload.peer, stream).await;
    assert_eq!(upload.call.await.unwrap().unwrap(), note("fine"));
}

/// However long it is: a call that was not sent for want of a connection must go to the next one.
#[tokio::test]
async fn a_stream_that_has_sent_one_message_is_sent_again() {
    let site = Site::new().await;
    let long = Note { payload: vec![7; 200 * 1024], ..note("long") };
    let client = site.client();
    let joined = tokio::spawn(async move { client.join(Streaming::from_iter([long])).await });
    let mut peer = site.open(&[(Setting::INITIAL_WINDOW_SIZE, 1 << 20)]).await;
    peer.send([Frame::window_update(0, 1 << 20)]).await;
    assert!(peer.refuse().await.len() > 200 * 1024);
    let (stream, messages) = peer.call().await;
    assert!(messages.len() > 200 * 1024);
    answer(&mut peer, stream).await;
    assert_eq!(joined.await.unwrap().unwrap(), note("fine"));
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_sent_more_than_64_kib_is_not_sent_again() {
    let site = Site::new().await;
    for frame in
        [Frame::rst_stream(1, Reason::REFUSED_STREAM), Frame::goaway(0, Reason::NO_ERROR, b"")]
    {
        let mut upload = Upload::new(&site).await;
        upload.send(&[16, 16, 16, 16, 16]).await;
        upload.peer.send([frame]).await;
        let status = upload.call.await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::Unavailable, "{status:?}");
        settle().await;
        assert_no_call(&upload.peer.so_far().await);
        site.assert_quiet().await;
    }
}

/// The caller has answers already, so the call is not begun anew.
#[tokio::test(start_paused = true)]
async fn a_call_that_is_refused_after_the_head_of_its_answer_is_not_sent_again() {
    let site = Site::new().await;
    let client = site.client();
    let call = say(&client, "hello");
    let mut peer = site.open(&[]).await;
    let (stream, _) = peer.call().await;
    peer.send([head(stream)]).await;
    settle().await;
    peer.send([Frame::rst_stream(stream, Reason::REFUSED_STREAM)]).await;
    assert_eq!(call.await.unwrap().unwrap_err().code(), Code::Unavailable);
    settle().await;
    assert_no_call(&peer.so_far().await);
}

/// The first attempt waits for room when it is refused, and so does the second when its caller leaves.
#[tokio::test]
async fn a_call_that_is_sent_again_is_cancelled_when_its_caller_leaves() {
    let site = Site::new().await;
    for _ in 0..20 {
        let client = site.client();
        let (sender, notes) = Streaming::channel(1);
        let call = tokio::spawn(async move { client.join(notes).await });
        let mut peer = site.open(&[(Setting::INITIAL_WINDOW_SIZE, 7)]).await;
        let mut sender = sender;
        sender.send(note("a")).await.unwrap();
        sender.send(note("no room for this")).await.unwrap();
        let first = peer.begun().await;
        peer.send([Frame::rst_stream(first, Reason::REFUSED_STREAM)]).await;
        let second = peer.begun().await;
        assert!(second > first);
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        assert_eq!(peer.given_up().await, second);
    }
}
