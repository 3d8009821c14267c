//! Our client against servers that break the rules: an error that says so, never a panic, and
//! nothing taken for success that was none.

use std::error::Error;

use http::StatusCode;
use tonic::metadata::MetadataMap;
use traitwire::{Code, Received, Request, Response, Status, StreamExt, Trailers};
use traitwire_tests::serve_http;

use crate::{
    contract::{Echo, EchoClient, Note, note, notes},
    raw::Canned,
};

/// What the four shapes make of one and the same answer.
#[derive(Debug)]
struct Outcome {
    say: Result<Note, Status>,
    join: Result<Note, Status>,
    repeat: (Vec<Note>, Option<Status>),
    chat: (Vec<Note>, Option<Status>),
}

impl Outcome {
    /// The errors of all four; each must be one.
    fn errors(self) -> [Status; 4] {
        let one = |result: Result<Note, Status>| result.expect_err("an error of a unary answer");
        let many = |(_, error): (_, Option<Status>)| error.expect("an error of a stream");
        [one(self.say), one(self.join), many(self.repeat), many(self.chat)]
    }
}

/// Calls the four shapes over a socket and in process: the two must agree.
async fn outcomes(server: Canned) -> [Outcome; 2] {
    let socket = serve_http(server.clone().service()).await;
    let remote = outcome(&EchoClient::new(socket.connect().await)).await;
    let local = outcome(&EchoClient::new(server.transport())).await;
    [remote, local]
}

async fn outcome(echo: &impl Echo) -> Outcome {
    let asked = || Request::new(note("hello", 1));
    let stream = || Request::new(notes(["hello"]));
    Outcome {
        say: echo.say(asked()).await.map(|it| it.into_inner()),
        join: echo.join(stream()).await.map(|it| it.into_inner()),
        repeat: match echo.repeat(asked()).await {
            Ok(answer) => read(answer.into_inner()).await,
            Err(status) => (Vec::new(), Some(status)),
        },
        chat: match echo.chat(stream()).await {
            Ok(answer) => read(answer.into_inner()).await,
            Err(status) => (Vec::new(), Some(status)),
        },
    }
}

async fn read(
    stream: impl traitwire::Stream<Item = Result<Note, Status>>,
) -> (Vec<Note>, Option<Status>) {
    let mut stream = std::pin::pin!(stream);
    let mut read = Vec::new();
    while let Some(next) = stream.next().await {
        match next {
            Ok(note) => read.push(note),
            Err(status) => return (read, Some(status)),
        }
    }
    (read, None)
}

const OK: (&str, &str) = ("grpc-status", "0");

/// The control: an answer within the rules.
#[tokio::test]
async fn one_message_and_ok_is_an_answer() {
    let server = Canned::new().message(&note("hi", 1)).trailers(&[OK, ("x-last", "word")]);
    for outcome in outcomes(server).await {
        assert_eq!(outcome.say.unwrap(), note("hi", 1));
        assert_eq!(outcome.join.unwrap(), note("hi", 1));
        for (messages, error) in [outcome.repeat, outcome.chat] {
            assert_eq!(messages, [note("hi", 1)]);
            assert!(error.is_none(), "{error:?}");
        }
    }
}

/// What came after the message of a unary answer.
fn trailers<T>(answer: &Response<T>) -> MetadataMap {
    answer.extensions().get::<Trailers>().expect("every unary answer has them").get()
}

#[tokio::test]
async fn the_metadata_of_a_unary_answer_is_its_headers_and_its_trailers_are_beside_it() {
    let server = Canned::new()
        .headers(&[("content-type", "application/grpc"), ("x-first", "head")])
        .message(&note("hi", 1))
        .trailers(&[OK, ("x-last", "tail")]);
    let echo = EchoClient::new(server.transport());
    let answer = echo.say(Request::new(note("", 0))).await.unwrap();
    assert_eq!(answer.metadata().get("x-first").unwrap(), "head");
    assert!(!answer.metadata().contains_key("x-last"));
    assert_eq!(trailers(&answer).get("x-last").unwrap(), "tail");
    assert!(!trailers(&answer).contains_key("x-first"));
}

#[tokio::test]
async fn a_key_in_headers_and_in_trailers_keeps_both_values() {
    let server = Canned::new()
        .headers(&[("content-type", "application/grpc"), ("x-both", "1")])
        .message(&note("hi", 1))
        .trailers(&[OK, ("x-both", "2")]);
    let echo = EchoClient::new(server.transport());
    let answer = echo.say(Request::new(note("", 0))).await.unwrap();
    let values = |metadata: &MetadataMap| {
        let values = metadata.get_all("x-both").iter();
        values.map(|it| it.to_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(values(answer.metadata()), ["1"]);
    assert_eq!(values(&trailers(&answer)), ["2"]);
}

#[tokio::test]
async fn the_metadata_of_an_error_is_its_trailers_and_the_headers_are_with_its_source() {
    let server = Canned::new()
        .headers(&[("content-type", "application/grpc"), ("x-first", "head")])
        .trailers(&[("grpc-status", "9"), ("grpc-message", "no"), ("x-last", "tail")]);
    let echo = EchoClient::new(server.transport());
    let status = echo.say(Request::new(note("", 0))).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, "no"));
    assert_eq!(status.metadata().get("x-last").unwrap(), "tail");
    assert!(!status.metadata().contains_key("x-first"));
    let received = status.source().and_then(|it| it.downcast_ref::<Received>());
    let headers = received.expect("it was received").headers();
    assert_eq!(headers.get("x-first").unwrap(), "head");
    assert!(!headers.contains_key("x-last"));
}

#[tokio::test]
async fn the_trailers_of_a_stream_are_there_when_it_has_ended() {
    let server = Canned::new().message(&note("hi", 1)).trailers(&[OK, ("x-last", "tail")]);
    let socket = serve_http(server.clone().service()).await;
    let remote = EchoClient::new(socket.connect().await).boxed();
    let local = EchoClient::new(server.transport()).boxed();
    for echo in [remote, local] {
        let mut notes = echo.chat(Request::new(notes(["hello"]))).await.unwrap().into_inner();
        assert!(notes.trailers().is_none());
        assert_eq!(notes.message().await.unwrap().unwrap(), note("hi", 1));
        assert!(notes.trailers().is_none());
        assert!(notes.message().await.unwrap().is_none());
        assert_eq!(notes.trailers().unwrap().get("x-last").unwrap(), "tail");
    }
}

#[tokio::test]
async fn a_second_message_is_no_unary_answer() {
    let server = Canned::new().message(&note("hi", 1)).message(&note("ho", 2)).trailers(&[OK]);
    for outcome in outcomes(server).await {
        for status in [outcome.say.unwrap_err(), outcome.join.unwrap_err()] {
            assert_eq!(status.code(), Code::Unimplemented);
            assert_eq!(status.message(), "expected one response message, got more than one");
        }
        assert_eq!(outcome.repeat.0, [note("hi", 1), note("ho", 2)]);
        assert!(outcome.repeat.1.is_none());
    }
}

#[tokio::test]
async fn no_message_is_no_unary_answer() {
    let after_headers = Canned::new().trailers(&[OK]);
    let headers_alone = Canned::new().headers(&[("content-type", "application/grpc"), OK]);
    for server in [after_headers, headers_alone] {
        for outcome in outcomes(server).await {
            for status in [outcome.say.unwrap_err(), outcome.join.unwrap_err()] {
                assert_eq!(status.code(), Code::Unimplemented, "{}", status.message());
                assert_eq!(status.message(), "expected one response message, got none");
            }
            for (messages, error) in [outcome.repeat, outcome.chat] {
                assert!(messages.is_empty() && error.is_none(), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn details_that_are_not_base64_do_not_hide_the_error() {
    for details in ["!!!", "AA=A", "A", "====", "Zm9v Zm9v"] {
        let status = [
            ("content-type", "application/grpc"),
            ("grpc-status", "9"),
            ("grpc-message", "still%20here"),
            ("grpc-status-details-bin", details),
            ("x-reason", "kept"),
        ];
        let headers_alone = Canned::new().headers(&status);
        let trailers = Canned::new().trailers(&status[1..]);
        let after_a_message = Canned::new().message(&note("hi", 1)).trailers(&status[1..]);
        for server in [headers_alone, trailers, after_a_message] {
            for outcome in outcomes(server).await {
                for status in outcome.errors() {
                    assert_eq!(status.code(), Code::FailedPrecondition, "{details}");
                    assert_eq!(status.message(), "still here", "{details}");
                    assert_eq!(status.details(), b"", "{details}");
                    assert_eq!(status.metadata().get("x-reason").unwrap(), "kept", "{details}");
                }
            }
        }
    }
}

#[tokio::test]
async fn details_in_base64_are_kept_with_and_without_padding() {
    // The last bits of the last one mean nothing.
    let valid = [("Zm9vYg==", &b"foob"[..]), ("Zm9vYg", b"foob"), ("AB", b"\0")];
    for (details, expected) in valid {
        let server =
            Canned::new().trailers(&[("grpc-status", "9"), ("grpc-status-details-bin", details)]);
        for outcome in outcomes(server).await {
            for status in outcome.errors() {
                assert_eq!(status.details(), expected, "{details}");
            }
        }
    }
}

#[tokio::test]
async fn a_message_with_broken_escapes_is_an_error_all_the_same() {
    for message in ["%", "%zz", "100%"] {
        let server = Canned::new().trailers(&[("grpc-status", "9"), ("grpc-message", message)]);
        for outcome in outcomes(server).await {
            for status in outcome.errors() {
                assert_eq!(status.code(), Code::FailedPrecondition, "{message}");
            }
        }
    }
}

/// "Implementations must not error due to them", says the specification of such messages.
#[tokio::test]
async fn a_message_that_is_not_utf_8_keeps_its_code() {
    let server = Canned::new().trailers(&[("grpc-status", "9"), ("grpc-message", "no%ff")]);
    for outcome in outcomes(server).await {
        for status in outcome.errors() {
            assert_eq!(status.code(), Code::FailedPrecondition, "{}", status.message());
            assert!(status.message().starts_with("no"), "{}", status.message());
        }
    }
}

#[tokio::test]
async fn an_unknown_status_code_is_unknown() {
    for code in ["17", "99", "-1", "ok", ""] {
        let server = Canned::new().trailers(&[("grpc-status", code)]);
        for outcome in outcomes(server).await {
            for status in outcome.errors() {
                assert_eq!(status.code(), Code::Unknown, "{code:?}");
            }
        }
    }
}

/// The status of headers that are not all of an answer, and of the trailers after them.
#[tokio::test]
async fn a_status_in_headers_counts_only_where_they_are_the_whole_answer() {
    let fine = [("content-type", "application/grpc"), OK];
    let refused = [("content-type", "application/grpc"), ("grpc-status", "9")];
    for headers in [&fine, &refused] {
        let server = Canned::new().headers(headers).message(&note("hi", 1));
        for outcome in outcomes(server.clone()).await {
            for status in outcome.errors() {
                assert_eq!(status.code(), Code::Unknown, "{status:?}");
            }
        }
        for outcome in outcomes(server.trailers(&[("grpc-status", "5")])).await {
            for status in outcome.errors() {
                assert_eq!(status.code(), Code::NotFound, "{status:?}");
            }
        }
    }
    let server = Canned::new().headers(&refused).message(&note("hi", 1)).trailers(&[OK]);
    for outcome in outcomes(server).await {
        assert_eq!(outcome.say.unwrap(), note("hi", 1));
        assert!(outcome.repeat.1.is_none());
    }
}

/// The number of a status is written in decimal digits; how many is not said.
#[tokio::test]
async fn an_ok_of_two_digits_is_ok() {
    let server = Canned::new().message(&note("hi", 1)).trailers(&[("grpc-status", "00")]);
    for outcome in outcomes(server).await {
        assert_eq!(outcome.say.unwrap(), note("hi", 1));
        assert!(outcome.chat.1.is_none());
    }
}

/// gRPC's `doc/compression.md`; the other side's rule is UNIMPLEMENTED.
#[tokio::test]
async fn an_answer_compressed_in_a_way_that_was_not_offered_is_internal() {
    for encoding in ["gzip", "br"] {
        let server = Canned::new()
            .headers(&[("content-type", "application/grpc"), ("grpc-encoding", encoding)])
            .message(&note("hi", 1))
            .trailers(&[OK]);
        for outcome in outcomes(server).await {
            for status in outcome.errors() {
                assert_eq!(status.code(), Code::Internal);
                assert!(status.message().contains(encoding), "{status:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_answer_without_a_status_is_an_error() {
    for server in [Canned::new(), Canned::new().message(&note("hi", 1))] {
        let without = server.clone();
        let other = server.trailers(&[("x-last", "word")]);
        for server in [without, other] {
            for outcome in outcomes(server).await {
                for status in outcome.errors() {
                    assert_eq!(status.code(), Code::Unknown);
                    assert!(status.message().contains("without a grpc-status"), "{status:?}");
                }
            }
        }
    }
}

/// The table of the gRPC specification, "HTTP to gRPC Status Code Mapping".
#[tokio::test]
async fn an_http_status_without_a_grpc_status_is_mapped() {
    let expected = [
        (StatusCode::BAD_REQUEST, Code::Internal),
        (StatusCode::UNAUTHORIZED, Code::Unauthenticated),
        (StatusCode::FORBIDDEN, Code::PermissionDenied),
        (StatusCode::NOT_FOUND, Code::Unimplemented),
        (StatusCode::TOO_MANY_REQUESTS, Code::Unavailable),
        (StatusCode::BAD_GATEWAY, Code::Unavailable),
        (StatusCode::SERVICE_UNAVAILABLE, Code::Unavailable),
        (StatusCode::GATEWAY_TIMEOUT, Code::Unavailable),
        (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, Code::Internal),
        (StatusCode::INTERNAL_SERVER_ERROR, Code::Unknown),
        (StatusCode::IM_A_TEAPOT, Code::Unknown),
    ];
    for (http, code) in expected {
        let alone = Canned::new().status(http).headers(&[("content-type", "text/html")]);
        let with_a_body = alone.clone().message(&note("not this way", 0));
        for server in [alone, with_a_body] {
            for outcome in outcomes(server).await {
                for status in outcome.errors() {
                    assert_eq!(status.code(), code, "{http}");
                }
            }
        }
    }
}

#[tokio::test]
async fn a_web_page_is_no_answer() {
    let server = Canned::new().headers(&[("content-type", "text/html")]);
    for outcome in outcomes(server).await {
        for status in outcome.errors() {
            assert_eq!(status.code(), Code::Unknown);
        }
    }
}

#[tokio::test]
async fn bytes_that_are_no_message_are_an_internal_error() {
    #[derive(Clone, PartialEq, prost::Message)]
    struct OtherNote {
        /// In a note, this field is a string.
        #[prost(uint32, tag = "1")]
        text: u32,
    }

    let server = Canned::new().message(&OtherNote { text: 7 }).trailers(&[OK]);
    for outcome in outcomes(server).await {
        for status in outcome.errors() {
            assert_eq!(status.code(), Code::Internal, "{}", status.message());
        }
    }
}
