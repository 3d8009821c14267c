//! Asks a server whether it serves: `grpc.health.v1.Health/Watch`, as gRPC's proposal A17 has it.

use std::sync::Arc;

use bytes::Bytes;
use prost::Message;
use tokio::time::{Instant, sleep};
use tonic::{Code, Request, Status};

use super::{
    TARGET,
    backoff::Backoff,
    call::Caller,
    endpoint::{Changes, Health, Member},
    engine::Exchange,
};
use crate::{CallOptions, RawClient, RawMessage, Streaming};

/// `grpc.health.v1.HealthCheckRequest`.
#[derive(Clone, PartialEq, Message)]
struct Question {
    #[prost(string, tag = "1")]
    service: String,
}

/// `grpc.health.v1.HealthCheckResponse`.
#[derive(Clone, PartialEq, Message)]
struct Answer {
    #[prost(int32, tag = "1")]
    status: i32,
}

const SERVING: i32 = 1;

/// Asks a server how `service` is, again and again, for as long as the task lives.
pub(super) async fn watch<X: Exchange>(
    server: Caller<X>,
    service: String,
    member: Arc<Member>,
    changes: Arc<Changes>,
    backoff: Backoff,
) {
    let client = RawClient::new(server).with(CallOptions::new().wait_for_ready());
    let question = RawMessage(Bytes::from(Question { service }.encode_to_vec()));
    let note = |health| {
        if member.set_health(health) {
            tracing::debug!(target: TARGET, server = member.address, ?health, "its health");
            changes.tell();
        }
    };
    let mut failures = 0;
    loop {
        let begun = Instant::now();
        let mut has_heard = false;
        let ended = ask(&client, question.clone(), |answer| {
            has_heard = true;
            note(if answer.status == SERVING { Health::Serving } else { Health::NotServing });
        });
        let status = ended.await;
        if status.code() == Code::Unimplemented {
            let server = &member.address;
            tracing::error!(target: TARGET, server, "it has no health service, so that nobody asks");
            note(Health::Serving);
            return;
        }
        // A lost connection is no word about its health; the next one begins anew.
        note(if status.code() == Code::Unavailable { Health::Unknown } else { Health::NotServing });
        // One that ends each watch at once is not asked without end.
        failures = if has_heard { 1 } else { failures + 1 };
        sleep(backoff.after(failures).saturating_sub(begun.elapsed())).await;
    }
}

/// Asks once, and tells what is heard; how that ended.
async fn ask<X: Exchange>(
    client: &RawClient<Caller<X>>,
    question: RawMessage,
    mut tell: impl FnMut(Answer),
) -> Status {
    let questions: Streaming<_> = [question].into_iter().collect();
    let watched = client.call("/grpc.health.v1.Health/Watch", Request::new(questions)).await;
    let mut answers = match watched {
        Ok(answers) => answers.into_inner(),
        Err(status) => return status,
    };
    loop {
        match answers.message().await {
            Ok(Some(RawMessage(answer))) => match Answer::decode(answer) {
                Ok(answer) => tell(answer),
                Err(error) => return Status::internal(error.to_string()),
            },
            Ok(None) => return Status::unknown("the server has ended the watch"),
            Err(status) => return status,
        }
    }
}
