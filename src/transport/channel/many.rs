//! A channel of many servers: how they are named, and how calls are spread over them.

use std::sync::{Arc, Weak};

use tokio::runtime::Handle;

use super::{
    ChannelBuilder, ConnectError,
    balance::Balance,
    balancer::{self, Balancer},
    builder::Source,
    call::{About, Servers},
    dial::Dialler,
    engine::Exchange,
    h2::H2Exchange,
    outlier::OutlierDetection,
    policy::ServiceConfig,
    pool::{Dial, Limits, Pool},
    resolve::{Lists, Resolution},
    state::{ConnectivityState, ConnectivityStates},
    target::{Place, Target},
};

impl ChannelBuilder {
    /// Servers by one name.
    pub(super) fn named(server: &str) -> Self {
        let Some(name) = server.strip_prefix("dns:") else {
            let source = Target::parse(server).map(|_| Source::Listed(vec![server.to_owned()]));
            return Self::new(server.to_owned(), source);
        };
        let invalid =
            |why: &str| ConnectError::invalid(format!("{server:?} names no servers: {why}"));
        // `dns:name:port` and `dns:///name:port` (gRPC's doc/naming.md).
        let name = match name.strip_prefix("//") {
            None => Ok(name),
            Some(rest) => rest.strip_prefix('/').ok_or_else(|| {
                invalid("a server to look names up at is not supported: write dns:///name:port")
            }),
        };
        let target = name.and_then(|name| match Target::parse(&format!("http://{name}")) {
            Ok(Target { place: Place::Tcp { host, port }, base, authority, .. })
                if base.is_empty() =>
            {
                Ok((host, port, authority))
            }
            _ => Err(invalid("write dns:///name:port")),
        });
        match target {
            Ok((host, port, authority)) => {
                let source = Source::Dns { host, port };
                Self::new(server.to_owned(), Ok(source)).authority(authority)
            }
            Err(error) => Self::new(server.to_owned(), Err(error)),
        }
    }

    /// How calls are spread over the servers; [`Balance::pick_first`] unless this or the
    /// [service config](Self::service_config) says otherwise.
    pub fn balance(mut self, balance: Balance) -> Self {
        self.balance = Some(balance);
        self
    }

    /// Asks each server whether `service` is well (`grpc.health.v1.Health/Watch`, gRPC's proposal A17), and gives
    /// no call to one that says no. `""` is the server as a whole.
    ///
    /// A server without that service is taken for healthy. While there is but one server it gets calls whatever
    /// it says, and [`pick_first`](Balance::pick_first) asks nobody.
    pub fn health_check(mut self, service: impl Into<String>) -> Self {
        self.health = Some(service.into());
        self
    }

    /// Leaves servers out whose calls fail too often. Not with [`pick_first`](Balance::pick_first).
    pub fn outlier_detection(mut self, detection: OutlierDetection) -> Self {
        self.outliers = Some(detection);
        self
    }

    /// Which calls are sent again, and what else stands in a service config. The other settings of this builder
    /// count more.
    pub fn service_config(mut self, config: ServiceConfig) -> Self {
        self.config = config;
        self
    }
}

/// How the servers are called.
pub(super) struct Settings {
    pub(super) dialler: Arc<Dialler>,
    pub(super) limits: Limits,
    pub(super) balance: Option<Balance>,
    pub(super) health: Option<String>,
    pub(super) outliers: Option<OutlierDetection>,
    pub(super) runtime: Handle,
}

impl Settings {
    pub(super) fn servers(self, resolution: Resolution, about: &Arc<About>) -> Servers<H2Exchange> {
        let Self { dialler, limits, balance, health, outliers, runtime } = self;
        let Some(pick) = balance.and_then(|it| it.0) else {
            let lists = resolution.lists.clone();
            let dial = to_the_first(dialler, resolution);
            let pool = Pool::new(dial, limits, runtime.clone(), None);
            runtime.spawn(keep_only(Arc::downgrade(&pool), lists));
            return Servers::One(pool);
        };
        let dial = Box::new(move |target: Arc<Target>| {
            let dialler = Arc::clone(&dialler);
            let dial: Dial<H2Exchange> = Box::new(move || {
                let (dialler, target) = (Arc::clone(&dialler), Arc::clone(&target));
                Box::pin(async move { dialler.dial(&[target]).await })
            });
            dial
        });
        let about = Arc::clone(about);
        let settings = balancer::Settings { dial, limits, pick, health, outliers, about, runtime };
        Servers::Many(Balancer::new(settings, resolution))
    }
}

/// Opens connections to the first server that answers.
fn to_the_first(dialler: Arc<Dialler>, resolution: Resolution) -> Dial<H2Exchange> {
    let resolution = Arc::new(resolution);
    Box::new(move || {
        let (dialler, resolution) = (Arc::clone(&dialler), Arc::clone(&resolution));
        Box::pin(async move {
            let mut lists = resolution.lists.clone();
            loop {
                let list = match lists.wait_for(Option::is_some).await.as_deref() {
                    Ok(Some(list)) => list.clone()?,
                    _ => return Err(ConnectError::unavailable("the resolver has ended")),
                };
                match dialler.dial(&list).await {
                    // The list may have changed meanwhile.
                    Ok(dialled) if !resolution.has(&dialled.target) => {}
                    Ok(dialled) => return Ok(dialled),
                    Err(error) => {
                        resolution.hint();
                        return Err(error);
                    }
                }
            }
        })
    })
}

/// Leaves the server when it is on the list no more.
async fn keep_only<X: Exchange>(pool: Weak<Pool<X>>, mut lists: Lists) {
    while lists.changed().await.is_ok() {
        let list = lists.borrow_and_update().clone();
        if let (Some(pool), Some(Ok(list))) = (pool.upgrade(), list) {
            pool.keep_only(&list);
        }
    }
}

impl<X: Exchange> Servers<X> {
    pub(super) async fn connect(&self) -> Result<(), ConnectError> {
        match self {
            Self::One(pool) => pool.connect().await,
            Self::Many(balancer) => balancer.connect().await,
        }
    }

    pub(super) fn connectivity(&self) -> ConnectivityState {
        match self {
            Self::One(pool) => pool.connectivity(),
            Self::Many(balancer) => balancer.connectivity(),
        }
    }

    pub(super) fn connectivity_states(&self) -> ConnectivityStates {
        match self {
            Self::One(pool) => pool.connectivity_states(),
            Self::Many(balancer) => balancer.connectivity_states(),
        }
    }
}
