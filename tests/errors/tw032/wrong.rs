use traitwire::{Status, service};

#[service]
pub trait Orders {
    fn list(&self) -> impl Iterator<Item = Result<String, Status>>;
}
