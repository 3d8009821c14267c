//! Tokens to syntax, for all macros.

mod attributes;
mod error_keys;
mod key;
mod keys;
mod recovery;
mod types;

pub(crate) use self::{
    attributes::{conditional, docs, is_cfg, is_deprecated},
    error_keys::{ErrorKeys, FieldMark, VariantKeys},
    key::{Key, nearest, without_groups},
    keys::{DescribeKeys, MemberKeys, OptionValue, PackageKeys, RpcKeys, ServiceKeys},
    recovery::trait_item,
    types::{compact, inside, peel},
};
