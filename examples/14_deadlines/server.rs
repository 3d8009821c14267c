//! The server: one depot.

use std::{collections::HashSet, sync::Arc, time::Duration};

use tokio::{sync::Mutex, time::sleep};
use traitwire::{
    BoxTransport, CallOptions, Request, Response, Status, Stream, Trailers, Transport, deadline,
    stream_fn, tonic::metadata::BinaryMetadataValue,
};

use crate::contract::{Depot, DepotClient};

/// How long the next depot has to take a parcel.
const HAND_OVER: Duration = Duration::from_secs(60);

/// A depot.
pub struct Warehouse {
    name: &'static str,
    /// What it has. Who forwards a parcel keeps this locked until the next depot has it.
    parcels: Arc<Mutex<HashSet<String>>>,
    /// How long it takes to look behind all the shelves.
    look: Duration,
    /// The depot behind this one.
    next: Option<DepotClient<BoxTransport>>,
}

impl Warehouse {
    /// A depot that has some parcels.
    pub fn new(name: &'static str, parcels: &[&str], look: Duration) -> Self {
        let parcels = parcels.iter().map(|&parcel| parcel.to_owned()).collect();
        Self { name, parcels: Arc::new(Mutex::new(parcels)), look, next: None }
    }

    /// The same depot, with another one behind it.
    pub fn before(self, next: DepotClient<impl Transport>) -> Self {
        // A call that a handler makes has the deadline of that handler.
        let next = next.with(CallOptions::new().inherit_deadline());
        Self { next: Some(next.boxed()), ..self }
    }

    /// Looks behind all the shelves.
    async fn look_for(&self, parcel: &str) {
        let mut search = Search { depot: self.name, parcel, is_done: false };
        sleep(self.look).await;
        search.is_done = true;
    }

    fn next(&self) -> Result<&DepotClient<BoxTransport>, Status> {
        let none = || Status::not_found(format!("there is no depot behind {}", self.name));
        self.next.as_ref().ok_or_else(none)
    }
}

impl Depot for Warehouse {
    async fn find(&self, request: Request<String>) -> Result<String, Status> {
        let metadata = request.metadata();
        let customer = metadata.get("x-customer").and_then(|it| it.to_str().ok());
        let trace = metadata.get_bin("x-trace-bin").and_then(|it| it.to_bytes().ok());
        let trace = trace.unwrap_or_default();
        let (parcel, name) = (request.get_ref(), self.name);
        let customer = customer.unwrap_or("nobody");
        println!(
            "server {name} ← find {parcel} for {customer}, trace {:02x?}, {} left",
            &trace[..],
            left()
        );

        if self.parcels.lock().await.contains(parcel) {
            return Ok(name.to_owned());
        }
        self.look_for(parcel).await;
        // Metadata goes no further by itself. The next depot needs the trace, and not the customer.
        let next = self.next()?.with(CallOptions::new().metadata_bin("x-trace-bin", &trace));
        next.find(Request::new(parcel.clone())).await
    }

    async fn forward(
        &self,
        parcel: String,
    ) -> Result<Response<impl Stream<Item = Result<String, Status>>>, Status> {
        println!("server {} ← forward {parcel}", self.name);
        // In a task there is no deadline to inherit, so this call gets one of its own.
        let next = self.next()?.with(CallOptions::new().timeout(HAND_OVER));
        let mut parcels = self.parcels.clone().lock_owned().await;
        if !parcels.remove(&parcel) {
            return Err(Status::not_found(format!("{} has no {parcel}", self.name)));
        }
        // Between two depots a parcel is nowhere, so whoever takes it out must come to the end. This
        // handler may be dropped at any `await`; a task is not.
        let handed_over = tokio::spawn(async move {
            let receipt = next.receive(parcel.clone()).await;
            if receipt.is_err() {
                // If only the answer was lost, it is in both now: a real depot would ask.
                parcels.insert(parcel);
            }
            receipt
        });

        let trailers = Trailers::new();
        let at_the_end = trailers.clone();
        let mut response = Response::new(stream_fn(async move |mut out| {
            out.send("loaded".to_owned()).await?;
            let receipt =
                handed_over.await.map_err(|error| Status::internal(error.to_string()))??;
            let receipt = BinaryMetadataValue::from_bytes(&receipt);
            at_the_end.update(|it| drop(it.insert_bin("x-receipt-bin", receipt)));
            out.send("arrived".to_owned()).await?;
            Ok(())
        }));
        response.metadata_mut().insert("x-truck", 7.into());
        response.extensions_mut().insert(trailers);
        Ok(response)
    }

    async fn receive(&self, parcel: String) -> Result<Vec<u8>, Status> {
        let receipt = vec![0x0d, 0xff, parcel.len() as u8];
        self.parcels.lock().await.insert(parcel);
        Ok(receipt)
    }
}

/// A search that says so when it is dropped before its end.
struct Search<'a> {
    depot: &'static str,
    parcel: &'a str,
    is_done: bool,
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        if !self.is_done {
            println!("server {}: gives up looking for {}", self.depot, self.parcel);
        }
    }
}

/// How much time is left, to half a second: the rest differs from run to run.
fn left() -> String {
    let halves = |left: Duration| format!("{:.1} s", (left.as_secs_f64() * 2.0).round() / 2.0);
    deadline::remaining().map_or("any time".to_owned(), halves)
}
