//! Which calls are sent again, and when: gRPC's proposal A6.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use tonic::Code;

use super::balance::Balance;
use crate::{Idempotency, ServiceDescriptor, call::lock};

/// No call is sent more often than that, whatever a policy says (A6, "Limits on Retries and Hedges").
const MAX_ATTEMPTS: u32 = 5;

/// Sends a call again that has failed: for [`ServiceConfig`].
///
/// ```
/// use std::time::Duration;
/// use traitwire::{Code, RetryPolicy};
///
/// let policy = RetryPolicy::new(4)
///     .backoff(Duration::from_millis(50), Duration::from_secs(1), 2.0)
///     .codes([Code::Unavailable, Code::ResourceExhausted]);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct RetryPolicy {
    pub(super) max_attempts: u32,
    pub(super) first: Duration,
    pub(super) longest: Duration,
    pub(super) multiplier: f64,
    pub(super) codes: Vec<Code>,
}

impl RetryPolicy {
    /// At most so many attempts, the first one counted, from 2 to 5; after UNAVAILABLE, and after pauses of 100 ms,
    /// 200 ms and so on to a second, each a fifth longer or shorter at random.
    pub fn new(max_attempts: u32) -> Self {
        Self {
            max_attempts: max_attempts.clamp(2, MAX_ATTEMPTS),
            first: Duration::from_millis(100),
            longest: Duration::from_secs(1),
            multiplier: 2.0,
            codes: vec![Code::Unavailable],
        }
    }

    /// The first pause, the longest one, and how many times as long each is as the one before.
    pub fn backoff(self, first: Duration, longest: Duration, multiplier: f64) -> Self {
        Self { first, longest, multiplier, ..self }
    }

    /// After which statuses a call is sent again.
    pub fn codes(self, codes: impl IntoIterator<Item = Code>) -> Self {
        Self { codes: codes.into_iter().collect(), ..self }
    }

    /// The pause after so many attempts, at least one, without its random part.
    pub(super) fn pause(&self, attempts: u32) -> Duration {
        let grown = self.first.as_secs_f64() * self.multiplier.powi(attempts as i32 - 1);
        Duration::try_from_secs_f64(grown).unwrap_or(self.longest).min(self.longest)
    }
}

/// Sends a call once more before it has failed, to another server, takes the first answer, and gives the others
/// up: for [`ServiceConfig`].
///
/// It is for calls that send one message. Those that send a stream are sent once.
///
/// ```
/// use std::time::Duration;
/// use traitwire::HedgingPolicy;
///
/// // Once more after 50 ms without an answer, and once more after 100 ms.
/// let policy = HedgingPolicy::new(3, Duration::from_millis(50));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct HedgingPolicy {
    pub(super) max_attempts: u32,
    pub(super) delay: Duration,
    pub(super) codes: Vec<Code>,
}

impl HedgingPolicy {
    /// At most so many attempts, the first one counted, from 2 to 5; one each time that `delay` has passed without
    /// an answer, or at once when the one before has failed with UNAVAILABLE.
    pub fn new(max_attempts: u32, delay: Duration) -> Self {
        let max_attempts = max_attempts.clamp(2, MAX_ATTEMPTS);
        Self { max_attempts, delay, codes: vec![Code::Unavailable] }
    }

    /// Which statuses of one attempt are not those of the call.
    pub fn codes(self, codes: impl IntoIterator<Item = Code>) -> Self {
        Self { codes: codes.into_iter().collect(), ..self }
    }
}

/// What becomes of a call that fails, or is slow.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum CallPolicy {
    /// It is sent again.
    Retry(RetryPolicy),
    /// It is sent more than once.
    Hedge(HedgingPolicy),
}

impl From<RetryPolicy> for CallPolicy {
    fn from(policy: RetryPolicy) -> Self {
        Self::Retry(policy)
    }
}

impl From<HedgingPolicy> for CallPolicy {
    fn from(policy: HedgingPolicy) -> Self {
        Self::Hedge(policy)
    }
}

impl CallPolicy {
    pub(super) fn max_attempts(&self) -> u32 {
        match self {
            Self::Retry(it) => it.max_attempts,
            Self::Hedge(it) => it.max_attempts,
        }
    }

    /// Whether a call that has ended so may go on elsewhere.
    pub(super) fn bears(&self, code: Code) -> bool {
        match self {
            Self::Retry(it) => it.codes.contains(&code),
            Self::Hedge(it) => it.codes.contains(&code),
        }
    }
}

/// How a channel calls its services: which calls are sent again, and how many at most. It is gRPC's "service
/// config"; with the feature `service-config`, `ServiceConfig::from_json` reads it as other libraries do.
///
/// A call may be sent twice only where that does no harm. So a policy is for the methods that it
/// [names](Self::method), or for all whose contract says so: `#[rpc(idempotency = "IDEMPOTENT")]`, or
/// `"NO_SIDE_EFFECTS"`.
///
/// ```
/// use traitwire::{Channel, RetryPolicy, ServiceConfig};
///
/// let config = ServiceConfig::new()
///     .idempotent(RetryPolicy::new(3))
///     .method("shop.Orders/Cancel", RetryPolicy::new(2))
///     .throttle(10, 0.1);
/// let channel = Channel::builder("dns:///shop.example:50051").service_config(config);
/// ```
///
/// # When a call is sent again
///
/// - While no header of an answer has come. With the headers it is committed (A6), since its caller sees them.
/// - While all that it has sent is still there: one message, or 64 KiB of a stream.
/// - Unless the server says no: `grpc-retry-pushback-ms` in its status is the pause before the next attempt in
///   milliseconds, and one that is negative or no number means none.
/// - Within its one deadline.
///
/// Servers see from `grpc-previous-rpc-attempts` how often a call was sent before. What a server has not looked at
/// is sent once more in any case, and does not count: see [`Channel`](super::Channel).
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ServiceConfig {
    /// By `package.Service` and `package.Service/Method`.
    methods: HashMap<String, CallPolicy>,
    idempotent: Option<CallPolicy>,
    throttle: Option<(u32, u32)>,
    pub(super) balance: Option<Balance>,
    pub(super) health: Option<String>,
}

impl ServiceConfig {
    /// Sends nothing twice.
    pub fn new() -> Self {
        Self::default()
    }

    /// For all methods whose contract says that they may be called twice, unless they are named.
    pub fn idempotent(self, policy: impl Into<CallPolicy>) -> Self {
        Self { idempotent: Some(policy.into()), ..self }
    }

    /// For the method `package.Service/Method`, or all methods of `package.Service`, whatever their contract says.
    pub fn method(mut self, name: &str, policy: impl Into<CallPolicy>) -> Self {
        self.methods.insert(name.trim_start_matches('/').to_owned(), policy.into());
        self
    }

    /// Sends nothing twice while many calls fail, so that those that are sent again are not what a busy server
    /// breaks down under. Of `max_tokens`, from 1 to 1000, a call that fails with one of the statuses of its policy
    /// costs one, and a good one brings `token_ratio` back. While half of them or fewer are left, no call is sent
    /// again.
    pub fn throttle(self, max_tokens: u32, token_ratio: f64) -> Self {
        let thousandths = (token_ratio * 1000.0) as u32;
        Self { throttle: Some((max_tokens.clamp(1, 1000) * 1000, thousandths)), ..self }
    }

    pub(super) fn policies(&self) -> Option<Policies> {
        let Self { methods, idempotent, throttle, .. } = self;
        let is_empty = methods.is_empty() && idempotent.is_none();
        (!is_empty).then(|| Policies {
            methods: methods.clone(),
            idempotent: idempotent.clone(),
            throttle: throttle.map(|(max, ratio)| Throttle { max, ratio, tokens: Mutex::new(max) }),
        })
    }
}

/// The policies of a channel.
pub(super) struct Policies {
    methods: HashMap<String, CallPolicy>,
    idempotent: Option<CallPolicy>,
    throttle: Option<Throttle>,
}

impl Policies {
    /// That of the method at `path`, `/package.Service/Method`.
    pub(super) fn of(
        &self,
        path: &str,
        service: &'static ServiceDescriptor,
    ) -> Option<&CallPolicy> {
        let name = path.trim_start_matches('/');
        let of_service = || self.methods.get(name.split_once('/')?.0);
        if let Some(named) = self.methods.get(name).or_else(of_service) {
            return Some(named);
        }
        let policy = self.idempotent.as_ref()?;
        let method = service.methods.iter().find(|it| it.path == path)?;
        (method.idempotency != Idempotency::Unknown).then_some(policy)
    }

    /// A call has ended well.
    pub(super) fn succeeded(&self) {
        if let Some(Throttle { max, ratio, tokens }) = &self.throttle {
            let mut tokens = lock(tokens);
            *tokens = tokens.saturating_add(*ratio).min(*max);
        }
    }

    /// A call has failed in a way that counts; whether another one may be sent.
    pub(super) fn failed(&self) -> bool {
        if let Some(Throttle { tokens, .. }) = &self.throttle {
            let mut tokens = lock(tokens);
            *tokens = tokens.saturating_sub(1000);
        }
        !self.is_throttled()
    }

    pub(super) fn is_throttled(&self) -> bool {
        self.throttle.as_ref().is_some_and(|it| *lock(&it.tokens) <= it.max / 2)
    }
}

/// Counts in thousandths.
struct Throttle {
    max: u32,
    ratio: u32,
    tokens: Mutex<u32>,
}
