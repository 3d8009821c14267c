//! What the shop does, beyond what its examples show.

use shop::{
    CombinedShipment, Order, OrderManagement, OrderManagementClient, OrderManagementServer, Shop,
    Store, samples,
};
use tonic_types::StatusExt;
use traitwire::{Code, Server, Status, StreamExt, Streaming, stream_fn};

async fn with_samples() -> Shop {
    Shop::with_samples().await.unwrap()
}

fn sample(id: &str) -> Order {
    samples().into_iter().find(|order| order.id == id).unwrap()
}

fn order(id: &str, price: f32) -> Order {
    Order { id: id.to_owned(), items: vec!["Pencil".to_owned()], price, ..Order::default() }
}

async fn get(shop: &impl OrderManagement, id: &str) -> Result<Order, Status> {
    shop.get_order(id).await
}

/// The ids of the orders that are found.
async fn search(shop: &impl OrderManagement, word: &str) -> Vec<String> {
    shop.search_orders(word).map(|order| order.unwrap().id).collect().await
}

/// Sends a stream of orders, as far as the shop reads it.
async fn update(shop: &Shop, orders: Vec<Order>) -> Result<String, Status> {
    shop.update_orders(orders.into_iter().collect()).await
}

/// The shipments as `DESTINATION: ID ID`, and the status behind them.
async fn process(shop: &impl OrderManagement, ids: &[&str]) -> (Vec<String>, Option<Status>) {
    let ids = ids.iter().map(ToString::to_string).collect();
    let mut shipments = Box::pin(shop.process_orders(ids));
    let mut lines = Vec::new();
    while let Some(shipment) = shipments.next().await {
        match shipment {
            Ok(shipment) => lines.push(line(&shipment)),
            Err(status) => return (lines, Some(status)),
        }
    }
    (lines, None)
}

fn line(shipment: &CombinedShipment) -> String {
    assert_eq!(shipment.status, "Processed!");
    let ids: Vec<_> = shipment.orders_list.iter().map(|order| order.id.as_str()).collect();
    format!("{}: {}", shipment.id.strip_prefix("cmb - ").unwrap(), ids.join(" "))
}

/// A shop with orders that are called after their destination: X1, X2, Y1, …
async fn with_destinations(ids: &[&str]) -> Shop {
    let store = Store::open(":memory:").await.unwrap();
    let order = |id: &&str| Order { destination: id[..1].to_owned(), ..order(id, 1.0) };
    store.put(ids.iter().map(order).collect()).await.unwrap();
    Shop::new(store)
}

#[tokio::test]
async fn a_sample_comes_back_as_it_was_stored() {
    let shop = with_samples().await;
    for sample in samples() {
        assert_eq!(get(&shop, &sample.id).await.unwrap(), sample);
    }
}

#[tokio::test]
async fn a_search_finds_each_order_once_by_a_word_in_an_item() {
    let shop = with_samples().await;
    assert_eq!(search(&shop, "Google").await, ["102", "104"]);
    assert_eq!(search(&shop, "Mac Book").await, ["101", "102"]);
    assert_eq!(search(&shop, "google").await, [""; 0]);
    // Every item has these letters in it: none.
    assert_eq!(search(&shop, "").await, ["101", "102", "103", "104", "105", "106"]);
    // What means something to SQL is text like any other.
    assert_eq!(search(&shop, "%' OR 1 --").await, [""; 0]);
}

#[tokio::test]
async fn a_search_goes_on_behind_the_first_page() {
    let shop = with_samples().await;
    let ids: Vec<_> = (0..100).map(|number| format!("P{number:03}")).collect();
    update(&shop, ids.iter().map(|id| order(id, 1.0)).collect()).await.unwrap();
    assert_eq!(search(&shop, "Pencil").await, ids);
}

#[tokio::test]
async fn an_update_stores_orders_old_and_new_and_names_them() {
    let shop = with_samples().await;
    let answer = update(&shop, vec![order("102", 5.0), order("new", 6.0)]).await.unwrap();
    assert_eq!(answer, "Orders processed Updated Order IDs : 102, new, ");
    assert_eq!(get(&shop, "102").await.unwrap(), order("102", 5.0));
    assert_eq!(get(&shop, "new").await.unwrap(), order("new", 6.0));

    let answer = update(&shop, Vec::new()).await.unwrap();
    assert_eq!(answer, "Orders processed Updated Order IDs : ");
}

#[tokio::test]
async fn the_last_of_two_updates_of_an_order_counts() {
    let shop = with_samples().await;
    update(&shop, vec![order("102", 5.0), order("102", 6.0)]).await.unwrap();
    assert_eq!(get(&shop, "102").await.unwrap().price, 6.0);
}

#[tokio::test]
async fn a_wrong_order_is_named_field_by_field_and_nothing_is_stored() {
    let shop = with_samples().await;
    let orders = vec![order("102", 5.0), order("new", 6.0), order("", -1.0)];
    let status = update(&shop, orders).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(
        status.message(),
        "order 3 of the update: id must not be empty, price must not be -1"
    );
    let fields = status.get_details_bad_request().unwrap().field_violations;
    let fields: Vec<_> = fields.iter().map(|field| field.field.as_str()).collect();
    assert_eq!(fields, ["id", "price"]);

    assert_eq!(get(&shop, "102").await.unwrap(), sample("102"));
    assert_eq!(get(&shop, "new").await.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn a_price_is_a_number_from_zero_up() {
    let shop = with_samples().await;
    for price in [0.0, -0.0, 0.01, f32::MAX] {
        update(&shop, vec![order("102", price)]).await.unwrap();
        assert_eq!(get(&shop, "102").await.unwrap().price, price);
    }
    for price in [-0.01, f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let status = update(&shop, vec![order("102", price)]).await.unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument, "{price}");
    }
}

#[tokio::test]
async fn an_update_that_is_broken_off_stores_nothing() {
    let shop = with_samples().await;
    let orders = Streaming::new(stream_fn(async |mut out| {
        out.send(order("102", 5.0)).await?;
        Err(Status::cancelled("the caller has gone"))
    }));
    assert_eq!(shop.update_orders(orders).await.unwrap_err().code(), Code::Cancelled);
    assert_eq!(get(&shop, "102").await.unwrap(), sample("102"));
}

#[tokio::test]
async fn an_update_without_an_end_is_refused_before_it_fills_the_memory() {
    let shop = with_samples().await;
    let endless = stream_fn(async |mut out| {
        loop {
            out.send(order("102", 1.0)).await?;
        }
    });
    let status = shop.update_orders(Streaming::new(endless)).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);

    // Two bytes each on the wire, and many more in memory.
    let empty = Order { items: vec![String::new(); 1_000_000], ..order("102", 1.0) };
    let status = update(&shop, vec![empty]).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    assert_eq!(get(&shop, "102").await.unwrap(), sample("102"));
}

#[tokio::test]
async fn orders_travel_with_those_that_go_the_same_way() {
    let shop = with_destinations(&["X1", "Y1", "X2", "Y2"]).await;
    let (shipments, error) = process(&shop, &["X1", "Y1", "X2", "Y2"]).await;
    assert_eq!(shipments, ["X: X1 X2", "Y: Y1", "Y: Y2"]);
    assert!(error.is_none());
    assert_eq!(process(&shop, &[]).await.0, [""; 0]);
}

#[tokio::test]
async fn every_batch_has_three_orders() {
    let shop = with_destinations(&["X1"]).await;
    let (shipments, _) = process(&shop, &["X1"; 10]).await;
    assert_eq!(shipments, ["X: X1 X1 X1", "X: X1 X1 X1", "X: X1 X1 X1", "X: X1"]);
}

#[tokio::test]
async fn an_unknown_id_comes_after_the_shipments_before_it() {
    let shop = with_destinations(&["X1", "Y1"]).await;
    let (shipments, error) = process(&shop, &["X1", "Y1", "Z1", "X1"]).await;
    assert_eq!(shipments, ["X: X1", "Y: Y1"]);
    let error = error.unwrap();
    assert_eq!((error.code(), error.message()), (Code::NotFound, "no order Z1"));

    let (shipments, error) = process(&shop, &["X1", ""]).await;
    assert_eq!(shipments, ["X: X1"]);
    assert_eq!(error.unwrap().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn calls_at_the_same_time_see_whole_orders() {
    let shop = with_samples().await;
    // The price says which update an order is from, and so do its items.
    let version =
        |number: u8| Order { items: vec![number.to_string(); 3], ..order("102", number.into()) };
    update(&shop, vec![version(0)]).await.unwrap();
    let write = async {
        for number in 1..=100 {
            update(&shop, vec![version(number)]).await.unwrap();
        }
    };
    let read = async {
        loop {
            let order = get(&shop, "102").await.unwrap();
            assert_eq!(order.items, vec![order.price.to_string(); 3]);
            if order.price == 100.0 {
                break;
            }
        }
    };
    tokio::join!(write, read);
}

#[tokio::test]
async fn a_store_in_a_file_keeps_its_orders() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let path = path.to_str().unwrap();
    for price in [1.0, 2.0] {
        let store = Store::open(path).await.unwrap();
        store.put(vec![order("kept", price)]).await.unwrap();
    }
    let shop = Shop::new(Store::open(path).await.unwrap());
    assert_eq!(get(&shop, "kept").await.unwrap(), order("kept", 2.0));
}

#[tokio::test]
async fn a_file_that_is_no_store_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    std::fs::write(&path, "a shopping list, and by no means a database".repeat(100)).unwrap();
    assert!(Store::open(path.to_str().unwrap()).await.is_err());
}

#[tokio::test]
async fn a_store_that_fails_is_internal_and_the_caller_is_told_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("shop.db");
    let shop = Shop::new(Store::open(path.to_str().unwrap()).await.unwrap());
    drop(folder);
    let status = update(&shop, vec![order("lost", 1.0)]).await.unwrap_err();
    assert_eq!((status.code(), status.message()), (Code::Internal, "the store failed"));
    assert_eq!(status.details(), b"");
}

#[tokio::test]
async fn a_search_that_waits_for_its_caller_holds_up_nobody() {
    let shop = with_samples().await;
    let pencils = |price| (0..100).map(|it| order(&format!("P{it:03}"), price)).collect();
    update(&shop, pencils(1.0)).await.unwrap();
    let mut found = Box::pin(shop.search_orders("Pencil"));
    assert_eq!(found.next().await.unwrap().unwrap().price, 1.0);
    // The search stands still, and the shop goes on.
    update(&shop, pencils(2.0)).await.unwrap();
    assert_eq!(get(&shop, "P000").await.unwrap().price, 2.0);
    // The page that was read is as it was; those after it are as they are now.
    let prices: Vec<_> = found.map(|order| order.unwrap().price).collect().await;
    assert_eq!(prices[..15], [1.0; 15]);
    assert_eq!(prices[15..], [2.0; 84]);
}

/// Runs a test against a shop at the other end of a socket.
async fn over_a_socket(test: impl AsyncFnOnce(OrderManagementClient)) {
    let serve = async |socket: workbook::Socket| {
        let shop = OrderManagementServer::new(with_samples().await);
        Ok(Server::new().add(shop).serve(socket.listener, socket.shutdown).await?)
    };
    let call = async |server| {
        test(OrderManagementClient::connect(server).await?).await;
        Ok(())
    };
    workbook::both(serve, call).await.unwrap();
}

#[tokio::test]
async fn a_client_that_sends_without_an_end_is_stopped_by_the_answer() {
    over_a_socket(async |shop| {
        let (mut orders, requests) = Streaming::channel(1);
        let send = tokio::spawn(async move {
            let mut price = 100.0;
            while orders.send(order("102", price)).await.is_ok() {
                price -= 1.0;
            }
        });
        let status = shop.update_orders(requests).await.unwrap_err();
        assert_eq!(status.message(), "order 102 of the update: price must not be -1");
        assert!(status.get_details_bad_request().is_some());
        send.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn shipments_come_back_while_ids_can_still_be_sent() {
    over_a_socket(async |shop| {
        let (mut ids, requests) = Streaming::channel(3);
        for id in ["102", "103", "104"] {
            ids.send(id.to_owned()).await.unwrap();
        }
        let mut shipments = shop.process_orders(requests);
        let first = shipments.message().await.unwrap().unwrap();
        assert_eq!(line(&first), "Mountain View, CA: 102 104");
        let second = shipments.message().await.unwrap().unwrap();
        assert_eq!(line(&second), "San Jose, CA: 103");

        ids.send("101".to_owned()).await.unwrap();
        drop(ids);
        let last = shipments.message().await.unwrap().unwrap();
        assert_eq!(line(&last), "San Jose, CA: 101");
        assert!(shipments.message().await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_caller_may_leave_a_search_and_go_on_shopping() {
    over_a_socket(async |shop| {
        let mut orders = shop.search_orders("Google");
        assert_eq!(orders.message().await.unwrap().unwrap().id, "102");
        drop(orders);
        assert_eq!(search(&shop, "Google").await, ["102", "104"]);
        assert_eq!(process(&shop, &["101", "999"]).await.0, ["San Jose, CA: 101"]);
    })
    .await;
}
