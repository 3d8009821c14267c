//! Two halves that do not wait for each other.
//!
//! Ids go to the shop, and shipments come back whenever three orders are together, while more ids
//! still arrive. So the client sends in one task and reads in another. A client that first sends
//! all and then reads would wait for itself: nobody takes its ids out of the channel before
//! somebody reads, for a call of this shape starts when its answers are first asked for. A test at
//! the end of this file shows that.
//!
//! ```sh
//! cargo run --example 08_process_orders                       # the last id a second later
//! cargo run --example 08_process_orders -- --pause 100        # or 100 milliseconds
//! cargo run --example 08_process_orders -- serve 127.0.0.1:50051
//! cargo run --example 08_process_orders -- call 127.0.0.1:50051 --pause 200
//! ```

use std::{process::ExitCode, time::Duration};

use shop::{ORDER_MANAGEMENT, OrderManagement, OrderManagementClient, OrderManagementServer, Shop};
use traitwire::{Server, Status, Streaming};
use workbook::{Command, Result, Socket};

async fn serve(socket: Socket) -> Result {
    let shop = Shop::with_samples().await.map_err(Status::from)?;
    Server::new()
        .add(OrderManagementServer::new(shop))
        .serve(socket.listener, socket.shutdown)
        .await?;
    Ok(())
}

async fn call(server: String, pause: Duration) -> Result {
    let shop = OrderManagementClient::connect(server).await?;
    let (mut ids, requests) = Streaming::channel(1);

    let send = tokio::spawn(async move {
        for id in ["102", "103", "104"] {
            println!("client → {id}");
            ids.send(id.to_owned()).await?;
        }
        tokio::time::sleep(pause).await;
        println!("client → 101");
        ids.send("101".to_owned()).await?;
        println!("client: closes its side");
        Ok::<_, Status>(())
    });

    let mut shipments = shop.process_orders(requests);
    while let Some(shipment) = shipments.message().await? {
        println!("client ← {shipment}");
    }
    println!("client: server closed");
    Ok(send.await??)
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut command = Command::read();
    let pause = Duration::from_millis(command.option("--pause", 1000));
    let call = async |server| call(server, pause).await;
    command.run(&ORDER_MANAGEMENT, "127.0.0.1:50051", serve, call).await
}

#[cfg(test)]
mod tests {
    use tokio::time::timeout;

    use super::*;

    const A_LONG_TIME: Duration = Duration::from_secs(3600);

    /// Paused time jumps to the next timer when every task waits: an hour here takes no time.
    #[tokio::test(start_paused = true)]
    async fn to_send_all_before_the_first_read_is_to_wait_for_ever() {
        let shop = OrderManagementClient::in_process(Shop::with_samples().await.unwrap());
        let (mut ids, requests) = Streaming::channel(1);
        let mut shipments = shop.process_orders(requests);

        // The channel holds one id. The call, which would take it out, has not started.
        ids.send("102".to_owned()).await.unwrap();
        let second = timeout(A_LONG_TIME, ids.send("103".to_owned())).await;
        assert!(second.is_err(), "there was no room for it");

        // The mend: read while sending, here by one task that does both.
        let send = async move {
            ids.send("103".to_owned()).await.unwrap();
            drop(ids);
        };
        let read = async {
            let mut count = 0;
            while shipments.message().await?.is_some() {
                count += 1;
            }
            Ok::<_, Status>(count)
        };
        // Whoever gives up drops what stands first first: the call, and then the sender.
        let (count, ()) = tokio::join!(read, send);
        assert_eq!(count.unwrap(), 2);
    }
}
