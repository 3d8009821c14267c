//! A shop of few words: each of its answers is a trace that one can read.

use std::future::pending;

use traitwire::{Status, Stream, Streaming, stream_fn};

use crate::contract::{CombinedShipment, Order, OrderManagement};

/// Serves the runs.
pub(crate) struct Shop;

impl OrderManagement for Shop {
    async fn get_order(&self, id: &str) -> Result<Order, Status> {
        match id {
            "106" => Ok(order("106", &["Amazon Echo", "Apple iPhone XS"], 300.0)),
            _ => Err(Status::not_found(format!("no order {id}"))),
        }
    }

    /// What is searched for says how it ends: well, with an error, or not at all.
    fn search_orders(&self, query: &str) -> impl Stream<Item = Result<Order, Status>> {
        stream_fn(async move |mut out| match query {
            "Google" => {
                out.send(order("102", &["Google Pixel 3A"], 1800.0)).await?;
                out.send(order("104", &["Google Nest Hub"], 400.0)).await?;
                Ok(())
            }
            "Apple" => {
                out.send(order("103", &["Apple Watch S4"], 400.0)).await?;
                Err(Status::data_loss("the next order cannot be read"))
            }
            _ => {
                out.send(order("105", &["Amazon Echo"], 30.0)).await?;
                pending().await
            }
        })
    }

    async fn update_orders(&self, mut orders: Streaming<Order>) -> Result<String, Status> {
        let mut ids = Vec::new();
        while let Some(order) = orders.message().await? {
            ids.push(order.id);
        }
        Ok(ids.join(", "))
    }

    /// Each order is a shipment of its own, so that an answer follows each id.
    fn process_orders(
        &self,
        mut ids: Streaming<String>,
    ) -> impl Stream<Item = Result<CombinedShipment, Status>> {
        stream_fn(async move |mut out| {
            while let Some(id) = ids.message().await? {
                let (status, orders_list) = ("Processed!".to_owned(), vec![order(&id, &[], 0.0)]);
                out.send(CombinedShipment { id: format!("cmb - {id}"), status, orders_list })
                    .await?;
            }
            Ok(())
        })
    }
}

/// An order.
pub(crate) fn order(id: &str, items: &[&str], price: f32) -> Order {
    let items = items.iter().map(|&item| item.to_owned()).collect();
    Order { id: id.to_owned(), items, price, ..Order::default() }
}
