//! `package!`: said once for a module, and found from wherever its definitions stand.

use traitwire::{Describe, Idempotency, Status, describe::OptionValue, schema::Schema, service};

traitwire::package!(
    "hygiene.v1",
    file = "hygiene/v1/all.proto",
    go_package = "example.com/hygiene"
);

/// A service of the line's package.
#[service]
pub trait Lined {
    /// In and out.
    #[rpc(idempotency = "NO_SIDE_EFFECTS")]
    async fn one(&self, message: Message) -> Result<nested::Inner, Status>;
    /// There on no platform.
    #[cfg(any())]
    async fn none(&self) -> Result<(), Status>;
    /// A raw name.
    async fn r#match(&self) -> Result<(), Status>;
}

/// A message of the line's package.
#[derive(Clone, PartialEq, prost::Message, Describe)]
pub struct Message {
    /// An enumeration of it.
    #[prost(enumeration = "Kind", tag = "1")]
    pub kind: i32,
}

/// An enumeration of the line's package.
#[derive(Clone, Copy, Debug, PartialEq, Eq, prost::Enumeration, Describe)]
#[repr(i32)]
pub enum Kind {
    /// Nothing is said.
    Unspecified = 0,
}

/// A message of another package takes nothing from the line.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(package = "elsewhere")]
pub struct Elsewhere {}

/// A message of the package in a file of its own.
#[derive(Clone, PartialEq, prost::Message, Describe)]
#[describe(file = "hygiene/v1/own.proto")]
pub struct Own {}

/// A module inside it.
pub mod nested {
    use super::*;

    /// It looks through the glob.
    #[derive(Clone, PartialEq, prost::Message, Describe)]
    pub struct Inner {}

    /// Deeper still, with a line of its own.
    pub mod deeper {
        use super::*;

        traitwire::package!("hygiene.v2", crate = "::traitwire");

        /// It takes the nearest.
        #[derive(Clone, PartialEq, prost::Message, Describe)]
        pub struct Deeper {}
    }

    /// A module that does not look outside.
    pub mod closed {
        /// So it has no package.
        #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
        pub struct Closed {}
    }
}

macro_rules! make {
    ($name:ident) => {
        /// Made by a macro.
        #[derive(Clone, PartialEq, prost::Message, Describe)]
        pub struct $name {}
    };
}

make!(Made);

macro_rules! module {
    ($module:ident, $package:literal) => {
        /// A module made by a macro, its package handed in.
        pub mod $module {
            traitwire::package!($package);

            /// Made by a macro.
            #[derive(Clone, PartialEq, prost::Message, traitwire::Describe)]
            pub struct Made {}
        }
    };
}

module!(made, "made.v1");

/// The crate under another name.
pub mod renamed {
    use traitwire as wire;

    wire::package!("renamed.v1", crate = "wire");

    /// A service that never says `traitwire`.
    #[wire::service(crate = "wire")]
    pub trait Renamed {
        /// Answers.
        async fn answer(&self) -> Result<Answer, wire::Status>;
    }

    /// A message that never says `traitwire`.
    #[derive(Clone, PartialEq, prost::Message, wire::Describe)]
    #[describe(crate = "wire")]
    pub struct Answer {}
}

struct Here;

impl Lined for Here {
    async fn one(&self, _: Message) -> Result<nested::Inner, Status> {
        Ok(nested::Inner {})
    }

    async fn r#match(&self) -> Result<(), Status> {
        Ok(())
    }
}

#[tokio::test]
async fn a_call_finds_its_method_under_the_package_of_the_line() {
    assert_eq!(LINED.full_name(), "hygiene.v1.Lined");
    assert_eq!(LINED.methods[0].path, "/hygiene.v1.Lined/One");
    assert_eq!(LINED.methods[0].idempotency, Idempotency::NoSideEffects);
    let client = LinedClient::in_process(Here);
    assert_eq!(client.one(Message::default()).await.unwrap(), nested::Inner {});
    client.r#match().await.unwrap();
}

#[test]
fn every_definition_of_the_module_is_in_the_package_of_its_line() {
    fn package<M: prost::Name>(_: &M) -> &'static str {
        M::PACKAGE
    }

    /// Inside a function the module counts.
    #[derive(Clone, PartialEq, prost::Message, Describe)]
    struct Local {}

    assert_eq!(package(&Local {}), "hygiene.v1");
    assert_eq!(package(&Message::default()), "hygiene.v1");
    assert_eq!(package(&Made {}), "hygiene.v1");
    assert_eq!(package(&nested::Inner {}), "hygiene.v1");
    assert_eq!(package(&nested::deeper::Deeper {}), "hygiene.v2");
    assert_eq!(package(&nested::closed::Closed {}), "");
    assert_eq!(package(&made::Made {}), "made.v1");
    assert_eq!(package(&Elsewhere {}), "elsewhere");
    assert_eq!(package(&renamed::Answer {}), "renamed.v1");
    assert_eq!(renamed::RENAMED.methods[0].path, "/renamed.v1.Renamed/Answer");
    assert_eq!(Kind::DESCRIPTOR.package, "hygiene.v1");
}

#[test]
fn the_file_and_its_options_are_those_of_the_line() {
    assert_eq!(Message::DESCRIPTOR.file, Some("hygiene/v1/all.proto"));
    assert_eq!(Own::DESCRIPTOR.file, Some("hygiene/v1/own.proto"));
    for options in [Message::DESCRIPTOR.file_options, Own::DESCRIPTOR.file_options] {
        assert_eq!(options[0].name, "go_package");
        assert_eq!(options[0].value, OptionValue::Text("example.com/hygiene"));
    }
    assert_eq!(Elsewhere::DESCRIPTOR.file, None);
    assert!(Elsewhere::DESCRIPTOR.file_options.is_empty());
    let text = Schema::with_messages(&[&LINED], &[Own::DESCRIPTOR]).unwrap().to_string();
    assert_eq!(text.matches("option go_package = \"example.com/hygiene\";\n").count(), 2);
}
