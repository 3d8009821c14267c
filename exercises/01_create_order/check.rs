//! The check of exercise 01.

exercises::exercise! {
    use exercises::{Checked, equal};
    use traitwire::Code;

    pub(crate) async fn check() -> Checked {
        let orders = OrderServiceClient::in_process(Orders::default());

        let found = orders.get_order(Empty {}).await.map_err(|status| status.code());
        equal("GetOrder, before an order was created", found, Err(Code::NotFound))?;

        let created = orders.create_order(Empty {}).await.map_err(|status| status.code());
        equal("CreateOrder", created, Ok(Empty {}))?;

        let found = orders.get_order(Empty {}).await.map_err(|status| status.code());
        equal("GetOrder, after CreateOrder", found, Ok(Empty {}))
    }
}
