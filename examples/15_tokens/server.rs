//! The server: it knows nothing of tokens.

use std::{collections::HashSet, sync::Mutex};

use traitwire::{CallOptions, InProcess, Request, Status, Stream};

use crate::{
    contract::{Archive, Ledger, LedgerClient, LedgerServer},
    guard::User,
};

const TITLES: [&str; 3] = ["Deeds", "Letters", "Maps"];

/// The documents, and who is told what becomes of them.
pub struct Documents {
    sealed: Mutex<HashSet<u32>>,
    ledger: LedgerClient<InProcess<LedgerServer<Book>>>,
}

/// All documents, and none of them sealed.
impl Default for Documents {
    fn default() -> Self {
        Self { sealed: Mutex::default(), ledger: LedgerClient::in_process(Book) }
    }
}

fn title(number: u32) -> Result<&'static str, Status> {
    let title = usize::try_from(number).ok().and_then(|it| TITLES.get(it.checked_sub(1)?));
    title.copied().ok_or_else(|| Status::not_found(format!("no document {number}")))
}

impl Archive for Documents {
    async fn read(&self, number: u32) -> Result<String, Status> {
        let title = title(number)?;
        match self.sealed.lock().expect("nobody panics with it").contains(&number) {
            true => Err(Status::failed_precondition(format!("{title} is sealed"))),
            false => Ok(format!("what {title} say")),
        }
    }

    fn list(&self) -> impl Stream<Item = Result<String, Status>> {
        traitwire::stream_fn(async |mut out| {
            for title in TITLES {
                out.send(title.to_owned()).await?;
            }
            Ok(())
        })
    }

    async fn seal(&self, number: Request<u32>) -> Result<(), Status> {
        let user: &User = number.extensions().get().ok_or_else(|| Status::internal("no user"))?;
        let as_user = CallOptions::new().metadata("x-user", &user.name);
        let number = *number.get_ref();
        let line = format!("sealed {}", title(number)?);
        self.sealed.lock().expect("nobody panics with it").insert(number);
        self.ledger.with(as_user).note(Request::new(line)).await
    }

    async fn destroy(&self, _: u32) -> Result<(), Status> {
        unreachable!("this is open to nobody")
    }
}

/// The next service. It is reached by the archive alone, and believes it.
pub struct Book;

impl Ledger for Book {
    async fn note(&self, line: Request<String>) -> Result<(), Status> {
        let user = line.metadata().get("x-user").and_then(|it| it.to_str().ok());
        println!("server: ledger: {} has {}", user.unwrap_or("nobody"), line.get_ref());
        Ok(())
    }
}
