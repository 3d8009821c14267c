//! A message that lists other numbers than its oneof has: an error at the list.

use traitwire::message;

#[message]
pub struct Parcel {
    #[tag(1)]
    pub id: String,
    #[oneof(2, 3)]
    pub receiver: Option<Receiver>,
}

#[message]
pub enum Receiver {
    #[tag(2)]
    Person(String),
    #[tag(4)]
    Locker(u64),
}

fn main() {}
