//! The client: Ada, those who are not let in, and everybody's move to another authority.

use std::{fs, path::Path};

use traitwire::{
    CallOptions, Channel, Request,
    tls::{Authorities, ClientTls, Identity, TlsError},
};
use workbook::Result;

use crate::{
    authority::Authority,
    contract::{Door, DoorClient},
};

/// What Ada shows, and whom she trusts.
pub fn ada(folder: &Path) -> Result<ClientTls, TlsError> {
    ClientTls::builder(Authorities::file(folder.join("authorities.pem")))
        .identity(Identity::files(folder.join("ada.pem"), folder.join("ada.key")))
        .build()
}

/// Calls, and tells what becomes of it.
pub async fn tell(server: &str, folder: &Path) -> Result {
    let uri = server.replace("http://", "https://");
    // A channel of its own, so that it shakes hands.
    let client = |tls: &ClientTls| {
        let channel = Channel::builder(&uri).tls(tls.clone()).connect_lazy()?;
        Ok::<_, Box<dyn std::error::Error>>(DoorClient::new(channel))
    };

    let old = Identity::pem(fs::read(folder.join("ada.pem"))?, fs::read(folder.join("ada.key"))?);
    let ada = ada(folder)?;
    let first = client(&ada)?;
    enter(&first, "as ada.example").await;

    let trusted = fs::read_to_string(folder.join("authorities.pem"))?;
    let nobody = ClientTls::builder(Authorities::pem(&*trusted));
    enter(&client(&nobody.build()?)?, "without a certificate").await;
    let mallory = Authority::new("an authority that nobody knows")?.issue(&["mallory.example"])?;
    let mallory = ClientTls::builder(Authorities::pem(&*trusted))
        .identity(Identity::pem(mallory.certificate, mallory.key));
    enter(&client(&mallory.build()?)?, "as mallory.example").await;

    // ANCHOR: move
    let new = Authority::new("the new authority")?;
    println!("client: first both authorities are trusted");
    fs::write(folder.join("authorities.pem"), trusted.clone() + &new.certificate())?;
    println!("client: then the new one issues certificates");
    new.issue(&["localhost", "127.0.0.1"])?.write(folder, "server")?;
    new.issue(&["ada.example"])?.write(folder, "ada")?;
    ada.reload()?;
    ada.renew_authorities(Authorities::pem(new.certificate()))?;
    let patient = CallOptions::new().wait_for_ready();
    enter(&client(&ada)?.with(patient), "as ada.example, by the new authority").await;
    println!("client: last of all the old one is dropped");
    fs::write(folder.join("authorities.pem"), new.certificate())?;
    // ANCHOR_END: move

    let left_behind =
        ClientTls::builder(Authorities::pem(new.certificate())).identity(old).build()?;
    // Until the server has read the file, it lets this one in.
    while Channel::builder(&uri).tls(left_behind.clone()).connect().await.is_ok() {}
    enter(&client(&left_behind)?, "as ada.example, by the old authority").await;
    enter(&first, "on the first connection, which is still open").await;
    Ok(())
}

async fn enter(client: &DoorClient, how: &str) {
    println!("client → enter, {how}");
    match client.enter(Request::new(())).await {
        Ok(answer) => println!("client ← {answer}"),
        Err(status) => {
            // The reason comes last, behind the address, which is another one each time.
            let reason = status.message().rsplit(": ").next().unwrap_or_default();
            println!("client ← {:?}: {reason}", status.code());
        }
    }
}
