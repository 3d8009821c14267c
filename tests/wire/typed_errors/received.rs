//! Which statuses become a variant.

use std::{collections::HashMap, time::Duration};

use bytes::Bytes;
use tonic_types::{ErrorDetails, StatusExt};
use traitwire::{Code, Status};

use super::ShopError::{self, Closed, Other, TooMany};

/// `ErrorInfo` with this reason, this domain and these metadata.
fn info(reason: &str, domain: &str, metadata: &[(&str, &str)]) -> ErrorDetails {
    let owned = metadata.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    ErrorDetails::with_error_info(reason, domain, owned.collect::<HashMap<_, _>>())
}

#[test]
fn a_variant_comes_back_only_where_everything_is_right() {
    const SHOP: &str = "shop.example.com";
    let many = |code, details: ErrorDetails| {
        ShopError::from(Status::with_error_details(code, "another message", details))
    };
    let good = |metadata: &[(&str, &str)]| {
        let mut details = info("TOO_MANY", SHOP, metadata);
        details.set_retry_info(Some(Duration::ZERO));
        details
    };
    let exhausted = Code::ResourceExhausted;
    assert!(matches!(many(exhausted, good(&[("limit", "3")])), TooMany { limit: 3, .. }));
    // A newer server may tell more.
    let more = good(&[("limit", "3"), ("perSecond", "1")]);
    assert!(matches!(many(exhausted, more), TooMany { limit: 3, .. }));

    let mut no_delay = info("TOO_MANY", SHOP, &[("limit", "3")]);
    no_delay.set_retry_info(None);
    for (code, details) in [
        (Code::Unavailable, good(&[("limit", "3")])),
        (exhausted, good(&[])),
        (exhausted, good(&[("Limit", "3")])),
        (exhausted, good(&[("limit", "")])),
        (exhausted, good(&[("limit", "-3")])),
        (exhausted, good(&[("limit", "4294967296")])),
        (exhausted, info("TOO_MANY", SHOP, &[("limit", "3")])),
        (exhausted, no_delay),
        (exhausted, info("TOO_FEW", SHOP, &[])),
        (exhausted, info("STORE", SHOP, &[])),
        (Code::Unavailable, info("CLOSED", "stock.example.com", &[])),
        (Code::Unavailable, info("closed", SHOP, &[])),
        (Code::Unavailable, ErrorDetails::new()),
    ] {
        let expected = details.clone();
        let Other(status) = many(code, details) else { panic!("{expected:?}") };
        assert_eq!((status.code(), status.message()), (code, "another message"));
        assert_eq!(format!("{:?}", status.get_error_details()), format!("{expected:?}"));
    }
}

#[test]
fn details_that_are_broken_give_a_status() {
    let details = Status::from(Closed).details().to_vec();
    for length in 0..details.len() {
        let cut = Bytes::copy_from_slice(&details[..length]);
        let status = Status::with_details(Code::Unavailable, "the shop is closed", cut);
        assert!(matches!(ShopError::from(status), Other(_)), "{length} bytes");
    }
    for place in 0..details.len() {
        let mut broken = details.clone();
        broken[place] ^= 0xff;
        // It may still be right, but never another error.
        let status = Status::with_details(Code::Unavailable, "the shop is closed", broken.into());
        assert!(matches!(ShopError::from(status), Closed | Other(_)), "byte {place}");
    }
}
