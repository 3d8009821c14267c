//! An enumeration in the place of a message, which only the compiler can know.

use traitwire::message;

#[message]
pub struct Order {
    #[tag(1)]
    pub state: Option<State>,
    #[tag(2)]
    pub states: Vec<State>,
}

#[message]
pub enum State {
    Unspecified = 0,
    Ready = 1,
}

fn main() {
    println!("{:?}", Order::default());
}
