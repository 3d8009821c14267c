//! The codec: prost, with buffers that start empty.
//!
//! tonic's own prost codec takes 8 KiB for each direction of each call before the first message.
//! This one takes what the message needs, when it needs it.

use std::marker::PhantomData;

use prost::Message;
use tonic::{
    Status,
    codec::{BufferSettings, Codec, DecodeBuf, Decoder, EncodeBuf, Encoder},
};

/// How many encoded bytes may gather before they are handed to the connection: one HTTP/2 frame of
/// the usual size. The connection keeps two of these in hand beyond the window of the stream, so
/// this bounds how far a handler runs ahead of a caller that does not read.
const YIELD_THRESHOLD: usize = 16 * 1024;

/// The steps in which tonic grows the buffer of a compressor. It divides by this, so not 0.
const COMPRESSION_STEP: usize = 1024;

/// Encodes `Out` and decodes `In` as protobuf.
pub(crate) struct Protobuf<Out, In> {
    buffers: BufferSettings,
    messages: PhantomData<fn(Out) -> In>,
}

impl<Out, In> Protobuf<Out, In> {
    /// `may_compress`: whether a compression may be negotiated for the call.
    pub(crate) fn new(may_compress: bool) -> Self {
        let start = if may_compress { COMPRESSION_STEP } else { 0 };
        Self { buffers: BufferSettings::new(start, YIELD_THRESHOLD), messages: PhantomData }
    }

    fn again(&self) -> Self {
        Self { buffers: self.buffers, messages: PhantomData }
    }
}

impl<Out, In> Codec for Protobuf<Out, In>
where
    Out: Message + 'static,
    In: Message + Default + 'static,
{
    type Encode = Out;
    type Decode = In;
    type Encoder = Protobuf<Out, In>;
    type Decoder = Protobuf<Out, In>;

    fn encoder(&mut self) -> Self::Encoder {
        self.again()
    }

    fn decoder(&mut self) -> Self::Decoder {
        self.again()
    }
}

impl<Out: Message, In> Encoder for Protobuf<Out, In> {
    type Item = Out;
    type Error = Status;

    fn encode(&mut self, message: Out, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.reserve(message.encoded_len());
        message
            .encode(buffer)
            .map_err(|error| Status::internal(format!("cannot encode the message: {error}")))
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.buffers
    }
}

impl<Out, In: Message + Default> Decoder for Protobuf<Out, In> {
    type Item = In;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<In>, Status> {
        In::decode(buffer)
            .map(Some)
            .map_err(|error| Status::internal(format!("cannot decode the message: {error}")))
    }

    fn buffer_settings(&self) -> BufferSettings {
        self.buffers
    }
}
