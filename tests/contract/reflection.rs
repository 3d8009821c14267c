//! A server tells stock clients what it serves, in both versions of the protocol.

use std::{
    path::Path,
    process::Command,
    task::{Context, Poll},
};

use prost::Message as _;
use prost_types::FileDescriptorProto;
use tonic::{
    Code,
    server::NamedService,
    transport::{self, Channel, server::TcpIncoming},
};
use tonic_reflection::pb::{v1, v1alpha};
use traitwire::{
    Describe, Server, ServiceDescriptor, Status, Stream, Streaming, TonicChannel,
    health::HealthReporter,
    reflection::{self, Reflection},
    schema::Schema,
    service, stream_fn,
};

use crate::{
    contract_first::{TICKET_OFFICE, TICKETS},
    peers,
};

/// A question.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "quiz.v1")]
pub(crate) struct Question {
    /// What is asked.
    #[prost(string, tag = "1")]
    text: String,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "quiz.v1")]
pub(crate) struct Answer {
    #[prost(uint32, tag = "1")]
    length: u32,
}

/// Answers with lengths.
#[service(package = "quiz.v1")]
trait Quiz {
    /// The length of the text.
    async fn ask(&self, question: Question) -> Result<Answer, Status>;
    fn count(&self, up_to: u32) -> impl Stream<Item = Result<Answer, Status>>;
}

struct Lengths;

impl Quiz for Lengths {
    async fn ask(&self, question: Question) -> Result<Answer, Status> {
        u32::try_from(question.text.len())
            .map(|length| Answer { length })
            .map_err(|_| Status::out_of_range("a long text"))
    }

    fn count(&self, up_to: u32) -> impl Stream<Item = Result<Answer, Status>> {
        stream_fn(async move |mut out| {
            for length in 0..up_to {
                out.send(Answer { length }).await?;
            }
            Ok(())
        })
    }
}

/// Serves the quiz with reflection, and gives the port.
async fn serve() -> u16 {
    listen(Server::new().reflection().add(QuizServer::new(Lengths))).await
}

/// The same with a description of these services, as under another server.
async fn serve_described(services: &[&'static ServiceDescriptor]) -> u16 {
    let reflection = Reflection::of(services).unwrap();
    listen(Server::new().add(reflection.v1()).add(reflection.v1alpha())).await
}

async fn listen(server: Server) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(server.serve(listener, std::future::pending()));
    port
}

async fn connect() -> Channel {
    connect_to(serve().await).await
}

async fn connect_to(port: u16) -> Channel {
    let address = format!("http://127.0.0.1:{port}");
    Channel::from_shared(address).unwrap().connect().await.unwrap()
}

/// Asks each question in one version of the protocol, and gives the answers.
macro_rules! ask {
    ($version:ident, $channel:expr, $($request:ident($value:expr)),*) => {{
        use $version::{
            ServerReflectionRequest, server_reflection_client::ServerReflectionClient,
            server_reflection_request::MessageRequest,
        };
        let requests = [$(ServerReflectionRequest {
            message_request: Some(MessageRequest::$request($value.into())),
            ..ServerReflectionRequest::default()
        }),*];
        let mut client = ServerReflectionClient::new($channel);
        let answers = client.server_reflection_info(Streaming::<_>::from_iter(requests).map(|it| {
            it.expect("a list does not fail")
        }));
        let mut answers = answers.await.unwrap().into_inner();
        let mut list = Vec::new();
        while let Some(answer) = answers.message().await.unwrap() {
            list.push(answer.message_response.unwrap());
        }
        list
    }};
}

/// The names that one version lists.
macro_rules! listed {
    ($version:ident, $channel:expr) => {{
        use $version::server_reflection_response::MessageResponse;
        let answers = ask!($version, $channel, ListServices(""));
        let MessageResponse::ListServicesResponse(list) = &answers[0] else {
            panic!("a list: {answers:?}");
        };
        list.service.iter().map(|it| it.name.clone()).collect::<Vec<_>>()
    }};
}

#[tokio::test]
async fn all_that_is_served_is_listed_in_both_versions() {
    use traitwire::StreamExt;
    let health = HealthReporter::new();
    // Another one's, of which the name is all that is known.
    let other = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(v1::FILE_DESCRIPTOR_SET)
        .with_service_name("some.Other")
        .build_v1()
        .unwrap();
    let other = Renamed(other);
    let server = Server::new().reflection().add(QuizServer::new(Lengths)).health(&health);
    let channel = connect_to(listen(server.mount(other)).await).await;
    let all = [
        "grpc.health.v1.Health",
        "grpc.reflection.v1.ServerReflection",
        "grpc.reflection.v1alpha.ServerReflection",
        "quiz.v1.Quiz",
        "some.Other",
    ];
    assert_eq!(listed!(v1, channel.clone()), all);
    assert_eq!(listed!(v1alpha, channel), all);
}

/// A service of tonic's by another name.
#[derive(Clone)]
struct Renamed<S>(S);

impl<S> NamedService for Renamed<S> {
    const NAME: &'static str = "some.Other";
}

impl<S: tower::Service<R>, R> tower::Service<R> for Renamed<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: R) -> S::Future {
        self.0.call(request)
    }
}

#[tokio::test]
async fn a_method_a_message_and_an_import_lead_to_their_files() {
    use traitwire::StreamExt;
    let answers = ask!(
        v1,
        connect().await,
        FileContainingSymbol("quiz.v1.Quiz.Ask"),
        FileContainingSymbol("quiz.v1.Answer"),
        FileByFilename("google/protobuf/wrappers.proto")
    );
    let files: Vec<FileDescriptorProto> = answers
        .iter()
        .map(|answer| match answer {
            v1::server_reflection_response::MessageResponse::FileDescriptorResponse(files) => {
                FileDescriptorProto::decode(files.file_descriptor_proto[0].as_slice()).unwrap()
            }
            other => panic!("a file: {other:?}"),
        })
        .collect();
    assert_eq!(files[0].name(), "quiz/v1/quiz.proto");
    assert_eq!(files[0], files[1]);
    assert_eq!(files[0].dependency, [files[2].name()]);
    let comments = files[0].source_code_info.iter().flat_map(|info| &info.location);
    assert!(comments.clone().any(|it| it.leading_comments() == " The length of the text.\n"));
}

/// Its set is given as it is, and not made anew from the trait.
#[tokio::test]
async fn a_service_whose_proto_came_first_is_listed_and_described() {
    use traitwire::StreamExt;
    use v1::server_reflection_response::MessageResponse;
    let channel = connect_to(serve_described(&[&QUIZ, &TICKET_OFFICE]).await).await;
    let answers = ask!(
        v1,
        channel,
        ListServices(""),
        FileContainingSymbol("tickets.v1.TicketOffice.reserve"),
        FileContainingSymbol("quiz.v1.Quiz.Ask")
    );
    let MessageResponse::ListServicesResponse(list) = &answers[0] else {
        panic!("a list: {answers:?}");
    };
    for name in ["quiz.v1.Quiz", "tickets.v1.TicketOffice"] {
        assert!(list.service.iter().any(|it| it.name == name), "{name}: {list:?}");
    }
    let MessageResponse::FileDescriptorResponse(files) = &answers[1] else {
        panic!("a file: {answers:?}");
    };
    let given = prost_types::FileDescriptorSet::decode(TICKETS).unwrap();
    assert_eq!(files.file_descriptor_proto, [given.file[0].encode_to_vec()]);
    assert!(matches!(answers[2], MessageResponse::FileDescriptorResponse(_)), "{answers:?}");
}

/// A stranger may ask for anything, and asks on.
#[tokio::test]
async fn what_is_not_known_is_an_answer_and_the_call_goes_on() {
    use traitwire::StreamExt;
    use v1::server_reflection_response::MessageResponse;
    let answers = ask!(
        v1,
        connect().await,
        FileByFilename("nothing.proto"),
        FileContainingSymbol("quiz.v1.Nothing"),
        AllExtensionNumbersOfType("quiz.v1.Nothing"),
        AllExtensionNumbersOfType("quiz.v1.Question"),
        FileContainingSymbol("quiz.v1.Question.text")
    );
    let unknown = answers[..3].iter().map(|answer| match answer {
        MessageResponse::ErrorResponse(error) => (error.error_code, error.error_message.as_str()),
        other => panic!("an error: {other:?}"),
    });
    let expected = ["nothing.proto is not known here", "quiz.v1.Nothing is not known here"];
    let expected = [(5, expected[0]), (5, expected[1]), (5, expected[1])];
    assert_eq!(unknown.collect::<Vec<_>>(), expected);
    let MessageResponse::AllExtensionNumbersResponse(none) = &answers[3] else {
        panic!("numbers: {answers:?}");
    };
    assert_eq!(
        (none.base_type_name.as_str(), none.extension_number.len()),
        ("quiz.v1.Question", 0)
    );
    assert!(matches!(answers[4], MessageResponse::FileDescriptorResponse(_)), "{answers:?}");
}

#[tokio::test]
async fn to_ask_for_nothing_is_an_error() {
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(connect().await);
    let request = v1::ServerReflectionRequest::default();
    let answers = client.server_reflection_info(tokio_stream::once(request)).await;
    let status = answers.unwrap().into_inner().message().await.unwrap_err();
    let expected = (Code::InvalidArgument, "the request asks for nothing");
    assert_eq!((status.code(), status.message()), expected);
}

const EXTENDED: &str = r#"
syntax = "proto2";
package extended;
import "google/protobuf/descriptor.proto";
extend google.protobuf.FieldOptions { optional string unit = 50001; }
message Open {
  optional int32 length = 1 [(unit) = "mm"];
  extensions 100 to 199;
  enum Kind { PLAIN = 0; }
}
extend Open { optional int32 width = 100; }
message Inner { extend Open { optional Open.Kind kind = 101; } }
service Shelf { rpc Put(Open) returns (Open); }
"#;

/// prost knows no custom options, and would lose them.
#[tokio::test]
async fn extensions_and_custom_options_are_told_as_they_are() {
    use traitwire::StreamExt;
    use v1::server_reflection_response::MessageResponse;
    let folder = peers::folder("reflection");
    std::fs::write(folder.join("extended.proto"), EXTENDED).unwrap();
    let mut compiler = protox::Compiler::new([&folder]).unwrap();
    compiler.include_imports(true).open_file("extended.proto").unwrap();
    let set: &'static [u8] = compiler.encode_file_descriptor_set().leak();
    let service = ServiceDescriptor::new("extended", "Shelf", &[]).with_descriptor_set(set);
    let channel = connect_to(serve_described(&[Box::leak(Box::new(service))]).await).await;
    let extension =
        v1::ExtensionRequest { containing_type: "extended.Open".to_owned(), extension_number: 101 };
    let answers = ask!(
        v1,
        channel,
        AllExtensionNumbersOfType("extended.Open"),
        FileContainingExtension(extension),
        FileContainingSymbol("extended.Open.PLAIN"),
        FileContainingSymbol("extended.Inner.kind"),
        FileContainingSymbol("extended.Shelf.Put")
    );
    let MessageResponse::AllExtensionNumbersResponse(numbers) = &answers[0] else {
        panic!("numbers: {answers:?}");
    };
    assert_eq!(numbers.extension_number, [100, 101]);
    for answer in &answers[1..] {
        let MessageResponse::FileDescriptorResponse(files) = answer else {
            panic!("a file: {answer:?}");
        };
        let file = &files.file_descriptor_proto[0];
        assert!(set.windows(file.len()).any(|it| it == file), "it is as it was compiled");
        assert!(file.windows(2).any(|it| it == b"mm"), "the option is in it");
    }
}

#[tokio::test]
async fn a_descriptor_set_that_cannot_be_read_is_an_error() {
    let service = ServiceDescriptor::new("broken", "Service", &[]).with_descriptor_set(b"\x0a\x7f");
    let error = Reflection::of(&[Box::leak(Box::new(service))]).unwrap_err().to_string();
    assert!(error.starts_with("the descriptor set of broken.Service"), "{error}");
}

/// The library's own services have the contracts that everybody has, but for their comments.
#[test]
fn the_contracts_are_those_of_grpc() {
    for (ours, theirs) in [
        (&reflection::v1::SERVER_REFLECTION, v1::FILE_DESCRIPTOR_SET),
        (&reflection::v1alpha::SERVER_REFLECTION, v1alpha::FILE_DESCRIPTOR_SET),
    ] {
        let mut theirs = prost_types::FileDescriptorSet::decode(theirs).unwrap();
        // tonic has it under a name of its own.
        theirs.file[0].name = ours.file.map(str::to_owned);
        let theirs = Schema::from_file_descriptor_set(&theirs).unwrap();
        let changes = Schema::of(&[ours]).unwrap().changes_since(&theirs);
        assert!(changes.iter().all(|it| it.what().starts_with("the comment of ")), "{changes:?}");
    }
}

#[tokio::test]
async fn the_server_of_tonic_takes_it_too() {
    use traitwire::StreamExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let reflection = Reflection::of(&[&QUIZ]).unwrap();
    let server = transport::Server::builder()
        .add_service(QuizServer::new(Lengths))
        .add_service(reflection.v1())
        .add_service(reflection.v1alpha())
        .serve_with_incoming(TcpIncoming::from(listener));
    tokio::spawn(server);
    let channel = connect_to(port).await;
    assert_eq!(listed!(v1, channel.clone()), listed!(v1alpha, channel.clone()));
    let client = QuizClient::new(TonicChannel::from(channel));
    let answer = client.ask(Question { text: "four".to_owned() }).await.unwrap();
    assert_eq!(answer.length, 4);
}

#[tokio::test]
async fn a_server_without_reflection_does_not_answer() {
    let port = listen(Server::new().add(QuizServer::new(Lengths))).await;
    let channel = connect_to(port).await;
    let mut client = v1::server_reflection_client::ServerReflectionClient::new(channel);
    let request = v1::ServerReflectionRequest::default();
    let status = client.server_reflection_info(tokio_stream::once(request)).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
}

/// Lists, describes and calls, with nothing but the address.
const PYTHON: &str = r#"
import sys, grpc
from google.protobuf import descriptor_pool, json_format, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

channel = grpc.insecure_channel("127.0.0.1:" + sys.argv[1])
database = ProtoReflectionDescriptorDatabase(channel)
print([it for it in database.get_services() if not it.startswith("grpc.")])
service = descriptor_pool.DescriptorPool(database).FindServiceByName("quiz.v1.Quiz")
for method in service.methods:
    stream = "stream " if method.server_streaming else ""
    print(method.name, method.input_type.full_name, stream + method.output_type.full_name)
ask = service.FindMethodByName("Ask")
question = json_format.Parse('{"text": "four"}', message_factory.GetMessageClass(ask.input_type)())
answer = message_factory.GetMessageClass(ask.output_type)
call = channel.unary_unary(
    "/quiz.v1.Quiz/Ask", lambda it: it.SerializeToString(), answer.FromString
)
print(json_format.MessageToDict(call(question, timeout=20)))
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_in_python_lists_describes_and_calls() {
    let Some(python) = peers::python("grpc_reflection") else { return };
    let port = serve().await.to_string();
    let output = run(Command::new(python).args(["-c", PYTHON, &port])).await;
    assert_eq!(
        output,
        "['quiz.v1.Quiz']\n\
         Ask quiz.v1.Question quiz.v1.Answer\n\
         Count google.protobuf.UInt32Value stream quiz.v1.Answer\n\
         {'length': 4}\n"
    );
}

#[path = "../../examples/recipes/reflection.rs"]
#[allow(dead_code, reason = "it is a program, and the test serves it by itself")]
mod recipe;

/// The commands of the book that begin with this program, as they are typed, and what they print.
async fn as_typed(program: &Path) -> Vec<String> {
    let port = listen(recipe::server()).await;
    let name = program.file_name().unwrap().to_str().unwrap();
    let commands = include_str!("../../book/en/recipes.md").lines();
    let commands = commands.filter(|it| it.split(' ').next() == Some(name));
    let mut printed = Vec::new();
    for command in commands {
        let command = command.replace("127.0.0.1:50051", &format!("127.0.0.1:{port}"));
        let command = command.replacen(name, program.to_str().unwrap(), 1);
        printed.push(run(Command::new("sh").args(["-c", &command])).await);
    }
    printed
}

const LISTED: &str = "grpc.health.v1.Health
grpc.reflection.v1.ServerReflection
grpc.reflection.v1alpha.ServerReflection
shop.v1.Prices
";

#[tokio::test(flavor = "multi_thread")]
async fn buf_curl_lists_and_calls_by_json() {
    let Some(buf) = peers::find("buf") else { return };
    assert_eq!(as_typed(&buf).await, [LISTED, "\"12900\"\n"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn grpcurl_lists_describes_and_calls_by_json() {
    let Some(grpcurl) = peers::find("grpcurl") else { return };
    let described = "shop.v1.Prices.Get is a method:
// The price of a thing, in cents.
rpc Get ( .google.protobuf.StringValue ) returns ( .google.protobuf.UInt64Value );
";
    assert_eq!(as_typed(&grpcurl).await, [LISTED, described, "\"12900\"\n"]);
}

/// Runs a program to its end and gives what it printed.
async fn run(command: &mut Command) -> String {
    let output = tokio::process::Command::from(std::mem::replace(command, Command::new("")))
        .output()
        .await
        .expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).expect("text")
}
