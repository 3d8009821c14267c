//! A service of a hundred methods: what it costs the compiler.
//!
//! Two packages are written to `target/wide`, with the same service, 25 methods of each shape, each
//! served and called once; stock's streams in their leanest form, an iterator behind a box. Lines are those of LLVM's input, as `cargo llvm-lines` counts them, so they
//! do not depend on the machine; seconds are those of the package alone, its dependencies built.

use std::{
    fmt::Write,
    fs, io,
    path::Path,
    process::{Command, ExitCode},
    time::Instant,
};

use crate::table;

/// As many lines as ours may have.
const MOST_LINES: u64 = 200_000;

const METHODS: usize = 100;
const BUILDS: usize = 3;

/// Prints a table. Fails where ours has more lines than it may, and where the tool is missing.
pub(crate) fn run() -> ExitCode {
    let measured = [ours(), stock()].map(|package| package.measure());
    let mut rows = Vec::new();
    let mut lines = Vec::new();
    for measured in measured {
        match measured {
            Ok(Measured { name, lines: counted, dev, release }) => {
                lines.push(counted);
                let seconds = |it: f64| format!("{it:.1}");
                rows.push([
                    name.to_owned(),
                    table::grouped(counted as f64, 0),
                    seconds(dev),
                    seconds(release),
                ]);
            }
            Err(error) => {
                eprintln!(
                    "{error}; `cargo install cargo-llvm-lines` installs what counts the lines"
                );
                return ExitCode::FAILURE;
            }
        }
    }
    table::print(
        &format!("A service of {METHODS} methods: lines for LLVM, and seconds to compile it"),
        ["", "lines, dev", "s, dev", "s, release"],
        &rows,
    );
    match lines[0] <= MOST_LINES {
        true => ExitCode::SUCCESS,
        false => {
            eprintln!("\nours may have {} lines", table::grouped(MOST_LINES as f64, 0));
            ExitCode::FAILURE
        }
    }
}

/// A package of its own.
struct Package {
    name: &'static str,
    manifest: String,
    files: Vec<(&'static str, String)>,
}

struct Measured {
    name: &'static str,
    lines: u64,
    /// Seconds, the least of some builds.
    dev: f64,
    release: f64,
}

impl Package {
    fn measure(&self) -> io::Result<Measured> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let folder = root.join("target/wide").join(self.name);
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), &self.manifest)?;
        fs::copy(root.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        for (name, text) in &self.files {
            fs::write(folder.join(name), text)?;
        }
        let counted = cargo(&folder, &["llvm-lines"])?;
        let lines = counted.lines().find(|line| line.contains("(TOTAL)"));
        let lines = lines.and_then(|line| line.split_whitespace().next()?.parse().ok());
        let lines = lines.ok_or_else(|| io::Error::other("cargo llvm-lines says no total"))?;
        let (dev, release) =
            (seconds(&folder, &["build"])?, seconds(&folder, &["build", "--release"])?);
        Ok(Measured { name: self.name, lines, dev, release })
    }
}

/// How long the package itself takes, when everything else is built.
fn seconds(folder: &Path, build: &[&str]) -> io::Result<f64> {
    cargo(folder, build)?;
    let mut least = f64::INFINITY;
    for _ in 0..BUILDS {
        let clean = match build.contains(&"--release") {
            true => &["clean", "-p", "wide", "--release"][..],
            false => &["clean", "-p", "wide"],
        };
        cargo(folder, clean)?;
        let begin = Instant::now();
        cargo(folder, build)?;
        least = least.min(begin.elapsed().as_secs_f64());
    }
    Ok(least)
}

fn cargo(folder: &Path, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new("cargo")
        .args(arguments)
        .env("CARGO_TARGET_DIR", folder.join("../target"))
        .current_dir(folder)
        .output()?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => {
            let why = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("cargo {} failed:\n{why}", arguments.join(" "))))
        }
    }
}

fn manifest(dependencies: &str) -> String {
    format!(
        "[package]\nname = \"wide\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
         [dependencies]\nprost = \"0.14\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"net\", \"rt-multi-thread\", \"sync\"] }}\n\
         {dependencies}"
    )
}

/// The text of each method, its shapes in turn.
fn each(text: [&str; 4]) -> String {
    let mut all = String::new();
    for method in 0..METHODS {
        let _ = writeln!(all, "{}", text[method % 4].replace('#', &method.to_string()));
    }
    all
}

fn ours() -> Package {
    let contract = each([
        "async fn m#(&self, number: Number) -> Result<Number, Status>;",
        "fn m#(&self, number: Number) -> impl Stream<Item = Result<Number, Status>>;",
        "async fn m#(&self, numbers: Streaming<Number>) -> Result<Number, Status>;",
        "fn m#(&self, numbers: Streaming<Number>) -> impl Stream<Item = Result<Number, Status>>;",
    ]);
    let service = each([
        "async fn m#(&self, number: Number) -> Result<Number, Status> {
            Ok(Number { value: number.value + # })
        }",
        "fn m#(&self, number: Number) -> impl Stream<Item = Result<Number, Status>> {
            stream_fn(async move |mut out| Ok(out.send(Number { value: number.value + # }).await?))
        }",
        "async fn m#(&self, mut numbers: Streaming<Number>) -> Result<Number, Status> {
            let mut value = #;
            while let Some(number) = numbers.message().await? { value += number.value; }
            Ok(Number { value })
        }",
        "fn m#(&self, mut numbers: Streaming<Number>) -> impl Stream<Item = Result<Number, Status>> {
            stream_fn(async move |mut out| {
                while let Some(number) = numbers.message().await? {
                    out.send(Number { value: number.value + # }).await?;
                }
                Ok(())
            })
        }",
    ]);
    let calls = each([
        "sum += client.m#(Number { value: 1 }).await?.value;",
        "let mut numbers = client.m#(Number { value: 1 });
         while let Some(number) = numbers.message().await? { sum += number.value; }",
        "sum += client.m#([Number { value: 1 }].into_iter().collect()).await?.value;",
        "let mut numbers = client.m#([Number { value: 1 }].into_iter().collect());
         while let Some(number) = numbers.message().await? { sum += number.value; }",
    ]);
    let main = format!(
        "use traitwire::{{Describe, Server, Status, Stream, Streaming, stream_fn}};

        #[derive(Clone, PartialEq, prost::Message, Describe)]
        #[describe(package = \"wide\")]
        pub struct Number {{ #[prost(int64, tag = \"1\")] pub value: i64 }}

        #[traitwire::service(package = \"wide\")]
        pub trait Wide {{ {contract} }}

        struct App;

        impl Wide for App {{ {service} }}

        async fn call(client: WideClient) -> Result<i64, Status> {{ let mut sum = 0; {calls} Ok(sum) }}

        #[tokio::main]
        async fn main() -> Result<(), Box<dyn std::error::Error>> {{
            let listener = tokio::net::TcpListener::bind(\"127.0.0.1:0\").await?;
            let uri = format!(\"http://{{}}\", listener.local_addr()?);
            tokio::spawn(Server::new().add(WideServer::new(App)).serve(listener, std::future::pending()));
            println!(\"{{}}\", call(WideClient::connect(uri).await?).await?);
            Ok(())
        }}"
    );
    let manifest = manifest("traitwire = { path = \"../../..\" }\n");
    Package { name: "traitwire", manifest, files: vec![("src/main.rs", main)] }
}

fn stock() -> Package {
    let contract = each([
        "rpc M#(Number) returns (Number);",
        "rpc M#(Number) returns (stream Number);",
        "rpc M#(stream Number) returns (Number);",
        "rpc M#(stream Number) returns (stream Number);",
    ]);
    let proto = format!(
        "syntax = \"proto3\";\npackage wide;\nmessage Number {{ int64 value = 1; }}\n\
         service Wide {{\n{contract}}}\n"
    );
    let build = "fn main() -> Result<(), Box<dyn std::error::Error>> {
        let files = protox::compile([\"wide.proto\"], [\".\"])?;
        Ok(tonic_prost_build::configure().compile_fds(files)?)
    }"
    .to_owned();
    let service = each([
        "async fn m#(&self, request: Request<Number>) -> Result<Response<Number>, Status> {
            Ok(Response::new(Number { value: request.into_inner().value + # }))
        }",
        "type M#Stream = Numbers;
        async fn m#(&self, request: Request<Number>) -> Result<Response<Numbers>, Status> {
            let number = Number { value: request.into_inner().value + # };
            Ok(Response::new(Box::pin(tokio_stream::once(Ok(number)))))
        }",
        "async fn m#(&self, request: Request<Streaming<Number>>) -> Result<Response<Number>, Status> {
            let (mut numbers, mut value) = (request.into_inner(), #);
            while let Some(number) = numbers.message().await? { value += number.value; }
            Ok(Response::new(Number { value }))
        }",
        "type M#Stream = Numbers;
        async fn m#(&self, request: Request<Streaming<Number>>) -> Result<Response<Numbers>, Status> {
            let add = |number: Result<Number, _>| Ok(Number { value: number?.value + # });
            Ok(Response::new(Box::pin(request.into_inner().map(add))))
        }",
    ]);
    let calls = each([
        "sum += client.m#(Number { value: 1 }).await?.into_inner().value;",
        "let mut numbers = client.m#(Number { value: 1 }).await?.into_inner();
         while let Some(number) = numbers.message().await? { sum += number.value; }",
        "sum += client.m#(tokio_stream::iter([Number { value: 1 }])).await?.into_inner().value;",
        "let numbers = tokio_stream::iter([Number { value: 1 }]);
         let mut numbers = client.m#(numbers).await?.into_inner();
         while let Some(number) = numbers.message().await? { sum += number.value; }",
    ]);
    let main = format!(
        "use std::pin::Pin;
        use tokio_stream::{{Stream, StreamExt, wrappers::TcpListenerStream}};
        use tonic::{{Request, Response, Status, Streaming, transport::{{Channel, Server}}}};

        pub mod wide {{ tonic::include_proto!(\"wide\"); }}
        use wide::{{Number, wide_client::WideClient, wide_server::{{Wide, WideServer}}}};

        type Numbers = Pin<Box<dyn Stream<Item = Result<Number, Status>> + Send>>;

        struct App;

        #[tonic::async_trait]
        impl Wide for App {{ {service} }}

        async fn call(mut client: WideClient<Channel>) -> Result<i64, Status> {{
            let mut sum = 0; {calls} Ok(sum)
        }}

        #[tokio::main]
        async fn main() -> Result<(), Box<dyn std::error::Error>> {{
            let listener = tokio::net::TcpListener::bind(\"127.0.0.1:0\").await?;
            let uri = format!(\"http://{{}}\", listener.local_addr()?);
            let server = Server::builder().add_service(WideServer::new(App));
            tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));
            println!(\"{{}}\", call(WideClient::connect(uri).await?).await?);
            Ok(())
        }}"
    );
    let manifest = manifest(
        "tokio-stream = { version = \"0.1\", features = [\"net\"] }\n\
         tonic = \"0.14\"\ntonic-prost = \"0.14\"\n\n\
         [build-dependencies]\nprotox = \"0.10\"\ntonic-prost-build = \"0.14\"\n",
    );
    let files = vec![("src/main.rs", main), ("build.rs", build), ("wide.proto", proto)];
    Package { name: "stock tonic", manifest, files }
}
