//! Who gets in, and who does not.

use std::{
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use jsonwebtoken::{Algorithm, EncodingKey, Header, encode, get_current_timestamp};
use traitwire::{
    CallOptions, Code, InProcess, Request, ServiceOptions, Status, intercept::from_fn,
    schema::unread_attributes,
};

use crate::{
    client::{Wallet, as_user, with_token},
    contract::{
        ARCHIVE, Archive, ArchiveClient, ArchiveServer, Issuer, IssuerClient, IssuerServer, LEDGER,
    },
    guard::{Keys, Limit, Limiter, authorize},
    guarded,
    issuer::{Claims, Passports, Signer},
    server::Documents,
};

type Local = ArchiveClient<InProcess<ArchiveServer<Documents>>>;

fn archive(passports: &Passports, most: u32) -> Local {
    let keys = Arc::new(Keys::of(passports.keys()));
    let limiter = Arc::new(Limiter::new(most, Duration::from_secs(60)));
    let server = ArchiveServer::new(Documents::default()).with(guarded(keys, limiter));
    ArchiveClient::new(InProcess::new(server))
}

fn issuer(passports: &Arc<Passports>) -> IssuerClient<InProcess<IssuerServer<Passports>>> {
    IssuerClient::new(InProcess::new(IssuerServer::from_arc(Arc::clone(passports))))
}

/// What a caller hears that has this token.
async fn read_with(archive: &Local, token: &str) -> Result<String, Status> {
    let options = CallOptions::new().metadata("authorization", &format!("Bearer {token}"));
    archive.with(options).read(1).await
}

async fn assert_refused(claims: impl FnOnce(&mut Claims)) {
    let passports = Passports::new().unwrap();
    let mut written = Claims::of("ada", &["reader"]);
    claims(&mut written);
    let token = passports.sign(&written).unwrap();
    assert_not_valid(&passports, &token).await;
}

async fn assert_not_valid(passports: &Passports, token: &str) {
    let archive = archive(passports, 5);
    let status = read_with(&archive, token).await.unwrap_err();
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(status.message(), "the token is not valid");
    let good = passports.sign(&Claims::of("ada", &["reader"])).unwrap();
    assert_eq!(read_with(&archive, &good).await.unwrap(), "what Deeds say");
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() {
    assert_refused(|claims| claims.aud = "library".to_owned()).await;
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    assert_refused(|claims| claims.iss = "https://passports.example.org".to_owned()).await;
}

#[tokio::test]
async fn a_token_that_has_expired_is_refused() {
    assert_refused(|claims| claims.exp = get_current_timestamp() - 3600).await;
}

#[tokio::test]
async fn a_token_that_is_not_valid_yet_is_refused() {
    assert_refused(|claims| claims.nbf = get_current_timestamp() + 3600).await;
}

/// `{"alg":"none"}` and the claims, without a signature.
#[tokio::test]
async fn a_token_that_nobody_has_signed_is_refused() {
    let passports = Passports::new().unwrap();
    let signed = passports.sign(&Claims::of("ada", &["reader"])).unwrap();
    let claims = signed.split('.').nth(1).unwrap();
    let none = "eyJhbGciOiJub25lIiwia2lkIjoia2V5LTEifQ";
    assert_not_valid(&passports, &format!("{none}.{claims}.")).await;
}

/// A secret that both sides share instead of a key pair, which a stranger could take the public key for.
#[tokio::test]
async fn a_token_by_another_algorithm_is_refused() {
    let passports = Passports::new().unwrap();
    let header = Header { kid: Some("key-1".to_owned()), ..Header::new(Algorithm::HS256) };
    let public = public_key(&passports);
    let key = EncodingKey::from_secret(public.as_bytes()).unwrap();
    let token = encode(&header, &Claims::of("ada", &["reader"]), &key).unwrap();
    assert_not_valid(&passports, &token).await;
}

/// The public key as a text that anybody can have.
fn public_key(passports: &Passports) -> String {
    format!("{:?}", passports.keys().borrow().keys[0].algorithm)
}

#[tokio::test]
async fn a_token_of_another_key_is_refused() {
    let passports = Passports::new().unwrap();
    for name in ["key-1", "key-7"] {
        let stranger = Signer::new(name.to_owned()).unwrap();
        let token = stranger.sign(&Claims::of("ada", &["reader"])).unwrap();
        assert_not_valid(&passports, &token).await;
    }
}

#[tokio::test]
async fn a_token_that_is_none_is_refused() {
    let passports = Passports::new().unwrap();
    for token in ["", "x", "a.b.c", "....", "eyJhbGciOiJFUzI1NiJ9.e30.AAAA"] {
        assert_not_valid(&passports, token).await;
    }
}

#[tokio::test]
async fn a_call_without_a_token_is_told_so() {
    let passports = Passports::new().unwrap();
    let archive = archive(&passports, 5);
    for options in
        [CallOptions::new(), CallOptions::new().metadata("authorization", "Basic YWRhOmFkYQ==")]
    {
        let status = archive.with(options).read(1).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated);
        assert_eq!(status.message(), "this call needs a token");
    }
}

#[tokio::test]
async fn a_role_opens_what_the_contract_says() {
    let passports = Arc::new(Passports::new().unwrap());
    let (archive, issuer) = (archive(&passports, 50), issuer(&passports));
    let (ada, bo) = (as_user(&archive, &issuer, "ada"), as_user(&archive, &issuer, "bo"));
    assert_eq!(ada.list().message().await.unwrap().as_deref(), Some("Deeds"));
    let status = ada.seal(Request::new(1)).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.message(), "ada is no keeper");
    bo.seal(Request::new(1)).await.unwrap();
    let status = ada.read(1).await.unwrap_err();
    assert_eq!(status.message(), "Deeds is sealed");
}

/// Forgotten is closed, and not open.
#[tokio::test]
async fn a_method_without_a_role_is_open_to_nobody() {
    let passports = Arc::new(Passports::new().unwrap());
    let bo = as_user(&archive(&passports, 5), &issuer(&passports), "bo");
    let status = bo.destroy(1).await.unwrap_err();
    assert_eq!(status.code(), Code::PermissionDenied);
    assert_eq!(status.message(), "Destroy is open to nobody");
}

#[test]
fn every_attribute_of_the_contract_is_read() {
    assert_eq!(unread_attributes(&[&ARCHIVE, &LEDGER], &["role"]), [""; 0]);
}

/// An issuer that counts the tokens that it gives out.
#[derive(Clone)]
struct Counted(IssuerClient<InProcess<IssuerServer<Passports>>>, Arc<AtomicU32>);

impl Issuer for Counted {
    async fn token(&self, user: &str) -> Result<String, Status> {
        self.1.fetch_add(1, Ordering::Relaxed);
        // Others come while this one waits.
        tokio::task::yield_now().await;
        self.0.token(user).await
    }

    async fn rotate(&self) -> Result<(), Status> {
        self.0.rotate().await
    }
}

/// A hundred calls at once, and again and again other keys: each call is answered, and each key costs one token.
#[tokio::test]
async fn keys_change_under_load_and_no_call_fails() {
    let passports = Arc::new(Passports::new().unwrap());
    let archive = archive(&passports, u32::MAX);
    let tokens = Arc::new(AtomicU32::new(0));
    let wallet = Wallet::of("ada", Counted(issuer(&passports), Arc::clone(&tokens)));
    let renews = from_fn(move |call, next| with_token(Arc::clone(&wallet), call, next));
    let ada = archive.with(CallOptions::new().intercept(renews));
    for round in 1..=5 {
        let mut calls = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let ada = ada.clone();
            calls.spawn(async move { ada.read(2).await });
        }
        for answer in calls.join_all().await {
            assert_eq!(answer.unwrap(), "what Letters say");
        }
        assert_eq!(tokens.load(Ordering::Relaxed), round, "tokens after {round} keys");
        passports.rotate().await.unwrap();
    }
}

#[tokio::test]
async fn who_calls_too_often_is_told_when_to_come_again() {
    let passports = Arc::new(Passports::new().unwrap());
    let (archive, issuer) = (archive(&passports, 2), issuer(&passports));
    let (ada, bo) = (as_user(&archive, &issuer, "ada"), as_user(&archive, &issuer, "bo"));
    ada.read(1).await.unwrap();
    ada.list().message().await.unwrap();
    let status = ada.read(1).await.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted);
    let Limit::TooMany { after } = Limit::from(status) else { panic!("a limit") };
    assert_eq!(after, Duration::from_secs(60));
    // One user does not take the calls of another.
    bo.read(1).await.unwrap();
}

/// The handler, and whatever prints its request, never sees the token.
#[tokio::test]
async fn no_token_goes_further_than_the_guard() {
    let passports = Passports::new().unwrap();
    let keys = Arc::new(Keys::of(passports.keys()));
    let seen = Arc::new(std::sync::Mutex::new(Vec::new()));
    let writes = Arc::clone(&seen);
    let options = ServiceOptions::new()
        .intercept(from_fn(move |call, next| authorize(Arc::clone(&keys), call, next)))
        .intercept(from_fn(
            move |call: traitwire::intercept::Call, next: traitwire::intercept::Next| {
                let mut log = writes.lock().unwrap();
                write!(log, "{call:?} {:?} {:?}", call.metadata(), call.extensions()).unwrap();
                drop(log);
                async move { next.run(call).await }
            },
        ));
    let server = ArchiveServer::new(Documents::default()).with(options);
    let archive = ArchiveClient::new(InProcess::new(server));
    let token = passports.sign(&Claims::of("ada", &["reader"])).unwrap();
    read_with(&archive, &token).await.unwrap();
    let seen = String::from_utf8(seen.lock().unwrap().clone()).unwrap();
    let (_, signature) = token.rsplit_once('.').unwrap();
    assert!(!seen.is_empty() && !seen.contains(signature), "{seen}");
}
