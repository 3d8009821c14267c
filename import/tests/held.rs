//! After the import the Rust is the contract, and a test holds it to the `.proto`.

use std::fs;

use prost_types::FileDescriptorSet;
use traitwire::{
    ServiceDescriptor,
    schema::{self, Schema},
};
use traitwire_import::import;

use crate::paths;

/// `traitwire import tickets.proto -o tickets.rs`
#[allow(missing_docs, unreachable_pub)]
#[path = "held/tickets.rs"]
mod tickets;

fn changes(service: &'static ServiceDescriptor) -> Result<Vec<String>, schema::Error> {
    let set: FileDescriptorSet =
        protox::compile(["tickets.proto"], ["../tests/contract/proto"]).expect("it is right");
    let proto = Schema::from_file_descriptor_set(&set)?;
    let changes = Schema::of(&[service])?.changes_since(&proto);
    Ok(changes.iter().map(|it| it.what().to_owned()).collect())
}

#[test]
fn the_imported_trait_keeps_the_contract() {
    assert_eq!(changes(&tickets::TICKET_OFFICE).unwrap(), [""; 0]);
}

#[test]
fn a_method_that_goes_missing_and_a_type_that_changes_are_named() {
    mod changed {
        use super::tickets::{ReserveRequest, Seat};
        use traitwire::{Status, message, service};

        traitwire::package!("tickets.v1", file = "tickets.proto");

        /// Sells tickets.
        #[service(rename_all = "camelCase")]
        pub(crate) trait TicketOffice {
            /// The next free seat.
            async fn reserve(&self, request: &ReserveRequest) -> Result<Ticket, Status>;
        }

        #[message]
        pub(crate) struct Ticket {
            #[tag(1)]
            pub(crate) seat: Option<Seat>,
            #[tag(2)]
            pub(crate) price: u32,
        }
    }

    let changes = changes(&changed::TICKET_OFFICE).unwrap();
    assert_eq!(
        changes,
        [
            "method freeSeats of service tickets.v1.TicketOffice was removed: its callers \
             get UNIMPLEMENTED",
            "message tickets.v1.Ticket.Price was removed: breaks those who use it",
            "field 2 (price) of tickets.v1.Ticket changed from tickets.v1.Ticket.Price to \
             uint32: breaks readers",
        ]
    );
}

#[test]
fn the_text_of_the_import_is_as_shown() {
    let proto = "../tests/contract/proto/tickets.proto";
    let imported = import(&paths(&[proto]), &[]).expect("it is right");
    assert_eq!(imported.text(), fs::read_to_string("tests/held/tickets.rs").expect("it is there"));
    assert_eq!(imported.left_out(), [""; 0]);
}
