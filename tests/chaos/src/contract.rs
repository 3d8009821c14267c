//! The contract: one service with the four shapes, and what a caller asks of a handler.

use std::{fmt, str::FromStr};

use traitwire::{Request, Status, Stream, Streaming, message, service};

/// A message that knows where it belongs.
#[message(package = "chaos")]
pub struct Parcel {
    /// The call that it was sent in.
    #[tag(1)]
    pub call: u64,
    /// Its place among the messages of its sender, from 0.
    #[tag(2)]
    pub number: u32,
    /// How many messages of this call its sender had read by then.
    #[tag(3)]
    pub seen: u32,
    /// Bytes that call and number decide, so that parts of other messages are noticed.
    #[tag(4)]
    pub content: Vec<u8>,
}

impl Parcel {
    /// A message with `size` bytes of content.
    pub fn new(call: u64, number: u32, seen: u32, size: u32) -> Self {
        Self { call, number, seen, content: content(call, number).take(size as usize).collect() }
    }

    /// Whether the content is what was sent under this call and number.
    pub fn is_whole(&self) -> bool {
        self.content.iter().copied().eq(content(self.call, self.number).take(self.content.len()))
    }
}

fn content(call: u64, number: u32) -> impl Iterator<Item = u8> {
    let mut byte = call.wrapping_mul(31).wrapping_add(u64::from(number)) as u8;
    std::iter::repeat_with(move || {
        byte = byte.wrapping_mul(5).wrapping_add(113);
        byte
    })
}

/// Parcels, to and fro. Each call has an [`Order`] in its metadata.
#[service(package = "chaos")]
pub trait Parcels {
    /// One for one.
    async fn put(&self, parcel: Request<Parcel>) -> Result<Parcel, Status>;

    /// As many as the order says, for one.
    fn fetch(&self, parcel: Request<Parcel>) -> impl Stream<Item = Result<Parcel, Status>>;

    /// One for all, or for as many as the order says.
    async fn store(&self, parcels: Request<Streaming<Parcel>>) -> Result<Parcel, Status>;

    /// One for each, or for as many as the order says.
    async fn swap(
        &self,
        parcels: Request<Streaming<Parcel>>,
    ) -> Result<impl Stream<Item = Result<Parcel, Status>>, Status>;
}

/// What a caller asks of a handler: three words in its metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Order {
    /// Which call this is. No two calls of a run have the same number.
    pub call: u64,
    /// How many messages to give, or to read before the caller's stream ends.
    pub messages: u32,
    /// And then.
    pub ending: Ending,
}

/// How a handler ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// In peace.
    Return,
    /// With FAILED_PRECONDITION, an error that nothing else makes.
    Fail,
    /// Not by itself: only a deadline or a caller that leaves ends it.
    Wait,
}

impl Order {
    /// Its key in the metadata.
    pub const KEY: &str = "order";

    /// The order of a call.
    ///
    /// # Errors
    ///
    /// INVALID_ARGUMENT where there is none.
    pub fn of<T>(request: &Request<T>) -> Result<Self, Status> {
        let value = request.metadata().get(Self::KEY).and_then(|it| it.to_str().ok());
        let order = value.and_then(|it| it.parse().ok());
        order.ok_or_else(|| Status::invalid_argument("a call needs an order"))
    }
}

impl fmt::Display for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:?}", self.call, self.messages, self.ending)
    }
}

impl FromStr for Order {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split(' ');
        let mut word = || words.next().ok_or(());
        Ok(Self {
            call: word()?.parse().map_err(drop)?,
            messages: word()?.parse().map_err(drop)?,
            ending: match word()? {
                "Return" => Ending::Return,
                "Fail" => Ending::Fail,
                "Wait" => Ending::Wait,
                _ => return Err(()),
            },
        })
    }
}
