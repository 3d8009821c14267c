//! Bodies of whole messages.

use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// A body that ends where trailers come within a message.
    ///
    /// tonic's decoder looks for the rest of a message when a body ends, and not when trailers come:
    /// it would drop half a message, and take the stream for whole.
    pub(crate) struct Whole<B> {
        #[pin]
        body: B,
        place: Place,
    }
}

impl<B> Whole<B> {
    pub(crate) fn new(body: B) -> Self {
        Self { body, place: Place::default() }
    }
}

impl<B: Body> Body for Whole<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let Some(frame) = ready!(this.body.poll_frame(cx)).transpose()? else {
            return Poll::Ready(None);
        };
        let frame = frame.map_data(|mut data| data.copy_to_bytes(data.remaining()));
        match frame.data_ref() {
            Some(data) => this.place.pass(data),
            None if this.place.is_within_a_message() => return Poll::Ready(None),
            None => {}
        }
        Poll::Ready(Some(Ok(frame)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A place in a stream of messages, each behind a flag and four bytes of length.
#[derive(Default)]
struct Place {
    /// How many bytes of the next prefix are there.
    prefix: u8,
    /// How much of a message is to come; within a prefix, as much of its length as is there.
    rest: u32,
}

impl Place {
    fn pass(&mut self, mut data: &[u8]) {
        while let [first, others @ ..] = data {
            if self.prefix == 0 && self.rest > 0 {
                let here = u32::try_from(data.len()).unwrap_or(u32::MAX).min(self.rest);
                self.rest -= here;
                data = &data[here as usize..];
                continue;
            }
            if self.prefix > 0 {
                self.rest = self.rest << 8 | u32::from(*first);
            }
            self.prefix = (self.prefix + 1) % 5;
            data = others;
        }
    }

    fn is_within_a_message(&self) -> bool {
        self.prefix > 0 || self.rest > 0
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_is_known_wherever_the_data_is_cut() {
        let messages = b"\x00\0\0\0\x02ab\x00\0\0\0\x00\x01\0\0\0\x01c";
        let whole = [0, 7, 12, messages.len()];
        for first in 0..=messages.len() {
            let mut place = Place::default();
            place.pass(&messages[..first]);
            assert_eq!(place.is_within_a_message(), !whole.contains(&first), "after {first}");
            place.pass(&messages[first..]);
            assert!(!place.is_within_a_message(), "cut at {first}");
        }
    }
}
