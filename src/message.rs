//! What may travel in a call.

use bytes::{Buf, BufMut, Bytes};
use prost::{
    DecodeError,
    encoding::{DecodeContext, WireType},
};

/// A message: a protobuf message with a name.
///
/// Every struct with [`#[message]`](macro@crate::message) is one, or with
/// `#[derive(prost::Message, Describe)]`. So are `String`, `bool`, the
/// numbers, `Vec<u8>` and `()`, which prost encodes as the well-known types
/// `google.protobuf.StringValue` … `google.protobuf.Empty`.
///
/// This trait is a name for its bounds; it is not implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent in a gRPC call",
    label = "not a protobuf message with a name",
    note = "a type of your own is one by `#[message]`, or by `#[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]`",
    note = "`Vec<T>`, `Option<T>` and whatever else is not yours goes into a message of your own: `#[message] struct Orders {{ #[tag(1)] orders: Vec<Order> }}`",
    note = "for `usize` write `u64`; for `u8`, `u16`, `i8` and `i16` write `u32` and `i32`",
    note = "`Request`, `Response`, `Streaming` and `Result` are known by name: write them out, not behind an alias",
    note = "a message made by prost-build gets its name from `prost_build::Config::enable_type_names`"
)]
pub trait Message: prost::Message + prost::Name + Default + 'static {}

#[diagnostic::do_not_recommend]
impl<M> Message for M where M: prost::Message + prost::Name + Default + 'static {}

/// A message as the bytes that it has on the wire, whatever its type.
///
/// For code that hands messages on without knowing them: a handler of
/// [`unknown_methods`](crate::unknown_methods), and a [`RawClient`](crate::RawClient).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RawMessage(pub Bytes);

impl prost::Message for RawMessage {
    fn encode_raw(&self, buf: &mut impl BufMut) {
        buf.put_slice(&self.0);
    }

    fn merge_field(
        &mut self,
        _: u32,
        _: WireType,
        _: &mut impl Buf,
        _: DecodeContext,
    ) -> Result<(), DecodeError> {
        unreachable!("a raw message is taken as a whole")
    }

    fn merge(&mut self, mut buf: impl Buf) -> Result<(), DecodeError> {
        self.0 = buf.copy_to_bytes(buf.remaining());
        Ok(())
    }

    fn encoded_len(&self) -> usize {
        self.0.len()
    }

    fn clear(&mut self) {
        self.0.clear();
    }
}

impl prost::Name for RawMessage {
    const NAME: &'static str = "RawMessage";
    const PACKAGE: &'static str = "traitwire";
}
