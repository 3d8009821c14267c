//! Interceptors: no call of any shape passes one by, on either side, by any door.

mod again;
mod contract;
mod doors;
mod ends;
mod messages;
mod order;
mod refusals;
mod shapes;
mod tasks;
