//! A call in a task of its own, and what the calls of a connection share.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use pin_project_lite::pin_project;
use tokio::sync::{Notify, futures::OwnedNotified};

use super::Serving;
use crate::{
    server::ConnectionInfo,
    transport::server::{engine::Exchange, monitor::Watched, routes::Route},
};

/// What the calls of one connection share.
pub(in crate::transport::server) struct ConnectionState {
    pub(in crate::transport::server) info: Arc<ConnectionInfo>,
    /// Why the calls that still run must end.
    cut: OnceLock<&'static str>,
    told: Arc<Notify>,
    /// What a monitor sees of the connection.
    pub(super) watched: Option<Arc<Watched>>,
}

impl ConnectionState {
    pub(in crate::transport::server) fn new(
        info: ConnectionInfo,
        watched: Option<Arc<Watched>>,
    ) -> Arc<Self> {
        let (cut, told) = (OnceLock::new(), Arc::new(Notify::new()));
        Arc::new(Self { info: Arc::new(info), cut, told, watched })
    }

    /// Why the calls must end, if they must.
    pub(super) fn is_cut(&self) -> Option<&'static str> {
        self.cut.get().copied()
    }

    /// Ends the calls that still run.
    pub(in crate::transport::server) fn cut(&self, why: &'static str) {
        if self.cut.set(why).is_ok() {
            self.told.notify_waiters();
        }
    }
}

impl<X: Exchange> Serving<X> {
    /// The call, or the rest of one, for a task of its own. Its first poll is measured for the route.
    pub(in crate::transport::server) fn in_task(self, route: Option<Arc<Route>>) -> InTask<X> {
        InTask { serving: self, told: None, route }
    }
}

pin_project! {
    /// A call in a task of its own, which is woken when the calls of its connection must end.
    pub(in crate::transport::server) struct InTask<X: Exchange> {
        serving: Serving<X>,
        #[pin]
        told: Option<OwnedNotified>,
        route: Option<Arc<Route>>,
    }
}

impl<X: Exchange> Future for InTask<X> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let serving = Pin::new(&mut *this.serving);
        let polled = match this.route.take() {
            Some(route) => route.measure(|| serving.poll(cx)),
            None => serving.poll(cx),
        };
        // Once is enough: it wakes the task, which then looks for itself.
        if polled.is_pending() && this.told.is_none() {
            let connection = &this.serving.connection;
            this.told.set(Some(Arc::clone(&connection.told).notified_owned()));
            if let Some(told) = this.told.as_pin_mut() {
                let _ = told.poll(cx);
            }
            if connection.is_cut().is_some() {
                cx.waker().wake_by_ref();
            }
        }
        polled
    }
}
