//! What is attacked: a service that holds something in each shape of a call.

use traitwire::{Status, Stream, Streaming, message, service};

/// As short as a service can be that can be abused in every way.
#[service(package = "hostile")]
pub(crate) trait Attacked {
    /// The same text.
    async fn echo(&self, text: String) -> Result<String, Status>;

    /// Never answers.
    async fn hang(&self) -> Result<(), Status>;

    /// A kibibyte, and another, without end.
    fn pour(&self) -> impl Stream<Item = Result<Vec<u8>, Status>>;

    /// Reads to the end, and says how many bytes there were.
    async fn drain(&self, pieces: Streaming<Vec<u8>>) -> Result<u64, Status>;

    /// Reads nothing, and never answers.
    async fn ignore(&self, pieces: Streaming<Vec<u8>>) -> Result<(), Status>;

    /// Refuses each, and reads nothing.
    async fn refuse(&self, pieces: Streaming<Vec<u8>>) -> Result<(), Status>;

    /// How deep the tree is.
    async fn depth(&self, tree: Tree) -> Result<u32, Status>;

    /// What the handlers hold and did. This one is not counted.
    async fn census(&self) -> Result<Census, Status>;
}

/// A message within itself.
#[message(package = "hostile")]
pub(crate) struct Tree {
    /// The next one down.
    #[tag(1)]
    pub(crate) child: Option<Box<Tree>>,
}

/// A count of handlers.
#[message(package = "hostile")]
#[derive(Copy)]
pub(crate) struct Census {
    /// How many run now.
    #[tag(1)]
    pub(crate) running: u64,
    /// How many have begun since the server was started.
    #[tag(2)]
    pub(crate) begun: u64,
    /// How many messages `pour` has handed over.
    #[tag(3)]
    pub(crate) poured: u64,
}
