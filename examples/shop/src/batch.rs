//! Orders that wait to be shipped.

use std::mem;

use crate::{CombinedShipment, Order};

/// This many orders make a batch.
const FULL: usize = 3;

/// Orders that wait to be shipped, combined by destination.
#[derive(Default)]
pub(crate) struct Batch {
    shipments: Vec<CombinedShipment>,
    orders: usize,
}

impl Batch {
    /// Adds an order to the shipment that goes its way.
    pub(crate) fn add(&mut self, order: Order) {
        let id = format!("cmb - {}", order.destination);
        self.orders += 1;
        match self.shipments.iter_mut().find(|shipment| shipment.id == id) {
            Some(shipment) => shipment.orders_list.push(order),
            None => self.shipments.push(CombinedShipment {
                id,
                status: "Processed!".to_owned(),
                orders_list: vec![order],
            }),
        }
    }

    /// Whether it is time to ship.
    pub(crate) fn is_full(&self) -> bool {
        self.orders >= FULL
    }

    /// The shipments, in the order in which their destinations came up. The next batch is empty.
    pub(crate) fn take(&mut self) -> Vec<CombinedShipment> {
        mem::take(self).shipments
    }
}
