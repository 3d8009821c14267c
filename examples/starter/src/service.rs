//! What the server does.

use traitwire::{Status, Stream, stream_fn};

use crate::{GreetOftenRequest, GreetRequest, GreetResponse, Greeter};

/// Greets in one language.
pub struct Host {
    /// What comes before the name.
    pub hello: String,
}

impl Host {
    fn greeting(&self, name: &str) -> Result<GreetResponse, Status> {
        if name.is_empty() {
            return Err(Status::invalid_argument("name must not be empty"));
        }
        Ok(GreetResponse {
            text: format!("{}, {name}!", self.hello),
        })
    }
}

impl Greeter for Host {
    async fn greet(&self, request: GreetRequest) -> Result<GreetResponse, Status> {
        self.greeting(&request.name)
    }

    fn greet_often(
        &self,
        request: GreetOftenRequest,
    ) -> impl Stream<Item = Result<GreetResponse, Status>> {
        stream_fn(async move |mut out| {
            let greeting = self.greeting(&request.name)?;
            for _ in 0..request.times {
                out.send(greeting.clone()).await?;
            }
            Ok(())
        })
    }
}
