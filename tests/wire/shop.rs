//! The shop: a contract with lower-case method names and wrapper messages, against stock stubs.

use std::pin::Pin;

use prost::Message;
use tonic::transport::Channel;
use traitwire::{
    Describe, Request, Response, Status, Stream, StreamExt, Streaming, service, stream_fn,
};
use traitwire_tests::{
    serve, serve_http,
    stock::{ecommerce as stock, google::protobuf::StringValue},
};

#[service(package = "ecommerce", file = "order_management.proto", rename_all = "camelCase")]
trait OrderManagement {
    /// One order, or NOT_FOUND.
    async fn get_order(&self, id: &str) -> Result<Order, Status>;
    /// Every order that has a matching item.
    fn search_orders(&self, query: &str) -> impl Stream<Item = Result<Order, Status>>;
    /// Names the orders that were sent.
    async fn update_orders(&self, orders: Streaming<Order>) -> Result<String, Status>;
    /// A shipment for each order.
    fn process_orders(
        &self,
        ids: Streaming<String>,
    ) -> impl Stream<Item = Result<CombinedShipment, Status>>;
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "ecommerce")]
struct Order {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(string, repeated, tag = "2")]
    items: Vec<String>,
    #[prost(string, tag = "3")]
    description: String,
    #[prost(float, tag = "4")]
    price: f32,
    #[prost(string, tag = "5")]
    destination: String,
}

#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "ecommerce")]
struct CombinedShipment {
    #[prost(string, tag = "1")]
    id: String,
    #[prost(string, tag = "2")]
    status: String,
    #[prost(message, repeated, tag = "3")]
    orders_list: Vec<Order>,
}

fn order(id: &str, items: &[&str], destination: &str, price: f32) -> Order {
    Order {
        id: id.to_owned(),
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        description: String::new(),
        price,
        destination: destination.to_owned(),
    }
}

/// The orders of the shop, by id.
struct Shop {
    orders: Vec<Order>,
}

impl Shop {
    fn open() -> Self {
        let orders = vec![
            order("102", &["Google Pixel 3A", "Mac Book Pro"], "Mountain View, CA", 1800.0),
            order("103", &["Apple Watch S4"], "San Jose, CA", 400.0),
            order("104", &["Google Home Mini", "Google Nest Hub"], "Mountain View, CA", 400.0),
        ];
        Self { orders }
    }

    fn find(&self, id: &str) -> Result<&Order, Status> {
        let found = self.orders.iter().find(|order| order.id == id);
        found.ok_or_else(|| Status::not_found(format!("no order {id}")))
    }

    fn ship(&self, id: &str) -> Result<CombinedShipment, Status> {
        let order = self.find(id)?;
        Ok(CombinedShipment {
            id: format!("cmb - {}", order.destination),
            status: "Processed!".to_owned(),
            orders_list: vec![order.clone()],
        })
    }
}

impl OrderManagement for Shop {
    async fn get_order(&self, id: &str) -> Result<Order, Status> {
        self.find(id).cloned()
    }

    fn search_orders(&self, query: &str) -> impl Stream<Item = Result<Order, Status>> {
        let has = move |order: &&Order| order.items.iter().any(|item| item.contains(query));
        tokio_stream::iter(self.orders.iter().filter(has).cloned().map(Ok))
    }

    async fn update_orders(&self, mut orders: Streaming<Order>) -> Result<String, Status> {
        let mut ids = String::new();
        while let Some(order) = orders.message().await? {
            ids += &format!("{}, ", order.id);
        }
        Ok(format!("Orders processed Updated Order IDs : {ids}"))
    }

    fn process_orders(
        &self,
        mut ids: Streaming<String>,
    ) -> impl Stream<Item = Result<CombinedShipment, Status>> {
        stream_fn(async move |mut out| {
            while let Some(id) = ids.message().await? {
                out.send(self.ship(&id)?).await?;
            }
            Ok(())
        })
    }
}

/// From the one type of a message to the other, by way of its bytes.
fn convert<From: Message, To: Message + Default>(message: &From) -> To {
    To::decode(message.encode_to_vec().as_slice()).expect("the same message")
}

/// The same shop behind the stubs of stock tonic.
#[tonic::async_trait]
impl stock::order_management_server::OrderManagement for Shop {
    async fn get_order(&self, id: Request<StringValue>) -> Result<Response<stock::Order>, Status> {
        Ok(Response::new(convert(self.find(&id.into_inner().value)?)))
    }

    type searchOrdersStream = Items<stock::Order>;

    async fn search_orders(
        &self,
        query: Request<StringValue>,
    ) -> Result<Response<Items<stock::Order>>, Status> {
        let query = query.into_inner().value;
        let found = OrderManagement::search_orders(self, &query);
        let found: Vec<_> = found.map(|order| order.map(|order| convert(&order))).collect().await;
        Ok(Response::new(Box::pin(tokio_stream::iter(found))))
    }

    async fn update_orders(
        &self,
        orders: Request<tonic::Streaming<stock::Order>>,
    ) -> Result<Response<StringValue>, Status> {
        let orders = orders.into_inner().map(|order| order.map(|order| convert(&order)));
        let value = OrderManagement::update_orders(self, Streaming::new(orders)).await?;
        Ok(Response::new(StringValue { value }))
    }

    type processOrdersStream = Items<stock::CombinedShipment>;

    async fn process_orders(
        &self,
        ids: Request<tonic::Streaming<StringValue>>,
    ) -> Result<Response<Items<stock::CombinedShipment>>, Status> {
        let shop = Self::open();
        let shipments = ids.into_inner().map(move |id| Ok(convert(&shop.ship(&id?.value)?)));
        Ok(Response::new(Box::pin(shipments)))
    }
}

type Items<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

/// A customer, who does not care where the shop is.
async fn shopping(shop: &impl OrderManagement) {
    let expected = Shop::open();
    assert_eq!(&shop.get_order("103").await.unwrap(), expected.find("103").unwrap());
    let status = shop.get_order("999").await.unwrap_err();
    assert_eq!((status.code(), status.message()), (traitwire::Code::NotFound, "no order 999"));

    let found = shop.search_orders("Google");
    let found: Vec<_> = found.map(|order| order.unwrap().id).collect().await;
    assert_eq!(found, ["102", "104"]);

    let updated = shop.update_orders(expected.orders.into_iter().collect()).await.unwrap();
    assert_eq!(updated, "Orders processed Updated Order IDs : 102, 103, 104, ");

    let ids = ["102", "103"].map(str::to_owned).into_iter().collect();
    let shipments: Vec<_> = shop.process_orders(ids).map(Result::unwrap).collect().await;
    let expected = Shop::open();
    assert_eq!(shipments, ["102", "103"].map(|id| expected.ship(id).unwrap()));
}

#[tokio::test]
async fn our_client_shops_anywhere() {
    let stock = stock::order_management_server::OrderManagementServer::new(Shop::open());
    let stock = serve_http(stock).await;
    let ours = serve(OrderManagementServer::new(Shop::open())).await;
    shopping(&OrderManagementClient::new(stock.connect().await)).await;
    shopping(&OrderManagementClient::new(ours.connect().await)).await;
    shopping(&OrderManagementClient::in_process(Shop::open())).await;
    shopping(&Shop::open()).await;
}

#[tokio::test]
async fn a_stock_client_shops_with_us() {
    fn value(text: &str) -> StringValue {
        StringValue { value: text.to_owned() }
    }

    type Client = stock::order_management_client::OrderManagementClient<Channel>;
    let server = serve(OrderManagementServer::new(Shop::open())).await;
    let mut client = Client::new(server.channel().await);
    let shop = Shop::open();

    let order = client.get_order(value("104")).await.unwrap().into_inner();
    assert_eq!(order, convert(shop.find("104").unwrap()));

    let mut found = client.search_orders(value("Google")).await.unwrap().into_inner();
    assert_eq!(found.message().await.unwrap().unwrap().id, "102");
    assert_eq!(found.message().await.unwrap().unwrap().id, "104");
    assert!(found.message().await.unwrap().is_none());

    let orders: Vec<stock::Order> = shop.orders.iter().map(convert).collect();
    let updated = client.update_orders(tokio_stream::iter(orders)).await.unwrap();
    let expected = "Orders processed Updated Order IDs : 102, 103, 104, ";
    assert_eq!(updated.into_inner().value, expected);

    let ids = tokio_stream::iter([value("103"), value("999")]);
    let mut shipments = client.process_orders(ids).await.unwrap().into_inner();
    let shipment = shipments.message().await.unwrap().unwrap();
    assert_eq!(shipment, convert(&shop.ship("103").unwrap()));
    let status = shipments.message().await.unwrap_err();
    assert_eq!((status.code(), status.message()), (traitwire::Code::NotFound, "no order 999"));
}

#[test]
fn names_and_field_numbers_are_those_of_the_contract() {
    let paths = ORDER_MANAGEMENT.methods.iter().map(|method| method.path);
    let expected = ["getOrder", "searchOrders", "updateOrders", "processOrders"];
    let expected = expected.map(|method| format!("/ecommerce.OrderManagement/{method}"));
    assert!(paths.eq(expected));

    let order = order("1", &["2", "2"], "5", 4.0);
    let bytes = b"\x0a\x011\x12\x012\x12\x012\x25\0\0\x80\x40\x2a\x015";
    assert_eq!(order.encode_to_vec(), bytes);
}
