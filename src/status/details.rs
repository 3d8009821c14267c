//! A status with details in the field's standard form: `google.rpc.ErrorInfo` and its kin. What
//! `#[derive(RpcError)]` calls.

use std::{error::Error, fmt::Display, str::FromStr, sync::Arc, time::Duration};

use prost::Message;
use tonic::{Code, Status};

use super::rpc::{
    Any, BadRequest, Detail, ErrorInfo, FieldViolation, ResourceInfo, RetryInfo, RpcStatus,
};

/// Turns an enum into a [`Status`] and back: each variant has a code, a reason, and the fields that
/// you mark.
///
/// ```
/// use std::time::Duration;
///
/// use traitwire::{Code, FieldViolation, RpcError, Status};
///
/// #[derive(Debug, RpcError)]
/// #[rpc_error(domain = "shop.example.com")]
/// enum ShopError {
///     /// The field goes as `id` into the metadata of an `ErrorInfo`.
///     #[rpc_error(code = NotFound)]
///     NoOrder { #[rpc_error(send)] id: u64 },
///     /// When to try again goes as `RetryInfo`.
///     #[rpc_error(code = ResourceExhausted)]
///     TooMany { #[rpc_error(retry_info)] after: Duration },
///     /// Every wrong field of the request goes as `BadRequest`.
///     #[rpc_error(code = InvalidArgument)]
///     Invalid(#[rpc_error(bad_request)] Vec<FieldViolation>),
///     /// The caller gets INTERNAL and nothing else.
///     #[rpc_error(internal)]
///     Store(std::io::Error),
///     /// On the caller's side, every status that is none of these.
///     #[rpc_error(status)]
///     Other(Status),
/// }
///
/// impl std::error::Error for ShopError {}
///
/// // What it displays is the message.
/// impl std::fmt::Display for ShopError {
///     fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
///         match self {
///             Self::NoOrder { id } => write!(f, "no order {id}"),
///             Self::TooMany { .. } => f.write_str("too many orders at once"),
///             Self::Invalid(fields) => write!(f, "{} fields are wrong", fields.len()),
///             Self::Store(_) => f.write_str("the store failed"),
///             Self::Other(status) => status.fmt(f),
///         }
///     }
/// }
///
/// let status = Status::from(ShopError::NoOrder { id: 107 });
/// assert_eq!((status.code(), status.message()), (Code::NotFound, "no order 107"));
///
/// // A client of Rust gets the variant back. Others read its reason, `NO_ORDER`, and its metadata.
/// assert!(matches!(ShopError::from(status), ShopError::NoOrder { id: 107 }));
///
/// let status = Status::from(ShopError::Store(std::io::Error::other("/var/orders is full")));
/// assert_eq!((status.code(), status.message()), (Code::Internal, "internal error"));
/// assert!(status.details().is_empty());
/// ```
///
/// With [thiserror](https://docs.rs/thiserror) the second half is one line a variant.
///
/// # Keys
///
/// On the enum:
///
/// | key | means |
/// |---|---|
/// | `domain = "shop.example.com"` | who gives the reasons their meaning: a name as in DNS that is yours |
/// | `crate = "path::to::traitwire"` | this crate, where it was renamed |
///
/// On a variant, one of the first three:
///
/// | key | means |
/// |---|---|
/// | `code = NotFound` | it is sent, with this [`Code`] |
/// | `internal` | nothing of it is sent: the caller gets INTERNAL with the message `internal error` |
/// | `status` | it holds any other [`Status`]; one variant has it |
/// | `reason = "ORDER_NOT_FOUND"` | its name for programs; by default that of the variant, so that `NoOrder` is `NO_ORDER` |
///
/// On a field:
///
/// | key | means | its type |
/// |---|---|---|
/// | `send`, `send = "orderId"` | an entry in the metadata of `ErrorInfo`; the key is the field's name in `lowerCamelCase` | has `Display` and `FromStr`, which give each other's value back |
/// | `retry_info` | `RetryInfo`: no earlier than after this time should the call be tried again | [`Duration`] |
/// | `bad_request` | `BadRequest`: all that is wrong with the request | `Vec<`[`FieldViolation`]`>` |
/// | `resource_info` | `ResourceInfo`: what the call needed | [`ResourceInfo`] |
/// | none | it is not sent | any |
///
/// The message is what the variant displays, so it shows what you put there: also a field without
/// a mark.
///
/// # What a caller gets
///
/// The variant comes back where domain, code and reason are those of a variant, and each of its
/// fields is there and can be read. Every other status becomes the `status` variant: a status of the
/// transport, that of another service, one with a reason that is newer than your enum. So does a
/// variant with a field that is not sent. What else came with a status, such as its metadata, is
/// lost when a variant is made of it. The details of any status can be read with
/// [tonic-types](https://docs.rs/tonic-types).
///
/// A variant marked `internal` is the [source](Error::source) of its status, where the server's own
/// code can read and log it; it is never sent.
///
/// `?` also goes on after [`Sender::send`](crate::Sender::send), by a third `From`.
///
/// A handler that calls another service and uses `?` passes on what its own enum knows. An error of
/// another enum is a `status`, which keeps its code and its message and loses the rest:
/// [`Received`](crate::Received). To tell more of it, give it a variant of your own.
///
/// Details travel as one header field, and many peers take no more than 8 KiB of them. What is too long
/// is left out, and the message says so; the caller gets the `status` variant then.
pub use traitwire_macros::RpcError;

/// The details of a status: which error it is, and what stands beside it.
#[derive(Debug)]
pub struct Details {
    code: Code,
    info: ErrorInfo,
    others: Vec<Any>,
}

impl Details {
    /// Those of an error without fields.
    #[must_use]
    pub fn new(code: Code, domain: &str, reason: &str) -> Self {
        let (domain, reason) = (domain.to_owned(), reason.to_owned());
        let info = ErrorInfo { reason, domain, ..ErrorInfo::default() };
        Self { code, info, others: Vec::new() }
    }

    /// Adds an entry to the metadata.
    #[must_use]
    pub fn send(mut self, key: &str, value: &impl ToMetadata) -> Self {
        self.info.metadata.insert(key.to_owned(), value.to_string());
        self
    }

    /// Adds `BadRequest`.
    #[must_use]
    pub fn bad_request(self, violations: &[FieldViolation]) -> Self {
        self.with(&BadRequest { field_violations: violations.to_vec() })
    }

    /// Adds `ResourceInfo`.
    #[must_use]
    pub fn resource_info(self, info: &ResourceInfo) -> Self {
        self.with(info)
    }

    /// Adds `RetryInfo`.
    #[must_use]
    pub fn retry_info(self, after: &Duration) -> Self {
        self.with(&RetryInfo::after(*after))
    }

    fn with(mut self, detail: &impl Detail) -> Self {
        self.others.push(Any::of(detail));
        self
    }

    /// The status, with what the error displays as its message.
    #[must_use]
    pub fn status(mut self, error: &impl Display) -> Status {
        self.others.insert(0, Any::of(&self.info));
        let (code, message) = (self.code, error.to_string());
        let status =
            RpcStatus { code: code.into(), message: message.clone(), details: self.others };
        Status::with_details(code, message, status.encode_to_vec().into())
    }

    /// Reads an entry of the metadata.
    #[must_use]
    pub fn sent<T: FromMetadata>(&self, key: &str) -> Option<T> {
        self.info.metadata.get(key)?.parse().ok()
    }

    /// Reads `BadRequest`.
    #[must_use]
    pub fn sent_bad_request<T: 'static>(&self) -> Option<T> {
        self.find().and_then(|it: BadRequest| same(it.field_violations))
    }

    /// Reads `ResourceInfo`.
    #[must_use]
    pub fn sent_resource_info<T: 'static>(&self) -> Option<T> {
        self.find::<ResourceInfo>().and_then(same)
    }

    /// Reads `RetryInfo`.
    #[must_use]
    pub fn sent_retry_info<T: 'static>(&self) -> Option<T> {
        self.find::<RetryInfo>()?.delay().and_then(same)
    }

    fn find<M: Detail>(&self) -> Option<M> {
        self.others.iter().find_map(Any::read)
    }
}

/// A detail as the type of its field. The two are the same: another type is refused where the detail is
/// sent, and this way it is not refused a second time where it is read.
fn same<D: 'static, T: 'static>(detail: D) -> Option<T> {
    let mut detail = Some(detail);
    (&mut detail as &mut dyn std::any::Any).downcast_mut::<Option<T>>()?.take()
}

/// The error that `read` finds in a status of this domain.
pub fn known<E>(
    status: &Status,
    domain: &str,
    read: impl FnOnce(Code, &str, &Details) -> Option<E>,
) -> Option<E> {
    let others = RpcStatus::decode(status.details()).ok()?.details;
    let info: ErrorInfo = others.iter().find_map(Any::read)?;
    if info.domain != domain {
        return None;
    }
    let details = Details { code: status.code(), info, others };
    read(details.code, &details.info.reason, &details)
}

/// The status of an error that is nobody else's business.
pub fn internal(error: impl Error + Send + Sync + 'static) -> Status {
    let mut status = Status::internal("internal error");
    status.set_source(Arc::new(error));
    status
}

/// What can be written into the metadata of an error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written into the metadata of an error",
    label = "a field that is sent needs `Display`",
    note = "send a type that has it, such as `String` or a number, or write `impl Display for {Self}`"
)]
pub trait ToMetadata: Display {}

#[diagnostic::do_not_recommend]
impl<T: Display> ToMetadata for T {}

/// What can be read from the metadata of an error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the metadata of an error",
    label = "a field that is sent needs `FromStr`, with which the caller reads it",
    note = "send a type that has it, such as `String` or a number, or write `impl FromStr for {Self}`"
)]
pub trait FromMetadata: FromStr {}

#[diagnostic::do_not_recommend]
impl<T: FromStr> FromMetadata for T {}
