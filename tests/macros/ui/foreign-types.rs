//! Types that are no messages and that nobody can derive anything for.

use std::collections::HashMap;

use traitwire::{Status, service};

#[service]
pub trait Orders {
    async fn list(&self, limit: usize) -> Result<Vec<String>, Status>;
    async fn find(&self, id: i8) -> Result<Option<String>, Status>;
    async fn count(&self) -> Result<HashMap<String, u64>, Status>;
}

fn main() {}
