//! Exercise 07: enough is enough.
//!
//! Expenses are over the limit of a trip as soon as one of them is too much. But `Report` says so
//! only at the end, and from a caller without an end it reads on and on. Answer at once, and name
//! the item that was too much. Nothing is booked of such a report.
//!
//! ```sh
//! cargo xtask check 07
//! ```

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
        }
        if cents > self.limit {
            return Err(Status::resource_exhausted(format!("the limit is {}", self.limit)));
        }
        self.booked.fetch_add(cents, Relaxed);
        Ok(ReportResponse { cents })
    }
}
