//! Tokens to syntax, for both macros.

mod attributes;
mod keys;
mod recovery;
mod types;

pub(crate) use self::{
    attributes::{conditional, docs, is_cfg, is_deprecated},
    keys::{DescribeKeys, MemberKeys, RpcKeys, ServiceKeys, nearest, without_groups},
    recovery::trait_item,
    types::{compact, inside, peel},
};
