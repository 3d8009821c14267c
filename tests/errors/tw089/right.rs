use traitwire::Describe;

#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(uint64, tag = "1")]
    #[describe(jstype = "JS_STRING")]
    pub id: u64,
}
