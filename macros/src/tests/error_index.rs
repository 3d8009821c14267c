//! The error index: for each code a program that is refused with it, the message, and the program
//! put right.
//!
//! The programs lie in `tests/errors/<code>/`. The ones put right are compiled there too.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::source::inputs;
use crate::diagnostic::{Diagnostic, rules};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/errors")
}

fn read(code: &str, name: &str) -> String {
    let path = folder().join(code.to_lowercase()).join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

/// A refusal as the compiler shows it, but of our making: it stays as it is when the compiler's own
/// layout changes.
pub(super) fn render(diagnostic: &Diagnostic, file: &str, source: &str) -> String {
    let range = |place: crate::diagnostic::Place| {
        place.first.byte_range().start..place.last.byte_range().end
    };
    let mut snippet = Snippet::source(source)
        .path(file)
        .annotation(AnnotationKind::Primary.span(range(diagnostic.place)));
    if let Some(other) = diagnostic.other {
        snippet = snippet.annotation(AnnotationKind::Context.span(range(other)).label("and here"));
    }
    let report = [
        Level::ERROR
            .primary_title(format!("{} [{}]", diagnostic.message(), diagnostic.rule.code))
            .element(snippet),
        Group::with_title(Level::HELP.secondary_title(diagnostic.help())),
    ];
    Renderer::plain().render(&report)
}

#[test]
fn every_code_has_a_program_that_is_refused_with_it() {
    let mut unexpected = Vec::new();
    for rule in rules::ALL {
        let source = read(rule.code, "wrong.rs");
        let mut codes = Vec::new();
        let mut rendered = Vec::new();
        for input in inputs(&source) {
            for diagnostic in input.errors().iter() {
                codes.push(diagnostic.rule.code);
                rendered.push(render(diagnostic, "wrong.rs", &source));
            }
        }
        if codes != [rule.code] {
            unexpected.push((rule.code, codes));
            continue;
        }
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder().join(rule.code.to_lowercase()));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!("message", rendered.concat()));
    }
    assert!(unexpected.is_empty(), "expected one error of its code from each: {unexpected:?}");
}

#[test]
fn every_code_has_a_program_put_right() {
    for rule in rules::ALL {
        let inputs = inputs(&read(rule.code, "right.rs"));
        assert!(!inputs.is_empty(), "{}: there is no service and no message", rule.code);
        for input in inputs {
            let errors = input.errors();
            let messages: Vec<_> = errors.iter().map(Diagnostic::message).collect();
            assert!(messages.is_empty(), "{}: {messages:?}", rule.code);
        }
    }
}

#[test]
fn every_folder_is_a_code() {
    let codes: BTreeSet<_> = rules::ALL.iter().map(|rule| rule.code.to_lowercase()).collect();
    let folders: BTreeSet<_> = std::fs::read_dir(folder())
        .expect("the folder is there")
        .map(|entry| entry.expect("it can be read"))
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().expect("codes are ASCII"))
        .collect();
    assert_eq!(codes, folders);
}
