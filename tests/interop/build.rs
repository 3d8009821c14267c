//! Makes the stubs of stock tonic from `proto/`, on the messages of the contract, and keeps the
//! descriptors for the test that compares the two.

use std::{env, fs, path::PathBuf};

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["grpc/testing/test.proto"], ["proto"])?;
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    fs::write(out.join("testing.bin"), files.encode_to_vec())?;
    tonic_prost_build::configure()
        .extern_path(".grpc.testing", "crate::contract")
        .include_file("stock.rs")
        .compile_fds(files)?;
    Ok(())
}
