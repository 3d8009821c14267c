//! Worked example: the `.proto` was there first, and the trait follows it.
//!
//! The build script compiles `proto/tickets.proto` with protox and prost-build: messages with names
//! (`enable_type_names`), and the descriptors as bytes. The trait is written by hand; `check` says
//! in a test whether it still agrees.

use traitwire::{Status, Stream, schema, service, stream_fn};

/// What prost-build made of the messages.
mod tickets {
    #![allow(missing_docs, unreachable_pub)]
    include!(concat!(env!("OUT_DIR"), "/tickets.v1.rs"));
}

use tickets::{ReserveRequest, Seat, Show, Ticket};

/// The descriptors of `tickets.proto`.
pub(crate) const TICKETS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/tickets.bin"));

#[service(package = "tickets.v1", rename_all = "camelCase", descriptor_set = TICKETS)]
pub(crate) trait TicketOffice {
    async fn reserve(&self, request: ReserveRequest) -> Result<Ticket, Status>;
    fn free_seats(&self, show: Show) -> impl Stream<Item = Result<Seat, Status>>;
}

struct Office;

impl TicketOffice for Office {
    async fn reserve(&self, _: ReserveRequest) -> Result<Ticket, Status> {
        Ok(Ticket { seat: Some(Seat { row: 1, number: 2 }), price: None })
    }

    fn free_seats(&self, _: Show) -> impl Stream<Item = Result<Seat, Status>> {
        stream_fn(async |mut out| {
            out.send(Seat { row: 1, number: 3 }).await?;
            Ok(())
        })
    }
}

#[test]
fn the_trait_follows_the_proto() {
    if let Err(disagreements) = schema::check(&TICKET_OFFICE) {
        panic!("{disagreements}");
    }
}

#[tokio::test]
async fn messages_of_prost_build_travel() {
    let office = TicketOfficeClient::in_process(Office);
    let ticket = office.reserve(ReserveRequest::default()).await.unwrap();
    assert_eq!(ticket.seat, Some(Seat { row: 1, number: 2 }));
    let mut seats = office.free_seats(Show::default());
    assert_eq!(seats.message().await.unwrap(), Some(Seat { row: 1, number: 3 }));
}

#[test]
fn the_schema_of_the_service_is_its_proto() {
    let schema = schema::Schema::of(&[&TICKET_OFFICE]).unwrap();
    assert!(schema.to_string().contains("  // The next free seat.\n  rpc reserve(ReserveRequest)"));
    crate::assert_reads_back(&schema);
}

#[test]
fn every_disagreement_is_named() {
    mod wrong {
        use super::*;

        #[service(package = "tickets.v1", name = "TicketOffice", descriptor_set = TICKETS)]
        pub(crate) trait Wrong {
            /// Another name and another message in, a stream too many out.
            fn reserve(&self, show: Show) -> impl Stream<Item = Result<Ticket, Status>>;
            /// Not there.
            async fn refund(&self, ticket: Ticket) -> Result<(), Status>;
        }
    }

    let disagreements = schema::check(&wrong::WRONG).unwrap_err();
    let lines: Vec<_> = disagreements.iter().collect();
    assert_eq!(
        lines,
        [
            "method Reserve is called reserve in the .proto: `#[rpc(name = \"reserve\")]`",
            "method Reserve is server streaming in the trait and unary in the .proto",
            "method Reserve takes tickets.v1.Show in the trait and tickets.v1.ReserveRequest in the \
             .proto",
            "method Refund is not in the .proto",
            "method freeSeats is not in the trait",
        ]
    );
}

#[test]
fn another_result_and_another_service_are_named() {
    mod wrong {
        use super::*;

        #[service(package = "tickets.v1", name = "TicketOffice", descriptor_set = TICKETS)]
        pub(crate) trait Wrong {
            #[rpc(name = "reserve")]
            async fn reserve(&self, request: ReserveRequest) -> Result<Seat, Status>;
            #[rpc(name = "freeSeats")]
            fn free_seats(&self, show: Show) -> impl Stream<Item = Result<Seat, Status>>;
        }

        #[service(package = "tickets.v2", name = "TicketOffice", descriptor_set = TICKETS)]
        pub(crate) trait Elsewhere {}

        #[service(package = "tickets.v1", name = "TicketOffice", descriptor_set = b"\xff")]
        pub(crate) trait Damaged {}

        #[service(package = "tickets.v1", name = "TicketOffice")]
        pub(crate) trait Free {}
    }

    let text = |service| schema::check(service).unwrap_err().to_string();
    assert_eq!(
        text(&wrong::WRONG),
        "the trait of tickets.v1.TicketOffice and its .proto disagree:\n  \
         method reserve returns tickets.v1.Seat in the trait and tickets.v1.Ticket in the .proto"
    );
    assert!(text(&wrong::ELSEWHERE).ends_with(
        "service tickets.v2.TicketOffice is not in the .proto, which has tickets.v1.TicketOffice"
    ));
    assert!(text(&wrong::DAMAGED).contains("the descriptor set cannot be read: "));
    assert!(text(&wrong::FREE).ends_with("has no `descriptor_set`"));
}

/// What prost-build made of a contract with messages inside others.
mod parcels {
    #![allow(missing_docs, unreachable_pub)]
    include!(concat!(env!("OUT_DIR"), "/parcels.v1.rs"));
}

#[test]
fn a_message_inside_another_has_its_full_name() {
    use parcels::{Letter, Parcel, letter, parcel};

    const PARCELS_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/parcels.bin"));

    #[service(package = "parcels.v1", descriptor_set = PARCELS_SET)]
    trait Parcels {
        async fn find(&self, of: parcel::Ref) -> Result<Parcel, Status>;
        async fn open(&self, of: letter::Ref) -> Result<Letter, Status>;
    }

    #[service(package = "parcels.v1", name = "Parcels", descriptor_set = PARCELS_SET)]
    trait Mistaken {
        async fn find(&self, of: letter::Ref) -> Result<Parcel, Status>;
        async fn open(&self, of: letter::Ref) -> Result<Letter, Status>;
    }

    schema::check(&PARCELS).unwrap();
    assert_eq!(PARCELS.methods[0].input.full_name(), "parcels.v1.Parcel.Ref");
    assert_ne!(PARCELS.methods[0].input, PARCELS.methods[1].input);
    let disagreements = schema::check(&MISTAKEN).unwrap_err();
    let lines: Vec<_> = disagreements.iter().collect();
    assert_eq!(
        lines,
        ["method Find takes parcels.v1.Letter.Ref in the trait and parcels.v1.Parcel.Ref in the \
             .proto"]
    );
}
