//! The online shop of examples 05 to 08: one contract, one service, one method a chapter.
//!
//! | file | what |
//! |---|---|
//! | `contract.rs` | the trait and its messages: all that a client needs |
//! | `service.rs` | the four methods |
//! | `error.rs` | what can go wrong, and the status that a caller sees |
//! | `store.rs` | the orders, in SQLite |
//! | `batch.rs` | orders that wait to be shipped |
//! | `samples.rs` | six orders to begin with |

mod batch;
mod contract;
mod error;
mod samples;
mod service;
mod store;

pub use contract::*;
pub use error::Error;
pub use samples::samples;
pub use service::Shop;
pub use store::Store;
