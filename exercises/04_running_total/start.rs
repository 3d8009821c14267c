//! Exercise 04: who waits for whom?
//!
//! `Add` answers each number with the total so far, but only when the last number has come. So a
//! caller who wants to see a total before it sends the next number waits for ever. Answer each
//! number as it comes.
//!
//! ```sh
//! cargo xtask check 04
//! ```

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
            let mut numbers = Vec::new();
            while let Some(AddRequest { number }) = requests.message().await? {
                numbers.push(number);
            }
            let mut total = 0.0;
            for number in numbers {
                total += number;
                out.send(AddResponse { total }).await?;
            }
            Ok(())
        })
    }
}
