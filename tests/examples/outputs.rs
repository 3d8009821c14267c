//! The built examples are run, and what they print is compared.

use std::{collections::BTreeSet, fs, path::Path};

use traitwire::schema::{Lock, Schema};

use crate::program::{Server, run};

/// Compares with `examples/NAME` under `tests/snapshots`, or with `FOLDER/NAME`, as the book does.
pub(crate) fn assert_output(name: &str, printed: &str) {
    let (folder, name) = name.split_once('/').unwrap_or(("examples", name));
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new("../snapshots").join(folder));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, printed));
}

/// Both ends in one process: the output that the book shows.
fn assert_both(name: &str, options: &[&str], arrange: fn(&str) -> String) {
    let (code, printed, errors) = run(name, options);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{name}");
    assert_output(name, &arrange(&printed));
}

/// One end in each process: together they print the same lines.
fn assert_apart(name: &str, options: &[&str]) {
    let (_, both, _) = run(name, options);
    let server = Server::start(name);
    let mut words = vec!["call", &server.address];
    words.extend(options);
    let (code, client, errors) = run(name, &words);
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{name}");
    assert_eq!(client, of("client", &both), "{name}");
    assert_eq!(by_name(&server.stop()), by_name(&of("server", &both)), "{name}");
}

/// The accepted order, if `printed` is another possible order of the same lines; else `printed`, so that it
/// is compared as it is. Lines that have one of `parts` in common have one order, and the first of each of
/// `pairs` is before the second.
pub(crate) fn in_accepted_order(
    name: &str,
    printed: &str,
    parts: &[&str],
    pairs: &[(&str, &str)],
) -> String {
    let path = format!("{}/snapshots/{name}.snap", env!("CARGO_MANIFEST_DIR"));
    let snapshot = fs::read_to_string(path).unwrap_or_default();
    let accepted = snapshot.splitn(3, "---\n").nth(2).unwrap_or_default();
    let same = parts.iter().all(|part| only(accepted, part) == only(printed, part));
    let one = if same { accepted } else { printed };
    for (first, then) in pairs {
        for text in [printed, one] {
            let at = |part| text.lines().position(|line| line.contains(part));
            let (first_at, then_at) = (at(*first), at(*then));
            assert!(first_at.is_some() && first_at < then_at, "{first}, then {then}:\n{text}");
        }
    }
    one.to_owned()
}

pub(crate) fn only(text: &str, part: &str) -> String {
    let lines = text.lines().filter(|line| line.contains(part));
    lines.fold(String::new(), |text, line| text + line + "\n")
}

/// The lines of one actor.
fn of(actor: &str, printed: &str) -> String {
    printed
        .lines()
        .filter(|line| line.starts_with(actor))
        .fold(String::new(), |text, line| text + line + "\n")
}

/// The lines of each actor together, where there are several at one end.
fn by_name(printed: &str) -> String {
    let mut lines: Vec<&str> = printed.lines().collect();
    lines.sort_by_key(|line| line.split([':', '←', '→']).next());
    lines.join("\n")
}

fn as_printed(printed: &str) -> String {
    printed.to_owned()
}

/// The lines of the two actors by turns. Where one does not wait for the other, their lines may
/// come in another order now and then; each actor's own lines may not.
fn by_turns(printed: &str) -> String {
    let (server, client) = (of("server", printed), of("client", printed));
    assert_eq!(server.lines().count(), client.lines().count(), "{printed}");
    server
        .lines()
        .zip(client.lines())
        .fold(String::new(), |text, (server, client)| text + server + "\n" + client + "\n")
}

#[test]
fn example_01_prints_the_answer_and_the_error() {
    assert_both("01_order_service", &[], as_printed);
    assert_apart("01_order_service", &[]);
}

#[test]
fn example_02_prints_the_powers() {
    assert_both("02_pow", &[], as_printed);
    assert_apart("02_pow", &[]);
}

#[test]
fn example_03_prints_the_sum() {
    assert_both("03_sum", &[], as_printed);
    assert_apart("03_sum", &[]);
}

#[test]
fn example_04_prints_the_roots() {
    assert_both("04_sqrt", &["--pause", "10"], by_turns);
    assert_apart("04_sqrt", &["--pause", "10"]);
}

#[test]
fn example_05_prints_an_order_and_two_errors() {
    assert_both("05_get_order", &[], as_printed);
    assert_apart("05_get_order", &[]);
}

#[test]
fn example_06_prints_what_it_finds_and_leaves_early() {
    assert_both("06_search_orders", &[], as_printed);
}

#[test]
fn example_07_prints_an_early_answer() {
    assert_both("07_update_orders", &[], as_printed);
    assert_apart("07_update_orders", &[]);
}

#[test]
fn example_08_prints_shipments_before_the_last_id() {
    assert_both("08_process_orders", &["--pause", "500"], in_one_order);
    assert_apart("08_process_orders", &["--pause", "500"]);
}

/// Of example 08, whose client does not wait for the server before it sends the next id.
fn in_one_order(printed: &str) -> String {
    let pairs = [
        ("client → 102", "server ← 102"),
        ("client → 103", "server ← 103"),
        ("client → 104", "server ← 104"),
        ("server ← 104", "102 + 104"),
        ("client → 101", "server ← 101"),
        ("client: closes", "101 Processed"),
        ("server ← 101", "101 Processed"),
    ];
    in_accepted_order("examples/08_process_orders", printed, &["client", "server"], &pairs)
}

#[test]
fn example_09_goes_on_with_an_upload() {
    assert_both("09_upload", &[], as_printed);
    assert_apart("09_upload", &[]);
}

#[test]
fn example_10_follows_a_log_and_downloads() {
    assert_both("10_tail", &[], as_printed);
}

#[test]
fn example_11_prints_what_each_subscriber_saw() {
    assert_both("11_subscribe", &[], as_printed);
    assert_apart("11_subscribe", &[]);
}

#[test]
fn example_12_prints_the_conversation() {
    assert_both("12_chat", &[], as_printed);
}

#[test]
fn example_13_does_something_else_for_each_error() {
    assert_both("13_errors", &[], as_printed);
    assert_apart("13_errors", &[]);
}

/// The depot that gives up, and the client whose time is up, do not wait for each other.
fn given_up_in_time(printed: &str) -> String {
    let gives_up = "server south: gives up looking for umbrella\n";
    let too_late = "client ← DeadlineExceeded";
    assert_eq!(printed.matches(gives_up).count(), 1, "{printed}");
    printed.replace(gives_up, "").replace(too_late, &format!("{gives_up}{too_late}"))
}

#[test]
fn example_14_prints_what_is_left_of_the_time() {
    assert_both("14_deadlines", &[], given_up_in_time);
    assert_apart("14_deadlines", &[]);
}

#[test]
fn example_15_lets_in_who_may() {
    assert_both("15_tokens", &[], as_printed);
    assert_apart("15_tokens", &[]);
}

#[test]
fn example_16_lets_in_who_has_a_certificate() {
    let certs = tempfile::tempdir().unwrap();
    let certs = ["--certs", certs.path().to_str().unwrap()];
    assert_both("16_tls", &certs, as_printed);
}

#[test]
fn example_16_is_called_from_another_process() {
    let certs = tempfile::tempdir().unwrap();
    let certs = ["--certs", certs.path().to_str().unwrap()];
    let (_, both, _) = run("16_tls", &certs);
    let server = Server::start_with("16_tls", &[&["serve", "127.0.0.1:0"], &certs[..]].concat());
    let (code, client, errors) = run("16_tls", &[&["call", &server.address], &certs[..]].concat());
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(client, of("client", &both));
    assert_eq!(server.stop(), of("server", &both));
}

#[test]
fn example_17_prints_the_bytes_of_a_call() {
    assert_both("17_on_the_wire", &[], as_printed);
}

#[test]
fn example_17_prints_the_bytes_of_each_kind_of_call() {
    let (_, list, _) = run("17_on_the_wire", &["show"]);
    let names = list.lines().filter_map(|line| line.split_whitespace().next());
    // The first is the one above; compressed messages are a feature of the example, with a test there.
    let names: Vec<&str> = names.filter(|name| !["unary", "gzip"].contains(name)).collect();
    assert_eq!(names.len(), 7, "{list}");
    for name in names {
        let (code, printed, errors) = run("17_on_the_wire", &["show", name]);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{name}");
        assert_output(&format!("17_on_the_wire/{name}"), &printed);
    }
}

#[test]
fn a_run_that_is_not_there_is_one_line_and_exit_code_2() {
    let (code, printed, errors) = run("17_on_the_wire", &["show", "telepathy"]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    let error = "error: there is no run `telepathy`; `show` alone says which there are\n";
    assert_eq!(errors, error);
}

#[test]
fn example_19_prints_the_steps_of_a_call_and_the_end_of_its_server() {
    assert_both("19_server_dispatch", &[], as_printed);
}

#[test]
fn example_18_prints_a_call_step_by_step() {
    assert_both("18_client_write_path", &[], as_printed);
}

#[test]
fn example_20_prints_its_claims() {
    assert_both("20_how_streams_work", &[], as_printed);
}

#[test]
fn example_23_ends_without_losing_a_call() {
    assert_both("23_health", &[], as_printed);
}

#[test]
fn example_25_loses_no_call() {
    assert_both("25_many_servers", &[], as_printed);
}

#[test]
fn example_25_calls_over_several_addresses() {
    let servers = [Server::start("25_many_servers"), Server::start("25_many_servers")];
    let addresses = servers.each_ref().map(|it| it.address.clone()).join(",");
    let (code, printed, errors) = run("25_many_servers", &["call", &addresses]);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let [one, other] = &servers;
    let answers = |count, it: &Server| format!("{} {count}", it.address);
    assert!(printed.starts_with("client ← 30 calls, 0 failed: "), "{printed}");
    assert!(printed.contains(&answers(15, one)) && printed.contains(&answers(15, other)));
}

#[test]
fn the_client_of_each_shop_example_shops_with_any_of_them() {
    let shop = ["05_get_order", "06_search_orders", "07_update_orders", "08_process_orders"];
    // The last one is a server of its own making, from accept to status.
    for server in shop.into_iter().chain(["19_server_dispatch"]) {
        let server = Server::start(server);
        for client in shop {
            let (code, _, errors) = run(client, &["call", &server.address]);
            assert_eq!((code, errors.as_str()), (Some(0), ""), "{client}");
        }
    }
}

/// The examples, by the names of their files.
fn examples() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples");
    let names = fs::read_dir(folder).expect("the folder is there").map(|entry| {
        let path = entry.expect("it can be read").path();
        path.file_stem().and_then(|it| it.to_str()).expect("a name is text").to_owned()
    });
    names.filter(|name| name.starts_with(|it: char| it.is_ascii_digit())).collect()
}

#[test]
fn every_example_prints_a_contract_that_was_accepted() {
    let proto = Path::new(env!("CARGO_MANIFEST_DIR")).join("../proto");
    let folders = fs::read_dir(&proto).expect("the folder is there");
    let folders = folders.map(|it| it.expect("it can be read").file_name().into_string().unwrap());
    let mut unused: BTreeSet<String> = folders.collect();
    let locks: Vec<Lock> = unused.iter().map(|it| Lock::at(proto.join(it))).collect();
    for name in examples() {
        let (code, printed, errors) = run(&name, &["proto"]);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{name}");
        let schema = Schema::parse(&printed).expect("it is protobuf");
        // An example may have the contract of another, which then has the folder.
        let own = Lock::at(proto.join(&name));
        if !unused.remove(&name) && locks.iter().any(|lock| lock.check(&schema).is_ok()) {
            continue;
        }
        if let Err(error) = own.check(&schema) {
            panic!("{error}\nto accept it: cargo xtask bless {name}");
        }
    }
    assert!(unused.is_empty(), "contracts of no example: {unused:?}");
}

#[test]
fn a_command_line_that_cannot_be_read_is_one_line_and_exit_code_2() {
    for words in [&["sing"][..], &["serve", "nowhere"], &["call", "127.0.0.1:99999"], &["--quiet"]]
    {
        let (code, printed, errors) = run("01_order_service", words);
        assert_eq!((code, printed.as_str()), (Some(2), ""), "{words:?}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
        assert!(errors.contains(words.last().unwrap()), "{errors}");
    }
    let (code, _, errors) = run("04_sqrt", &["--pause", "long"]);
    assert_eq!(code, Some(2));
    assert_eq!(
        errors,
        "error: cannot read `--pause long`; expected nothing, `serve [HOST:PORT]`, \
         `call [HOST:PORT]` or `proto`, and `--pause VALUE` (default 1000)\n"
    );
}

#[test]
fn a_port_in_use_is_one_line_and_exit_code_1() {
    let server = Server::start("01_order_service");
    let (code, printed, errors) = run("01_order_service", &["serve", &server.address]);
    assert_eq!((code, printed.as_str()), (Some(1), ""));
    assert!(
        errors.starts_with(&format!("error: cannot listen on {}: ", server.address)),
        "{errors}"
    );
    assert_eq!(errors.lines().count(), 1, "{errors}");
}

#[test]
fn a_server_that_cannot_be_reached_is_one_line_and_exit_code_1() {
    let address = Server::start("01_order_service").address.clone();
    let (code, printed, errors) = run("01_order_service", &["call", &address]);
    assert_eq!((code, printed.as_str()), (Some(1), ""));
    assert!(errors.starts_with(&format!("error: http://{address}: ")), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
}
