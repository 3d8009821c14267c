//! Programs in other languages call the examples, where they are installed.

use std::{fs, path::Path, process::Command};

use traitwire_tests::{peer, peers};

use crate::program::Server;

#[test]
fn a_customer_in_python_shops_with_every_example_of_the_shop() {
    let Some(python) = peer("python", "python/bin/python") else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers/python/shop.py");
    for name in ["05_get_order", "06_search_orders", "07_update_orders", "08_process_orders"] {
        let server = Server::start(name);
        let mut customer = Command::new(&python);
        let output = customer.arg(&script).arg(&server.address).output().expect("Python starts");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{name}: {errors}");
        let done = String::from_utf8(output.stdout).unwrap();
        let all = ["get_order", "search_orders", "update_orders", "process_orders"];
        assert!(done.lines().eq(all), "{name}: {done}");
    }
}

#[test]
fn the_recipe_for_python_calls_the_shop() {
    let Some(python) = peer("python", "python/bin/python") else { return };
    // The command at its head, with the contract where it is.
    let stubs = tempfile::tempdir().unwrap();
    let mut protoc = Command::new(&python);
    protoc.current_dir(stubs.path()).args(["-m", "grpc_tools.protoc", "-I"]);
    protoc.arg(root().join("proto/05_get_order")).args(["--python_out=.", "--grpc_python_out=."]);
    assert!(protoc.arg("order_management.proto").status().expect("Python starts").success());
    let mut caller = Command::new(&python);
    calls_the_shop(caller.env("PYTHONPATH", stubs.path()), "get_order.py");
}

#[test]
fn the_recipe_for_node_calls_the_shop() {
    if peer("node", "node/node_modules").is_none() {
        return;
    }
    let mut caller = Command::new("node");
    calls_the_shop(caller.env("NODE_PATH", peers().join("node/node_modules")), "get_order.js");
}

/// Runs a recipe at the root, as its first lines say, and compares what it prints.
fn calls_the_shop(caller: &mut Command, recipe: &str) {
    let callers = root().join("examples/recipes/callers");
    let server = Server::start("05_get_order");
    let caller = caller.current_dir(root()).arg(callers.join(recipe)).arg(&server.address);
    let output = caller.output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{recipe}: {errors}");
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed, fs::read_to_string(callers.join("get_order.txt")).unwrap(), "{recipe}");
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

#[test]
fn the_health_probe_asks_example_23() {
    let Some(probe) = peer("grpc-health-probe", "go/bin/grpc-health-probe") else { return };
    let server = Server::start("23_health");
    let mut probe = Command::new(probe);
    let probe = probe.args(["-addr", &server.address, "-service", "shop.v1.Orders"]);
    let output = probe.output().expect("the probe starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!((output.status.code(), said.trim()), (Some(0), "status: SERVING"));
}
