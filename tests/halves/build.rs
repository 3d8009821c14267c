//! A contract in a build script, where the library has neither half: the macro is built once for both,
//! and must not take the halves of one for those of the other.

use traitwire::{Status, service};

/// A service for nobody.
#[service(package = "halves")]
pub trait Tripler {
    /// Three times the number.
    async fn triple(&self, number: u32) -> Result<u32, Status>;
}

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    assert_eq!(TRIPLER.full_name(), "halves.Tripler");
}
