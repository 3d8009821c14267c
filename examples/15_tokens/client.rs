//! The client: it gets itself a token, and another one when that is worth nothing any more.

use std::sync::Arc;

use tokio::sync::Mutex;
use traitwire::{
    CallOptions, Code, Status, Transport,
    intercept::{Call, End, Next, from_fn},
    tonic::metadata::AsciiMetadataValue,
};
use workbook::Result;

use crate::{
    contract::{Archive, ArchiveClient, Issuer},
    guard::Limit,
};

/// The token of a user.
pub struct Wallet<I> {
    user: &'static str,
    issuer: I,
    token: Mutex<Option<AsciiMetadataValue>>,
}

impl<I: Issuer> Wallet<I> {
    /// An empty one.
    pub fn of(user: &'static str, issuer: I) -> Arc<Self> {
        Arc::new(Self { user, issuer, token: Mutex::new(None) })
    }

    /// The token, unless it is `refused`. Calls that need a new one wait here for the one that gets it.
    async fn token(
        &self,
        refused: Option<&AsciiMetadataValue>,
    ) -> Result<AsciiMetadataValue, Status> {
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_ref().filter(|it| Some(*it) != refused) {
            return Ok(token.clone());
        }
        println!("client: a new token for {}", self.user);
        let new = format!("Bearer {}", self.issuer.token(self.user).await?);
        let mut new: AsciiMetadataValue =
            new.parse().map_err(|_| Status::internal("the issuer has sent no token"))?;
        // Whoever prints the metadata of a call does not print this.
        new.set_sensitive(true);
        Ok(token.insert(new).clone())
    }
}

/// Sends the token of a wallet, and where that is refused, the request once more with a new one.
pub async fn with_token<I: Issuer>(
    wallet: Arc<Wallet<I>>,
    mut call: Call,
    next: Next,
) -> Result<End, Status> {
    let again = call.try_clone();
    let token = wallet.token(None).await?;
    call.metadata_mut().insert("authorization", token.clone());
    let result = next.run(call).await;
    if !matches!(&result, Err(status) if status.code() == Code::Unauthenticated) {
        return result;
    }
    // Also for a stream of requests, which cannot be sent again: its next call has the new one.
    let token = wallet.token(Some(&token)).await?;
    let Some(mut again) = again else { return result };
    again.metadata_mut().insert("authorization", token);
    next.run(again).await
}

/// The archive, as a user sees it.
pub fn as_user<T: Transport, I: Issuer + Clone>(
    archive: &ArchiveClient<T>,
    issuer: &I,
    user: &'static str,
) -> ArchiveClient<T> {
    let wallet = Wallet::of(user, issuer.clone());
    let interceptor = from_fn(move |call, next| with_token(Arc::clone(&wallet), call, next));
    archive.with(CallOptions::new().intercept(interceptor))
}

/// What everybody tries.
pub async fn visit<T: Transport>(
    archive: &ArchiveClient<T>,
    issuer: &(impl Issuer + Clone),
) -> Result {
    println!("client → read 3, without a token");
    tell(archive.read(3).await);

    let ada = as_user(archive, issuer, "ada");
    println!("client → ada: read 3");
    tell(ada.read(3).await);
    println!("client → ada: list");
    let mut titles = ada.list();
    while let Some(title) = titles.message().await? {
        println!("client ← {title}");
    }
    println!("client → ada: seal 3");
    tell(ada.seal(traitwire::Request::new(3)).await);

    let bo = as_user(archive, issuer, "bo");
    println!("client → bo: seal 3");
    tell(bo.seal(traitwire::Request::new(3)).await);
    println!("client → bo: destroy 3");
    tell(bo.destroy(3).await);

    println!("client: the keys change");
    issuer.rotate().await?;
    for number in [3, 1, 2, 1] {
        println!("client → ada: read {number}");
        tell(ada.read(number).await);
    }
    Ok(())
}

fn tell(result: Result<impl std::fmt::Debug, Status>) {
    match result.map_err(Limit::from) {
        Ok(answer) => println!("client ← {answer:?}"),
        Err(Limit::TooMany { after }) => println!("client ← again in {after:?} at the earliest"),
        Err(Limit::Other(status)) => {
            println!("client ← {:?}: {}", status.code(), status.message());
        }
    }
}
