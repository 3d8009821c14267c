//! What is around the calls of the archive.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, OnceLock},
    time::{Duration, Instant},
};

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::JwkSet};
use tokio::sync::watch;
use traitwire::{
    RpcError, Status,
    intercept::{Call, End, Intercept, Next},
};
use workbook::Result;

use crate::issuer::{AUDIENCE, Claims, ISSUER};

/// Who calls. The handler finds it in its request.
#[derive(Clone, Debug)]
pub struct User {
    /// What the token calls it.
    pub name: String,
    roles: Vec<String>,
}

/// The keys of the issuer, and what a token has to say.
pub struct Keys {
    keys: watch::Receiver<JwkSet>,
    validation: Validation,
}

impl Keys {
    /// Those that are published here.
    pub fn of(keys: watch::Receiver<JwkSet>) -> Self {
        // The algorithm is ours to choose. What the token says of it counts for nothing.
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "nbf", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        Self { keys, validation }
    }

    /// Whose token it is. The error says nothing of the token.
    pub fn check(&self, token: &str) -> Result<User> {
        let header = decode_header(token)?;
        let jwk = header.kid.and_then(|kid| self.keys.borrow().find(&kid).cloned());
        let jwk = jwk.ok_or("no key has this name")?;
        let claims = decode::<Claims>(token, &DecodingKey::from_jwk(&jwk)?, &self.validation)?;
        let Claims { sub, roles, .. } = claims.claims;
        Ok(User { name: sub, roles })
    }
}

/// Lets those in who have the role that the contract asks for.
pub async fn authorize(keys: Arc<Keys>, mut call: Call, next: Next) -> Result<End, Status> {
    let method = call.method();
    let Some(role) = method.attribute("role") else {
        return Err(Status::permission_denied(format!("{} is open to nobody", method.name)));
    };
    let value = call.metadata_mut().remove("authorization");
    let token = value.as_ref().and_then(|it| it.to_str().ok()?.strip_prefix("Bearer "));
    let token = token.ok_or_else(|| Status::unauthenticated("this call needs a token"))?;
    let user = keys.check(token).map_err(|error| {
        println!("server: a token was refused: {error}");
        Status::unauthenticated("the token is not valid")
    })?;
    if let Some(who) = call.extensions().get::<Who>() {
        who.is(&user.name);
    }
    if !user.roles.iter().any(|it| it == role) {
        return Err(Status::permission_denied(format!("{} is no {role}", user.name)));
    }
    call.extensions_mut().insert(user);
    next.run(call).await
}

/// Why a user has to wait.
#[derive(Debug, RpcError)]
#[rpc_error(domain = "archive.example.com")]
pub enum Limit {
    /// It has made as many calls as it may, and comes again after this time.
    #[rpc_error(code = ResourceExhausted)]
    TooMany {
        /// How long it waits at least.
        #[rpc_error(retry_info)]
        after: Duration,
    },
    /// Whatever else a call ends with.
    #[rpc_error(status)]
    Other(Status),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooMany { after } => write!(f, "too many calls in {after:?}"),
            Self::Other(status) => status.fmt(f),
        }
    }
}

impl std::error::Error for Limit {}

/// How many calls a user may make in a time.
pub struct Limiter {
    most: u32,
    time: Duration,
    users: Mutex<HashMap<String, (Instant, u32)>>,
}

impl Limiter {
    /// So many calls in so much time. A user who makes more has to let as much time pass without a call.
    pub fn new(most: u32, time: Duration) -> Self {
        Self { most, time, users: Mutex::default() }
    }

    fn count(&self, user: &str) -> Result<(), Limit> {
        let mut users = self.users.lock().expect("nobody panics with it");
        let now = Instant::now();
        let (since, calls) = users.entry(user.to_owned()).or_insert((now, 0));
        if now - *since >= self.time {
            (*since, *calls) = (now, 0);
        }
        *calls += 1;
        if *calls > self.most {
            *since = now;
            return Err(Limit::TooMany { after: self.time });
        }
        Ok(())
    }
}

/// Lets a user make so many calls and no more.
pub async fn limit(limiter: Arc<Limiter>, call: Call, next: Next) -> Result<End, Status> {
    if let Some(user) = call.extensions().get::<User>() {
        limiter.count(&user.name)?;
    }
    next.run(call).await
}

/// Writes a line for each call, also for one that was refused or given up.
pub struct Audit;

/// Who it was, when that is known.
#[derive(Clone, Default)]
struct Who(Arc<OnceLock<String>>);

impl Who {
    fn is(&self, name: &str) {
        // Only the first interceptor that knows it says it.
        let _ = self.0.set(name.to_owned());
    }
}

impl Intercept for Audit {
    fn begin(&self, call: &mut Call) -> Result<(), Status> {
        let who = Who::default();
        call.extensions_mut().insert(who.clone());
        call.on_end(move |ended| {
            let user = who.0.get().map_or("somebody", String::as_str);
            println!("server: audit: {user}, {}, {:?}", ended.method().name, ended.code());
        });
        Ok(())
    }
}
