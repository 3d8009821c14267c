//! The check of exercise 02.

exercises::exercise! {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    };

    use exercises::{Checked, ensure, equal};
    use traitwire::StreamExt;

    pub(crate) async fn check() -> Checked {
        for count in [3, 0, 100_000] {
            let loaded = Arc::new(AtomicUsize::new(0));
            let counter = loaded.clone();
            let load = move || (counter.fetch_add(1, Relaxed) < count).then_some(Empty {});
            let orders = OrderServiceClient::in_process(Orders { load });

            let mut list = orders.get_order_list(Empty {});
            let first = list.next().await;
            let early = loaded.load(Relaxed);
            // Messages of no bytes: some thousand of them fill the first frame.
            ensure(
                early < 10_000,
                format!("{early} orders were loaded before the second was asked for."),
            )?;
            let mut came = 0;
            let mut next = first;
            while let Some(order) = next {
                order.map_err(|status| format!("the stream ends with {:?}.", status.code()))?;
                came += 1;
                next = list.next().await;
            }
            equal(&format!("orders of {count}"), came, count)?;
        }
        let path = ORDER_SERVICE.methods[0].path;
        equal("the path of the call", path, "/api.user.session.v1.OrderService/GetOrderList")
    }
}
