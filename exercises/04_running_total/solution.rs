//! Exercise 04, solved.

use traitwire::{Status, Stream, Streaming, message, service, stream_fn};

traitwire::package!("totals.v1");

/// Adds up.
#[service]
pub trait TotalService {
    /// The total after each number, before the next one comes.
    fn add(
        &self,
        requests: Streaming<AddRequest>,
    ) -> impl Stream<Item = Result<AddResponse, Status>>;
}

/// One more number.
#[message]
pub struct AddRequest {
    /// The number.
    #[tag(1)]
    pub number: f64,
}

/// The total so far.
#[message]
pub struct AddResponse {
    /// The sum of the numbers of this call.
    #[tag(1)]
    pub total: f64,
}

/// The server.
pub struct Totals;

impl TotalService for Totals {
    fn add(
        &self,
        mut requests: Streaming<AddRequest>,
    ) -> impl Stream<Item = Result<AddResponse, Status>> {
        stream_fn(async move |mut out| {
            let mut total = 0.0;
            while let Some(AddRequest { number }) = requests.message().await? {
                total += number;
                out.send(AddResponse { total }).await?;
            }
            Ok(())
        })
    }
}
