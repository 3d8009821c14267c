//! What the wire carries beside the messages: which of them are compressed.
//!
//! An incoming body gets a [`Seen`] into the extensions of its request or response. An outgoing one
//! takes a [`Compress`] out of them.

use std::{
    collections::VecDeque,
    convert::Infallible,
    io::Read,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::{Buf, BufMut, Bytes, BytesMut};
use flate2::read::GzDecoder;
use http::{Extensions, Request, Response};
use http_body_util::BodyExt;
use tonic::{Status, body::Body};
use tower::{Service, ServiceExt, service_fn, util::BoxCloneSyncService};

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A connection that is watched.
pub type Wire = BoxCloneSyncService<Request<Body>, Response<Body>, Status>;

/// Watches a connection to a server.
pub fn calling<S, B>(channel: S) -> Wire
where
    S: Service<Request<Body>, Response = Response<B>, Error: Into<BoxError>>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    BoxCloneSyncService::new(service_fn(move |request: Request<Body>| {
        let channel = channel.clone();
        async move {
            let (mut head, body) = request.into_parts();
            let body = outgoing(&mut head.extensions, body);
            let response = channel.oneshot(Request::from_parts(head, body)).await;
            let (mut head, body) =
                response.map_err(|error| Status::from_error(error.into()))?.into_parts();
            let body = incoming(&mut head.extensions, Body::new(body));
            Ok(Response::from_parts(head, body))
        }
    }))
}

/// Watches what a server is asked and answers.
pub fn serving<S, Q, B>(
    service: S,
) -> impl Service<Request<Q>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static
where
    S: Service<Request<Body>, Response = Response<B>, Error = Infallible>,
    S: Clone + Send + Sync + 'static,
    S::Future: Send,
    Q: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
    B: http_body::Body<Data = Bytes, Error: Into<BoxError>> + Send + 'static,
{
    service_fn(move |request: Request<Q>| {
        let service = service.clone();
        async move {
            let (mut head, body) = request.into_parts();
            let body = incoming(&mut head.extensions, Body::new(body));
            let response = service.oneshot(Request::from_parts(head, body)).await?;
            let (mut head, body) = response.into_parts();
            let body = outgoing(&mut head.extensions, Body::new(body));
            Ok(Response::from_parts(head, body))
        }
    })
}

/// What has come in so far.
#[derive(Clone, Default)]
pub struct Seen(
    /// Whether it came compressed, for each message that nobody asked about yet.
    Arc<Mutex<VecDeque<bool>>>,
);

impl Seen {
    /// What is seen of a request or a response; nothing where nobody watches.
    pub fn of(extensions: &Extensions) -> Self {
        extensions.get().cloned().unwrap_or_default()
    }

    /// Whether a message came compressed. To be asked once for each message, in their order.
    pub fn next_is_compressed(&self) -> Option<bool> {
        lock(&self.0).pop_front()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn incoming(extensions: &mut Extensions, body: Body) -> Body {
    let seen = Seen::default();
    extensions.insert(seen.clone());
    let mut prefixes = Prefixes::default();
    Body::new(body.inspect_frame(move |frame| {
        if let Some(data) = frame.data_ref() {
            prefixes.read(data, |compressed| lock(&seen.0).push_back(compressed));
        }
    }))
}

/// The five bytes before each message: a flag, and a length. Data is cut anywhere.
#[derive(Default)]
struct Prefixes {
    /// What is there of the next prefix.
    prefix: Vec<u8>,
    /// How much is to come of the message before it.
    rest: usize,
}

impl Prefixes {
    fn read(&mut self, mut data: &[u8], mut each: impl FnMut(bool)) {
        while !data.is_empty() {
            let message = self.rest.min(data.len());
            self.rest -= message;
            data.advance(message);
            let more = (5 - self.prefix.len()).min(data.len());
            self.prefix.extend_from_slice(&data[..more]);
            data.advance(more);
            if let [flag, length @ ..] = &self.prefix[..]
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                each(*flag == 1);
                self.rest = u32::from_be_bytes(length) as usize;
                self.prefix.clear();
            }
        }
    }
}

/// Whether each message goes out compressed, in their order. One that nothing is said of does not.
///
/// A body has all of its messages compressed, or none. So this undoes that work: a message that should
/// be plain is taken out of its gzip again, and its flag is cleared.
#[derive(Clone, Default)]
pub struct Compress(Arc<Mutex<VecDeque<bool>>>);

impl FromIterator<bool> for Compress {
    fn from_iter<I: IntoIterator<Item = bool>>(messages: I) -> Self {
        Self(Arc::new(Mutex::new(messages.into_iter().collect())))
    }
}

impl Compress {
    /// Says it of the next message, before that is sent.
    pub fn next(&self, compress: bool) {
        lock(&self.0).push_back(compress);
    }

    /// No message is cut when data is handed over, neither by ours nor by tonic.
    fn apply(&self, mut data: Bytes) -> Bytes {
        let mut out = BytesMut::with_capacity(data.len());
        while data.has_remaining() {
            let flag = data.get_u8();
            let length = data.get_u32() as usize;
            let message = data.split_to(length);
            let plain = lock(&self.0).pop_front() != Some(true);
            if plain && flag == 1 {
                put(&mut out, 0, &unzipped(&message));
            } else {
                put(&mut out, flag, &message);
            }
        }
        out.freeze()
    }
}

fn put(out: &mut BytesMut, flag: u8, message: &[u8]) {
    out.put_u8(flag);
    out.put_u32(u32::try_from(message.len()).expect("a message fits into its prefix"));
    out.put_slice(message);
}

fn unzipped(message: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    GzDecoder::new(message).read_to_end(&mut plain).expect("it was just compressed");
    plain
}

fn outgoing(extensions: &mut Extensions, body: Body) -> Body {
    match extensions.remove::<Compress>() {
        Some(compress) => {
            Body::new(body.map_frame(move |frame| frame.map_data(|data| compress.apply(data))))
        }
        None => body,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three messages: one compressed, one empty, one plain.
    fn messages() -> BytesMut {
        let mut data = BytesMut::new();
        put(&mut data, 1, b"zip");
        put(&mut data, 0, b"");
        put(&mut data, 0, b"plain");
        data
    }

    #[test]
    fn flags_are_found_wherever_the_data_is_cut() {
        for size in 1..=messages().len() {
            let mut prefixes = Prefixes::default();
            let mut seen = Vec::new();
            for piece in messages().chunks(size) {
                prefixes.read(piece, |compressed| seen.push(compressed));
            }
            assert_eq!(seen, [true, false, false], "in pieces of {size}");
        }
    }

    #[test]
    fn only_a_message_that_should_be_plain_is_unzipped() {
        let mut zip = Vec::new();
        let mut gz = flate2::read::GzEncoder::new(&b"text"[..], flate2::Compression::default());
        gz.read_to_end(&mut zip).unwrap();
        let mut data = BytesMut::new();
        put(&mut data, 1, &zip);
        put(&mut data, 1, &zip);
        put(&mut data, 0, b"text");

        let mut expected = BytesMut::new();
        put(&mut expected, 0, b"text");
        put(&mut expected, 1, &zip);
        put(&mut expected, 0, b"text");
        let compress: Compress = [false, true, false].into_iter().collect();
        assert_eq!(compress.apply(data.freeze()), expected);
    }
}
