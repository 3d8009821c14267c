//! Exercise 17: five bytes.
//!
//! The DATA of a stream is a row of messages. Before each there are five bytes: a flag, 1 when the
//! message is compressed and 0 when not, and its length in four bytes, the highest first. Frames end
//! where they like: two messages may share one, a message may need several, and so may its prefix.
//!
//! `Splitter` takes each frame for one message, and believes all that its prefix says. Let it return
//! the messages that are whole with this frame, and keep the rest for the next one:
//!
//! | what comes | answer | when |
//! |---|---|---|
//! | a message longer than the limit | RESOURCE_EXHAUSTED | as soon as its prefix is there |
//! | a flag that is neither 0 nor 1 | INTERNAL | as soon as its prefix is there |
//! | the end, in a message or in a prefix | INTERNAL | at the end |
//!
//! ```sh
//! cargo xtask check 17
//! ```

use traitwire::Status;

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it is compressed.
    pub compressed: bool,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Splits the DATA of one direction of a stream into messages.
#[derive(Debug)]
pub struct Splitter {
    /// How long a message may be.
    limit: usize,
}

impl Splitter {
    /// Takes messages up to this length.
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }

    /// Takes the payload of a DATA frame, and returns the messages that are whole with it.
    pub fn push(&mut self, data: &[u8]) -> Result<Vec<Message>, Status> {
        let Some((prefix, bytes)) = data.split_at_checked(5) else {
            return Ok(Vec::new());
        };
        if bytes.len() > self.limit {
            return Err(Status::resource_exhausted("the message is too long"));
        }
        Ok(vec![Message { compressed: prefix[0] == 1, bytes: bytes.to_vec() }])
    }

    /// The stream has ended.
    pub fn end(self) -> Result<(), Status> {
        Ok(())
    }
}
