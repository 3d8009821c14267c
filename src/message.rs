//! What may travel in a call.

/// A message: a protobuf message with a name.
///
/// Every type with `#[derive(prost::Message, Describe)]` is one. So are `String`, `bool`, the
/// numbers, `Vec<u8>` and `()`, which prost encodes as the well-known types
/// `google.protobuf.StringValue` … `google.protobuf.Empty`.
///
/// This trait is a name for its bounds; it is not implemented by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent in a gRPC call",
    label = "not a protobuf message with a name",
    note = "derive it: `#[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]`",
    note = "`Request`, `Response`, `Streaming` and `Result` are known by name: write them out, not behind an alias",
    note = "a message made by prost-build gets its name from `prost_build::Config::enable_type_names`"
)]
pub trait Message: prost::Message + prost::Name + Default + 'static {}

#[diagnostic::do_not_recommend]
impl<M> Message for M where M: prost::Message + prost::Name + Default + 'static {}
