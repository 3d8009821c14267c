use traitwire::Describe;

/// A message with one of the two.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Either {
    /// Which.
    #[prost(oneof = "Value", tags = "1, 2")]
    pub value: Option<Value>,
}

/// One or the other.
#[derive(Clone, PartialEq, prost::Oneof, Describe)]
pub enum Value {
    /// One.
    #[prost(uint32, tag = "1")]
    Number(u32),
    /// The other.
    #[prost(float, tag = "2")]
    Float(f32),
}
