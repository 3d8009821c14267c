//! Makes the stubs of stock tonic from `proto/`, with a compiler in Rust instead of `protoc`.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=proto");
    let files = protox::compile(["proof/v1/proof.proto", "order_management.proto"], ["proto"])?;
    tonic_prost_build::configure()
        // As messages of their own: prost would take `String` for `StringValue`, as we do.
        .compile_well_known_types(true)
        .include_file("stock.rs")
        .compile_fds(files)?;
    Ok(())
}
