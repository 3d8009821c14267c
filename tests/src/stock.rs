//! The stubs that stock tonic generates from `proto/`, as nested modules.
#![allow(missing_docs, unreachable_pub, non_camel_case_types, clippy::all, clippy::pedantic)]

include!(concat!(env!("OUT_DIR"), "/stock.rs"));
