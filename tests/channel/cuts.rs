//! Connections that are cut, while many calls wait for a place: a call is served or UNAVAILABLE.

use traitwire::{Code, Status};
use traitwire_tests::frames::{Frame, Reason};

use crate::{
    contract::{EchoClient, Note},
    peer::{Peer, Site, at_most, head, say},
};

/// How a connection ends.
const HOW: [&str; 4] = ["RST", "FIN", "GOAWAY", "GOAWAY and RST"];

/// When it ends.
#[derive(Clone, Copy, Debug)]
enum When {
    /// Before there is any call.
    Settings,
    /// With so many calls, after the request.
    Request(usize),
    /// With so many calls, after the head of the answer.
    Head(usize),
    /// With so many calls, after the answer.
    Answer(usize),
}

const WHEN: [When; 7] = [
    When::Settings,
    When::Request(1),
    When::Request(4),
    When::Head(1),
    When::Head(4),
    When::Answer(1),
    When::Answer(4),
];

async fn end(mut peer: Peer, how: &str, last: u32) {
    if how.starts_with("GOAWAY") {
        peer.send([Frame::goaway(last, Reason::NO_ERROR, b"")]).await;
    }
    if how.ends_with("RST") {
        peer.reset();
    } else {
        // In a task of its own, since the client may have more to do before it sees the end.
        tokio::spawn(peer.close());
    }
}

/// Ends a connection; how many calls the server was in the middle of.
async fn cut(mut peer: Peer, when: When, how: &str) -> usize {
    let calls = match when {
        When::Settings => 0,
        When::Request(calls) | When::Head(calls) | When::Answer(calls) => calls,
    };
    let mut last = 0;
    for number in 1..=calls {
        let (stream, message) = peer.call().await;
        last = stream;
        match when {
            When::Request(_) if number == calls => {}
            When::Head(_) if number == calls => peer.send([head(stream)]).await,
            _ => peer.send(crate::peer::answer(stream, message)).await,
        }
    }
    end(peer, how, last).await;
    usize::from(matches!(when, When::Request(_) | When::Head(_)))
}

async fn outcome(client: &EchoClient, site: &Site, when: When, how: &str) -> (usize, Vec<Status>) {
    let calls: Vec<_> = (0..15).map(|_| say(client, "hello")).collect();
    let peer = site.open(&at_most(1)).await;
    let lost = cut(peer, when, how).await;
    let serving = async {
        loop {
            tokio::spawn(site.open(&at_most(1)).await.serve());
        }
    };
    let ends = async {
        let mut failures = Vec::new();
        for call in calls {
            let result: Result<Note, Status> = call.await.unwrap();
            failures.extend(result.err());
        }
        failures
    };
    tokio::select! {
        failures = ends => (lost, failures),
        () = serving => unreachable!(),
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_fails_the_call_that_runs_and_no_other_one() {
    for when in WHEN {
        for how in HOW {
            let site = Site::new().await;
            let (lost, failures) = outcome(&site.client_of_one(), &site, when, how).await;
            let codes: Vec<_> = failures.iter().map(|status| status.code()).collect();
            let at_most = match when {
                // No connection could be opened: all of them hear of that.
                When::Settings => 15,
                // The next one may be on its way.
                When::Answer(_) => 1,
                _ => lost,
            };
            assert!(
                codes.iter().all(|code| *code == Code::Unavailable),
                "{when:?} {how} {failures:?}"
            );
            assert!(codes.len() >= lost && codes.len() <= at_most, "{when:?} {how} {failures:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cut_of_one_of_several_connections_is_unavailable_or_nothing() {
    for when in WHEN {
        for how in HOW {
            let site = Site::new().await;
            let (_, failures) = outcome(&site.client(), &site, when, how).await;
            let mut codes = failures.iter().map(|status| status.code());
            assert!(codes.all(|code| code == Code::Unavailable), "{when:?} {how} {failures:?}");
            let is_one = matches!(when, When::Settings) || failures.len() <= 1;
            assert!(is_one, "{when:?} {how} {failures:?}");
        }
    }
}
