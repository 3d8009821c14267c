//! The claims as a list, and the rig.

use std::collections::BTreeSet;

use crate::{
    claim::{Claim, Verdict},
    claims::{CLAIMS, FIGURES},
    contract::Chunk,
    show,
};

#[test]
fn every_claim_has_a_name_of_its_own() {
    let names: BTreeSet<_> =
        CLAIMS.iter().map(|it| it.name).chain(FIGURES.iter().map(|it| it.name)).collect();
    assert_eq!(names.len(), CLAIMS.len() + FIGURES.len());
    assert!(
        names.iter().all(|it| it.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-')))
    );
}

#[test]
fn every_claim_is_a_sentence_of_one_line() {
    for claim in CLAIMS {
        assert!(claim.claim.len() <= 90 && !claim.claim.contains('\n'), "{}", claim.name);
        assert!((17..=20).contains(&claim.chapter), "{}", claim.name);
    }
}

#[test]
fn a_chunk_takes_what_was_asked_for() {
    for length in (8..=134).chain(136..1_000).chain([65_536, 1 << 20]) {
        assert_eq!(5 + prost::Message::encoded_len(&Chunk::taking(length)), length);
    }
}

#[test]
fn a_verdict_says_what_was_seen_and_whether_it_holds() {
    let saw = ["one", "two"].map(str::to_owned).to_vec();
    let verdict = Verdict { saw, holds: false };
    assert_eq!(verdict.to_string(), "run      one\n         two\nverdict  does not hold\n");
}

#[test]
fn one_claim_that_does_not_hold_is_enough() {
    const fn claim(run: fn() -> crate::claim::Result) -> Claim {
        Claim { chapter: 20, name: "it-is", claim: "it is", run }
    }
    let holds = claim(|| Ok(Verdict { saw: Vec::new(), holds: true }));
    let fails = claim(|| Ok(Verdict { saw: Vec::new(), holds: false }));
    let breaks = claim(|| Err("a reason".into()));
    assert!(show([&holds, &holds]).unwrap());
    assert!(!show([&fails, &holds]).unwrap());
    assert_eq!(show([&holds, &breaks]).unwrap_err().to_string(), "it-is: a reason");
}
