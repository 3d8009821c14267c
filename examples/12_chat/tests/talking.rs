//! Joining, and what is said.

use std::sync::Arc;

use tokio::{sync::mpsc, task::JoinSet};
use traitwire::{Code, InProcess, Streaming};

use super::{end, heard, join, left, local, said, try_join};
use crate::{
    contract::{Act, Chat, ChatClient, ChatRequest, ChatServer, Event, Said, Way, Welcome},
    member::Member,
    room::{BACKLOG, LONGEST_LINE, LONGEST_NAME, Room, SEATS, controls},
    terminal::talk,
};

#[tokio::test]
async fn a_member_hears_who_is_there_and_then_who_comes() {
    let room = local();
    let mut bob = join(&room, "Bob").await;
    let mut ada = try_join(&room, "Ada").await.unwrap();
    let names = vec!["Ada".to_owned(), "Bob".to_owned()];
    assert_eq!(heard(&mut ada).await, Event::Welcome(Welcome { names }));
    assert_eq!(heard(&mut bob).await, Event::Joined("Ada".to_owned()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn all_hear_all_lines_in_one_order() {
    const EACH: usize = 16;
    let room = local();
    let mut members = Vec::new();
    for name in ["Ada", "Bob", "Cleo", "Dan"] {
        members.push(join(&room, name).await);
    }
    let mut talks = JoinSet::new();
    for mut member in members {
        talks.spawn(async move {
            for line in 0..EACH {
                assert!(member.voice.say(line.to_string()).await);
            }
            let mut all: Vec<Said> = Vec::new();
            while all.len() < 4 * EACH {
                match heard(&mut member).await {
                    Event::Said(said) => all.push(said),
                    event => assert!(matches!(event, Event::Joined(_)), "{event}"),
                }
            }
            (member, all)
        });
    }
    let (_members, heard): (Vec<Member>, Vec<_>) = talks.join_all().await.into_iter().unzip();
    assert!(heard.iter().all(|all| *all == heard[0]));
    for name in ["Ada", "Bob", "Cleo", "Dan"] {
        let own = heard[0].iter().filter(|said| said.name == name).map(|said| said.text.clone());
        assert!(own.eq((0..EACH).map(|line| line.to_string())), "{name}");
    }
}

#[tokio::test]
async fn a_name_is_given_once_and_is_free_when_its_member_has_gone() {
    let room = local();
    let mut ada = join(&room, "Ada").await;
    let status = try_join(&room, "Ada").await.err().unwrap();
    assert_eq!(status.code(), Code::AlreadyExists);

    drop(ada.voice);
    assert_eq!(ada.ear.hear().await.unwrap(), None);
    join(&room, "Ada").await;
}

#[tokio::test]
async fn what_is_not_a_name_is_refused() {
    let room = local();
    let long = "ä".repeat(LONGEST_NAME + 1);
    for name in ["", " ", "two words", "Ada:", "\x1b[2J", "line\nbreak", &long] {
        let status = try_join(&room, name).await.err().unwrap();
        assert_eq!(status.code(), Code::InvalidArgument, "{name:?}");
    }
    for name in ["Ada", "小明", "a-b_c", &long[2..]] {
        join(&room, name).await;
    }
}

#[tokio::test]
async fn the_first_request_joins_and_no_other_does() {
    let room = local();
    let of = |act| ChatRequest { act };
    let say = of(Some(Act::Say("hello".to_owned())));
    let join_as_bob = of(Some(Act::Join("Bob".to_owned())));
    for requests in [vec![], vec![of(None)], vec![say]] {
        let status = room.chat(requests.into_iter().collect()).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }

    let mut ada = join(&room, "Ada").await;
    let twice: Streaming<_> = [join_as_bob.clone(), join_as_bob].into_iter().collect();
    let mut events = room.chat(twice).await.unwrap();
    assert!(events.message().await.unwrap().is_some(), "the welcome");
    assert_eq!(events.message().await.unwrap_err().code(), Code::InvalidArgument);
    assert_eq!(heard(&mut ada).await, Event::Joined("Bob".to_owned()));
    assert_eq!(heard(&mut ada).await, left("Bob", Way::Lost));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_does_not_join_is_not_waited_for() {
    let (_requests, silent) = Streaming::channel(1);
    assert_eq!(local().chat(silent).await.unwrap_err().code(), Code::DeadlineExceeded);
}

#[tokio::test]
async fn a_full_room_takes_nobody_in() {
    let room = local();
    let mut members = Vec::new();
    for seat in 0..SEATS {
        members.push(join(&room, &format!("member-{seat}")).await);
    }
    let status = try_join(&room, "late").await.err().unwrap();
    assert_eq!(status.code(), Code::ResourceExhausted);
}

#[tokio::test]
async fn a_line_that_is_refused_reaches_nobody_and_the_call_goes_on() {
    let room = local();
    let mut ada = join(&room, "Ada").await;
    let mut bob = join(&room, "Bob").await;
    heard(&mut ada).await;

    let longest = "ä".repeat(LONGEST_LINE);
    let long = format!("{longest}!");
    for line in [&*long, "", "  ", "\x1b[2J", "\u{9b}2J", "a\rb", "a\tb", "\u{7f}", "\u{202e}abc"] {
        assert!(ada.voice.say(line).await);
        assert!(matches!(heard(&mut ada).await, Event::Refused(_)), "{line:?}");
    }
    ada.voice.say(&*longest).await;
    for member in [&mut ada, &mut bob] {
        assert_eq!(heard(member).await, said("Ada", &longest));
    }
}

#[tokio::test]
async fn a_member_that_does_not_read_hears_what_it_missed_and_stops_nobody() {
    let room = local();
    let mut ada = join(&room, "Ada").await;
    let mut slow = join(&room, "Slow").await;
    heard(&mut ada).await;
    for line in 0..BACKLOG + 50 {
        ada.voice.say(line.to_string()).await;
        assert_eq!(heard(&mut ada).await, said("Ada", &line.to_string()));
    }

    assert_eq!(heard(&mut slow).await, Event::Missed(50));
    for line in 50..BACKLOG + 50 {
        assert_eq!(heard(&mut slow).await, said("Ada", &line.to_string()));
    }
    ada.voice.say("still there?").await;
    for member in [&mut ada, &mut slow] {
        assert_eq!(heard(member).await, said("Ada", "still there?"));
    }
}

#[tokio::test]
async fn a_member_that_closes_its_side_first_hears_all_that_it_said() {
    let room = local();
    let mut ada = join(&room, "Ada").await;
    for line in 0..16 {
        ada.voice.say(line.to_string()).await;
    }
    drop(ada.voice);
    for line in 0..16 {
        assert_eq!(ada.ear.hear().await.unwrap(), Some(said("Ada", &line.to_string())));
    }
    assert_eq!(ada.ear.hear().await.unwrap(), None);
}

#[tokio::test]
async fn the_client_prints_what_it_hears_and_leaves_when_its_input_ends() {
    let room = local();
    let mut bob = join(&room, "Bob").await;
    let Member { voice, ear, .. } = try_join(&room, "Ada").await.unwrap();
    let (sender, lines) = mpsc::channel(3);
    for line in ["hello", "  ", "bye"] {
        sender.send(line.to_owned()).await.unwrap();
    }
    drop(sender);
    let mut printed = Vec::new();
    let print = |event: &Event| {
        printed.push(event.to_string());
        Ok(())
    };
    talk(lines, print, voice, ear).await.unwrap();
    assert_eq!(printed, ["* here: Ada, Bob", "Ada: hello", "Ada: bye"]);

    for event in [Event::Joined("Ada".to_owned()), said("Ada", "hello"), said("Ada", "bye")] {
        assert_eq!(heard(&mut bob).await, event);
    }
    assert_eq!(heard(&mut bob).await, left("Ada", Way::Left));
}

#[tokio::test]
async fn a_room_that_closes_ends_its_calls_and_takes_nobody_in() {
    let room = Arc::new(Room::new());
    let client = ChatClient::new(InProcess::new(ChatServer::from_arc(room.clone())));
    let mut ada = join(&client, "Ada").await;
    room.close();
    assert_eq!(end(&mut ada).await.unwrap_err().code(), Code::Unavailable);
    assert_eq!(try_join(&client, "Bob").await.err().unwrap().code(), Code::Unavailable);
}

#[test]
fn nothing_that_a_server_sends_commands_the_terminal() {
    let evil = "\x1b]0;title\x07\r\n\u{202e}".to_owned();
    for event in [
        Event::Welcome(Welcome { names: vec![evil.clone()] }),
        Event::Joined(evil.clone()),
        left(&evil, Way::Lost),
        left(&evil, Way::Left),
        said(&evil, &evil),
        Event::Refused(evil.clone()),
    ] {
        let line = event.to_string();
        assert!(!line.contains(controls), "{line:?}");
        assert!(line.contains("\u{fffd}]0;title\u{fffd}"), "{line:?}");
    }
}
