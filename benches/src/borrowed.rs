//! What a borrowed argument saves: the allocations of `GetOrder`, owned and borrowed.

use allocation_counter::AllocationInfo;
use traitwire::{Status, service};

use crate::{direct, stock::Number};

/// One call, in both forms. The answer allocates nothing, so that only the argument makes a difference.
#[service(package = "bench")]
trait Orders {
    async fn get_owned(&self, id: String) -> Result<Number, Status>;
    async fn get_borrowed(&self, id: &str) -> Result<Number, Status>;
}

struct Shop;

impl Orders for Shop {
    async fn get_owned(&self, id: String) -> Result<Number, Status> {
        self.get_borrowed(&id).await
    }

    async fn get_borrowed(&self, id: &str) -> Result<Number, Status> {
        let value = id.parse().map_err(|_| Status::not_found(id))?;
        Ok(Number { value })
    }
}

/// What a call allocates, owned and borrowed.
pub(crate) type Both = [AllocationInfo; 2];

/// In the server, at its tower door.
pub(crate) fn in_the_server() -> Both {
    ["GetOwned", "GetBorrowed"].map(|method| {
        second(|| {
            let mut server = OrdersServer::new(Shop);
            let request = direct::request(&format!("bench.Orders/{method}"), &"106".to_owned());
            allocation_counter::measure(|| {
                direct::at_once(direct::answer(&mut server, request));
            })
        })
    })
}

/// Of a caller who has a `&str`, in the same process: client and server.
pub(crate) fn in_process() -> Both {
    let client = OrdersClient::in_process(Shop);
    let id = "106";
    [
        second(|| {
            allocation_counter::measure(|| {
                direct::at_once(client.get_owned(id.to_owned())).expect("it answers");
            })
        }),
        second(|| {
            allocation_counter::measure(|| {
                direct::at_once(client.get_borrowed(id)).expect("it answers");
            })
        }),
    ]
}

/// The second of two: what is made once, at the first call, is not the call's.
fn second(call: impl Fn() -> AllocationInfo) -> AllocationInfo {
    call();
    call()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_borrowed_argument_saves_its_copies() {
        let [owned, borrowed] = in_process().map(|it| it.count_total);
        assert_eq!(owned - borrowed, 2, "the caller's and the server's");
        let [owned, borrowed] = in_the_server().map(|it| it.count_total);
        assert_eq!(owned - borrowed, 1, "the server's");
    }
}
