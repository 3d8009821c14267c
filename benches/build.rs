//! Makes the stubs of stock tonic from `proto/bench.proto`, without protoc.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    let files = protox::compile(["bench.proto"], ["proto"])?;
    // Names are what makes a message of prost-build a message of traitwire.
    let mut prost = prost_build::Config::new();
    prost.enable_type_names();
    tonic_prost_build::configure().compile_fds_with_config(files, prost)?;
    Ok(())
}
