//! The check of exercise 08.

exercises::exercise! {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    };

    use exercises::{Checked, ensure, equal, soon};
    use traitwire::{Code, Status, Stream, Streaming, stream_fn};

    const IDS: usize = 10_000;

    /// No channel needs this much room.
    const AHEAD: usize = 1000;

    /// A shop that ships three orders at a time.
    struct Shop {
        counts: Arc<Counts>,
        /// It ends the call with NOT_FOUND at this id.
        unknown: Option<&'static str>,
    }

    #[derive(Default)]
    struct Counts {
        /// How many ids were taken out of the iterator.
        taken: AtomicUsize,
        /// How many of them were taken when the first came to the shop.
        ahead: AtomicUsize,
        /// How many came to the shop.
        arrived: AtomicUsize,
    }

    impl ShippingService for Shop {
        fn ship(
            &self,
            mut requests: Streaming<ShipRequest>,
        ) -> impl Stream<Item = Result<ShipResponse, Status>> {
            stream_fn(async move |mut out| {
                let mut order_ids = Vec::new();
                while let Some(ShipRequest { order_id }) = requests.message().await? {
                    if self.counts.arrived.fetch_add(1, Relaxed) == 0 {
                        self.counts.ahead.store(self.counts.taken.load(Relaxed), Relaxed);
                    }
                    if self.unknown == Some(&order_id) {
                        return Err(Status::not_found(format!("no order {order_id}")));
                    }
                    order_ids.push(order_id);
                    if order_ids.len() == 3 {
                        out.send(ShipResponse { order_ids: std::mem::take(&mut order_ids) }).await?;
                    }
                }
                if !order_ids.is_empty() {
                    out.send(ShipResponse { order_ids }).await?;
                }
                Ok(())
            })
        }
    }

    /// Ships so many orders. `None`: it hangs.
    async fn ship(
        count: usize,
        unknown: Option<&'static str>,
    ) -> (Option<Result<Vec<ShipResponse>, Status>>, Arc<Counts>) {
        let counts = Arc::new(Counts::default());
        let shop = ShippingServiceClient::in_process(Shop { counts: counts.clone(), unknown });
        let counter = counts.clone();
        let ids = (0..count).map(move |number| {
            counter.taken.fetch_add(1, Relaxed);
            number.to_string()
        });
        let shipments = soon(ship_all(&shop, ids)).await;
        (shipments, counts)
    }

    pub(crate) async fn check() -> Checked {
        for count in [10, 0, IDS] {
            let (shipments, counts) = ship(count, None).await;
            let taken = counts.taken.load(Relaxed);
            let shipments = shipments.ok_or_else(|| match counts.arrived.load(Relaxed) {
                all if all == count => format!(
                    "all {count} ids have come to the shop, and it waits for more: drop the sender \
                     after the last."
                ),
                0 => format!(
                    "with {count} ids it hangs: {taken} were taken, and none has come to the shop. \
                     The call starts when somebody reads, and who should read still sends."
                ),
                some => format!(
                    "with {count} ids it hangs: the shop has {some} and waits for more, and the \
                     client waits for a shipment. Neither half should wait for the other."
                ),
            })?;
            let shipments = shipments
                .map_err(|status| format!("with {count} ids it ends with {:?}.", status.code()))?;
            let found: Vec<_> = shipments.into_iter().flat_map(|it| it.order_ids).collect();
            let all: Vec<_> = (0..count).map(|number| number.to_string()).collect();
            ensure(
                found == all,
                format!("of {count} ids {} came back in shipments, or not in order.", found.len()),
            )?;
            let ahead = counts.ahead.load(Relaxed);
            ensure(
                ahead < AHEAD,
                format!(
                    "{ahead} ids were in memory before the first came to the shop: more room is no \
                     mend, for there are always more ids."
                ),
            )?;
        }

        let (shipments, counts) = ship(IDS, Some("4")).await;
        let shipments = shipments.ok_or("the shop has ended the call, and `ship_all` hangs.")?;
        let code = shipments.map(|all| all.len()).map_err(|status| status.code());
        equal("with an id that the shop does not know", code, Err(Code::NotFound))?;
        let taken = counts.taken.load(Relaxed);
        ensure(
            taken < AHEAD,
            format!(
                "the shop ended the call at the fifth id, and {taken} were taken: `send` says \
                 whether somebody still reads."
            ),
        )
    }
}
