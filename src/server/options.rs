//! How a service is served.

use crate::{Compression, codec::Compressions};

/// How a service is served: the sizes of its messages, and their compression.
///
/// ```
/// # use traitwire::{Status, service};
/// use traitwire::ServiceOptions;
///
/// # #[service]
/// # trait Orders {
/// #     async fn get(&self, id: String) -> Result<String, Status>;
/// # }
/// # fn example(shop: impl Orders) {
/// let options = ServiceOptions::new().max_decoding_message_size(64 * 1024);
/// let server = OrdersServer::new(shop).with(options);
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct ServiceOptions {
    pub(crate) accept: Compressions,
    pub(crate) send: Compressions,
    pub(crate) max_decoding_message_size: Option<usize>,
    pub(crate) max_encoding_message_size: Option<usize>,
}

impl ServiceOptions {
    /// Messages of at most 4 MiB are read, those that are sent have no limit, and nothing is compressed.
    pub fn new() -> Self {
        Self::default()
    }

    /// Accepts requests that are compressed in this way. Any other is UNIMPLEMENTED.
    pub fn accept_compressed(mut self, compression: Compression) -> Self {
        self.accept.add(compression);
        self
    }

    /// Compresses answers in this way for callers that accept it.
    pub fn send_compressed(mut self, compression: Compression) -> Self {
        self.send.add(compression);
        self
    }

    /// The largest message to accept, in bytes, 4 MiB unless set. A larger one is RESOURCE_EXHAUSTED,
    /// and so is one that becomes larger when it is unpacked.
    pub fn max_decoding_message_size(mut self, limit: usize) -> Self {
        self.max_decoding_message_size = Some(limit);
        self
    }

    /// The largest message to send, in bytes before it is compressed; no limit unless set. Instead of a
    /// larger one the caller gets RESOURCE_EXHAUSTED, after the messages before it.
    pub fn max_encoding_message_size(mut self, limit: usize) -> Self {
        self.max_encoding_message_size = Some(limit);
        self
    }
}
