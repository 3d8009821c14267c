//! Each fault of a book is told, at its line, with what to do; and a book without one is made.

mod fixture;
mod form;
mod rendered;
mod sources;

use std::{fs, thread};

use traitwire_book::{Faults, Project, edition::Edition, expand::Expanded, make::make, plain};

const PAGE: &str = "book/en/01-one.md";
const EXAMPLE: &str = "examples/01_one.rs";
const EXCEPTIONS: &str = "book/exceptions.toml";

/// What changes in the fixture (a file, what was there, what is there now), and what is then told.
type Fault = (&'static str, &'static str, &'static str, &'static [&'static str]);

#[test]
fn a_book_without_faults_is_made() {
    let folder = fixture::project(PAGE, "# 01 One: questions\n", "# 01 One: questions\n");
    let project = Project::open(folder.path()).unwrap();
    let made = make(&project).unwrap();
    assert!(made.join("01-one.html").is_file());
}

#[test]
fn every_fault_is_told_at_its_line() {
    // A book is made for each, so on all cores.
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let faults = [sources::FAULTS, rendered::FAULTS, form::FAULTS].concat();
    let wrong: Vec<String> = thread::scope(|scope| {
        let parts = faults.chunks(faults.len().div_ceil(cores));
        let parts: Vec<_> = parts
            .map(|faults| scope.spawn(|| faults.iter().filter_map(told_otherwise).collect()))
            .collect();
        parts.into_iter().flat_map(|part| -> Vec<String> { part.join().unwrap() }).collect()
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is told of a fault, if it is not what is expected.
fn told_otherwise((file, old, new, expected): &Fault) -> Option<String> {
    let folder = fixture::project(file, old, new);
    let project = Project::open(folder.path()).unwrap();
    let told = match make(&project) {
        Ok(_) => Vec::new(),
        Err(error) => error.downcast::<Faults>().unwrap().lines(),
    };
    (told != *expected).then(|| format!("{file}: {old:?} → {new:?}\n  {}", told.join("\n  ")))
}

#[test]
fn a_key_that_mdbook_would_pass_over_is_an_error() {
    let folder = fixture::project("mdbook.toml", "hash-files", "themes = \"x\"\nhash-files");
    let error = Project::open(folder.path()).err().expect("it is unknown");
    assert!(format!("{error:#}").contains("unknown field `themes`"), "{error:#}");
}

#[test]
fn every_directive_becomes_what_it_says() {
    let folder = fixture::project(PAGE, "# 01 One: questions\n", "# 01 One: questions\n");
    let project = Project::open(folder.path()).unwrap();
    let expanded = Expanded::of(&project, &project.pages().unwrap(), Edition::Web).unwrap();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("directives", expanded.texts[std::path::Path::new("01-one.md")]);
    });
}

#[test]
fn a_chapter_is_called_by_number_program_and_term() {
    for wrong in ["One", "01 One", "01 Two: questions", "01 One:"] {
        let folder = fixture::project(PAGE, "01 One: questions", wrong);
        let summary = folder.path().join("book/en/SUMMARY.md");
        let text = fs::read_to_string(&summary).unwrap();
        fs::write(&summary, text.replace("01 One: questions", wrong)).unwrap();
        let error = make(&Project::open(folder.path()).unwrap()).unwrap_err();
        let told = error.downcast::<Faults>().unwrap().lines();
        let mend = "call it by number, program and term: `01 one: …`";
        let expected = format!("{PAGE}:1: a chapter called `{}`; {mend}", wrong);
        assert_eq!(told, [expected]);
    }
}

#[test]
fn the_markdown_edition_has_code_outputs_drawings_and_answers_in_place() {
    let folder = fixture::project(
        PAGE,
        "FILLER",
        "See [`01_one`](https://example.org/one/blob/main/examples/01_one.rs).",
    );
    let files = plain::files(&Project::open(folder.path()).unwrap()).unwrap();
    let names: Vec<_> = files.keys().map(|path| path.display().to_string()).collect();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("plain", files[std::path::Path::new("01-one.md")]);
        insta::assert_snapshot!("plain_contents", files[std::path::Path::new("README.md")]);
        insta::assert_snapshot!("plain_drawing", files[std::path::Path::new("img/01-one.1.svg")]);
        insta::assert_snapshot!("plain_files", names.join("\n"));
    });
}
