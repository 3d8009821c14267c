use traitwire::{Status, service};

macro_rules! get {
    ($name:ident) => {
        async fn $name(&self, id: String) -> Result<String, Status>;
    };
}

#[service]
pub trait Orders {
    get!(get_order);
}
