//! Error types of the user's own, one to a method and one to a stream, on both sides.

use traitwire::{Code, Status, Stream, StreamExt, Streaming};

use crate::service::both_ways;

/// Why a method refused.
#[derive(Debug, PartialEq)]
enum Refused {
    TooMany(u32),
    Other(Code, String),
}

impl From<Refused> for Status {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::TooMany(limit) => Status::resource_exhausted(limit.to_string()),
            Refused::Other(code, message) => Status::new(code, message),
        }
    }
}

impl From<Status> for Refused {
    fn from(status: Status) -> Self {
        match (status.code(), status.message().parse()) {
            (Code::ResourceExhausted, Ok(limit)) => Self::TooMany(limit),
            (code, _) => Self::Other(code, status.message().to_owned()),
        }
    }
}

/// Why a stream of answers broke off.
#[derive(Debug, PartialEq)]
struct SoldOut(String);

impl From<SoldOut> for Status {
    fn from(SoldOut(what): SoldOut) -> Self {
        Status::out_of_range(what)
    }
}

impl From<Status> for SoldOut {
    fn from(status: Status) -> Self {
        Self(status.message().to_owned())
    }
}

/// Why a stream of requests broke off.
#[derive(Debug, PartialEq)]
struct Garbled(Code);

impl From<Garbled> for Status {
    fn from(Garbled(code): Garbled) -> Self {
        Status::new(code, "garbled")
    }
}

impl From<Status> for Garbled {
    fn from(status: Status) -> Self {
        Self(status.code())
    }
}

impl From<Garbled> for Refused {
    fn from(Garbled(code): Garbled) -> Self {
        Self::Other(code, "the request is garbled".to_owned())
    }
}

#[traitwire::service(package = "streams")]
trait Stall {
    async fn order(&self, count: u32) -> Result<u32, Refused>;
    async fn pick(&self, count: u32) -> Result<impl Stream<Item = Result<u32, SoldOut>>, Refused>;
    async fn add(&self, numbers: Streaming<u32, Garbled>) -> Result<u32, Refused>;
    fn swap(&self, numbers: Streaming<u32, Garbled>) -> impl Stream<Item = Result<u32, SoldOut>>;
}

struct ThreeApples;

impl Stall for ThreeApples {
    async fn order(&self, count: u32) -> Result<u32, Refused> {
        match count {
            0 => Err(Refused::Other(Code::InvalidArgument, "nothing".to_owned())),
            1..=3 => Ok(count),
            _ => Err(Refused::TooMany(3)),
        }
    }

    async fn pick(&self, count: u32) -> Result<impl Stream<Item = Result<u32, SoldOut>>, Refused> {
        if count > 100 {
            return Err(Refused::TooMany(100));
        }
        Ok(tokio_stream::iter(0..count).map(|apple| match apple {
            0..3 => Ok(apple),
            _ => Err(SoldOut("apples".to_owned())),
        }))
    }

    async fn add(&self, mut numbers: Streaming<u32, Garbled>) -> Result<u32, Refused> {
        let mut sum = 0;
        while let Some(number) = numbers.message().await? {
            sum += number;
        }
        Ok(sum)
    }

    fn swap(&self, numbers: Streaming<u32, Garbled>) -> impl Stream<Item = Result<u32, SoldOut>> {
        numbers.map(|number| match number {
            Ok(number @ 0..3) => Ok(number),
            _ => Err(SoldOut("pears".to_owned())),
        })
    }
}

fn three_apples() -> (ThreeApples, ()) {
    (ThreeApples, ())
}

async fn a_method_has_its_own_error(stall: impl Stall, (): ()) {
    assert_eq!(stall.order(2).await, Ok(2));
    assert_eq!(stall.order(4).await, Err(Refused::TooMany(3)));
    let nothing = Refused::Other(Code::InvalidArgument, "nothing".to_owned());
    assert_eq!(stall.order(0).await, Err(nothing));
}

async fn a_method_and_its_stream_have_an_error_each(stall: impl Stall, (): ()) {
    assert_eq!(stall.pick(101).await.err(), Some(Refused::TooMany(100)));
    let picked: Vec<_> = stall.pick(5).await.unwrap().collect().await;
    assert_eq!(picked, [Ok(0), Ok(1), Ok(2), Err(SoldOut("apples".to_owned()))]);
}

async fn a_stream_of_requests_has_its_own_error(stall: impl Stall, (): ()) {
    assert_eq!(stall.add((0..4).collect()).await, Ok(6));
    let swapped: Vec<_> = stall.swap((1..5).collect()).collect().await;
    assert_eq!(swapped, [Ok(1), Ok(2), Err(SoldOut("pears".to_owned()))]);
}

async fn an_error_of_the_request_becomes_the_error_of_the_call(stall: impl Stall, (): ()) {
    let garbled = || Streaming::new(tokio_stream::iter([Ok(1), Err(Garbled(Code::DataLoss))]));
    let refused = Refused::Other(Code::DataLoss, "garbled".to_owned());
    assert_eq!(stall.add(garbled()).await, Err(refused));
    let swapped: Vec<_> = stall.swap(garbled()).collect().await;
    assert_eq!(swapped.last(), Some(&Err(SoldOut("garbled".to_owned()))));
}

both_ways!(StallServer, StallClient, three_apples =>
    a_method_has_its_own_error,
    a_method_and_its_stream_have_an_error_each,
    a_stream_of_requests_has_its_own_error,
    an_error_of_the_request_becomes_the_error_of_the_call,
);
