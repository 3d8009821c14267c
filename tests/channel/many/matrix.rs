//! Every policy, and everything that can go wrong with one server of three, or with all: how many calls are lost.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use traitwire::{Balance, CallOptions, Channel, Request, RetryPolicy, ServiceConfig};

use super::{
    backends::{Backend, Manner, Numbers, NumbersClient},
    resolving::Known,
};
use crate::peer::settle;

#[derive(Clone, Copy, Debug, PartialEq)]
enum Policy {
    PickFirst,
    RoundRobin,
    LeastRequest,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Killed,
    Hangs,
    Refuses,
    Slow,
    Unavailable,
    HalfFails,
    GoesAway,
    ListChanges,
    AllDown,
}

impl Policy {
    fn balance(self) -> Balance {
        match self {
            Self::PickFirst => Balance::pick_first(),
            Self::RoundRobin => Balance::round_robin(),
            Self::LeastRequest => Balance::least_request(),
        }
    }
}

const CALLS: usize = 90;

/// What has become of calls, one each 10 ms.
#[derive(Debug, Default)]
struct Run {
    lost: usize,
    by: BTreeMap<u32, usize>,
    longest: Duration,
}

async fn run(client: &NumbersClient) -> Run {
    let mut run = Run::default();
    for _ in 0..CALLS {
        let begun = Instant::now();
        match client.mine(Request::new(())).await {
            Ok(number) => *run.by.entry(number).or_default() += 1,
            Err(_) => run.lost += 1,
        }
        run.longest = run.longest.max(begun.elapsed());
        sleep(Duration::from_millis(10)).await;
    }
    run
}

/// The first of three servers, or all, get into trouble. How the calls go that are made meanwhile, and those when
/// it is over.
async fn meanwhile(policy: Policy, fault: Fault, retries: bool) -> (Run, Run) {
    let mut backends = Backend::three().await;
    let list: Vec<_> = backends.iter().map(Backend::uri).collect();
    if fault == Fault::Refuses {
        backends[0].kill().await;
    }
    let (lists, mut known) = watch::channel(list.clone());
    known.mark_changed();
    let second = Duration::from_secs(1);
    let config = if retries {
        ServiceConfig::new().idempotent(RetryPolicy::new(4))
    } else {
        ServiceConfig::new()
    };
    let channel = Channel::resolve(Known(known))
        .balance(policy.balance())
        .keepalive(second, second)
        .service_config(config);
    let options = CallOptions::new().timeout(10 * second).wait_for_ready();
    let client = NumbersClient::new(channel.connect_lazy().unwrap()).with(options);
    if fault != Fault::Refuses {
        let before = run(&client).await;
        assert_eq!(before.lost, 0);
        settle().await;
    }
    match fault {
        Fault::Killed => backends[0].kill().await,
        Fault::Hangs => backends[0].hang(),
        Fault::Refuses => {}
        Fault::Slow => backends[0].set(Manner::Slow(second)),
        Fault::Unavailable => backends[0].set(Manner::Fails),
        Fault::HalfFails => backends[0].set(Manner::HalfFails),
        Fault::GoesAway => backends[0].replace().await,
        Fault::ListChanges => drop(lists.send_replace(list[1..].to_vec())),
        Fault::AllDown => {
            for backend in &mut backends {
                backend.kill().await;
            }
        }
    }
    if fault == Fault::ListChanges {
        settle().await;
    }
    let come_back = async {
        if fault == Fault::AllDown {
            sleep(3 * second).await;
            for backend in &mut backends {
                backend.start().await;
            }
        }
    };
    let (during, ()) = tokio::join!(run(&client), come_back);
    match fault {
        Fault::Killed | Fault::Refuses => backends[0].start().await,
        Fault::ListChanges => drop(lists.send_replace(list)),
        _ => {
            backends[0].wake();
            backends[0].set(Manner::Well);
        }
    }
    // Longer than the longest pause before it is dialled again.
    sleep(30 * second).await;
    settle().await;
    (during, run(&client).await)
}

fn lost(fault: Fault, policy: Policy, retries: bool) -> RangeInclusive<usize> {
    use {Fault::*, Policy::*};
    match (fault, policy, retries) {
        // Only the call that hangs when keepalive finds the server gone.
        (Hangs, LeastRequest, false) => 0..=1,
        (Hangs, _, false) => 1..=1,
        // The first server that answers has all calls, also those that are made again.
        (Unavailable, PickFirst, _) => CALLS..=CALLS,
        (Unavailable, RoundRobin, false) => CALLS / 3..=CALLS / 3,
        (Unavailable, LeastRequest, false) => 10..=50,
        (HalfFails, PickFirst, false) => CALLS / 2..=CALLS / 2,
        (HalfFails, RoundRobin, false) => CALLS / 6..=CALLS / 6,
        (HalfFails, LeastRequest, false) => 2..=30,
        _ => 0..=0,
    }
}

async fn row(fault: Fault) {
    for policy in [Policy::PickFirst, Policy::RoundRobin, Policy::LeastRequest] {
        for retries in [false, true] {
            let (during, after) = meanwhile(policy, fault, retries).await;
            let case =
                format!("{policy:?}, {fault:?}, retries {retries}: {during:?}, then {after:?}");
            println!("{case}");
            assert!(lost(fault, policy, retries).contains(&during.lost), "{case}");
            assert_eq!(after.lost, 0, "{case}");
            match policy {
                Policy::PickFirst => assert_eq!(after.by.len(), 1, "{case}"),
                Policy::RoundRobin => assert_eq!(after.by, [(0, 30), (1, 30), (2, 30)].into()),
                Policy::LeastRequest => assert_eq!(after.by.len(), 3, "{case}"),
            }
            let is_left = matches!(fault, Fault::Killed | Fault::Refuses | Fault::ListChanges);
            assert!(!is_left || !during.by.contains_key(&0), "{case}");
            // Nobody waits for a server that is not there, while another one is.
            let longest = match fault {
                Fault::Hangs => Duration::from_secs(3),
                Fault::Slow | Fault::Unavailable | Fault::HalfFails => Duration::from_secs(2),
                Fault::AllDown => Duration::from_secs(8),
                _ => Duration::from_millis(600),
            };
            assert!(during.longest <= longest, "{case}");
        }
    }
}

macro_rules! rows {
    ($($test:ident: $fault:ident;)*) => {
        $(
            #[tokio::test(start_paused = true)]
            async fn $test() {
                row(Fault::$fault).await;
            }
        )*
    };
}

rows! {
    a_server_is_killed: Killed;
    a_server_hangs: Hangs;
    a_server_refuses_connections: Refuses;
    a_server_is_slow: Slow;
    a_server_answers_unavailable: Unavailable;
    half_of_the_calls_of_a_server_fail: HalfFails;
    a_server_goes_away: GoesAway;
    a_server_is_named_no_more: ListChanges;
    all_servers_are_down_and_come_back: AllDown;
}
