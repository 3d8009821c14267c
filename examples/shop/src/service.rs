//! The service: one type, one method a chapter.

use traitwire::{Status, Stream, Streaming, prost::Message, stream_fn};

use crate::{
    CombinedShipment, Error, Order, OrderManagement, Store,
    batch::Batch,
    error::{check, check_id},
    samples,
};

/// How many bytes of memory the orders of one update may take until they are stored.
const LARGEST_UPDATE: usize = 4 * 1024 * 1024;

/// The shop, as its server has it.
pub struct Shop {
    store: Store,
}

impl Shop {
    /// A shop with these orders.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    /// A shop in memory, with the six sample orders.
    pub async fn with_samples() -> Result<Self, Error> {
        let store = Store::open(":memory:").await?;
        store.put(samples()).await?;
        Ok(Self { store })
    }

    async fn order(&self, id: &str) -> Result<Order, Error> {
        check_id(id)?;
        self.store.get(id).await?.ok_or_else(|| Error::Unknown(id.to_owned()))
    }
}

impl OrderManagement for Shop {
    async fn get_order(&self, id: &str) -> Result<Order, Status> {
        println!("server ← getOrder {id:?}");
        Ok(self.order(id).await?)
    }

    fn search_orders(&self, query: &str) -> impl Stream<Item = Result<Order, Status>> {
        println!("server ← searchOrders {query:?}");
        stream_fn(async move |mut out| {
            // Dropped where it stands, like all of this, when the caller leaves.
            let mut search = Search { is_done: false };
            let mut after = String::new();
            loop {
                let page = self.store.search(query, &after).await?;
                let Some(last) = page.last() else { break };
                after.clone_from(&last.id);
                for order in page {
                    out.send(order).await?;
                }
            }
            search.is_done = true;
            Ok(())
        })
    }

    async fn update_orders(&self, mut orders: Streaming<Order>) -> Result<String, Status> {
        let mut updates = Vec::new();
        let mut size = 0;
        while let Some(order) = orders.message().await? {
            println!("server ← order {:?}", order.id);
            // An answer before the end of the stream: `orders` is dropped, and its sender learns
            // that nobody reads any more.
            check(&order, updates.len() + 1)?;
            size += size_in_memory(&order);
            if size > LARGEST_UPDATE {
                return Err(Error::TooLarge(LARGEST_UPDATE).into());
            }
            updates.push(order);
        }
        let ids: String = updates.iter().map(|order| format!("{}, ", order.id)).collect();
        self.store.put(updates).await?;
        Ok(format!("Orders processed Updated Order IDs : {ids}"))
    }

    fn process_orders(
        &self,
        mut ids: Streaming<String>,
    ) -> impl Stream<Item = Result<CombinedShipment, Status>> {
        stream_fn(async move |mut out| {
            let mut batch = Batch::default();
            let mut outcome = Ok(());
            while let Some(id) = ids.message().await? {
                println!("server ← {id}");
                match self.order(&id).await {
                    Ok(order) => batch.add(order),
                    Err(error) => {
                        outcome = Err(error.into());
                        break;
                    }
                }
                if batch.is_full() {
                    for shipment in batch.take() {
                        out.send(shipment).await?;
                    }
                }
            }
            // What is combined is not lost: it goes out before the end, and before an error.
            for shipment in batch.take() {
                out.send(shipment).await?;
            }
            outcome
        })
    }
}

/// About how many bytes an order takes until it is stored.
fn size_in_memory(order: &Order) -> usize {
    size_of::<Order>() + size_of_val(&order.items[..]) + order.encoded_len()
}

/// Says that a search was left in the middle.
struct Search {
    is_done: bool,
}

impl Drop for Search {
    fn drop(&mut self) {
        if !self.is_done {
            println!("server: the search is dropped in the middle");
        }
    }
}
