//! Metadata and errors, as the suite writes them and as gRPC does.

use http::{HeaderMap, HeaderName, HeaderValue};
use prost::Message;
use prost_types::Any;
use traitwire::{Code, Status, tonic::metadata::MetadataMap};

use crate::contract::{Error, Header};

/// Metadata as gRPC has it.
pub(crate) fn metadata(headers: &[Header]) -> Result<MetadataMap, Status> {
    let mut map = HeaderMap::new();
    for Header { name, value } in headers {
        let name: HeaderName = name.parse().map_err(|_| unfit(name))?;
        for value in value {
            map.append(&name, HeaderValue::from_str(value).map_err(|_| unfit(value))?);
        }
    }
    Ok(MetadataMap::from_headers(map))
}

fn unfit(text: &str) -> Status {
    Status::invalid_argument(format!("{text:?} cannot be sent as metadata"))
}

/// Metadata as the suite has it.
pub(crate) fn headers(map: &HeaderMap) -> Vec<Header> {
    let values = |name| map.get_all(name).iter().map(HeaderValue::as_bytes);
    let text = |value| String::from_utf8_lossy(value).into_owned();
    map.keys()
        .map(|name| Header { name: name.to_string(), value: values(name).map(text).collect() })
        .collect()
}

/// `google.rpc.Status`, which travels in `grpc-status-details-bin`.
#[derive(Clone, PartialEq, prost::Message)]
struct Details {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

impl From<Error> for Status {
    fn from(Error { code, message, details }: Error) -> Self {
        let message = message.unwrap_or_default();
        let bytes = Details { code, message: message.clone(), details }.encode_to_vec();
        Self::with_details(Code::from_i32(code), message, bytes.into())
    }
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        let details = Details::decode(status.details()).unwrap_or_default().details;
        Self { code: status.code().into(), message: Some(status.message().to_owned()), details }
    }
}
