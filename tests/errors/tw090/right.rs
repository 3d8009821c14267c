use traitwire::Describe;

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[repr(i32)]
#[allow(non_camel_case_types)]
pub enum Version {
    V11 = 0,
    #[describe(name = "VERSION_V1_DOT_1")]
    V1_1 = 1,
}
