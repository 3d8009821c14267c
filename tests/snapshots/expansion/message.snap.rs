//! A message, an enumeration and a oneof.
use std::collections::HashMap;
use traitwire::message;
/// A parcel on its way.
#[derive(
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::traitwire::prost::Message,
    ::traitwire::Describe
)]
#[prost(prost_path = "::traitwire::prost")]
#[describe(package = "post.v1", reserved(2, "owner"))]
pub struct Parcel {
    /// Never changes.
    #[prost(string, tag = "1")]
    pub id: String,
    /// In grams.
    #[prost(fixed32, tag = "3")]
    pub weight: u32,
    #[prost(enumeration(State), tag = "4")]
    pub state: i32,
    #[prost(string, optional, tag = "5")]
    pub note: Option<String>,
    #[prost(message, repeated, tag = "6")]
    pub inside: Vec<Parcel>,
    #[prost(map = "string, int64", tag = "7")]
    pub labels: HashMap<String, i64>,
    /// Who takes it.
    #[prost(oneof = "Receiver", tags = "8, 9")]
    pub receiver: Option<Receiver>,
    #[prost(string, optional, tag = "10")]
    #[describe(name = "trackingUrl", json_name = "url")]
    pub tracking_url: Option<String>,
}
/// Where it is.
#[derive(
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::core::marker::Copy,
    ::core::fmt::Debug,
    ::core::cmp::Eq,
    ::core::hash::Hash,
    ::core::cmp::PartialOrd,
    ::core::cmp::Ord,
    ::traitwire::prost::Enumeration,
    ::traitwire::Describe
)]
#[prost(prost_path = "::traitwire::prost")]
#[describe(package = "post.v1")]
#[repr(i32)]
pub enum State {
    Unspecified = 0,
    OnItsWay = 1,
    #[deprecated]
    #[describe(name = "STATE_HANDED_OVER")]
    Delivered = 2,
}
/// A person, or a box that opens with a code.
#[derive(
    ::core::clone::Clone,
    ::core::cmp::PartialEq,
    ::traitwire::prost::Oneof,
    ::traitwire::Describe
)]
#[prost(prost_path = "::traitwire::prost")]
pub enum Receiver {
    #[prost(string, tag = "8")]
    Person(String),
    #[prost(uint64, tag = "9")]
    Locker(u64),
}
