//! Exercise 07, solved.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use traitwire::{Status, Streaming, message, service};

traitwire::package!("travel.v1");

/// What trips cost.
#[service]
pub trait TravelService {
    /// Books the expenses of a trip: all of them, or none. RESOURCE_EXHAUSTED, at once, when they
    /// are over the limit.
    async fn report(&self, expenses: Streaming<ReportRequest>) -> Result<ReportResponse, Status>;
}

/// An expense.
#[message]
pub struct ReportRequest {
    /// What was bought.
    #[tag(1)]
    pub item: String,
    /// What it cost.
    #[tag(2)]
    pub cents: u32,
}

/// The expenses are booked.
#[message]
pub struct ReportResponse {
    /// What they cost together.
    #[tag(1)]
    pub cents: u64,
}

/// The server.
pub struct Trips {
    /// What a trip may cost, in cents. To cost as much is still within it.
    pub limit: u64,
    /// What all trips cost so far, in cents.
    pub booked: AtomicU64,
}

impl TravelService for Trips {
    async fn report(
        &self,
        mut expenses: Streaming<ReportRequest>,
    ) -> Result<ReportResponse, Status> {
        let mut cents = 0;
        while let Some(expense) = expenses.message().await? {
            cents += u64::from(expense.cents);
            if cents > self.limit {
                // `expenses` is dropped with the handler, so its sender learns that it may stop.
                let ReportRequest { item, .. } = expense;
                let why = format!("with {item:?} the trip costs more than {} cents", self.limit);
                return Err(Status::resource_exhausted(why));
            }
        }
        self.booked.fetch_add(cents, Relaxed);
        Ok(ReportResponse { cents })
    }
}
