//! Programs in other languages call the examples, where they are installed.

use std::{path::Path, process::Command};

use traitwire_tests::peer;

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
