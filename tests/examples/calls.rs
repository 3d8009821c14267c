//! What the examples' services answer, beyond what they print.

#[path = "../../examples/02_pow.rs"]
#[expect(dead_code, reason = "a test calls the service, not the program")]
mod pow;

#[path = "../../examples/03_sum.rs"]
#[expect(dead_code, reason = "a test calls the service, not the program")]
mod sum;

#[path = "../../examples/04_sqrt.rs"]
#[expect(dead_code, reason = "a test calls the service, not the program")]
mod sqrt;

use std::{pin::pin, time::Duration};

use tokio::time::timeout;
use traitwire::{Code, Status, Streaming};

/// The powers that come, and the status after them.
async fn powers(number: i64) -> (Vec<i64>, Option<Status>) {
    use pow::{Powers, ServerStream, ServerStreamClient, ServerStreamReq};

    let client = ServerStreamClient::in_process(Powers);
    let mut stream = client.pow(ServerStreamReq { number });
    let mut powers = Vec::new();
    loop {
        match stream.message().await {
            Ok(Some(power)) => powers.push(power.number),
            Ok(None) => return (powers, None),
            Err(status) => return (powers, Some(status)),
        }
    }
}

#[tokio::test]
async fn powers_are_exact_where_floats_are_not() {
    let (powers, error) = powers(61).await;
    assert_eq!(powers.last(), Some(&11_694_146_092_834_141));
    assert_eq!(powers.len(), 10);
    assert!(error.is_none());
}

#[tokio::test]
async fn a_power_that_does_not_fit_ends_the_stream_after_those_that_do() {
    let (powers, error) = powers(128).await;
    assert_eq!(powers.last(), Some(&128_i64.pow(8)));
    assert_eq!(powers.len(), 9);
    let error = error.unwrap();
    assert_eq!(error.code(), Code::OutOfRange);
    assert_eq!(error.message(), "128 to the power of 9 does not fit into an int64");
}

#[tokio::test]
async fn a_sum_of_nothing_is_nothing_and_too_large_a_sum_is_refused() {
    use sum::{Adder, ClientStream, ClientStreamClient, ClientStreamReq};

    let client = ClientStreamClient::in_process(Adder);
    assert_eq!(client.sum([].into_iter().collect()).await.unwrap().sum, 0);

    let numbers = [i64::MAX, 1].map(|data| ClientStreamReq { data });
    let status = client.sum(numbers.into_iter().collect()).await.unwrap_err();
    assert_eq!(status.code(), Code::OutOfRange);
}

/// Paused time jumps to the next timer when every task waits: an hour here takes no time.
#[tokio::test(start_paused = true)]
async fn a_sum_has_no_answer_before_its_numbers_end() {
    use sum::{Adder, ClientStream, ClientStreamClient, ClientStreamReq};

    const A_LONG_TIME: Duration = Duration::from_secs(3600);

    let client = ClientStreamClient::in_process(Adder);
    let (mut numbers, requests) = Streaming::channel(1);
    let mut answer = pin!(client.sum(requests));
    numbers.send(ClientStreamReq { data: 7 }).await.unwrap();
    assert!(timeout(A_LONG_TIME, &mut answer).await.is_err(), "the server waits for more");

    drop(numbers);
    assert_eq!(answer.await.unwrap().sum, 7);
}

#[tokio::test]
async fn a_root_comes_before_the_next_number_is_sent() {
    use sqrt::{AllStreamReq, BidirectionalStream, BidirectionalStreamClient, Roots};

    let client = BidirectionalStreamClient::in_process(Roots);
    let (mut numbers, requests) = Streaming::channel(1);
    let mut roots = client.sqrt(requests);
    for (number, root) in [(4.0, 2.0), (9.0, 3.0)] {
        numbers.send(AllStreamReq { number }).await.unwrap();
        assert_eq!(roots.message().await.unwrap().unwrap().sqrt, root);
    }
    drop(numbers);
    assert!(roots.message().await.unwrap().is_none());
}
