//! Server reflection, straight from the code.
//!
//! Tools such as `buf curl` and `grpcurl` ask a server what it serves, and then call it by JSON, with
//! no `.proto` file at hand. [`Server::reflection`](crate::Server::reflection) answers them, in both versions of the
//! protocol, for everything that the server serves:
//!
//! ```
//! # #[cfg(feature = "transport")] {
//! # use traitwire::{Server, Status, service};
//! #[service(package = "words")]
//! pub trait Words {
//!     async fn count(&self, text: String) -> Result<u32, Status>;
//! }
//!
//! let server = Server::new().reflection();
//! // server.add(WordsServer::new(words)).serve(listener, shutdown_signal()).await?;
//! # }
//! ```
//!
//! Under another server than this library's, mount [`Reflection::v1`] and [`Reflection::v1alpha`].

mod contract;
mod index;

use std::{fmt, sync::Arc};

pub use self::contract::{v1, v1alpha};
use self::index::Index;
use crate::{ServiceDescriptor, schema::Error};

/// What is told of some services, and of reflection itself.
#[derive(Clone)]
pub struct Reflection(Arc<Index>);

impl Reflection {
    /// Reflection of `services`.
    ///
    /// A service with a `descriptor_set` is answered for with its bytes as they are, options and all;
    /// put its imports into the set, as `protox` does on request.
    ///
    /// # Errors
    ///
    /// As [`Schema::of`](crate::schema::Schema::of), and where a descriptor set cannot be read.
    ///
    /// # Limits
    ///
    /// Reflection is not authenticated: whoever reaches the port may ask.
    pub fn of(services: &[&'static ServiceDescriptor]) -> Result<Self, Error> {
        let services: Vec<_> =
            [services, &[&v1::SERVER_REFLECTION, &v1alpha::SERVER_REFLECTION]].concat();
        Ok(Self(Arc::new(Index::of(&services)?)))
    }

    /// The same, which also lists services that nothing is known of but their names.
    #[cfg(feature = "transport")]
    pub(crate) fn naming(mut self, names: impl Iterator<Item = String>) -> Self {
        if let Some(index) = Arc::get_mut(&mut self.0) {
            index.name(names);
        }
        self
    }

    /// The service of today's version.
    #[must_use]
    pub fn v1(&self) -> v1::ServerReflectionServer<Self> {
        v1::ServerReflectionServer::new(self.clone())
    }

    /// The service of the version before, which older tools ask for.
    #[must_use]
    pub fn v1alpha(&self) -> v1alpha::ServerReflectionServer<Self> {
        v1alpha::ServerReflectionServer::new(self.clone())
    }
}

impl fmt::Debug for Reflection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Reflection").field(&self.0.services()).finish()
    }
}
