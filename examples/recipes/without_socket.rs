//! A service, tested as its callers see it, and without a socket.
//!
//! cargo add traitwire
//! cargo add tokio --features macros,rt-multi-thread

use traitwire::{InProcess, Status, Stream, service, stream_fn};

#[service(package = "recipes")]
pub trait Search {
    fn search(&self, word: &str) -> impl Stream<Item = Result<String, Status>>;
}

struct Shelf(Vec<String>);

impl Search for Shelf {
    fn search(&self, word: &str) -> impl Stream<Item = Result<String, Status>> {
        stream_fn(async move |mut out| {
            if word.is_empty() {
                return Err(Status::invalid_argument("search for a word"));
            }
            for title in self.0.iter().filter(|title| title.contains(word)) {
                out.send(title.clone()).await?;
            }
            Ok(())
        })
    }
}

/// Messages are encoded and decoded, limits and deadlines hold: only the connection is left out.
fn client() -> SearchClient<InProcess<SearchServer<Shelf>>> {
    let titles = ["From Trait to Wire", "A Wire of Gold", "On Bread"];
    SearchClient::in_process(Shelf(titles.map(String::from).to_vec()))
}

#[tokio::main]
async fn main() -> Result<(), Status> {
    let mut titles = client().search("Wire");
    while let Some(title) = titles.message().await? {
        println!("{title}");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Search as _, client};
    use traitwire::{Code, StreamExt};

    #[tokio::test]
    async fn no_word_is_an_error() {
        let mut titles = client().search("");
        let status = titles.next().await.unwrap().unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
    }
}
