use traitwire::{Status, service};

#[service]
pub trait Orders {
    default async fn get(&self, id: String) -> Result<String, Status>;
}
