//! Gives out tokens, and says with which keys they can be checked.

use std::sync::{
    Mutex,
    atomic::{AtomicU32, Ordering},
};

use jsonwebtoken::{
    Algorithm, EncodingKey, Header, encode, get_current_timestamp,
    jwk::{Jwk, JwkSet},
};
use rcgen::KeyPair;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use traitwire::Status;
use workbook::Result;

use crate::contract::Issuer;

/// Who issues the tokens.
pub const ISSUER: &str = "https://passports.example.com";
/// Whom they are meant for.
pub const AUDIENCE: &str = "archive";

/// What a token says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Claims {
    /// Who has issued it.
    pub iss: String,
    /// Whom it is meant for.
    pub aud: String,
    /// Whose it is.
    pub sub: String,
    /// What its user may be.
    pub roles: Vec<String>,
    /// From when it is good, in seconds since 1970.
    pub nbf: u64,
    /// Until when.
    pub exp: u64,
}

impl Claims {
    /// Those of a user, for the next ten minutes.
    pub fn of(user: &str, roles: &[&str]) -> Self {
        let now = get_current_timestamp();
        Self {
            iss: ISSUER.to_owned(),
            aud: AUDIENCE.to_owned(),
            sub: user.to_owned(),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            nbf: now,
            exp: now + 600,
        }
    }
}

/// A key pair, and its name.
pub struct Signer {
    kid: String,
    key: EncodingKey,
}

impl Signer {
    /// A new key of this name.
    pub fn new(kid: String) -> Result<Self> {
        let key = EncodingKey::from_ec_der(KeyPair::generate()?.serialized_der());
        Ok(Self { kid, key })
    }

    /// The half that anybody may have.
    pub fn public(&self) -> Result<Jwk> {
        let mut jwk = Jwk::from_encoding_key(&self.key, Algorithm::ES256)?;
        jwk.common.key_id = Some(self.kid.clone());
        Ok(jwk)
    }

    /// Makes a token.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        let header = Header { kid: Some(self.kid.clone()), ..Header::new(Algorithm::ES256) };
        Ok(encode(&header, claims, &self.key)?)
    }
}

/// The office that gives out tokens.
pub struct Passports {
    signer: Mutex<Signer>,
    published: watch::Sender<JwkSet>,
    rotations: AtomicU32,
}

impl Passports {
    /// An office with its first key.
    pub fn new() -> Result<Self> {
        let signer = Signer::new("key-1".to_owned())?;
        let (published, _) = watch::channel(JwkSet { keys: vec![signer.public()?] });
        Ok(Self { signer: Mutex::new(signer), published, rotations: AtomicU32::new(1) })
    }

    /// The keys that tokens are checked with, now and whenever they change. Elsewhere this is a file at a
    /// well-known address, which is fetched now and then.
    pub fn keys(&self) -> watch::Receiver<JwkSet> {
        self.published.subscribe()
    }

    /// Makes a token with the key of today.
    pub fn sign(&self, claims: &Claims) -> Result<String> {
        self.signer.lock().expect("nobody panics with it").sign(claims)
    }

    fn replace(&self) -> Result {
        let number = 1 + self.rotations.fetch_add(1, Ordering::Relaxed);
        let signer = Signer::new(format!("key-{number}"))?;
        let keys = JwkSet { keys: vec![signer.public()?] };
        *self.signer.lock().expect("nobody panics with it") = signer;
        self.published.send_replace(keys);
        Ok(())
    }
}

impl Issuer for Passports {
    async fn token(&self, user: &str) -> Result<String, Status> {
        let roles: &[&str] = match user {
            "ada" => &["reader"],
            "bo" => &["reader", "keeper"],
            _ => return Err(Status::not_found(format!("no user {user}"))),
        };
        self.sign(&Claims::of(user, roles)).map_err(|_| Status::internal("cannot sign"))
    }

    async fn rotate(&self) -> Result<(), Status> {
        self.replace().map_err(|_| Status::internal("cannot make a key"))
    }
}
