//! Places: inside a function, inside a module, made by another macro.

use traitwire::{Status, service};

#[tokio::test]
async fn a_service_may_stand_inside_a_function() {
    #[service]
    trait Local {
        async fn answer(&self) -> Result<u32, Status>;
    }

    struct Answer;

    impl Local for Answer {
        async fn answer(&self) -> Result<u32, Status> {
            Ok(42)
        }
    }

    assert_eq!(LocalClient::in_process(Answer).answer().await.unwrap(), 42);
}

mod inner {
    use super::{Status, service};

    /// A service that its parent may use.
    #[service]
    pub(super) trait Inner {
        /// Answers.
        async fn answer(&self) -> Result<u32, Status>;
    }
}

struct Answers;

impl inner::Inner for Answers {
    async fn answer(&self) -> Result<u32, Status> {
        Ok(1)
    }
}

/// What the macro below names, and its caller does not.
pub mod hidden {
    pub use traitwire::Status;
}

macro_rules! make_service {
    ($(#[$attribute:meta])* $service:ident($package:literal) { $($method:ident($message:ty) -> $answer:ty;)* }) => {
        $(#[$attribute])*
        #[service(package = $package)]
        pub trait $service {
            $(
                /// Made by a macro.
                async fn $method(&self, message: $message)
                    -> Result<$answer, $crate::hygiene::contexts::hidden::Status>;
            )*
        }
    };
}

make_service! {
    /// A service of which the user wrote the half.
    Made("made.v1") {
        length(String) -> u64;
        double(u32) -> u32;
        spaces(&str) -> u64;
        length_of(&[u8]) -> u64;
    }
}

impl Made for Answers {
    async fn length(&self, message: String) -> Result<u64, Status> {
        Ok(message.len() as u64)
    }

    async fn double(&self, message: u32) -> Result<u32, Status> {
        Ok(message * 2)
    }

    async fn spaces(&self, message: &str) -> Result<u64, Status> {
        Ok(message.matches(' ').count() as u64)
    }

    async fn length_of(&self, message: &[u8]) -> Result<u64, Status> {
        Ok(message.len() as u64)
    }
}

#[tokio::test]
async fn a_service_may_stand_inside_a_module() {
    use inner::Inner as _;

    assert_eq!(inner::InnerClient::in_process(Answers).answer().await.unwrap(), 1);
}

#[tokio::test]
async fn a_service_may_be_made_by_a_macro() {
    let client = MadeClient::in_process(Answers);
    assert_eq!(client.length("four".to_owned()).await.unwrap(), 4);
    assert_eq!(client.double(21).await.unwrap(), 42);
    assert_eq!(client.spaces("to be or not").await.unwrap(), 3);
    assert_eq!(client.length_of(&[0, 1, 0]).await.unwrap(), 3);
    assert_eq!(MADE.full_name(), "made.v1.Made");
}
