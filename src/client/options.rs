//! How a client calls.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use http::Uri;
use tokio_util::sync::CancellationToken;
use tonic::{
    Status,
    metadata::{
        AsciiMetadataKey, AsciiMetadataValue, BinaryMetadataKey, BinaryMetadataValue, MetadataMap,
    },
};

use super::{Interception, Transport};
use crate::{
    Compression,
    call::headers::is_reserved,
    codec::Compressions,
    intercept::{Chain, Intercept},
};

/// How a client calls: for how long, with which metadata, with messages of which size, through what.
///
/// ```
/// # use traitwire::{Status, service};
/// use std::time::Duration;
/// use traitwire::CallOptions;
///
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # async fn example(client: OrdersClient) -> Result<(), Status> {
/// let options = CallOptions::new().timeout(Duration::from_secs(1)).metadata("x-shop", "north");
/// let order = client.with(options).get("106".to_owned()).await?;
/// # Ok(())
/// # }
/// ```
///
/// `with` again changes what the second options say and leaves the rest; metadata and interceptors add up.
#[derive(Clone, Default)]
#[must_use]
pub struct CallOptions {
    pub(crate) timeout: Option<Duration>,
    pub(crate) inherit_deadline: bool,
    pub(crate) wait_for_ready: bool,
    pub(crate) cancellation: Option<CancellationToken>,
    pub(crate) metadata: MetadataMap,
    pub(crate) origin: Option<Uri>,
    pub(crate) send: Option<Compression>,
    pub(crate) accept: Compressions,
    pub(crate) max_decoding_message_size: Option<usize>,
    pub(crate) max_encoding_message_size: Option<usize>,
    pub(crate) intercept: Chain,
    /// The interceptors with what is behind them, for a client.
    pub(crate) interception: Option<Arc<Interception>>,
    /// What was wrong with these; every call answers with it.
    pub(crate) invalid: Option<Status>,
}

impl CallOptions {
    /// Calls without a deadline and without metadata. Messages of at most 4 MiB are read, those that
    /// are sent have no limit, and nothing is compressed.
    pub fn new() -> Self {
        Self::default()
    }

    /// A deadline for each call: from the call to the end of its answer, the whole of a stream
    /// included. See [`deadline`](crate::deadline).
    pub fn timeout(self, timeout: Duration) -> Self {
        Self { timeout: Some(timeout), ..self }
    }

    /// The deadline of the handler that the call is made in, where that is the earlier one.
    pub fn inherit_deadline(self) -> Self {
        Self { inherit_deadline: true, ..self }
    }

    /// Waits for a connection where none can be opened yet, instead of failing with UNAVAILABLE. Set a
    /// [timeout](Self::timeout) too, since a server that never comes is waited for as long as that.
    ///
    /// This is for a [`Channel`](crate::Channel); other transports decide for themselves.
    pub fn wait_for_ready(self) -> Self {
        Self { wait_for_ready: true, ..self }
    }

    /// Ends the calls with CANCELLED when `token` is cancelled, from whichever task that is. To drop a
    /// call cancels it too, so this is for those that somebody else waits for.
    ///
    /// `Request::cancellation_handle` of tonic has no effect here: nobody but tonic can see its handle.
    pub fn cancellation(self, token: CancellationToken) -> Self {
        Self { cancellation: Some(token), ..self }
    }

    /// Sends `key: value`. Where one of them is not valid, each call says so with INVALID_ARGUMENT, and
    /// nothing is sent.
    pub fn metadata(mut self, key: &str, value: &str) -> Self {
        let is_printable = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
        match (parse_key::<AsciiMetadataKey>(key, "without"), value.parse::<AsciiMetadataValue>()) {
            (Ok(key), Ok(value)) if is_printable => drop(self.metadata.append(key, value)),
            (Err(why), _) => self.refuse(why),
            (Ok(key), _) => self.refuse(format!(
                "metadata value {value:?} of {key} is not valid: printable ASCII is; for other bytes \
                 there is `metadata_bin`"
            )),
        }
        self
    }

    /// Sends bytes, under a key that ends with `-bin`. They travel as base64, and the server gets them back
    /// by `request.metadata().get_bin(key)`. A key that is not valid is told as by
    /// [`metadata`](Self::metadata).
    ///
    /// ```
    /// # use traitwire::{CallOptions, Request, Status, service};
    /// # #[service]
    /// # trait Traced {
    /// #     async fn trace(&self, request: Request<()>) -> Result<Vec<u8>, Status>;
    /// # }
    /// # struct Echo;
    /// # impl Traced for Echo {
    /// #     async fn trace(&self, request: Request<()>) -> Result<Vec<u8>, Status> {
    /// #         let trace = request.metadata().get_bin("x-trace-bin").expect("it was sent");
    /// #         Ok(trace.to_bytes().expect("it is base64").to_vec())
    /// #     }
    /// # }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Status> {
    /// # let client = TracedClient::in_process(Echo);
    /// let client = client.with(CallOptions::new().metadata_bin("x-trace-bin", &[0, 159, 255]));
    /// # assert_eq!(client.trace(Request::new(())).await?, [0, 159, 255]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn metadata_bin(mut self, key: &str, value: &[u8]) -> Self {
        match parse_key::<BinaryMetadataKey>(key, "with") {
            Ok(key) => drop(self.metadata.append_bin(key, BinaryMetadataValue::from_bytes(value))),
            Err(why) => self.refuse(why),
        }
        self
    }

    fn refuse(&mut self, why: String) {
        self.invalid.get_or_insert_with(|| Status::invalid_argument(why));
    }

    /// The scheme, the authority and the beginning of the path of the calls: for a transport that has
    /// none of its own, or instead of those of a [`Channel`](crate::Channel).
    pub fn origin(self, origin: Uri) -> Self {
        Self { origin: Some(origin), ..self }
    }

    /// Compresses requests in this way.
    pub fn send_compressed(self, compression: Compression) -> Self {
        Self { send: Some(compression), ..self }
    }

    /// Tells the server that answers may be compressed in this way. An answer that is compressed in
    /// another one is INTERNAL.
    pub fn accept_compressed(mut self, compression: Compression) -> Self {
        self.accept.add(compression);
        self
    }

    /// The largest message to accept, in bytes, 4 MiB unless set. A larger one is RESOURCE_EXHAUSTED,
    /// and so is one that becomes larger when it is unpacked.
    pub fn max_decoding_message_size(self, limit: usize) -> Self {
        Self { max_decoding_message_size: Some(limit), ..self }
    }

    /// The largest message to send, in bytes before it is compressed; no limit unless set. A larger one
    /// is RESOURCE_EXHAUSTED.
    pub fn max_encoding_message_size(self, limit: usize) -> Self {
        Self { max_encoding_message_size: Some(limit), ..self }
    }

    /// Puts an interceptor around the calls, inside of those that were added before: see
    /// [`intercept`](crate::intercept).
    pub fn intercept(mut self, interceptor: impl Intercept) -> Self {
        self.intercept.push(interceptor);
        self
    }

    /// These, changed by `other`, for calls over a transport.
    pub(crate) fn and_over(&self, other: Self, transport: &impl Transport) -> Arc<Self> {
        let mut options = self.and(other);
        options.interception = Interception::of(&options.intercept, transport);
        Arc::new(options)
    }

    /// These, changed by `other`.
    fn and(&self, other: Self) -> Self {
        let mut metadata = self.metadata.clone();
        append(&mut metadata, &other.metadata);
        Self {
            timeout: other.timeout.or(self.timeout),
            inherit_deadline: other.inherit_deadline || self.inherit_deadline,
            wait_for_ready: other.wait_for_ready || self.wait_for_ready,
            cancellation: other.cancellation.or_else(|| self.cancellation.clone()),
            metadata,
            origin: other.origin.or_else(|| self.origin.clone()),
            send: other.send.or(self.send),
            accept: if other.accept.is_empty() { self.accept } else { other.accept },
            max_decoding_message_size: other
                .max_decoding_message_size
                .or(self.max_decoding_message_size),
            max_encoding_message_size: other
                .max_encoding_message_size
                .or(self.max_encoding_message_size),
            intercept: self.intercept.around(&other.intercept),
            interception: None,
            invalid: self.invalid.clone().or(other.invalid),
        }
    }
}

/// The key, or what is wrong with it. It is `with` or `without` `-bin` at its end.
fn parse_key<K: FromStr>(key: &str, with: &str) -> Result<K, String> {
    if is_reserved(key) {
        return Err(format!(
            "metadata key {key:?} is not valid: the library writes this field itself"
        ));
    }
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"-_.".contains(&it);
    let parsed = key.parse().ok().filter(|_| key.bytes().all(is_plain));
    parsed.ok_or_else(|| {
        format!(
            "metadata key {key:?} is not valid: lower-case letters, digits, `-`, `_` and `.` are, \
             {with} `-bin` at the end"
        )
    })
}

/// Adds metadata, beside what is there.
pub(super) fn append(metadata: &mut MetadataMap, more: &MetadataMap) {
    let more = more.as_ref().iter().map(|(key, value)| (key.clone(), value.clone()));
    metadata.as_mut().extend(more);
}

impl fmt::Debug for CallOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallOptions")
            .field("timeout", &self.timeout)
            .field("inherit_deadline", &self.inherit_deadline)
            .finish_non_exhaustive()
    }
}
