//! Conditions: on methods, on a trait, and behind `cfg_attr`.

#![allow(clippy::mixed_attributes_style, reason = "conditions are the point")]

use traitwire::{Status, service};

/// Some of its methods are there.
#[service]
pub trait Parts {
    /// There.
    #[cfg(test)]
    async fn on(&self) -> Result<u32, Status>;
    /// Not there; its message does not even exist.
    #[cfg(not(test))]
    async fn off(&self, missing: Missing) -> Result<Missing, Missing>;
    /// Nor what it would borrow.
    #[cfg(not(test))]
    async fn borrowed(&self, missing: &Missing) -> Result<u32, Status>;
    /// One of two.
    #[cfg(test)]
    async fn either(&self) -> Result<u32, Status>;
    /// The other of two, on the same route.
    #[cfg(not(test))]
    async fn either(&self) -> Result<Missing, Status>;
    /// There, by way of `cfg_attr`.
    #[cfg_attr(test, cfg(test))]
    async fn behind(&self) -> Result<u32, Status>;
    /// Not there, by way of `cfg_attr`.
    #[cfg_attr(test, cfg(not(test)))]
    async fn hidden(&self) -> Result<Missing, Status>;
    /// Deprecated, by way of `cfg_attr`.
    #[cfg_attr(test, deprecated)]
    #[rpc(unimplemented)]
    async fn old(&self) -> Result<(), Status>;
}

/// Not there at all.
#[cfg(not(test))]
#[service]
pub trait Absent {
    /// Nor is this.
    async fn absent(&self) -> Result<Missing, Status>;
}

/// Not there either, whichever attribute comes first.
#[service]
#[cfg(not(test))]
pub trait AbsentToo {
    /// Nor is this.
    async fn absent(&self) -> Result<Missing, Status>;
}

/// There, whichever attribute comes first.
#[service(package = "present")]
#[cfg(test)]
pub trait Present {
    /// So is this.
    async fn present(&self) -> Result<u32, Status>;
}

struct Here;

impl Parts for Here {
    async fn on(&self) -> Result<u32, Status> {
        Ok(1)
    }

    async fn either(&self) -> Result<u32, Status> {
        Ok(2)
    }

    async fn behind(&self) -> Result<u32, Status> {
        Ok(3)
    }
}

impl Present for Here {
    async fn present(&self) -> Result<u32, Status> {
        Ok(4)
    }
}

#[tokio::test]
async fn what_is_made_of_a_method_is_there_when_the_method_is() {
    let client = PartsClient::in_process(Here);
    assert_eq!(client.on().await.unwrap(), 1);
    assert_eq!(client.either().await.unwrap(), 2);
    assert_eq!(client.behind().await.unwrap(), 3);
    let names: Vec<_> = PARTS.methods.iter().map(|it| it.name).collect();
    assert_eq!(names, ["On", "Either", "Behind", "Old"]);
}

#[tokio::test]
async fn what_is_made_of_a_trait_is_there_when_the_trait_is() {
    assert_eq!(PresentClient::in_process(Here).present().await.unwrap(), 4);
    assert_eq!(PRESENT.package, "present");
}
