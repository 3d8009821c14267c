//! Makes the stubs of stock tonic from `proto/`, with a compiler in Rust instead of `protoc`.

use std::{env, fs, path::PathBuf};

use prost::Message;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["proof/v1/proof.proto", "order_management.proto"], ["proto"])?;
    tonic_prost_build::configure()
        // As messages of their own: prost would take `String` for `StringValue`, as we do.
        .compile_well_known_types(true)
        .include_file("stock.rs")
        .compile_fds(files)?;
    contract_first()
}

/// Messages and descriptors of services whose `.proto` was there first.
fn contract_first() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=contract/proto");
    let out = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    for name in ["tickets", "parcels"] {
        let files = protox::compile([format!("{name}.proto")], ["contract/proto"])?;
        fs::write(out.join(format!("{name}.bin")), files.encode_to_vec())?;
        prost_build::Config::new().enable_type_names().compile_fds(files)?;
    }
    Ok(())
}
