//! The bytes of one message, as the page "What gRPC is" draws them, and what other versions make of it.

use traitwire::{message, prost::Message};

/// Something in an order.
#[message(package = "shop")]
struct Item {
    #[tag(1)]
    name: String,
    #[tag(2)]
    quantity: u32,
    #[tag(3)]
    gift: bool,
}

/// The item, a month later.
#[message(package = "shop", name = "Item")]
struct ItemWithNote {
    #[tag(1)]
    name: String,
    #[tag(2)]
    quantity: u32,
    #[tag(3)]
    gift: bool,
    #[tag(4)]
    note: String,
}

fn pens() -> Item {
    Item { name: "pen".to_owned(), quantity: 3, gift: false }
}

#[test]
fn the_bytes_of_an_item() {
    let name = [0x0a, 3, b'p', b'e', b'n'];
    let quantity = [0x10, 3];
    assert_eq!(pens().encode_to_vec(), [&name[..], &quantity].concat());
}

#[test]
fn an_old_reader_skips_what_is_new_and_a_new_one_fills_in_what_is_not_there() {
    let Item { name, quantity, gift } = pens();
    let new = ItemWithNote { name, quantity, gift, note: "blue".to_owned() };
    assert_eq!(Item::decode(&*new.encode_to_vec()), Ok(pens()));

    let read = ItemWithNote::decode(&*pens().encode_to_vec()).unwrap();
    assert_eq!((&*read.name, &*read.note), ("pen", ""));
}
