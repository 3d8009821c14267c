//! Each case with each pair of a client and a server, as `pairings.md` has it.
//!
//! `INTEROP_PAIRINGS=write cargo test -p interop pairings` writes what has changed into the table; a
//! cell that is no `pass` needs its reason there.

use std::{collections::HashMap, env, fs, sync::Mutex};

use interop::cases::{CASES, Outcome};

use crate::peers::Peer;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/pairings.md");

/// A cell of the table: what is said of a case with a client and a server.
type Key = (Peer, Peer, &'static str);

fn read() -> String {
    fs::read_to_string(FILE).expect("the table lies beside the tests")
}

fn peer(name: &str) -> Peer {
    let peer = Peer::ALL.into_iter().find(|peer| peer.name() == name);
    peer.unwrap_or_else(|| panic!("pairings.md: nobody is called {name:?}"))
}

/// The text with other cells. Rows that are not of a table stay as they are.
fn with_cells(text: &str, mut cell: impl FnMut(Key, &str) -> String) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut client = None;
    let mut servers: Vec<Peer> = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            client = heading.strip_suffix(" calls").map(peer);
        }
        let columns = line.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>();
        let row = match (client, &columns[..]) {
            (Some(_), ["case", names @ ..]) => {
                servers = names.iter().copied().map(peer).collect();
                line.to_owned()
            }
            (Some(client), [name, cells @ ..]) if line.starts_with("| `") => {
                let case = CASES.iter().find(|case| **case == name.trim_matches('`'));
                let case = case.unwrap_or_else(|| panic!("pairings.md: no case is {name}"));
                assert_eq!(cells.len(), servers.len(), "pairings.md: the columns of {line}");
                let cells = servers
                    .iter()
                    .zip(cells)
                    .map(|(server, said)| format!(" {:18} |", cell((client, *server, case), said)));
                format!("| {name:29} |{}", cells.collect::<String>())
            }
            _ => line.to_owned(),
        };
        lines.push(row);
    }
    lines.join("\n") + "\n"
}

/// What the table says, by its cells.
fn cells(text: &str) -> HashMap<Key, String> {
    let mut cells = HashMap::new();
    with_cells(text, |key, said| {
        let twice = cells.insert(key, said.to_owned()).is_some();
        assert!(!twice, "pairings.md: {key:?} is there twice");
        said.to_owned()
    });
    cells
}

/// What a cell says without the mark of its reason, and that mark.
fn split(said: &str) -> (&str, Option<&str>) {
    match said.strip_suffix(']').and_then(|said| said.split_once("[^")) {
        Some((said, reason)) => (said, Some(reason)),
        None => (said, None),
    }
}

/// What the table says after a run, if that is something else.
fn changed(said: &str, outcome: &Outcome) -> Option<&'static str> {
    match (split(said).0, outcome) {
        ("pass", Err(_)) => Some("fail"),
        ("fail", Ok(())) => Some("pass"),
        _ => None,
    }
}

/// Runs the cases of every pair of those who are there.
async fn run(there: &[Peer], said: &HashMap<Key, String>) -> HashMap<Key, Outcome> {
    let mut servers = Vec::new();
    for server in there {
        servers.push((*server, server.serve().await));
    }
    let pairs = servers
        .iter()
        .flat_map(|(server, running)| there.iter().map(|client| (*client, *server, running.port)));
    let pairs = Mutex::new(pairs.collect::<Vec<_>>().into_iter());
    let outcomes = Mutex::new(HashMap::new());
    let worker = async || loop {
        let Some((client, server, port)) = pairs.lock().unwrap().next() else { return };
        let in_program = |case: &&str| !said[&(client, server, *case)].starts_with('–');
        let cases: Vec<_> = CASES.iter().copied().filter(in_program).collect();
        let ended = client.call(port, &cases).await;
        let keys = cases.into_iter().map(|case| (client, server, case));
        outcomes.lock().unwrap().extend(keys.zip(ended));
    };
    // Two pairs at once: one waits while the other works.
    tokio::join!(worker(), worker());
    outcomes.into_inner().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_pairing_is_as_the_table_says() {
    let text = read();
    let there: Vec<_> = Peer::ALL.into_iter().filter(|peer| peer.installed()).collect();
    let outcomes = run(&there, &cells(&text)).await;

    let mut changes = Vec::new();
    let now = with_cells(&text, |key @ (client, server, case), said| {
        let outcome = outcomes.get(&key);
        let Some(now) = outcome.and_then(|outcome| changed(said, outcome)) else {
            return said.to_owned();
        };
        let reason = outcome.and_then(|outcome| outcome.as_ref().err());
        let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
        let (client, server) = (client.name(), server.name());
        changes.push(format!("{client} → {server}, {case}: {now}, not {said}{reason}"));
        now.to_owned()
    });
    println!("{now}");
    if env::var_os("INTEROP_PAIRINGS").is_some_and(|it| it == "write") {
        fs::write(FILE, now).expect("the table can be written");
        return;
    }
    assert!(changes.is_empty(), "not as in tests/interop/pairings.md:\n{}", changes.join("\n"));
}

#[test]
fn the_table_is_whole_and_says_why() {
    let text = read();
    let cells = cells(&text);
    let mut reasons: Vec<_> = text
        .lines()
        .filter_map(|line| line.strip_prefix("[^")?.split_once("]: ").map(|(reason, _)| reason))
        .collect();
    let mut used = Vec::new();
    for client in Peer::ALL {
        for server in Peer::ALL {
            for case in CASES {
                let key = (client, server, *case);
                match cells.get(&key).map(|said| split(said)) {
                    Some(("pass", None)) => {}
                    Some(("fail" | "unsteady" | "–", Some(reason))) => used.push(reason),
                    other => panic!("pairings.md: {key:?} is {other:?}"),
                }
            }
        }
    }
    used.sort_unstable();
    used.dedup();
    reasons.sort_unstable();
    assert_eq!(used, reasons, "the reasons that cells name, and those at the end");
}

#[test]
fn a_change_is_seen_in_both_directions() {
    let failed = Err(String::new());
    assert_eq!(changed("pass", &failed), Some("fail"));
    assert_eq!(changed("fail[^why]", &Ok(())), Some("pass"));
    for (said, outcome) in [
        ("pass", &Ok(())),
        ("fail[^why]", &failed),
        ("unsteady[^why]", &Ok(())),
        ("unsteady[^why]", &failed),
    ] {
        assert_eq!(changed(said, outcome), None, "{said}");
    }
}
