//! Deprecated methods and services: only the user's own calls are warned of.

use traitwire::{Status, service};

/// A service with an old method.
#[service]
pub trait Aging {
    /// Old.
    #[deprecated = "use `young`"]
    async fn old(&self, name: &str) -> Result<u32, Status>;
    /// Young.
    async fn young(&self) -> Result<u32, Status>;
}

struct Ages;

impl Aging for Ages {
    async fn old(&self, name: &str) -> Result<u32, Status> {
        Ok(80 + u32::try_from(name.len()).unwrap_or(0))
    }

    async fn young(&self) -> Result<u32, Status> {
        Ok(8)
    }
}

#[tokio::test]
async fn a_deprecated_method_is_served_and_described() {
    let client = AgingClient::in_process(Ages);
    #[expect(deprecated, reason = "the call is to be warned of")]
    let old = client.old("").await.unwrap();
    assert_eq!((old, client.young().await.unwrap()), (80, 8));
    assert!(AGING.methods[0].deprecated && !AGING.methods[1].deprecated);
}
