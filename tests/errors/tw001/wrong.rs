use traitwire::service;

/// The attribute is for the contract, not for what implements it.
#[service]
pub struct Shop;
