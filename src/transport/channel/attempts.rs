//! Calls that are sent more than once: again after they have failed, or before that.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::Mutex,
    task::Poll,
    time::Duration,
};

use http::{HeaderMap, HeaderName, Request};
use tokio::time::{Instant, sleep};
use tonic::{Code, Status};

use super::{
    backoff::random,
    balancer::Tried,
    call::{Answer, Beginning, Caller, Messages},
    calls::Calls,
    engine::{AnswerHead, Exchange},
    policy::{CallPolicy, HedgingPolicy, Policies, RetryPolicy},
    sending::Batches,
};
use crate::{call::headers, client::without_status};

const PUSHBACK: HeaderName = HeaderName::from_static("grpc-retry-pushback-ms");

/// What has come of an attempt.
type Outcome<X> = Result<(AnswerHead, Answer<X>), Status>;

/// What a server says of another attempt.
#[derive(Clone, Copy, PartialEq)]
enum Pushback {
    Nothing,
    Never,
    After(Duration),
}

/// The status of an attempt that has failed before its headers.
fn failure<X: Exchange>(outcome: &Outcome<X>) -> Option<(Code, Pushback)> {
    match outcome {
        Ok((head, _)) if head.is_end => {
            let code = code(head);
            (code != Code::Ok).then(|| (code, pushback(&head.fields)))
        }
        Ok(_) => None,
        Err(status) => Some((status.code(), Pushback::Nothing)),
    }
}

/// The status of an answer that is its head alone.
pub(super) fn code(head: &AnswerHead) -> Code {
    match head.fields.get(&headers::STATUS) {
        Some(code) => Code::from_bytes(code.as_bytes()),
        None => without_status(head.status).status.map_or_else(|it| it.code(), |()| Code::Ok),
    }
}

fn pushback(fields: &HeaderMap) -> Pushback {
    let Some(said) = fields.get(&PUSHBACK) else { return Pushback::Nothing };
    let milliseconds = said.to_str().ok().and_then(|it| it.parse::<i32>().ok());
    match milliseconds.and_then(|it| u64::try_from(it).ok()) {
        Some(milliseconds) => Pushback::After(Duration::from_millis(milliseconds)),
        None => Pushback::Never,
    }
}

impl<X: Exchange> Caller<X> {
    /// Makes a call as its policy has it.
    pub(super) async fn attempts<B: Batches, R>(
        &self,
        (policies, policy): (&Policies, &CallPolicy),
        beginning: &Beginning<'_, R>,
        messages: &Messages<B>,
    ) -> Outcome<X>
    where
        R: Fn(&Calls<X>, u32) -> Result<Request<()>, Status> + Sync,
    {
        match (policy, messages) {
            (CallPolicy::Retry(retry), _) => {
                self.retry((policies, policy, retry), beginning, messages).await
            }
            (CallPolicy::Hedge(hedge), Messages::One(_)) => {
                self.hedge((policies, policy, hedge), beginning, messages).await
            }
            (CallPolicy::Hedge(_), Messages::Many(_)) => {
                self.attempt(beginning, messages, None, 0).await
            }
        }
    }

    async fn retry<B: Batches, R>(
        &self,
        (policies, policy, retry): (&Policies, &CallPolicy, &RetryPolicy),
        beginning: &Beginning<'_, R>,
        messages: &Messages<B>,
    ) -> Outcome<X>
    where
        R: Fn(&Calls<X>, u32) -> Result<Request<()>, Status> + Sync,
    {
        let tried = Tried::default();
        // The pauses begin anew after one that the server has named.
        let (mut attempts, mut pauses) = (0, 0);
        loop {
            let outcome = self.attempt(beginning, messages, Some(&tried), attempts).await;
            attempts += 1;
            let Some((code, pushback)) = failure(&outcome) else { return outcome };
            let bears = policy.bears(code);
            let may_go_on =
                if bears || pushback == Pushback::Never { policies.failed() } else { false };
            if !bears
                || !may_go_on
                || attempts >= policy.max_attempts()
                || !messages.can_be_resent()
            {
                return outcome;
            }
            let pause = match pushback {
                Pushback::Never => return outcome,
                Pushback::After(pause) => {
                    pauses = 0;
                    pause
                }
                Pushback::Nothing => {
                    pauses += 1;
                    retry.pause(pauses).mul_f64(0.8 + 0.4 * random())
                }
            };
            sleep(pause).await;
        }
    }

    async fn hedge<B: Batches, R>(
        &self,
        (policies, policy, hedge): (&Policies, &CallPolicy, &HedgingPolicy),
        beginning: &Beginning<'_, R>,
        messages: &Messages<B>,
    ) -> Outcome<X>
    where
        R: Fn(&Calls<X>, u32) -> Result<Request<()>, Status> + Sync,
    {
        let tried: Tried = Mutex::default();
        let attempt = |number| Box::pin(self.attempt(beginning, messages, Some(&tried), number));
        let mut running: Vec<Pin<Box<_>>> = vec![attempt(0)];
        let mut sent = 1;
        let mut may_send = true;
        let mut last = None;
        let mut next = pin!(sleep(hedge.delay));
        // Those that still run when this returns are dropped, and so given up.
        poll_fn(|cx| {
            loop {
                let mut at = 0;
                while at < running.len() {
                    let Poll::Ready(outcome) = running[at].as_mut().poll(cx) else {
                        at += 1;
                        continue;
                    };
                    drop(running.remove(at));
                    let Some((code, pushback)) = failure(&outcome) else {
                        return Poll::Ready(outcome);
                    };
                    let bears = policy.bears(code);
                    if bears || pushback == Pushback::Never {
                        may_send &= policies.failed();
                    }
                    if !bears {
                        return Poll::Ready(outcome);
                    }
                    match pushback {
                        Pushback::Never => may_send = false,
                        Pushback::After(pause) => next.as_mut().reset(Instant::now() + pause),
                        Pushback::Nothing => next.as_mut().reset(Instant::now()),
                    }
                    last = Some(outcome);
                }
                may_send &= sent < policy.max_attempts();
                if running.is_empty()
                    && !may_send
                    && let Some(outcome) = last.take()
                {
                    return Poll::Ready(outcome);
                }
                if !may_send || next.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                may_send = !policies.is_throttled();
                if may_send {
                    running.push(attempt(sent));
                    sent += 1;
                    next.as_mut().reset(Instant::now() + hedge.delay);
                }
            }
        })
        .await
    }
}
