use traitwire::Describe;

#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[repr(i32)]
pub enum Table {
    Free = 0,
    #[describe(name = "RESERVED")]
    Reserved = 1,
}
