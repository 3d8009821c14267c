//! More connections than there is room for, and the end of a server that is full of them.

use std::{iter::once, time::Duration};

use crate::{
    frames::{Attacker, Frame, PREFACE, Reason, Setting, WIDE_OPEN, ask, streams},
    service::Attacked,
    slow::stalled,
    target::{Process, Target, bounded, connect, connect_lazy},
};

#[tokio::test]
async fn a_thousand_connections_that_say_nothing_take_what_they_may_and_no_more() {
    const MOST: usize = 512;
    let target = Target::new().await;
    let mut crowd = Process::crowd(target.addr, 1_000).await;
    // Two are the healthy callers'.
    target.until(|target, _| target.files() == MOST - 2).await;

    // The next caller waits behind the crowd, and is served when it has gone.
    let late = connect_lazy(target.addr);
    let answer = tokio::spawn(async move { late.echo("at last".to_owned()).await });
    for _ in 0..100 {
        target.client.echo("meanwhile".to_owned()).await.unwrap();
    }
    assert_eq!(target.files(), MOST - 2);
    assert!(!answer.is_finished());
    crowd.end();
    assert_eq!(bounded(answer).await.unwrap().unwrap(), "at last");
    target.stands_within(16).await;
}

#[tokio::test]
async fn a_crowd_that_stays_loses_its_places() {
    let target = Target::with(&["preface_timeout_ms=1000", "max_connections=150"]).await;
    let _crowd = Process::crowd(target.addr, 300).await;
    let late = connect_lazy(target.addr);
    assert_eq!(bounded(late.echo("at last".to_owned())).await.unwrap(), "at last");
    drop(late);
    target.stands().await;
}

/// Where tonic alone asks again and again, and takes a whole core.
#[tokio::test]
async fn a_server_without_a_file_left_serves_whom_it_has_and_waits_in_peace() {
    const FILES: usize = 64;
    let target = Target::with_files(FILES, &[]).await;
    let mut crowd = Process::crowd(target.addr, 200).await;
    target.until(|target, _| target.server.files() >= FILES).await;

    // A second is what is measured, and nothing is waited for.
    let before = target.server.cpu();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let percent = target.server.cpu() - before;
    assert!(percent < 50, "the server took {percent} % of a core");

    let late = connect_lazy(target.addr);
    let answer = tokio::spawn(async move { late.echo("at last".to_owned()).await });
    for _ in 0..100 {
        target.client.echo("meanwhile".to_owned()).await.unwrap();
    }
    assert!(!answer.is_finished());
    crowd.end();
    assert_eq!(bounded(answer).await.unwrap().unwrap(), "at last");
    target.stands_within(16).await;
}

/// Each of these would keep a server from ending.
#[tokio::test]
async fn a_server_that_is_told_to_end_cuts_off_whoever_holds_on() {
    let mut server = Process::start(1_000, &["serve", "drain_timeout_ms=500"]);
    let addr = server.line().await.parse().unwrap();
    let healthy = connect(addr).await.unwrap();

    let mut silent = Attacker::connect(addr).await;
    let mut half_way = Attacker::connect(addr).await;
    half_way.write(&PREFACE[..12]).await;
    let mut idle = Attacker::greet(addr, &[]).await;
    let mut hanging = Attacker::greet(addr, &[]).await;
    hanging.send(streams(10).flat_map(|it| ask(it, "Hang"))).await;
    let pours = streams(10).flat_map(|it| ask(it, "Pour"));
    let mut window_closed = Attacker::greet(addr, &[(Setting::INITIAL_WINDOW_SIZE, 0)]).await;
    window_closed.send(pours.clone()).await;
    let mut reads_nothing =
        Attacker::greet(addr, &[(Setting::INITIAL_WINDOW_SIZE, WIDE_OPEN)]).await;
    reads_nothing.send(once(Frame::window_update(0, WIDE_OPEN / 2)).chain(pours)).await;
    bounded(async { while healthy.census().await.unwrap().running < 30 {} }).await;
    // The server cannot write to the one who reads nothing.
    stalled(&healthy).await;

    server.end();
    assert!(server.ended().await.success());
    for attacker in [&mut idle, &mut hanging, &mut window_closed] {
        let outcome = attacker.until_the_end().await;
        outcome.assert_goaway(Reason::NO_ERROR, "");
    }
    for attacker in [&mut silent, &mut half_way] {
        let outcome = attacker.until_the_end().await;
        assert_eq!(outcome.goaway, None);
    }
    // Whether a GOAWAY still gets through is up to the room that the kernel finds.
    reads_nothing.until_the_end().await;
}
