//! Traitwire: the same contract, as a trait.

use traitwire::{Status, Stream, StreamExt, Streaming, stream_fn};

use crate::stock::Number;

/// The contract of `proto/bench.proto`.
#[traitwire::service(package = "bench")]
pub(crate) trait Bench {
    async fn echo(&self, number: Number) -> Result<Number, Status>;
    fn count(&self, below: Number) -> impl Stream<Item = Result<Number, Status>>;
    fn count_by_sends(&self, below: Number) -> impl Stream<Item = Result<Number, Status>>;
    async fn sum(&self, numbers: Streaming<Number>) -> Result<Number, Status>;
    fn double(&self, numbers: Streaming<Number>) -> impl Stream<Item = Result<Number, Status>>;
}

/// The service. Its streams borrow it, which is what they are measured with.
pub(crate) struct Ours {
    pub(crate) step: i64,
}

impl Bench for Ours {
    async fn echo(&self, number: Number) -> Result<Number, Status> {
        Ok(number)
    }

    fn count(&self, below: Number) -> impl Stream<Item = Result<Number, Status>> {
        let numbers = 0..below.value;
        tokio_stream::iter(numbers.map(|value| Ok(Number { value: value * self.step })))
    }

    fn count_by_sends(&self, below: Number) -> impl Stream<Item = Result<Number, Status>> {
        stream_fn(async move |mut out| {
            for value in 0..below.value {
                out.send(Number { value: value * self.step }).await?;
            }
            Ok(())
        })
    }

    async fn sum(&self, mut numbers: Streaming<Number>) -> Result<Number, Status> {
        let mut value = 0;
        while let Some(number) = numbers.message().await? {
            value += number.value;
        }
        Ok(Number { value })
    }

    fn double(&self, numbers: Streaming<Number>) -> impl Stream<Item = Result<Number, Status>> {
        numbers.map(|number| {
            let Number { value } = number?;
            Ok(Number { value: 2 * value })
        })
    }
}
