//! The parts alone: prefixes, compression, time limits, quotas.

use std::time::Duration;

use bytes::Bytes;
use traitwire::Code;

use super::peer::{soon, stands_still};
use crate::{
    flow_control::{InFlow, Overrun, TrInFlow, WriteQuota},
    headers::encode_timeout,
    message::{Encoding, Head, prepare_msg, unpack},
    status::decode_message,
};

#[test]
fn a_message_has_five_bytes_in_front() {
    let text = "hi".to_owned();
    let message = prepare_msg(&text, Encoding::Identity, 100).unwrap();
    assert_eq!(message.head, [0, 0, 0, 0, 4]);
    assert_eq!(message.payload[..], [0x0a, 2, b'h', b'i']);
    let head = Head::read(&message.head[..], 4).unwrap();
    assert_eq!(head, Head { compressed: false, length: 4 });
    assert_eq!(Head::read(&message.head[..], 3).unwrap_err().code(), Code::ResourceExhausted);
    assert_eq!(
        prepare_msg(&text, Encoding::Identity, 3).unwrap_err().code(),
        Code::ResourceExhausted
    );
}

#[test]
fn a_message_is_compressed_unless_it_is_empty() {
    let message = prepare_msg(&"x".repeat(10_000), Encoding::Gzip, 100).unwrap();
    assert_eq!(message.head[0], 1);
    let whole = 10_000 + 3;
    let text: String = unpack(message.payload.clone(), true, Encoding::Gzip, whole).unwrap();
    assert_eq!(text, "x".repeat(10_000));
    let bomb = unpack::<String>(message.payload.clone(), true, Encoding::Gzip, whole - 1);
    assert_eq!(bomb.unwrap_err().code(), Code::ResourceExhausted);
    let cut = unpack::<String>(message.payload.slice(..20), true, Encoding::Gzip, whole);
    assert_eq!(cut.unwrap_err().code(), Code::Internal);

    let empty = prepare_msg(&String::new(), Encoding::Gzip, 100).unwrap();
    assert_eq!((empty.head, empty.payload), ([0; 5], Bytes::new()));
}

#[test]
fn a_time_limit_has_eight_digits_and_is_rounded_up() {
    let cases = [
        (Duration::ZERO, "0n"),
        (Duration::from_nanos(99_999_999), "99999999n"),
        (Duration::from_nanos(100_000_001), "100001u"),
        (Duration::from_millis(150), "150000u"),
        (Duration::from_secs(100), "100000m"),
        (Duration::from_secs(100_000), "100000S"),
        (Duration::from_secs(100_000_000), "1666667M"),
        (Duration::from_secs(6_000_000_000), "1666667H"),
        (Duration::MAX, "99999999H"),
    ];
    for (limit, text) in cases {
        assert_eq!(encode_timeout(limit), text, "{limit:?}");
    }
}

#[test]
fn an_escape_that_is_none_stays_as_it_is() {
    assert_eq!(decode_message(b"100%25 %zz %e2%98%ba %ff%"), "100% %zz \u{263a} \u{fffd}%");
}

#[tokio::test(start_paused = true)]
async fn a_write_quota_is_used_up_at_nothing_and_waits_for_one_byte() {
    let quota = WriteQuota::new(10);
    soon(quota.get(10)).await;
    assert_eq!(quota.left(), 0);
    assert!(stands_still(quota.get(1)).await);
    let replenish = async {
        tokio::task::yield_now().await;
        quota.replenish(1);
    };
    soon(async { tokio::join!(quota.get(100), replenish) }).await;
    assert_eq!(quota.left(), -99);
    quota.replenish(99);
    assert!(stands_still(quota.get(1)).await);
}

#[test]
fn the_window_of_the_connection_is_returned_by_quarters() {
    let mut window = TrInFlow::new(1000);
    assert_eq!((window.on_data(249), window.unacked()), (None, 249));
    assert_eq!((window.on_data(1), window.unacked()), (Some(250), 0));
}

#[test]
fn the_window_of_a_stream_is_neither_lost_nor_given_twice() {
    // Whatever comes and is read, what the peer may send is what was given less what it sent.
    let mut random = super::mutations::Random(7);
    for limit in [1, 4, 100, 65_535] {
        let mut window = InFlow::new(limit);
        let (mut allowed, mut unread) = (u64::from(limit), 0);
        for _ in 0..10_000 {
            match random.below(3) {
                0 => {
                    let size = random.below(2 * limit + 10);
                    match window.on_data(size, 0) {
                        Ok(update) => {
                            assert_eq!(update, None);
                            assert!(u64::from(size) <= allowed, "more than was given");
                            allowed -= u64::from(size);
                            unread += size;
                        }
                        Err(Overrun) => assert!(u64::from(size) > allowed, "it was given"),
                    }
                }
                1 => {
                    let size = random.below(unread + 1);
                    unread -= size;
                    allowed += u64::from(window.on_read(size).unwrap_or_default());
                }
                _ => {
                    let size = random.below(3 * limit + 10);
                    allowed += u64::from(window.maybe_adjust(size).unwrap_or_default());
                    assert!(allowed + u64::from(unread) >= u64::from(size), "it cannot come");
                    // Asked again before it came, it is not given again.
                    assert_eq!(window.maybe_adjust(size), None);
                }
            }
        }
    }
}
