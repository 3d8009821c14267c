//! Where the servers of a channel are, and where they are next.

use std::{collections::HashSet, future::Future, pin::Pin, sync::Arc, time::Duration};

use http::uri::Authority;
use tokio::{
    net::lookup_host,
    runtime::Handle,
    sync::{Notify, watch},
    task::AbortHandle,
    time::{Instant, sleep, sleep_until, timeout},
};

use super::{ConnectError, TARGET, backoff::Backoff, target::Target};
use crate::BoxError;

/// Says where the servers are that a channel calls: a file, a registry, a name of one's own kind.
///
/// The channel asks for one list after the other, for as long as it lives, and goes on with the last good one
/// while there is no better one. Calls that run on a server that a list has no more go on; no other call goes
/// there.
///
/// ```
/// use tokio::sync::watch;
/// use traitwire::{Balance, Channel, Resolve, ResolveHint};
///
/// type BoxError = Box<dyn std::error::Error + Send + Sync>;
///
/// /// Servers that another part of the program knows of.
/// struct Known(watch::Receiver<Vec<String>>);
///
/// impl Resolve for Known {
///     async fn next(&mut self, _: &ResolveHint) -> Result<Vec<String>, BoxError> {
///         self.0.changed().await?;
///         Ok(self.0.borrow().clone())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), BoxError> {
/// let (servers, mut known) = watch::channel(vec!["http://10.0.0.1:50051".to_owned()]);
/// known.mark_changed(); // so that the first list comes at once
/// let channel = Channel::resolve(Known(known)).balance(Balance::round_robin()).connect_lazy()?;
/// servers.send(vec!["http://10.0.0.1:50051".to_owned(), "http://10.0.0.2:50051".to_owned()])?;
/// # Ok(())
/// # }
/// ```
pub trait Resolve: Send + 'static {
    /// Waits for the next list: each server as [`Channel::builder`](super::Channel::builder) takes it. The
    /// first list is wanted at once; each further one when something has changed, or may have, as `hint` says.
    ///
    /// After an error the channel waits as [`backoff`](super::ChannelBuilder::backoff) says, and asks again.
    fn next(
        &mut self,
        hint: &ResolveHint,
    ) -> impl Future<Output = Result<Vec<String>, BoxError>> + Send;
}

/// Tells a [`Resolve`] when a new list is wanted.
#[derive(Debug)]
pub struct ResolveHint(Arc<Notify>);

impl ResolveHint {
    /// Waits until a server could not be reached or was lost, so that the list may be an old one.
    ///
    /// Many servers may be lost in one moment. So a resolver that asks others should let some time pass from one
    /// question to the next.
    pub async fn wanted(&self) {
        self.0.notified().await;
    }
}

type Next<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, BoxError>> + Send + 'a>>;

/// A [`Resolve`] of any type.
pub(super) trait AnyResolve: Send {
    fn next<'a>(&'a mut self, hint: &'a ResolveHint) -> Next<'a>;
}

impl<R: Resolve> AnyResolve for R {
    fn next<'a>(&'a mut self, hint: &'a ResolveHint) -> Next<'a> {
        Box::pin(Resolve::next(self, hint))
    }
}

/// For how long an answer of the system's resolver is taken for true, which doesn't tell for how long it is.
const LIFE: Duration = Duration::from_secs(30);

/// How much time is between two questions, although servers are lost.
const PAUSE: Duration = Duration::from_secs(5);

/// `dns:///name:port`: all addresses of the name, as the system has them.
pub(super) struct Dns {
    scheme: &'static str,
    host: String,
    port: u16,
    asked: Option<Instant>,
}

impl Dns {
    pub(super) fn new(scheme: &'static str, host: String, port: u16) -> Self {
        Self { scheme, host, port, asked: None }
    }
}

impl Resolve for Dns {
    async fn next(&mut self, hint: &ResolveHint) -> Result<Vec<String>, BoxError> {
        if let Some(asked) = self.asked {
            let wanted = async {
                sleep_until(asked + PAUSE).await;
                hint.wanted().await;
            };
            tokio::select! {
                () = wanted => {}
                () = sleep_until(asked + LIFE) => {}
            }
        }
        self.asked = Some(Instant::now());
        let addrs = lookup_host((self.host.as_str(), self.port)).await.map_err(|error| {
            let why = format!("the name {} cannot be looked up: {error}", self.host);
            ConnectError::caused(why, error.into())
        })?;
        Ok(addrs.map(|addr| format!("{}://{addr}", self.scheme)).collect())
    }
}

/// Servers, each of them once.
pub(super) type List = Arc<[Arc<Target>]>;

/// Reads a list of servers. All of their calls say `authority`, if there is one.
pub(super) fn list(
    servers: &[String],
    authority: Option<&Authority>,
) -> Result<List, ConnectError> {
    let (mut list, mut known) = (Vec::with_capacity(servers.len()), HashSet::new());
    for server in servers {
        let mut target = Target::parse(server)?;
        if let Some(authority) = authority {
            target.authority = authority.clone();
        }
        let target = Arc::new(target);
        if known.insert(Arc::clone(&target)) {
            list.push(target);
        }
    }
    Ok(list.into())
}

/// What a resolver has said.
pub(super) type Lists = watch::Receiver<Option<Result<List, ConnectError>>>;

/// A resolver at work. It ends when this is dropped.
pub(super) struct Resolution {
    pub(super) lists: Lists,
    wanted: Arc<Notify>,
    task: Option<AbortHandle>,
}

impl Resolution {
    /// Has `resolver` work; the first list is missed after `limit`.
    pub(super) fn begin(
        resolver: Box<dyn AnyResolve>,
        authority: Option<Authority>,
        (limit, backoff): (Duration, Backoff),
        runtime: &Handle,
    ) -> Self {
        let (sender, lists) = watch::channel(None);
        let wanted = Arc::<Notify>::default();
        let hint = ResolveHint(Arc::clone(&wanted));
        let run = run(resolver, authority, hint, sender, (limit, backoff));
        Self { lists, wanted, task: Some(runtime.spawn(run).abort_handle()) }
    }

    /// Servers that stay what they are.
    pub(super) fn fixed(list: List) -> Self {
        let (_, lists) = watch::channel(Some(Ok(list)));
        Self { lists, wanted: Arc::default(), task: None }
    }

    /// Whether a server is on the list now.
    pub(super) fn has(&self, target: &Arc<Target>) -> bool {
        matches!(&*self.lists.borrow(), Some(Ok(list)) if list.contains(target))
    }

    /// Says that the list may be an old one.
    pub(super) fn hint(&self) {
        self.wanted.notify_one();
    }
}

impl Drop for Resolution {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

async fn run(
    mut resolver: Box<dyn AnyResolve>,
    authority: Option<Authority>,
    hint: ResolveHint,
    lists: watch::Sender<Option<Result<List, ConnectError>>>,
    (limit, backoff): (Duration, Backoff),
) {
    let mut failures = 0;
    loop {
        let mut next = resolver.next(&hint);
        let named = match timeout(limit, next.as_mut()).await {
            Ok(named) => named,
            Err(_) => {
                let late = format!("no server was named within {limit:?}");
                lists.send_if_modified(|it| {
                    it.get_or_insert_with(|| Err(ConnectError::unavailable(late)));
                    true
                });
                next.await
            }
        };
        let named = named.map_err(|error| match error.downcast::<ConnectError>() {
            Ok(error) => *error,
            Err(error) => ConnectError::caused(format!("no server was named: {error}"), error),
        });
        match named.and_then(|servers| list(&servers, authority.as_ref())) {
            Ok(list) => {
                failures = 0;
                let names: Vec<_> = list.iter().map(ToString::to_string).collect();
                tracing::debug!(target: TARGET, servers = ?names, "servers were named");
                lists.send_replace(Some(Ok(list)));
            }
            Err(error) => {
                failures += 1;
                tracing::warn!(target: TARGET, %error, "no servers were named");
                // The last good list is better than none.
                lists.send_if_modified(|it| {
                    let is_better = !matches!(it, Some(Ok(_)));
                    if is_better {
                        *it = Some(Err(error));
                    }
                    is_better
                });
                sleep(backoff.after(failures)).await;
                hint.0.notify_one();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_named_twice_is_one() {
        let servers = ["http://a:1", "b:2", "http://a:1/"].map(str::to_owned);
        let read = list(&servers, None).unwrap();
        assert_eq!(read.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a:1", "b:2"]);
        let one = Authority::from_static("shop.example");
        assert!(list(&servers, Some(&one)).unwrap().iter().all(|it| it.authority == one));
    }
}
