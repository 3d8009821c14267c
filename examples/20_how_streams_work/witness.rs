//! A message that says who encoded it.

use std::sync::{Arc, OnceLock};

use tokio::task::{self, Id};
use traitwire::prost::{
    DecodeError, Message, Name,
    bytes::{Buf, BufMut},
    encoding::{DecodeContext, WireType},
};

use crate::{claim::Result, contract::Chunk};

/// A [`Chunk`] of 20 bytes on the wire, which notes which task encodes it and which decodes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Witness {
    encoded_by: Arc<OnceLock<Id>>,
    decoded_by: Option<Id>,
}

impl Witness {
    /// The task that encoded it, or a clone of it.
    pub(crate) fn encoder(&self) -> Result<Id> {
        Ok(*self.encoded_by.get().ok_or("no task has encoded it")?)
    }

    /// The task that decoded it.
    pub(crate) fn decoder(&self) -> Result<Id> {
        Ok(self.decoded_by.ok_or("no task has decoded it")?)
    }
}

impl Name for Witness {
    const NAME: &'static str = Chunk::NAME;
    const PACKAGE: &'static str = Chunk::PACKAGE;
}

impl Message for Witness {
    fn encode_raw(&self, out: &mut impl BufMut) {
        if let Some(id) = task::try_id() {
            self.encoded_by.get_or_init(|| id);
        }
        Chunk::taking(20).encode_raw(out);
    }

    fn merge_field(
        &mut self,
        tag: u32,
        wire_type: WireType,
        buf: &mut impl Buf,
        ctx: DecodeContext,
    ) -> Result<(), DecodeError> {
        self.decoded_by = task::try_id();
        Chunk::default().merge_field(tag, wire_type, buf, ctx)
    }

    fn encoded_len(&self) -> usize {
        Chunk::taking(20).encoded_len()
    }

    fn clear(&mut self) {}
}
