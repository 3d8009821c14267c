//! The messages of `google/rpc/status.proto` and `google/rpc/error_details.proto` that an error
//! travels in, as much of them as is used here.

use std::{collections::BTreeMap, time::Duration};

use prost::Message;

/// `google.rpc.Status`, which `grpc-status-details-bin` holds.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(super) code: i32,
    #[prost(string, tag = "2")]
    pub(super) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(super) details: Vec<Any>,
}

/// `google.protobuf.Any`: a message with its name.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

impl Any {
    pub(super) fn of<M: Detail>(message: &M) -> Self {
        let type_url = format!("type.googleapis.com/google.rpc.{}", M::NAME);
        Self { type_url, value: message.encode_to_vec() }
    }

    /// The message, where it is an `M` and can be read.
    pub(super) fn read<M: Detail>(&self) -> Option<M> {
        let (_, full_name) = self.type_url.rsplit_once('/')?;
        let name = full_name.strip_prefix("google.rpc.")?;
        if name == M::NAME { M::decode(&*self.value).ok() } else { None }
    }
}

/// A message that stands in the details of a status.
pub(super) trait Detail: Message + Default {
    /// Its name in the package `google.rpc`.
    const NAME: &'static str;
}

/// Which error it is.
#[derive(Clone, PartialEq, Message)]
pub(super) struct ErrorInfo {
    #[prost(string, tag = "1")]
    pub(super) reason: String,
    #[prost(string, tag = "2")]
    pub(super) domain: String,
    #[prost(btree_map = "string, string", tag = "3")]
    pub(super) metadata: BTreeMap<String, String>,
}

impl Detail for ErrorInfo {
    const NAME: &'static str = "ErrorInfo";
}

/// When to try again.
#[derive(Clone, PartialEq, Message)]
pub(super) struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<ProtoDuration>,
}

/// `google.protobuf.Duration`.
#[derive(Clone, PartialEq, Message)]
struct ProtoDuration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

impl Detail for RetryInfo {
    const NAME: &'static str = "RetryInfo";
}

impl RetryInfo {
    /// As long as protobuf can say, which is about 10,000 years.
    const LONGEST: i64 = 315_576_000_000;

    pub(super) fn after(delay: Duration) -> Self {
        let seconds = i64::try_from(delay.as_secs()).unwrap_or(Self::LONGEST).min(Self::LONGEST);
        // Below a thousand million.
        let nanos = delay.subsec_nanos() as i32;
        Self { retry_delay: Some(ProtoDuration { seconds, nanos }) }
    }

    /// `None` where it is not there, or negative.
    pub(super) fn delay(&self) -> Option<Duration> {
        let ProtoDuration { seconds, nanos } = self.retry_delay.as_ref()?;
        let nanos = u32::try_from(*nanos).ok().filter(|it| *it < 1_000_000_000)?;
        Some(Duration::new(u64::try_from(*seconds).ok()?, nanos))
    }
}

/// What is wrong with a request.
#[derive(Clone, PartialEq, Message)]
pub(super) struct BadRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) field_violations: Vec<FieldViolation>,
}

impl Detail for BadRequest {
    const NAME: &'static str = "BadRequest";
}

/// What is wrong with one field of a request: `google.rpc.BadRequest.FieldViolation`.
///
/// ```
/// use traitwire::FieldViolation;
///
/// let violation = FieldViolation::new("items[1].quantity", "must be 1 at least");
/// assert_eq!(violation.field, "items[1].quantity");
/// ```
#[derive(Clone, PartialEq, Message)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The path of the field: names as in the `.proto`, with dots between, and `[0]` for the first of
    /// a repeated field.
    #[prost(string, tag = "1")]
    pub field: String,
    /// What is wrong, for people.
    #[prost(string, tag = "2")]
    pub description: String,
    /// What is wrong, for programs, such as `TOO_LONG`; may be empty.
    #[prost(string, tag = "3")]
    pub reason: String,
}

impl FieldViolation {
    /// Says of a field what is wrong with it.
    pub fn new(field: impl Into<String>, description: impl Into<String>) -> Self {
        Self { field: field.into(), description: description.into(), reason: String::new() }
    }

    /// Adds a reason for programs.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), ..self }
    }
}

/// What a call needed and could not have: `google.rpc.ResourceInfo`.
///
/// ```
/// use traitwire::ResourceInfo;
///
/// let order = ResourceInfo::new("order", "106").description("it is being packed");
/// assert_eq!(order.resource_name, "106");
/// ```
#[derive(Clone, PartialEq, Message)]
#[non_exhaustive]
pub struct ResourceInfo {
    /// What kind of thing it is, such as `order`.
    #[prost(string, tag = "1")]
    pub resource_type: String,
    /// Its name.
    #[prost(string, tag = "2")]
    pub resource_name: String,
    /// To whom it belongs, such as `user:ada@example.com`; may be empty.
    #[prost(string, tag = "3")]
    pub owner: String,
    /// Why it could not be had; may be empty.
    #[prost(string, tag = "4")]
    pub description: String,
}

impl Detail for ResourceInfo {
    const NAME: &'static str = "ResourceInfo";
}

impl ResourceInfo {
    /// A thing of this kind, with this name.
    pub fn new(resource_type: impl Into<String>, resource_name: impl Into<String>) -> Self {
        let (resource_type, resource_name) = (resource_type.into(), resource_name.into());
        Self { resource_type, resource_name, ..Self::default() }
    }

    /// Says to whom it belongs.
    #[must_use]
    pub fn owner(self, owner: impl Into<String>) -> Self {
        Self { owner: owner.into(), ..self }
    }

    /// Says why it could not be had.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }
}
