//! A message, an enumeration and a oneof.

use std::collections::HashMap;

use traitwire::message;

/// A parcel on its way.
#[message(package = "post.v1", reserved(2, "owner"))]
pub struct Parcel {
    /// Never changes.
    #[tag(1)]
    pub id: String,
    /// In grams.
    #[tag(3, fixed32)]
    pub weight: u32,
    #[tag(4, enumeration = State)]
    pub state: i32,
    #[tag(5)]
    pub note: Option<String>,
    #[tag(6)]
    pub inside: Vec<Parcel>,
    #[tag(7)]
    pub labels: HashMap<String, i64>,
    /// Who takes it.
    #[oneof(8, 9)]
    pub receiver: Option<Receiver>,
    #[tag(10, name = "trackingUrl", json_name = "url")]
    pub tracking_url: Option<String>,
}

/// Where it is.
#[message(package = "post.v1")]
pub enum State {
    Unspecified = 0,
    OnItsWay = 1,
    #[deprecated]
    #[tag(name = "STATE_HANDED_OVER")]
    Delivered = 2,
}

/// A person, or a box that opens with a code.
#[message]
pub enum Receiver {
    #[tag(8)]
    Person(String),
    #[tag(9)]
    Locker(u64),
}
