//! Exactly one message.

use tonic::{Status, Streaming};

/// Takes the one message of a side that sends one.
///
/// tonic drops a second message in silence. The gRPC specification calls any number but one a
/// cardinality violation and gives it UNIMPLEMENTED, on both sides (statuscodes.md): the peer
/// takes the method for a streaming one, which this side does not implement.
pub(crate) async fn exactly_one<M>(stream: &mut Streaming<M>, side: &str) -> Result<M, Status> {
    let Some(message) = stream.message().await? else {
        return Err(Status::unimplemented(format!("expected one {side} message, got none")));
    };
    match stream.message().await? {
        None => Ok(message),
        Some(_) => {
            Err(Status::unimplemented(format!("expected one {side} message, got more than one")))
        }
    }
}
