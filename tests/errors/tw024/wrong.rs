use traitwire::{Status, service};

#[service]
pub trait Orders {
    async unsafe fn get(&self, id: String) -> Result<String, Status>;
}
