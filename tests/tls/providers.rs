//! Two libraries of cryptography in one program, which rustls alone would refuse to choose from.

use tokio_rustls::rustls::crypto::{aws_lc_rs, ring};
use traitwire::tls::{ClientTls, ServerTls};

use crate::{
    certs::Authority,
    service::{say, serve},
};

#[tokio::test]
async fn ring_and_aws_lc() {
    let authority = Authority::new("authority");
    let issued = authority.server();
    for server in [ring::default_provider(), aws_lc_rs::default_provider()] {
        let tls = ServerTls::builder(issued.identity()).crypto_provider(server);
        let server = serve(&tls.build().unwrap()).await;
        for client in [ring::default_provider(), aws_lc_rs::default_provider()] {
            let tls = ClientTls::builder(authority.trusted()).crypto_provider(client);
            let client = server.client(&tls.build().unwrap());
            assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
        }
        // And that which is built in, where none is given.
        let client = server.client(&authority.client());
        assert_eq!(say(&client, "hello").await.unwrap(), "hello by []");
    }
}
