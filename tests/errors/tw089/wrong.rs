use traitwire::Describe;

#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Order {
    #[prost(string, tag = "1")]
    #[describe(jstype = "JS_STRING")]
    pub id: String,
}
