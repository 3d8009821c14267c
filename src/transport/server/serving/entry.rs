//! The entry of a call: what its path names, whether it is let in, and its handler.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex},
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use tonic::{Extensions, Status};

use super::{ConnectionState, Http, PANICKED, Receiving, Serving, Speaks, Work};
use crate::{
    ServiceOptions,
    codec::{Held, Writer},
    deadline::{self, Deadline},
    server::{
        Admitted, Body, Call, CallLimits, Foreign, OneMessage, RequestHead, RequestMessages, admit,
    },
    transport::server::{
        app::App,
        engine::{Exchange, Request, RequestRest},
        incoming::{Incoming, Shared},
        routes::{Found, HttpService, Route},
    },
};

/// A handler that waits for its message.
pub(super) struct Starting {
    route: Arc<Route>,
    pub(super) message: OneMessage,
    head: RequestHead,
    pub(super) deadline: Deadline,
    writer: Writer,
}

impl Starting {
    /// Calls the handler.
    pub(super) fn start(self, (message, held): (Bytes, Held)) -> Call {
        let Self { route, head, deadline, writer, .. } = self;
        if let Some(it) = route.service.interception() {
            let (path, body) = (route.method.path.into(), Body::One(message));
            return it.call(path, head, body, writer, deadline).holding(held);
        }
        let handler = route.service.start_one(route.index, head, message, writer);
        Call::new(handler, deadline, &writer).holding(held)
    }
}

impl<X: Exchange> Serving<X> {
    /// Lets a call in, or refuses it. The route is what it is measured by.
    pub(in crate::transport::server) fn enter(
        app: &App,
        head: impl Request,
        mut exchange: X,
        connection: &Arc<ConnectionState>,
        cx: &mut Context<'_>,
    ) -> (Self, Option<Arc<Route>>) {
        let rest = exchange.take_rest();
        let mut serving = Self {
            exchange,
            work: Work::Ended,
            request: Receiving::Here(rest),
            waiting: Bytes::new(),
            end: None,
            held: Held::of(&app.budget),
            connection: Arc::clone(connection),
            method: "".into(),
            speaks: Speaks::Grpc,
            watched: None,
        };
        let route = serving.admit(app, head, cx).unwrap_or_else(|status| {
            serving.fail(status);
            None
        });
        serving.watched = connection
            .watched
            .as_ref()
            .map(|watched| watched.begin(route.as_ref().map_or(usize::MAX, |route| route.number)));
        (serving, route)
    }

    fn admit(
        &mut self,
        app: &App,
        head: impl Request,
        cx: &mut Context<'_>,
    ) -> Result<Option<Arc<Route>>, Status> {
        let (fields, length, refusal) = head.fields();
        let limit = app.limits.max_header_list_size;
        if length > limit {
            return Err(Status::resource_exhausted(format!(
                "the metadata of the request has {length} bytes, and the limit is {limit}"
            )));
        }
        let found = match &app.layered {
            Some(layered) => Found::Tower(layered),
            None => app.routes.find(head.path()),
        };
        let route = match (found, refusal) {
            (Found::Tower(service), refusal) => {
                let timeout = deadline::timeout_of(&fields).unwrap_or_default();
                drop(fields);
                self.method = head.path().to_owned().into();
                if refusal.is_some() {
                    self.speaks = Speaks::Http { has_begun: false };
                }
                self.call_tower(service, app, head, timeout);
                return Ok(None);
            }
            (_, Some(refusal)) => {
                self.exchange.send_refusal(refusal);
                return Ok(None);
            }
            (Found::Method(route), None) => route,
            (Found::Nothing(status), None) => return Err(status),
        };
        self.method = route.method.path.into();
        let options = route.service.options();
        let Admitted { timeout, reader, writer } = admit(&fields, options)?;
        drop(fields);
        let reader = reader.within(&app.budget);
        let deadline = Deadline::at(app.deadline(timeout, options));
        let head = RequestHead {
            metadata: head.into_metadata(),
            extensions: Extensions::new(),
            connection: Some(Arc::clone(&self.connection.info)),
        };
        if route.takes_one() {
            let message = OneMessage::new(reader);
            let starting = Starting { route: Arc::clone(route), message, head, deadline, writer };
            self.receive(starting, cx)?;
        } else {
            let messages = RequestMessages::new(reader, Box::new(self.share()));
            self.work = Work::Call(match route.service.interception() {
                Some(it) => {
                    let path = route.method.path.into();
                    it.call(path, head, Body::many(messages), writer, deadline)
                }
                None => {
                    let handler = route.service.start_many(route.index, head, messages, writer);
                    Call::new(handler, deadline, &writer)
                }
            });
        }
        Ok(Some(Arc::clone(route)))
    }

    /// Receives the one message. Most often it is there already.
    fn receive(&mut self, mut starting: Starting, cx: &mut Context<'_>) -> Result<(), Status> {
        let Receiving::Here(rest) = &mut self.request else {
            unreachable!("the handler has not begun")
        };
        self.work = match poll_message(rest, &mut starting.message, cx) {
            Poll::Ready(message) => {
                let message = message?;
                self.request = Receiving::Nobody;
                Work::Call(starting.start(message))
            }
            Poll::Pending => Work::Message(Box::new(starting)),
        };
        Ok(())
    }

    /// Calls a tower service.
    fn call_tower(
        &mut self,
        service: &HttpService,
        app: &App,
        head: impl Request,
        timeout: Option<Duration>,
    ) {
        let until = match app.routes.find(head.path()) {
            Found::Method(route) => app.deadline(timeout, route.service.options()),
            _ => app.deadline(timeout, &ServiceOptions::new()),
        };
        let mut parts = head.into_http();
        self.connection.info.add_to(&mut parts.extensions);
        parts.extensions.insert(CallLimits { until, budget: Arc::clone(&app.budget) });
        let has_ended = matches!(&self.request, Receiving::Here(rest) if rest.has_ended());
        let body = if has_ended { Incoming::empty() } else { Incoming::new(self.share()) };
        let request = http::Request::from_parts(parts, body);
        match catch_unwind(AssertUnwindSafe(|| service.answer(request))) {
            Ok(future) => {
                let answering = Http::Answering(Foreign::new(future));
                self.work = Work::Http(answering, Deadline::at(until));
            }
            Err(_) => self.blame(PANICKED),
        }
    }

    /// Gives the rest of the request to a handler.
    fn share(&mut self) -> Shared<X::Rest> {
        match std::mem::replace(&mut self.request, Receiving::Nobody) {
            Receiving::Here(rest) => {
                let rest = Arc::new(Mutex::new(rest));
                self.request = Receiving::Handler(Arc::clone(&rest));
                Shared(rest)
            }
            _ => unreachable!("a request has one reader"),
        }
    }
}

/// Receives the one message of a request.
pub(super) fn poll_message(
    rest: &mut impl RequestRest,
    message: &mut OneMessage,
    cx: &mut Context<'_>,
) -> Poll<Result<(Bytes, Held), Status>> {
    loop {
        match ready!(rest.poll_data(cx)) {
            Some(data) => message.push(data?)?,
            None => return Poll::Ready(message.end()),
        }
        if rest.has_ended() {
            return Poll::Ready(message.end());
        }
    }
}
