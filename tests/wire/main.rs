//! The wire is real gRPC: our clients and servers against those of stock tonic, against raw HTTP/2,
//! and against peers in other languages.

mod auto_traits;
mod borrowed;
mod contract;
mod deadlines;
mod defaults;
mod evil_servers;
mod how_a_call_ends;
mod item;
mod layers;
mod limits;
mod line;
mod lost;
mod mounted;
mod own_errors;
mod pairs;
mod panics;
mod peers;
mod propagation;
mod proxies;
mod raw;
mod refusals;
mod resets;
mod scalars;
mod shapes;
mod shop;
mod trailers;
mod typed_errors;
mod views;
