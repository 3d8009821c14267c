use traitwire::{Status, service};

#[service]
pub trait Orders {
    fn get(&self, id: String) -> Result<String, Status>;
}
