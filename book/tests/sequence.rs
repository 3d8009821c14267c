//! What the drawing of a run looks like.

use traitwire_book::sequence::{Cut, Sequence};

fn assert_drawing(name: &str, log: &str, cut: Option<Cut>) {
    let sequence = Sequence::read(log).unwrap().cut(cut).unwrap();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!(name, sequence.svg(name));
    });
}

#[test]
fn a_message_that_both_ends_tell_of_is_one_arrow() {
    let log = "client → a < b\nserver ← a < b\nserver ← c\nclient → c\nclient ← 1\nserver: closed";
    assert_drawing("both_ends", log, None);
}

#[test]
fn the_middle_of_a_long_run_is_left_out() {
    let log: String = (0..9).map(|it| format!("client ← {it}\n")).collect();
    assert_drawing("cut", &log, Some(Cut { first: 2, last: 1 }));
}

#[test]
fn callers_stand_left_and_the_server_right() {
    let log = "server ← ann: hello\nbob ← ann: hello\nann: 离开了";
    assert_drawing("callers", log, None);
}

#[test]
fn a_long_text_has_several_lines_so_that_the_drawing_fits_a_phone() {
    let log = "client ← Unimplemented: method CreateOrder not implemented\n\
               server: the search is dropped in the middle of its page\n\
               client: 0123456789012345678901234567890123456789";
    assert_drawing("long", log, None);
}

#[test]
fn a_line_without_an_actor_cannot_be_drawn() {
    let problem = Sequence::read("client → 1\nall done").err().expect("nobody says it");
    assert_eq!(problem.what, "cannot draw `all done`");
}
