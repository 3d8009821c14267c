//! The claims of example 20: the program runs each, and says whether it holds.

use std::collections::BTreeSet;

use self::claim::{Claim, Verdict, show};
use crate::{outputs::assert_output, program::run};

#[allow(dead_code, reason = "the example uses the rest")]
#[path = "../../examples/20_how_streams_work/claim.rs"]
mod claim;

/// A claim, as the program lists it.
struct Listed {
    chapter: u8,
    name: String,
    claim: String,
}

fn listed() -> Vec<Listed> {
    let (_, list, _) = run("20_how_streams_work", &["claims"]);
    let listed = list.lines().map(|line| {
        let (chapter, rest) = line.split_once("  ").expect("a chapter comes first");
        let (name, claim) = rest.split_once(' ').expect("a name, and then the claim");
        let (name, claim) = (name.to_owned(), claim.trim_start().to_owned());
        Listed { chapter: chapter.parse().expect("it is a number"), name, claim }
    });
    let listed: Vec<_> = listed.collect();
    assert!(!listed.is_empty(), "there are claims");
    listed
}

#[test]
fn each_claim_is_printed_alone() {
    for Listed { name, .. } in &listed() {
        let (code, printed, errors) = run("20_how_streams_work", &["claim", name]);
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{name}");
        assert_output(&format!("20_how_streams_work/{name}"), &printed);
    }
}

#[test]
fn a_claim_that_is_not_there_is_one_line_and_exit_code_2() {
    let (code, printed, errors) = run("20_how_streams_work", &["claim", "water-is-dry"]);
    assert_eq!((code, printed.as_str()), (Some(2), ""));
    assert_eq!(
        errors,
        "error: there is no claim `water-is-dry`; expected nothing, `claims`, `claim NAME`, \
         `figures` or `proto`\n"
    );
}

#[test]
fn every_claim_has_a_name_of_its_own() {
    let listed = listed();
    let names: BTreeSet<_> = listed.iter().map(|it| &it.name).collect();
    assert_eq!(names.len(), listed.len());
    for name in names {
        assert!(name.bytes().all(|it| matches!(it, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name}");
    }
}

#[test]
fn every_claim_is_a_short_sentence() {
    for Listed { chapter, name, claim } in listed() {
        assert!(!claim.is_empty() && claim.len() <= 90, "{name}");
        assert!((17..=20).contains(&chapter), "{name}");
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
    const fn claim(run: fn() -> claim::Result) -> Claim {
        Claim { chapter: 20, name: "it-is", claim: "it is", run }
    }
    let holds = claim(|| Ok(Verdict { saw: Vec::new(), holds: true }));
    let fails = claim(|| Ok(Verdict { saw: Vec::new(), holds: false }));
    let breaks = claim(|| Err("a reason".into()));
    assert!(show([&holds, &holds]).unwrap());
    assert!(!show([&fails, &holds]).unwrap());
    assert_eq!(show([&holds, &breaks]).unwrap_err().to_string(), "it-is: a reason");
}
