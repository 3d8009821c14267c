//! h2spec, which judges HTTP/2.

use std::{
    collections::BTreeMap, fs, future::pending, net::SocketAddr, path::Path, process::Command,
};

use tokio::{net::TcpListener, task::spawn_blocking};
use traitwire::{Server, Status, service};

use crate::{list, program};

#[service(package = "helloworld")]
trait Greeter {
    async fn say_hello(&self) -> Result<String, Status>;
}

struct World;

impl Greeter for World {
    async fn say_hello(&self) -> Result<String, Status> {
        Ok("Hello".to_owned())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

/// How each case went.
type Outcomes = BTreeMap<String, Outcome>;

fn run(h2spec: &Path, addr: SocketAddr) -> Outcomes {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let report = folder.join(format!("h2spec-{}.xml", addr.port()));
    let mut command = Command::new(h2spec);
    command.args(["-h", &addr.ip().to_string(), "-p", &addr.port().to_string()]);
    command.args(["-P", "/helloworld.Greeter/SayHello", "-j"]).arg(&report);
    // Its exit code says whether any case failed, which the report says better.
    let output = command.output().expect("h2spec starts");
    let text = fs::read_to_string(&report).unwrap_or_else(|_| {
        panic!("h2spec writes no report: {}", String::from_utf8_lossy(&output.stderr))
    });
    fs::remove_file(&report).expect("the report was read");

    let report = roxmltree::Document::parse(&text).expect("the report is XML");
    let mut outcomes = Outcomes::new();
    for case in report.descendants().filter(|it| it.has_tag_name("testcase")) {
        let has = |name| case.children().any(|it| it.has_tag_name(name));
        let outcome = match (has("failure") || has("error"), has("skipped")) {
            (true, _) => Outcome::Failed,
            (_, true) => Outcome::Skipped,
            _ => Outcome::Passed,
        };
        let said = |name| case.attribute(name).expect("a case has a section and a title");
        let name = format!("{}: {}", said("package"), said("classname"));
        assert_eq!(outcomes.insert(name.clone(), outcome), None, "two cases are {name:?}");
    }
    outcomes
}

/// What is not as the list has it: lines of `failing` or `unsteady` and the name of a case.
fn unexpected(outcomes: &Outcomes, list: &[String]) -> Vec<String> {
    let listed: BTreeMap<_, _> = list
        .iter()
        .map(|line| line.split_once(' ').expect("a line is a word and a name"))
        .map(|(word, name)| (name.trim(), word))
        .collect();
    let missing = listed.keys().filter(|name| !outcomes.contains_key(**name));
    let missing = missing.map(|name| format!("{name}: listed, and h2spec has no such case"));
    let wrong = outcomes.iter().filter_map(|(name, outcome)| {
        match (listed.get(name.as_str()).copied(), outcome) {
            (Some("failing"), Outcome::Failed) | (None, Outcome::Passed) => None,
            (Some("unsteady"), Outcome::Failed | Outcome::Passed) => None,
            (word, outcome) => {
                Some(format!("{name}: {outcome:?}, listed as {}", word.unwrap_or("nothing")))
            }
        }
    });
    missing.chain(wrong).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ours_speaks_http2() {
    let Some(h2spec) = program("h2spec") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    // It ends with the runtime.
    tokio::spawn(Server::new().add(GreeterServer::new(World)).serve(listener, pending()));
    let outcomes = spawn_blocking(move || run(&h2spec, addr)).await.expect("h2spec ends");
    assert_eq!(outcomes.len(), 145);
    let unexpected = unexpected(&outcomes, &list("h2spec.txt"));
    assert!(unexpected.is_empty(), "not as in h2spec.txt:\n{}", unexpected.join("\n"));
}

/// The control.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_hangs_up_does_not() {
    let Some(h2spec) = program("h2spec") else { return };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let addr = listener.local_addr().expect("a bound address");
    tokio::spawn(async move { while listener.accept().await.is_ok() {} });
    let outcomes = spawn_blocking(move || run(&h2spec, addr)).await.expect("h2spec ends");
    assert_eq!(outcomes.len(), 145);
    assert!(unexpected(&outcomes, &list("h2spec.txt")).len() > 100);
}

#[test]
fn only_what_is_listed_may_fail() {
    use Outcome::{Failed, Passed, Skipped};
    let list = ["failing a", "unsteady b"].map(str::to_owned);
    let judged = |a, b, c| {
        let names = ["a", "b", "c"].map(str::to_owned);
        unexpected(&names.into_iter().zip([a, b, c]).collect(), &list).len()
    };
    assert_eq!(judged(Failed, Failed, Passed), 0);
    assert_eq!(judged(Failed, Passed, Passed), 0);
    assert_eq!(judged(Passed, Passed, Passed), 1);
    assert_eq!(judged(Failed, Passed, Failed), 1);
    assert_eq!(judged(Skipped, Skipped, Skipped), 3);
    assert_eq!(unexpected(&Outcomes::new(), &list).len(), 2);
}
