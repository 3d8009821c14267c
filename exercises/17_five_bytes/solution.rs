//! Exercise 17, solved.

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
    /// What has come and is no whole message yet: a prefix and one message at most.
    held: Vec<u8>,
}

impl Splitter {
    /// Takes messages up to this length.
    pub fn new(limit: usize) -> Self {
        Self { limit, held: Vec::new() }
    }

    /// Takes the payload of a DATA frame, and returns the messages that are whole with it.
    pub fn push(&mut self, data: &[u8]) -> Result<Vec<Message>, Status> {
        self.held.extend(data);
        let mut messages = Vec::new();
        while let Some(([flag, length @ ..], rest)) = self.held.split_first_chunk::<5>() {
            let compressed = match flag {
                0 => false,
                1 => true,
                flag => return Err(Status::internal(format!("a message has the flag {flag}"))),
            };
            let length = u32::from_be_bytes(*length) as usize;
            if length > self.limit {
                let why = format!("a message of {length} bytes; {} are the limit", self.limit);
                return Err(Status::resource_exhausted(why));
            }
            let Some(bytes) = rest.get(..length) else { break };
            messages.push(Message { compressed, bytes: bytes.to_vec() });
            self.held.drain(..5 + length);
        }
        Ok(messages)
    }

    /// The stream has ended.
    pub fn end(self) -> Result<(), Status> {
        match self.held.len() {
            0 => Ok(()),
            held => Err(Status::internal(format!("the stream ends {held} bytes into a message"))),
        }
    }
}
