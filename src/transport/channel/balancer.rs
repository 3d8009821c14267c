//! A channel of many servers: which of them are ready, and which of those takes a call.

use std::{
    collections::HashMap,
    future::pending,
    pin::pin,
    sync::{Arc, Mutex, Weak},
};

use tokio::{
    runtime::Handle,
    sync::watch,
    task::AbortHandle,
    time::{Instant, Interval, MissedTickBehavior, interval},
};

use super::{
    ConnectError,
    balance::{Endpoint, Pick, PickCall},
    call::{About, Caller, Servers},
    endpoint::{Changes, Health, Member, Picked},
    engine::Exchange,
    health,
    outlier::{Ejection, OutlierDetection},
    pool::{Dial, Limits, Permit, Pool},
    resolve::{List, Resolution},
    state::{ConnectivityState, ConnectivityStates},
    target::Target,
};
use crate::call::lock;

/// How the servers are kept.
pub(super) struct Settings<X> {
    /// Makes what opens connections to one.
    pub(super) dial: Box<dyn Fn(Arc<Target>) -> Dial<X> + Send + Sync>,
    pub(super) limits: Limits,
    pub(super) pick: Arc<dyn Pick>,
    /// The service whose health is watched.
    pub(super) health: Option<String>,
    pub(super) outliers: Option<OutlierDetection>,
    pub(super) about: Arc<About>,
    pub(super) runtime: Handle,
}

pub(super) struct Balancer<X: Exchange> {
    settings: Settings<X>,
    resolution: Resolution,
    changes: Arc<Changes>,
    state: Mutex<State<X>>,
    connectivity: watch::Sender<ConnectivityState>,
}

struct State<X: Exchange> {
    servers: Vec<Server<X>>,
    ready: Arc<Ready<X>>,
    /// Whether anybody has called.
    has_begun: bool,
    /// Whether there is a list, or why there is none.
    list: Option<Result<(), ConnectError>>,
    task: Option<AbortHandle>,
}

/// One of the servers. It is left when this is dropped.
struct Server<X: Exchange> {
    target: Arc<Target>,
    member: Arc<Member>,
    pool: Arc<Pool<X>>,
    ejection: Ejection,
    watch: Option<AbortHandle>,
}

impl<X: Exchange> Drop for Server<X> {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

impl<X: Exchange> Server<X> {
    /// `is_alone` where there is no other one to go to.
    fn connectivity(&self, is_alone: bool) -> ConnectivityState {
        match (self.pool.connectivity(), self.member.health()) {
            (ConnectivityState::Ready, _) if is_alone => ConnectivityState::Ready,
            (ConnectivityState::Ready, Health::Unknown) => ConnectivityState::Connecting,
            (ConnectivityState::Ready, Health::Serving) if !self.member.is_ejected() => {
                ConnectivityState::Ready
            }
            (ConnectivityState::Ready, _) => ConnectivityState::TransientFailure,
            (state, _) => state,
        }
    }

    /// Why it takes no calls.
    fn why_not(&self) -> String {
        match self.pool.failure() {
            Some(error) => error.to_string(),
            None if self.member.is_ejected() => {
                format!("too many calls of {} have failed", self.member.address)
            }
            None => format!("{} says that it does not serve", self.member.address),
        }
    }
}

/// Those that calls may be given to.
struct Ready<X: Exchange> {
    endpoints: Vec<Endpoint>,
    pools: Vec<Arc<Pool<X>>>,
    /// Why there are none, and calls are not to wait for any.
    failure: Option<ConnectError>,
}

impl<X: Exchange> Ready<X> {
    fn none() -> Arc<Self> {
        Arc::new(Self { endpoints: Vec::new(), pools: Vec::new(), failure: None })
    }
}

/// The servers that a call was given to already.
pub(super) type Tried = Mutex<Vec<Arc<Member>>>;

/// What a call asks for.
pub(super) struct Wish<'a> {
    pub(super) call: PickCall<'a>,
    pub(super) wait_for_ready: bool,
    pub(super) until: Option<Instant>,
    pub(super) tried: Option<&'a Tried>,
}

impl<X: Exchange> Balancer<X> {
    pub(super) fn new(settings: Settings<X>, mut resolution: Resolution) -> Arc<Self> {
        let (connectivity, _) = watch::channel(ConnectivityState::Idle);
        let state = State {
            servers: Vec::new(),
            ready: Ready::none(),
            has_begun: false,
            list: None,
            task: None,
        };
        let list = resolution.lists.borrow_and_update().clone();
        let balancer = Arc::new(Self {
            settings,
            resolution,
            changes: Arc::default(),
            state: Mutex::new(state),
            connectivity,
        });
        if let Some(list) = list {
            balancer.update(list);
        }
        let task = balancer.settings.runtime.spawn(keep(Arc::downgrade(&balancer)));
        lock(&balancer.state).task = Some(task.abort_handle());
        balancer
    }

    pub(super) fn connectivity(&self) -> ConnectivityState {
        self.refresh();
        *self.connectivity.borrow()
    }

    pub(super) fn connectivity_states(&self) -> ConnectivityStates {
        self.refresh();
        ConnectivityStates(self.connectivity.subscribe())
    }

    /// Waits until one of the servers is ready, or none can be.
    pub(super) async fn connect(self: &Arc<Self>) -> Result<(), ConnectError> {
        loop {
            let mut changed = pin!(self.changes.changed.notified());
            changed.as_mut().enable();
            let ready = self.ready();
            match &ready.failure {
                Some(error) => return Err(error.clone()),
                None if !ready.pools.is_empty() => return Ok(()),
                None => changed.await,
            }
        }
    }

    /// Waits for a place for a call at one of the servers.
    pub(super) async fn permit(&self, wish: &Wish<'_>) -> Result<Permit<X>, ConnectError> {
        if let Some(permit) = self.pick(&self.ready(), wish) {
            return Ok(permit);
        }
        loop {
            let mut changed = pin!(self.changes.changed.notified());
            changed.as_mut().enable();
            let ready = self.ready();
            if let Some(permit) = self.pick(&ready, wish) {
                return Ok(permit);
            }
            if let Some(error) = ready.failure.as_ref().filter(|_| !wish.wait_for_ready) {
                return Err(error.clone());
            }
            // All that are ready are full, unless something has changed meanwhile.
            if !ready.pools.is_empty() && !self.changes.is_stale() {
                let at = self.settings.pick.pick(&ready.endpoints, &wish.call) % ready.pools.len();
                if let Ok(permit) = ready.pools[at].permit(false).await {
                    return Ok(wish.take(permit, &ready.endpoints[at]));
                }
            } else if !self.changes.is_stale() {
                changed.await;
            }
        }
    }

    fn pick(&self, ready: &Ready<X>, wish: &Wish<'_>) -> Option<Permit<X>> {
        let all = ready.endpoints.len();
        if all == 0 {
            return None;
        }
        let first = self.settings.pick.pick(&ready.endpoints, &wish.call) % all;
        for was_tried in [false, true] {
            for at in (first..all).chain(0..first) {
                let endpoint = &ready.endpoints[at];
                if wish.has_tried(endpoint) == was_tried
                    && let Some(permit) = ready.pools[at].try_permit()
                {
                    return Some(wish.take(permit, endpoint));
                }
            }
        }
        None
    }

    /// The servers that are ready now.
    fn ready(&self) -> Arc<Ready<X>> {
        let mut state = lock(&self.state);
        if !self.changes.is_stale() && state.has_begun {
            return Arc::clone(&state.ready);
        }
        state.has_begun = true;
        drop(state);
        self.changes.tell();
        self.refresh();
        Arc::clone(&lock(&self.state).ready)
    }

    /// Looks at all servers, where anything has changed.
    fn refresh(&self) {
        let mut state = lock(&self.state);
        if !self.changes.take() {
            return;
        }
        let is_alone = state.servers.len() == 1;
        let states: Vec<_> = state.servers.iter().map(|it| it.connectivity(is_alone)).collect();
        let now = state.connectivity(&states);
        let ready = state.servers.iter().zip(&states);
        let ready: Vec<_> = ready
            .filter(|(_, it)| **it == ConnectivityState::Ready)
            .map(|(it, _)| (Endpoint(Arc::clone(&it.member)), Arc::clone(&it.pool)))
            .collect();
        let lost = states.contains(&ConnectivityState::TransientFailure);
        let (endpoints, pools) = ready.into_iter().unzip();
        let failure = (now == ConnectivityState::TransientFailure).then(|| state.failure());
        let before =
            std::mem::replace(&mut state.ready, Arc::new(Ready { endpoints, pools, failure }));
        let away = if state.has_begun { state.away(&states) } else { Vec::new() };
        drop(state);
        drop(before);
        if lost {
            self.resolution.hint();
        }
        away.iter().for_each(|pool| pool.begin());
        self.connectivity.send_if_modified(|it| std::mem::replace(it, now) != now);
    }

    /// Takes a new list: servers that are on it stay as they are.
    fn update(&self, list: Result<List, ConnectError>) {
        let mut state = lock(&self.state);
        let mut before = HashMap::new();
        match list {
            Err(error) => state.list = Some(Err(error)),
            Ok(list) => {
                let servers = std::mem::take(&mut state.servers);
                before.extend(servers.into_iter().map(|it| (Arc::clone(&it.target), it)));
                let server = |target: &Arc<Target>| before.remove(target);
                let kept: Vec<_> = list.iter().map(server).collect();
                let servers = kept.into_iter().zip(list.iter());
                state.servers =
                    servers.map(|(it, target)| it.unwrap_or_else(|| self.server(target))).collect();
                state.list = Some(Ok(()));
            }
        }
        drop(state);
        self.changes.tell();
        self.refresh();
        drop(before);
    }

    fn server(&self, target: &Arc<Target>) -> Server<X> {
        let Settings { dial, limits, health, about, runtime, .. } = &self.settings;
        let unknown = if health.is_some() { Health::Unknown } else { Health::Serving };
        let member = Member::new(target.to_string(), unknown);
        let changes = Arc::clone(&self.changes);
        let keeper = Box::new(move || changes.tell());
        let pool = Pool::new(dial(Arc::clone(target)), *limits, runtime.clone(), Some(keeper));
        let watch = health.as_ref().map(|service| {
            let servers = Servers::One(Arc::clone(&pool));
            let caller = Caller { servers, about: Arc::clone(about) };
            let (member, changes) = (Arc::clone(&member), Arc::clone(&self.changes));
            let watch = health::watch(caller, service.clone(), member, changes, limits.backoff);
            runtime.spawn(watch).abort_handle()
        });
        Server { target: Arc::clone(target), member, pool, ejection: Ejection::default(), watch }
    }

    fn judge(&self, outliers: &OutlierDetection) {
        let mut state = lock(&self.state);
        let servers = state.servers.iter_mut();
        let mut servers: Vec<_> = servers.map(|it| (&*it.member, &mut it.ejection)).collect();
        if outliers.judge(&mut servers) {
            drop(state);
            self.changes.tell();
        }
    }
}

impl<X: Exchange> Drop for Balancer<X> {
    fn drop(&mut self) {
        if let Some(task) = &lock(&self.state).task {
            task.abort();
        }
    }
}

impl<X: Exchange> State<X> {
    /// The best of these.
    fn connectivity(&self, servers: &[ConnectivityState]) -> ConnectivityState {
        use ConnectivityState::{Connecting, Idle, Ready, TransientFailure};
        if !self.has_begun {
            return Idle;
        }
        match &self.list {
            None => Connecting,
            Some(_) => [Ready, Connecting, Idle]
                .into_iter()
                .find(|it| servers.contains(it))
                .unwrap_or(TransientFailure),
        }
    }

    /// Why none of them takes a call.
    fn failure(&self) -> ConnectError {
        if let [one] = &*self.servers
            && let Some(error) = one.pool.failure()
        {
            return error;
        }
        match (&self.list, &*self.servers) {
            (Some(Err(error)), []) => error.clone(),
            (_, []) => ConnectError::unavailable("the list of servers is empty"),
            (_, servers) => {
                let reasons: Vec<_> = servers.iter().take(3).map(Server::why_not).collect();
                let more = if servers.len() > 3 { "; …" } else { "" };
                let (all, reasons) = (servers.len(), reasons.join("; "));
                ConnectError::unavailable(format!(
                    "none of {all} servers takes calls: {reasons}{more}"
                ))
            }
        }
    }

    /// Those that have no connection.
    fn away(&self, states: &[ConnectivityState]) -> Vec<Arc<Pool<X>>> {
        let servers = self.servers.iter().zip(states);
        let away = servers.filter(|(_, it)| **it != ConnectivityState::Ready);
        away.map(|(server, _)| Arc::clone(&server.pool)).collect()
    }
}

impl Wish<'_> {
    fn has_tried(&self, endpoint: &Endpoint) -> bool {
        self.tried.is_some_and(|it| lock(it).iter().any(|it| Arc::ptr_eq(it, &endpoint.0)))
    }

    fn take<X: Exchange>(&self, permit: Permit<X>, endpoint: &Endpoint) -> Permit<X> {
        if let Some(tried) = self.tried {
            lock(tried).push(Arc::clone(&endpoint.0));
        }
        permit.with(Picked::new(Arc::clone(&endpoint.0), self.until))
    }
}

/// Keeps the servers: takes new lists, and judges those that fail.
async fn keep<X: Exchange>(balancer: Weak<Balancer<X>>) {
    let Some(begun) = balancer.upgrade() else { return };
    let changes = Arc::clone(&begun.changes);
    let mut lists = begun.resolution.lists.clone();
    let mut clock = begun.settings.outliers.as_ref().map(|it| {
        let mut clock = interval(it.interval);
        clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
        clock
    });
    drop(begun);
    let mut is_resolved = true;
    loop {
        let mut changed = pin!(changes.changed.notified());
        changed.as_mut().enable();
        let Some(it) = balancer.upgrade() else { return };
        it.refresh();
        drop(it);
        tokio::select! {
            () = changed => {}
            list = lists.changed(), if is_resolved => match list {
                Ok(()) => {
                    let list = lists.borrow_and_update().clone();
                    if let (Some(it), Some(list)) = (balancer.upgrade(), list) {
                        it.update(list);
                    }
                }
                Err(_) => is_resolved = false,
            },
            () = tick(&mut clock) => {
                if let Some(it) = balancer.upgrade()
                    && let Some(outliers) = &it.settings.outliers
                {
                    it.judge(outliers);
                }
            }
        }
    }
}

async fn tick(clock: &mut Option<Interval>) {
    match clock {
        Some(clock) => drop(clock.tick().await),
        None => pending().await,
    }
}
