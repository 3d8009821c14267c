//! The contract.

use traitwire::{Request, Response, Status, Stream, service};

/// A depot for parcels, with another one behind it.
#[service(package = "parcels.v1", file = "parcels/v1/parcels.proto")]
pub trait Depot {
    /// Which depot has a parcel. One that does not have it looks for it, and then asks the next one.
    async fn find(&self, request: Request<String>) -> Result<String, Status>;
    /// Sends a parcel to the next depot, and tells how far it is.
    async fn forward(
        &self,
        parcel: String,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status>;
    /// Takes a parcel in. The answer is the receipt.
    async fn receive(&self, parcel: String) -> Result<Vec<u8>, Status>;
}
