//! The contract: all that a client needs to know.

use traitwire::{Status, Stream, message, service};

traitwire::package!("starter.v1");

/// Greets people.
#[service]
pub trait Greeter {
    /// A greeting. INVALID_ARGUMENT for somebody without a name.
    async fn greet(&self, request: GreetRequest) -> Result<GreetResponse, Status>;

    /// The same greeting, as often as it is asked for.
    fn greet_often(
        &self,
        request: GreetOftenRequest,
    ) -> impl Stream<Item = Result<GreetResponse, Status>>;
}

/// Somebody to greet.
#[message]
pub struct GreetRequest {
    /// Who it is; not empty.
    #[tag(1)]
    pub name: String,
}

/// Somebody to greet more than once.
#[message]
pub struct GreetOftenRequest {
    /// Who it is; not empty.
    #[tag(1)]
    pub name: String,
    /// How often.
    #[tag(2)]
    pub times: u32,
}

/// A greeting.
#[message]
pub struct GreetResponse {
    /// What to say.
    #[tag(1)]
    pub text: String,
}
