//! Which of many servers takes a call.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
};

use http::HeaderMap;
use tonic::metadata::MetadataMap;

use super::{
    backoff::random,
    endpoint::{Health, Member},
};

/// How a channel spreads its calls over many servers: [`ChannelBuilder::balance`](super::ChannelBuilder::balance).
///
/// All but [`pick_first`](Self::pick_first) keep a connection to each server, and give calls to those alone that
/// are connected, healthy where that is watched, and not ejected.
#[derive(Clone)]
pub struct Balance(pub(super) Option<Arc<dyn Pick>>);

impl Balance {
    /// All calls to the first server that answers. It is what a channel does unless told otherwise.
    ///
    /// The servers are tried in their order, the next one when an attempt has failed or has taken 250 ms (RFC
    /// 8305, "Happy Eyeballs"), and again from the first one on when the connection is lost.
    #[must_use]
    pub fn pick_first() -> Self {
        Self(None)
    }

    /// One call to each server, by turns.
    #[must_use]
    pub fn round_robin() -> Self {
        Self::by(RoundRobin(AtomicUsize::new((random() * 1e9) as usize)))
    }

    /// Each call to that of two servers, chosen at random, on which fewer calls run.
    ///
    /// A server that becomes slow gets fewer calls, and no server gets those of all clients at once.
    #[must_use]
    pub fn least_request() -> Self {
        Self::by(LeastRequest)
    }

    /// As `pick` says.
    #[must_use]
    pub fn by(pick: impl Pick) -> Self {
        Self(Some(Arc::new(pick)))
    }
}

impl fmt::Debug for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Balance").finish_non_exhaustive()
    }
}

/// Chooses the server of a call: a policy of one's own for [`Balance::by`].
///
/// ```
/// use std::hash::{DefaultHasher, Hash, Hasher};
/// use traitwire::{Endpoint, Pick, PickCall, tonic::metadata::MetadataMap};
///
/// /// The calls of one customer go to one server, as long as the servers are the same.
/// struct ByCustomer;
///
/// impl Pick for ByCustomer {
///     fn pick(&self, ready: &[Endpoint], call: &PickCall<'_>) -> usize {
///         let mut hasher = DefaultHasher::new();
///         call.metadata("x-customer").hash(&mut hasher);
///         hasher.finish() as usize % ready.len()
///     }
/// }
///
/// let ready = ["a:1", "b:1", "c:1"].map(|it| Endpoint::new(it, 0));
/// let mut metadata = MetadataMap::new();
/// metadata.insert("x-customer", "42".parse()?);
/// let call = PickCall::new("/shop.Orders/Get", &metadata);
/// assert_eq!(ByCustomer.pick(&ready, &call), ByCustomer.pick(&ready, &call));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub trait Pick: Send + Sync + 'static {
    /// The index in `ready` of the server that takes the call. There is one at least, and they are in the order
    /// of the list. An index beyond the last begins anew at the first.
    ///
    /// It is asked for each call, and for each time that one is sent again, on the way of the call: so it is not to
    /// wait. Where the server that it names has been lost in this moment, or has no room, the call goes to the next
    /// one; and one that is sent again goes to a server that it was not sent to, if there is one.
    fn pick(&self, ready: &[Endpoint], call: &PickCall<'_>) -> usize;
}

/// A call that is to be given to a server.
#[derive(Debug)]
pub struct PickCall<'a> {
    pub(super) path: &'a str,
    pub(super) fields: &'a HeaderMap,
}

impl<'a> PickCall<'a> {
    /// A call of the method at `path`, for tests of a policy.
    #[must_use]
    pub fn new(path: &'a str, metadata: &'a MetadataMap) -> Self {
        Self { path, fields: metadata.as_ref() }
    }

    /// The method: `/package.Service/Method`.
    #[must_use]
    pub fn path(&self) -> &str {
        self.path
    }

    /// What the metadata of the call has at `key`, if it is text.
    #[must_use]
    pub fn metadata(&self, key: &str) -> Option<&str> {
        self.fields.get(key)?.to_str().ok()
    }
}

/// A server that can be picked.
#[derive(Clone)]
pub struct Endpoint(pub(super) Arc<Member>);

impl Endpoint {
    /// A server on which so many calls run, for tests of a policy.
    #[must_use]
    pub fn new(address: impl Into<String>, calls: usize) -> Self {
        let member = Member::new(address.into(), Health::Serving);
        member.calls.store(calls, Relaxed);
        Self(member)
    }

    /// Where it is: `10.0.0.1:50051`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// How many calls of this channel run there.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.0.calls.load(Relaxed)
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("address", &self.address())
            .field("calls", &self.calls())
            .finish()
    }
}

/// It begins anywhere, so that a thousand clients don't begin with the same server.
struct RoundRobin(AtomicUsize);

impl Pick for RoundRobin {
    fn pick(&self, ready: &[Endpoint], _: &PickCall<'_>) -> usize {
        self.0.fetch_add(1, Relaxed) % ready.len()
    }
}

struct LeastRequest;

impl Pick for LeastRequest {
    fn pick(&self, ready: &[Endpoint], _: &PickCall<'_>) -> usize {
        let any = || (random() * ready.len() as f64) as usize % ready.len();
        let (one, other) = (any(), any());
        if ready[other].calls() < ready[one].calls() { other } else { one }
    }
}
