//! What the compiler itself says of a service: only what is ours, all at once, or ours first.
//!
//! The wording of the rest is the compiler's, and moves with it: these run with one version.

use traitwire_tests::skipped;

const COMPILER: &str = "rustc 1.95.";

#[test]
fn the_compiler_shows_our_text_first_and_nothing_that_follows_from_it() {
    let version = std::process::Command::new("rustc").arg("--version").output();
    let version = String::from_utf8(version.expect("rustc runs").stdout).expect("it is text");
    if !version.starts_with(COMPILER) {
        let version = version.trim();
        return skipped(&format!("these messages are those of {COMPILER}x, and this is {version}"));
    }
    trybuild::TestCases::new().compile_fail("macros/ui/*.rs");
}
