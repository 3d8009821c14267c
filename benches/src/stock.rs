//! Stock tonic: the service as its tutorials write it, and as one may write it who knows it well.

use std::pin::Pin;

use tokio::sync::mpsc;
use tokio_stream::{Stream, StreamExt, wrappers::ReceiverStream};
use tonic::{Request, Response, Status, Streaming};

pub(crate) use self::generated::{
    Number, bench_client::BenchClient, bench_server::Bench, bench_server::BenchServer,
};

#[allow(missing_docs, unreachable_pub)]
mod generated {
    tonic::include_proto!("bench");
}

/// The service. A stream by sends goes through a channel with so many places: 4 in the tutorial
/// "routeguide", 128 in the example "streaming".
pub(crate) struct Stock {
    pub(crate) channel: usize,
}

type Numbers = Pin<Box<dyn Stream<Item = Result<Number, Status>> + Send>>;

#[tonic::async_trait]
impl Bench for Stock {
    type CountStream = Numbers;
    type CountBySendsStream = Numbers;
    type DoubleStream = Numbers;

    async fn echo(&self, request: Request<Number>) -> Result<Response<Number>, Status> {
        Ok(Response::new(request.into_inner()))
    }

    async fn count(&self, request: Request<Number>) -> Result<Response<Numbers>, Status> {
        let numbers = 0..request.into_inner().value;
        let numbers = tokio_stream::iter(numbers.map(|value| Ok(Number { value })));
        Ok(Response::new(Box::pin(numbers)))
    }

    async fn count_by_sends(&self, request: Request<Number>) -> Result<Response<Numbers>, Status> {
        let numbers = 0..request.into_inner().value;
        let (sender, receiver) = mpsc::channel(self.channel);
        tokio::spawn(async move {
            for value in numbers {
                if sender.send(Ok(Number { value })).await.is_err() {
                    break;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn sum(&self, request: Request<Streaming<Number>>) -> Result<Response<Number>, Status> {
        let mut numbers = request.into_inner();
        let mut value = 0;
        while let Some(number) = numbers.message().await? {
            value += number.value;
        }
        Ok(Response::new(Number { value }))
    }

    async fn double(
        &self,
        request: Request<Streaming<Number>>,
    ) -> Result<Response<Numbers>, Status> {
        let doubled = request.into_inner().map(|number| {
            let Number { value } = number?;
            Ok(Number { value: 2 * value })
        });
        Ok(Response::new(Box::pin(doubled)))
    }
}
