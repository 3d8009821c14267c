//! Metadata that the server sends back.

use tonic::metadata::{Ascii, Binary, MetadataMap, MetadataValue};
use traitwire::{Response, Trailers};

/// Sent back at the beginning of an answer.
pub const INITIAL: &str = "x-grpc-test-echo-initial";

/// Sent back at its end.
pub const TRAILING: &str = "x-grpc-test-echo-trailing-bin";

/// What one request wants back.
pub(crate) struct Echo {
    initial: Option<MetadataValue<Ascii>>,
    trailing: Option<MetadataValue<Binary>>,
}

impl Echo {
    pub(crate) fn of(request: &MetadataMap) -> Self {
        Self {
            initial: request.get(INITIAL).cloned(),
            trailing: request.get_bin(TRAILING).cloned(),
        }
    }

    pub(crate) fn onto<T>(self, mut response: Response<T>) -> Response<T> {
        if let Some(value) = self.initial {
            response.metadata_mut().insert(INITIAL, value);
        }
        if let Some(value) = self.trailing {
            let trailers = Trailers::new();
            trailers.update(|it| drop(it.insert_bin(TRAILING, value)));
            response.extensions_mut().insert(trailers);
        }
        response
    }
}
