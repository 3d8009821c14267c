//! The server process: handlers that write down what they got and what they gave.

use std::sync::Arc;

use tokio::net::TcpListener;
use traitwire::{Request, Server, Status, Stream, Streaming, deadline, stream_fn};

use crate::{
    contract::{Ending, Order, Parcel, Parcels, ParcelsServer},
    ledger::{Ledger, Side},
    process::{Result, attend},
};

/// Prints its address, and serves until its input ends.
///
/// # Errors
///
/// When it cannot listen.
pub async fn run(ledger: Arc<Ledger>) -> Result {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let server = Server::new().add(ParcelsServer::new(Store { ledger: ledger.clone() }));
    tokio::spawn(server.serve(listener, std::future::pending()));
    attend(&ledger, ledger.all_over()).await
}

struct Store {
    ledger: Arc<Ledger>,
}

impl Store {
    /// A handler starts.
    fn begin<T>(&self, request: &Request<T>) -> Result<(Order, Side), Status> {
        let order = Order::of(request)?;
        Ok((order, Side::begin(&self.ledger, order.call, deadline::remaining())))
    }
}

/// The next answer: a small one, and from time to time one that fills a window.
fn answer(side: &Side, number: u32) -> Parcel {
    side.give(if number % 64 == 63 { 100_000 } else { number * 7 % 300 })
}

/// Ends as the caller asked for.
async fn end(side: &Side, ending: Ending) -> Result<(), Status> {
    may_end(side, ending).await?;
    side.closing();
    Ok(())
}

/// Ends with one answer, or as the caller asked for.
async fn end_with_one(side: &Side, ending: Ending) -> Result<Parcel, Status> {
    may_end(side, ending).await?;
    let parcel = answer(side, 0);
    side.closing();
    Ok(parcel)
}

/// Comes back when the handler is to return in peace.
async fn may_end(side: &Side, ending: Ending) -> Result<(), Status> {
    match ending {
        Ending::Return => Ok(()),
        Ending::Fail => {
            side.closing();
            Err(Status::failed_precondition("as the caller asked for"))
        }
        Ending::Wait => std::future::pending().await,
    }
}

impl Parcels for Store {
    async fn put(&self, request: Request<Parcel>) -> Result<Parcel, Status> {
        let (order, side) = self.begin(&request)?;
        side.got(request.get_ref());
        side.closed();
        end_with_one(&side, order.ending).await
    }

    fn fetch(&self, request: Request<Parcel>) -> impl Stream<Item = Result<Parcel, Status>> {
        stream_fn(async move |mut out| {
            let (order, side) = self.begin(&request)?;
            side.got(request.get_ref());
            side.closed();
            for number in 0..order.messages {
                out.send(answer(&side, number)).await?;
            }
            end(&side, order.ending).await
        })
    }

    async fn store(&self, request: Request<Streaming<Parcel>>) -> Result<Parcel, Status> {
        let (order, side) = self.begin(&request)?;
        let mut parcels = request.into_inner();
        for _ in 0..order.messages {
            let Some(parcel) = parcels.message().await? else {
                side.closed();
                break;
            };
            side.got(&parcel);
        }
        end_with_one(&side, order.ending).await
    }

    async fn swap(
        &self,
        request: Request<Streaming<Parcel>>,
    ) -> Result<impl Stream<Item = Result<Parcel, Status>>, Status> {
        let (order, side) = self.begin(&request)?;
        let mut parcels = request.into_inner();
        Ok(stream_fn(async move |mut out| {
            for number in 0..order.messages {
                let Some(parcel) = parcels.message().await? else {
                    side.closed();
                    break;
                };
                side.got(&parcel);
                out.send(answer(&side, number)).await?;
            }
            end(&side, order.ending).await
        }))
    }
}
