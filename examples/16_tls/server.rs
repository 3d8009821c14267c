//! The server.

use std::{path::Path, time::Duration};

use traitwire::{
    Peer, Request, Status,
    tls::{Authorities, Identity, ServerTls, TlsError},
};

use crate::contract::Door;

/// Stands at the door.
pub struct Porter;

impl Door for Porter {
    async fn enter(&self, request: Request<()>) -> Result<String, Status> {
        let Some([name, ..]) = Peer::of(&request).map(Peer::names) else {
            return Err(Status::unauthenticated("a certificate with a name is wanted"));
        };
        println!("server ← {name}");
        Ok(format!("come in, {name}"))
    }
}

/// What the server shows, and whom it lets in. It looks for something new twenty times a second, so that you
/// need not wait; once a minute is enough elsewhere.
pub fn tls(folder: &Path) -> Result<ServerTls, TlsError> {
    ServerTls::builder(Identity::files(folder.join("server.pem"), folder.join("server.key")))
        .client_authorities(Authorities::file(folder.join("authorities.pem")))
        .reload_every(Duration::from_millis(50))
        .build()
}
