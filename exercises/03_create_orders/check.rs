//! The check of exercise 03.

exercises::exercise! {
    use std::sync::{Arc, atomic::Ordering::Relaxed};

    use exercises::{Checked, broken_off, ensure, equal};
    use traitwire::Code;

    pub(crate) async fn check() -> Checked {
        let server = Arc::new(Orders::default());
        let client = OrderServiceClient::new(OrderServiceServer::from_arc(server.clone()));

        let three = vec![Empty {}; 3].into_iter().collect();
        let answer = client.create_order(three).await.map_err(|status| status.code());
        equal("CreateOrder with three orders", answer, Ok(Empty {}))?;
        equal("the orders after it", server.created.load(Relaxed), 3)?;

        // The service itself, with a stream as the wire would give it when a caller breaks off.
        let answer = server.create_order(broken_off(vec![Empty {}])).await;
        let answer = answer.map_err(|status| status.code());
        equal("CreateOrder, when the caller breaks off", answer, Err(Code::Cancelled))?;
        let created = server.created.load(Relaxed);
        ensure(created == 3, "an order was created although the caller broke off.")?;

        let path = ORDER_SERVICE.methods[0].path;
        equal("the path of the call", path, "/api.user.session.v1.OrderService/CreateOrder")
    }
}
