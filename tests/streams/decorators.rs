//! One function over `&impl Trait` takes a local service, a client over a socket, a client in
//! process, and a decorator around any of them.

use std::{
    collections::HashMap,
    pin::pin,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

use traitwire::{Code, Status, Stream, StreamExt};

#[traitwire::service(package = "streams")]
trait Shop {
    fn basket(&self, customer: String) -> impl Stream<Item = Result<String, Status>>;
    async fn price(&self, item: String) -> Result<u32, Status>;
}

/// What a customer has to pay. It does not know what kind of shop it asks.
async fn total(shop: &impl Shop, customer: &str) -> Result<u32, Status> {
    let mut total = 0;
    let mut items = pin!(shop.basket(customer.to_owned()));
    while let Some(item) = items.next().await {
        total += shop.price(item?).await?;
    }
    Ok(total)
}

/// A shop in this process, which counts how often it is asked for a price.
#[derive(Default)]
struct Local {
    asked: AtomicUsize,
}

impl Shop for Local {
    fn basket(&self, customer: String) -> impl Stream<Item = Result<String, Status>> {
        let items: &[&str] = match &*customer {
            "ada" => &["tea", "cup", "tea", "tea"],
            "bob" => &["tea", "moon"],
            _ => &[],
        };
        tokio_stream::iter(items).map(|&item| Ok(item.to_owned()))
    }

    async fn price(&self, item: String) -> Result<u32, Status> {
        self.asked.fetch_add(1, SeqCst);
        match &*item {
            "tea" => Ok(3),
            "cup" => Ok(10),
            _ => Err(Status::not_found(format!("no {item} here"))),
        }
    }
}

/// Any shop, whose prices are asked for once.
struct Caching<S> {
    shop: S,
    prices: Mutex<HashMap<String, u32>>,
}

impl<S> Caching<S> {
    fn new(shop: S) -> Self {
        Self { shop, prices: Mutex::default() }
    }
}

impl<S: Shop> Shop for Caching<S> {
    fn basket(&self, customer: String) -> impl Stream<Item = Result<String, Status>> {
        self.shop.basket(customer)
    }

    async fn price(&self, item: String) -> Result<u32, Status> {
        let known = self.prices.lock().unwrap().get(&item).copied();
        if let Some(price) = known {
            return Ok(price);
        }
        let price = self.shop.price(item.clone()).await?;
        self.prices.lock().unwrap().insert(item, price);
        Ok(price)
    }
}

async fn assert_totals(shop: &impl Shop) {
    assert_eq!(total(shop, "ada").await.unwrap(), 19);
    assert_eq!(total(shop, "nobody").await.unwrap(), 0);
    let error = total(shop, "bob").await.unwrap_err();
    assert_eq!((error.code(), error.message()), (Code::NotFound, "no moon here"));
}

#[tokio::test]
async fn a_local_shop_is_a_shop() {
    assert_totals(&Local::default()).await;
}

#[tokio::test]
async fn a_client_in_process_is_a_shop() {
    assert_totals(&ShopClient::in_process(Local::default())).await;
}

#[tokio::test]
async fn a_client_over_a_socket_is_a_shop() {
    let server = traitwire_tests::serve(ShopServer::new(Local::default())).await;
    assert_totals(&ShopClient::connect(server.uri()).await.unwrap()).await;
}

#[tokio::test]
async fn a_decorator_around_any_shop_is_a_shop() {
    let local = Caching::new(Local::default());
    assert_totals(&local).await;
    assert_eq!(local.shop.asked.load(SeqCst), 3, "tea, cup and moon");

    assert_totals(&Caching::new(ShopClient::in_process(Local::default()))).await;
    assert_totals(&Caching::new(Caching::new(Local::default()))).await;
}

#[tokio::test]
async fn a_decorator_around_a_client_is_served_again() {
    let local = std::sync::Arc::new(Local::default());
    let back = traitwire_tests::serve(ShopServer::from_arc(local.clone())).await;
    let caching = Caching::new(ShopClient::new(back.connect().await));
    let front = traitwire_tests::serve(ShopServer::new(caching)).await;
    assert_totals(&ShopClient::new(front.connect().await)).await;
    assert_eq!(local.asked.load(SeqCst), 3, "tea, cup and moon");
}
