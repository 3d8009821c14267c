//! Code that calls a service, tested against a mock: no server, no socket.
//!
//! cargo add traitwire
//! cargo add mockall
//! cargo add tokio --features macros,rt-multi-thread

use mockall::automock;
use traitwire::{Code, Status, service};

// Below `#[service]`, so that it mocks the trait as that has made it.
#[service(package = "recipes")]
#[automock]
pub trait Prices {
    async fn price(&self, item: &str) -> Result<u32, Status>;
}

/// What all items cost together; one that the shop does not have costs nothing.
async fn total(prices: &impl Prices, items: &[&str]) -> Result<u32, Status> {
    let mut total = 0;
    for item in items {
        total += match prices.price(item).await {
            Err(status) if status.code() == Code::NotFound => 0,
            price => price?,
        };
    }
    Ok(total)
}

/// What the shop answers.
fn shop() -> MockPrices {
    let mut prices = MockPrices::new();
    prices.expect_price().returning(|item| {
        let price = match item {
            "pen" => Ok(2),
            "desk" => Ok(300),
            _ => Err(Status::not_found(format!("no {item} here"))),
        };
        Box::pin(async { price })
    });
    prices
}

#[tokio::main]
async fn main() -> Result<(), Status> {
    println!("{}", total(&shop(), &["pen", "desk", "boat"]).await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    #[tokio::test]
    async fn what_is_not_there_costs_nothing() {
        assert_eq!(super::total(&super::shop(), &["boat", "pen"]).await.unwrap(), 2);
    }
}
