use traitwire::Describe;

/// How many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Enumeration, Describe)]
pub enum Stock {}
