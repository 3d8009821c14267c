//! A server tells stock clients what it serves, in both versions of the protocol.

use std::process::Command;

use prost::Message as _;
use prost_types::FileDescriptorProto;
use tonic::{
    Code,
    transport::{self, Channel, server::TcpIncoming},
};
use tonic_reflection::pb::{v1, v1alpha};
use tower::{ServiceBuilder, limit::ConcurrencyLimitLayer};
use traitwire::{
    Describe, Server, ServiceDescriptor, Status, Stream, Streaming, TonicChannel, reflection,
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
    serve_described(&[&QUIZ]).await
}

/// The same with a description of these services. What is beneath must be asked whether it is ready.
async fn serve_described(services: &[&'static ServiceDescriptor]) -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let layers = ServiceBuilder::new()
        .layer(reflection::layer(services).unwrap())
        .layer(ConcurrencyLimitLayer::new(1));
    let server = Server::new().layer(layers).add(QuizServer::new(Lengths));
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

#[tokio::test]
async fn the_services_are_listed_in_both_versions() {
    use traitwire::StreamExt;
    let channel = connect().await;

    let answers = ask!(v1, channel.clone(), ListServices(""));
    let v1::server_reflection_response::MessageResponse::ListServicesResponse(list) = &answers[0]
    else {
        panic!("a list: {answers:?}");
    };
    let names: Vec<_> = list.service.iter().map(|it| it.name.as_str()).collect();
    assert!(names.contains(&"quiz.v1.Quiz"), "{names:?}");

    let answers = ask!(v1alpha, channel, ListServices(""));
    let v1alpha::server_reflection_response::MessageResponse::ListServicesResponse(list) =
        &answers[0]
    else {
        panic!("a list: {answers:?}");
    };
    let names: Vec<_> = list.service.iter().map(|it| it.name.as_str()).collect();
    assert!(names.contains(&"quiz.v1.Quiz"), "{names:?}");
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

#[tokio::test]
async fn other_calls_pass() {
    let client = QuizClient::new(TonicChannel::from(connect().await));
    let answer = client.ask(Question { text: "four".to_owned() }).await.unwrap();
    assert_eq!(answer.length, 4);
}

#[tokio::test]
async fn a_service_whose_name_only_begins_like_reflection_is_another_one() {
    let mut grpc = tonic::client::Grpc::new(connect().await);
    grpc.ready().await.unwrap();
    let path = "/grpc.reflection.v1.ServerReflectionX/ServerReflectionInfo";
    let path = http::uri::PathAndQuery::from_static(path);
    let codec = tonic_prost::ProstCodec::<Question, Answer>::default();
    let request = tonic::Request::new(Question::default());
    let status = grpc.unary(request, path, codec).await.unwrap_err();
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(status.message(), "unknown service grpc.reflection.v1.ServerReflectionX");
}

#[tokio::test]
async fn the_server_of_tonic_takes_the_layer_too() {
    use traitwire::StreamExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = transport::Server::builder()
        .layer(reflection::layer(&[&QUIZ]).unwrap())
        .serve_with_incoming(QuizServer::new(Lengths), TcpIncoming::from(listener));
    tokio::spawn(server);
    let channel = connect_to(port).await;
    let answers = ask!(v1, channel.clone(), ListServices(""));
    assert_eq!(answers.len(), 1, "{answers:?}");
    let client = QuizClient::new(TonicChannel::from(channel));
    let answer = client.ask(Question { text: "four".to_owned() }).await.unwrap();
    assert_eq!(answer.length, 4);
}

#[tokio::test]
async fn a_server_without_the_layer_does_not_answer() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = Server::new().add(QuizServer::new(Lengths));
    tokio::spawn(server.serve(listener, std::future::pending()));
    let channel = Channel::from_shared(address).unwrap().connect().await.unwrap();
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

#[tokio::test(flavor = "multi_thread")]
async fn buf_curl_lists_and_calls_by_json() {
    let Some(buf) = peers::find("buf") else { return };
    let address = format!("http://127.0.0.1:{}", serve().await);
    let curl = |arguments: &[&str]| {
        let mut command = Command::new(&buf);
        command.args(["curl", "--http2-prior-knowledge", "--protocol", "grpc"]).args(arguments);
        command
    };
    let list = run(&mut curl(&["--list-services", &address])).await;
    assert!(list.lines().any(|line| line == "quiz.v1.Quiz"), "{list}");
    let method = format!("{address}/quiz.v1.Quiz/Ask");
    let answer = run(&mut curl(&["-d", r#"{"text": "four"}"#, &method])).await;
    assert_eq!(answer.split_whitespace().collect::<String>(), r#"{"length":4}"#);
}

#[tokio::test(flavor = "multi_thread")]
async fn grpcurl_lists_describes_and_calls_by_json() {
    let Some(grpcurl) = peers::find("grpcurl") else { return };
    let address = format!("127.0.0.1:{}", serve().await);
    let ask = async |arguments: &[&str]| {
        run(Command::new(&grpcurl).arg("-plaintext").args(arguments)).await
    };
    let list = ask(&[&address, "list"]).await;
    assert!(list.lines().any(|line| line == "quiz.v1.Quiz"), "{list}");
    let described = ask(&[&address, "describe", "quiz.v1.Quiz.Ask"]).await;
    assert!(described.contains("rpc Ask ( .quiz.v1.Question ) returns ( .quiz.v1.Answer )"));
    let answer = ask(&["-d", r#"{"text": "four"}"#, &address, "quiz.v1.Quiz/Ask"]).await;
    assert_eq!(answer.split_whitespace().collect::<String>(), r#"{"length":4}"#);
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
