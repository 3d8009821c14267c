//! One call, step by step, with the frames as they pass.
//!
//! The two ends share a thread and a pipe in memory, so that everything happens in the same order at
//! every run.

use std::sync::{Arc, Mutex, PoisonError};

use client_write_path::{CallOptions, ClientConn, ConnOptions};
use shop::{ORDER_MANAGEMENT, Order, OrderManagementServer, Shop};
use traitwire::{Server, Status};
use wire::{
    Side,
    frame::Content,
    schema::Schema,
    steps::{Steps, tracing},
    tap::{Seen, Tap},
    trace::{Style, Trace},
};
use workbook::Result;

use crate::{flushes, pipe::call_over_a_pipe};

/// Tells the story of a call, and then counts the flushes of many.
pub(crate) async fn tell() -> Result {
    let shop = Shop::with_samples().await.map_err(Status::from)?;
    let server = Server::new().add(OrderManagementServer::new(shop));
    call_over_a_pipe(server, async |io| {
        let tap = Tap::new();
        let io = tap.wrap(io, Side::Client);
        let conn = ClientConn::handshake(io, "shop", ConnOptions::default()).await?;
        tap.until(has_begun).await;
        one_call(&conn, &tap).await?;
        conn.close().await;
        Ok(())
    })
    .await?;

    println!();
    for yields in [true, false] {
        let count = flushes::over_a_pipe(yields).await?;
        let with = if yields { "with" } else { "without" };
        println!("client: {} calls at once, {with} the yield: {count} flushes", flushes::CALLS);
    }
    Ok(())
}

/// Both have said all that they say without being asked: the last is that the client takes the
/// server's settings.
fn has_begun(seen: &[Seen]) -> bool {
    let of_client = seen.iter().filter(|seen| seen.from == Side::Client);
    let mut contents = of_client.filter_map(|seen| seen.frame()?.content().ok());
    contents.any(|content| content == Content::SettingsAck)
}

async fn one_call(conn: &ClientConn, tap: &Tap) -> Result {
    // Nothing of the beginning is left in the queue.
    conn.quotas().await;
    tap.forget();
    let proto = traitwire::schema::Schema::of(&[&ORDER_MANAGEMENT])?.to_string();
    let schema = Schema::parse([("", proto.as_str())])?;
    let log =
        Log { tap: tap.clone(), trace: Trace::new(schema, Style::Compact), sent: 0, received: 0 };
    let log = Arc::new(Mutex::new(log));
    let steps = {
        let log = log.clone();
        Steps::new(move |n, text| {
            let mut log = log.lock().unwrap_or_else(PoisonError::into_inner);
            println!("{:<5}{text}", format!("[{n}]"));
            match n {
                10 => log.sent(),
                11 => log.received(),
                _ => {}
            }
        })
    };
    let printing = tracing::subscriber::set_default(steps);
    let get_order = ORDER_MANAGEMENT.methods.iter().find(|method| method.name == "getOrder");
    let get_order = get_order.ok_or("a shop without orders")?;
    let order: Order = conn.invoke(get_order, &"106".to_owned(), CallOptions::default()).await?;
    drop(printing);
    println!("client ← {order}");
    Ok(())
}

/// What has passed, and how much of it was printed.
struct Log {
    tap: Tap,
    trace: Trace,
    sent: usize,
    received: usize,
}

impl Log {
    /// Prints what was sent since the last time.
    fn sent(&mut self) {
        let events = self.tap.events();
        for seen in events.iter().skip(self.sent).filter(|seen| seen.from == Side::Client) {
            print!("{}", self.trace.event(seen.from, &seen.event).text);
        }
        self.sent = events.len();
    }

    /// Prints the next frame of a stream that has come. They may come together.
    fn received(&mut self) {
        for seen in self.tap.events().iter().skip(self.received) {
            self.received += 1;
            if seen.from == Side::Server {
                let said = self.trace.event(seen.from, &seen.event);
                print!("{}", said.text);
                if said.stream != 0 {
                    break;
                }
            }
        }
    }
}
