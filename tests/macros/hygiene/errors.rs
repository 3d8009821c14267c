//! `#[derive(RpcError)]` among things that have the names of what it makes.

use facade::wire::{RpcError, Status};

/// A crate that passes traitwire on.
mod facade {
    pub use traitwire as wire;
}

/// A module in which names mean what they mean nowhere else.
pub mod odd {
    #![allow(non_upper_case_globals, dead_code, reason = "the names are there to be in the way")]

    const error: u8 = 0;
    const status: u8 = 0;
    const details: u8 = 0;
    const code: u8 = 0;
    const reason: u8 = 0;
    enum Option {}
    struct Some;
    struct None;
    struct String;
    trait Clone {}
    trait From {}
    trait FromStr {}
    mod core {}
    mod traitwire {}

    /// An error with an old variant, and with names that Rust keeps for itself.
    #[derive(Debug, super::RpcError)]
    #[rpc_error(crate = "super::facade::wire", domain = "odd.example.com")]
    pub enum Odd {
        /// Not used any more.
        #[deprecated]
        #[rpc_error(code = Aborted)]
        Old,
        /// Everything has the name of something else.
        #[rpc_error(code = OutOfRange)]
        r#Loop {
            /// A keyword.
            #[rpc_error(send)]
            r#type: u32,
            /// A constant.
            #[rpc_error(send)]
            error: u8,
            /// Another.
            #[rpc_error(send)]
            details: u8,
        },
        /// The rest.
        #[rpc_error(status)]
        Other(super::Status),
    }

    impl ::std::fmt::Display for Odd {
        fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
            f.write_str("odd")
        }
    }
}

macro_rules! errors {
    ($name:ident $code:ident $ty:ty) => {
        /// An error that a macro has made.
        #[derive(Debug, thiserror::Error, RpcError)]
        #[rpc_error(domain = "made.example.com")]
        pub enum $name {
            /// With a type from outside.
            #[error("made of {0}")]
            #[rpc_error(code = $code)]
            Made(#[rpc_error(send = "value")] $ty),
            /// The rest.
            #[error(transparent)]
            #[rpc_error(status)]
            Other(Status),
        }
    };
}

errors!(Pasted NotFound u64);

/// An error that has nothing to say.
#[derive(Debug, thiserror::Error, RpcError)]
#[rpc_error(domain = "silent.example.com")]
pub enum Silent {
    /// What went wrong here.
    #[error("the store failed")]
    #[rpc_error(internal)]
    Store,
    /// The rest.
    #[error(transparent)]
    #[rpc_error(status)]
    Other(Status),
}

#[test]
fn nothing_is_in_the_way_of_an_error() {
    let status = Status::from(odd::Odd::Loop { r#type: 1, error: 2, details: 3 });
    assert_eq!(status.message(), "odd");
    assert!(matches!(odd::Odd::from(status), odd::Odd::Loop { r#type: 1, error: 2, details: 3 }));
    let status = Status::from(Pasted::Made(7));
    assert!(matches!(Pasted::from(status), Pasted::Made(7)));
    let status = Status::from(Silent::Store);
    assert!(matches!(Silent::from(status), Silent::Other(_)));
}
