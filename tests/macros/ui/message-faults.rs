//! Each fault of a message is one error, and what uses the message is not refused in its turn.

use std::collections::{BTreeMap, HashMap};

use traitwire::{Describe, Status, message, prost::Message, service};

#[message(pakage = "shop")]
#[derive(Default, prost::Message)]
pub struct Order {
    pub id: String,
    #[tag(name = "id")]
    pub other_id: String,
    #[tag(2)]
    pub quantity: u16,
    #[tag(2)]
    pub weight: u64,
    #[tag(3, fixed64)]
    pub distance: i64,
    #[tag(4)]
    pub payment: Payment,
    #[oneof]
    pub how: Option<Payment>,
    #[tag(5)]
    pub history: Vec<Vec<String>>,
    #[tag(6)]
    pub scores: HashMap<f64, String>,
    #[tag(7, string, bytes)]
    pub name: Option<&'static str>,
    #[tag(8, packed = "no")]
    pub many: Vec<u32>,
    #[tag(9, default = "seven")]
    pub seven: i32,
    #[tag(19000)]
    pub last: BTreeMap<String, Vec<u32>>,
    #[cfg_attr(unix, tag(10))]
    pub on_unix: String,
}

#[message]
pub enum Payment {
    #[tag(4)]
    Card(String),
    #[tag(5)]
    Several(Vec<String>),
    Cash,
}

#[message]
pub enum State {
    Ready = 1,
    #[tag(2)]
    Sent,
}

#[message]
pub struct Page<T> {
    #[tag(1)]
    pub items: Vec<T>,
}

#[message]
pub fn parcel() {}

/// Contains them all.
#[message]
pub struct Orders {
    #[tag(1)]
    pub orders: Vec<Order>,
    #[oneof(4, 5)]
    pub payment: Option<Payment>,
    #[tag(3, enumeration = State)]
    pub state: i32,
}

#[service]
pub trait Shop {
    async fn get(&self, order: Order) -> Result<Orders, Status>;
}

fn main() {
    let order = Order { quantity: 3, ..Order::default() };
    assert_eq!(order.clone(), order);
    println!("{order:?} {:?} {}", order.encode_to_vec(), Order::DESCRIPTOR.name);
    let orders = Orders { orders: vec![order], ..Orders::default() };
    println!("{orders:?} {}", i32::from(State::Ready));
    assert!(State::Ready < State::try_from(2).unwrap_or_default());
}
