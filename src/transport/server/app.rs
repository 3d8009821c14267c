//! What the connections of a server share.

use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::{
    limits::Limits,
    monitor::Monitor,
    routes::{HttpService, Routes},
};
use crate::{ServiceOptions, codec::Budget, deadline};

/// What is served, and within which limits.
pub(super) struct App {
    pub(super) routes: Arc<Routes>,
    /// All of it behind tower layers, where there are any.
    pub(super) layered: Option<HttpService>,
    pub(super) limits: Limits,
    pub(super) budget: Arc<Budget>,
    pub(super) monitor: Option<Monitor>,
    #[cfg(feature = "tls-no-provider")]
    pub(super) tls: Option<crate::tls::ServerTls>,
}

impl App {
    /// When a call must be done whose caller gives it so long. Its service may say otherwise than the server.
    pub(super) fn deadline(
        &self,
        timeout: Option<Duration>,
        options: &ServiceOptions,
    ) -> Option<Instant> {
        let default_timeout = options.default_timeout.or(self.limits.default_timeout);
        let max_timeout = options.max_timeout.or(self.limits.max_timeout);
        let timeout = timeout.or(default_timeout);
        let timeout = match (timeout, max_timeout) {
            (Some(timeout), Some(max)) => Some(timeout.min(max)),
            (timeout, max) => timeout.or(max),
        };
        timeout.and_then(deadline::after)
    }
}
