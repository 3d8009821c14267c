//! Each fault of a book is told, at its line, with what to do; and a book without one is made.

mod fixture;

use std::{fs, thread};

use traitwire_book::{Faults, Project, edition::Edition, expand::Expanded, make::make, plain};

const PAGE: &str = "book/en/01-one.md";
const EXAMPLE: &str = "examples/01_one.rs";
const EXCEPTIONS: &str = "book/exceptions.toml";

/// What changes in the fixture (a file, what was there, what is there now), and what is then told.
type Fault = (&'static str, &'static str, &'static str, &'static [&'static str]);

const FAULTS: &[Fault] = &[
    // Includes.
    (
        PAGE,
        "rs struct Question}}",
        "rs struct Answer}}",
        &[
            "book/en/01-one.md:5: `examples/01_one.rs` declares no `struct Answer`; write how its declaration starts, without `pub` and `async`",
        ],
    ),
    (
        PAGE,
        "{{#code examples/01_one.rs struct Question}}",
        "{{#code examples/one.rs}}",
        &[
            "book/en/01-one.md:5: there is no file `examples/one.rs`; write its path from the root of the project",
        ],
    ),
    (
        PAGE,
        "{{#code examples/01_one.rs struct Question}}",
        "{{#include examples/01_one.rs}}",
        &[
            "book/en/01-one.md:5: cannot read `{{#include examples/01_one.rs}}`; write `{{#code FILE}}`, `{{#code FILE ITEM}}`, `{{#code FILE:ANCHOR}}`, `{{#proof FILE fn TEST}}`, `{{#output NAME}}`, `{{#sequence NAME}}`, `{{#exercise NAME}}`, `{{#quiz}}` with `{{#end}}`, `{{#map}}`, `{{#errors}}` or `{{#drawing FILE.svg}}`",
        ],
    ),
    (
        PAGE,
        "{{#output 01_one}}",
        "So: {{#output 01_one}}",
        &[
            "book/en/01-one.md:30: a fold without the output; add `{{#output NAME}}` to it",
            "book/en/01-one.md:33: a directive among other text; put `{{#…}}` on a line of its own",
        ],
    ),
    (
        PAGE,
        "{{#output 01_one}}",
        "{{#output 02_two}}",
        &[
            "book/en/01-one.md:33: there is no file `tests/snapshots/examples/02_two.snap`; write its path from the root of the project",
        ],
    ),
    (
        PAGE,
        "{{#output 01_one}}",
        "{{#output 01_one 3..1}}",
        &["book/en/01-one.md:33: 3..1 leaves out none of 4 rows; leave out the numbers"],
    ),
    (
        PAGE,
        "{{#sequence 01_one 1..1}}",
        "{{#sequence 01_one 2..1}}",
        &["book/en/01-one.md:41: 2..1 leaves out none of 3 rows; leave out the numbers"],
    ),
    (
        "tests/snapshots/examples/01_one.snap",
        "client: done",
        "done",
        &[
            "book/en/01-one.md:41: cannot draw `done`; print `actor → text`, `actor ← text` or `actor: text`",
        ],
    ),
    // Anchors.
    (
        EXAMPLE,
        "    // ANCHOR_END: ask\n",
        "",
        &[
            "book/en/01-one.md:9: `examples/01_one.rs` has no anchor `ask`; add lines `// ANCHOR: ask` and `// ANCHOR_END: ask` there",
            "examples/01_one.rs:12: anchor `ask` does not end; add `ANCHOR_END: ask` below",
        ],
    ),
    (
        EXAMPLE,
        "//! One.\n",
        "// ANCHOR_END: one\n",
        &["examples/01_one.rs:1: anchor `one` ends and has not started; add `ANCHOR: one` above"],
    ),
    (
        EXAMPLE,
        "//! One.\n",
        "// ANCHOR: one\n//! One.\n// ANCHOR_END: one\n",
        &["examples/01_one.rs:1: no page uses anchor `one`; include it, or remove its two lines"],
    ),
    (
        EXAMPLE,
        "    if true {\n        println!(\"client → hello\");\n    }\n",
        "\n",
        &["examples/01_one.rs:12: anchor `ask` is empty; move its ends around some lines"],
    ),
    // Blocks and commands.
    (
        PAGE,
        "# 01 One: questions\n",
        "# 01 One: questions\n\n```rust,ignore\nlet one = 1;\n```\n",
        &[
            "book/en/01-one.md:3: Rust that no test compiles; write `{{#code FILE …}}`, or give a reason in book/exceptions.toml",
        ],
    ),
    (
        PAGE,
        "# 01 One: questions\n",
        "# 01 One: questions\n\n```console\none\n```\n\n    two\n",
        &[
            "book/en/01-one.md:3: text that no test compares; write `{{#output NAME}}` or `{{#code FILE}}`, or give a reason in book/exceptions.toml",
            "book/en/01-one.md:7: a block with no language; write `{{#output NAME}}`, or say what it is, or give a reason in book/exceptions.toml",
        ],
    ),
    (
        PAGE,
        "async fn shape",
        "fn shape",
        &[
            "book/en/01-one.md:11: Rust that no test compiles; write `{{#code FILE …}}`, or give a reason in book/exceptions.toml",
            "book/exceptions.toml:6: no such block in 01-one.md; remove the entry",
        ],
    ),
    (
        PAGE,
        "cargo test --workspace ",
        "cargo test --doc ",
        &[
            "book/en/01-one.md:24: nothing runs `cargo test --doc`; run it in .ci/run or a test, or say in book/exceptions.toml what does",
        ],
    ),
    (
        PAGE,
        "-- serve short",
        "-- serve long",
        &[
            "book/en/01-one.md:27: nothing runs `cargo run --example 01_one -- serve long`; run it in .ci/run or a test, or say in book/exceptions.toml what does",
        ],
    ),
    (
        PAGE,
        "-- serve 127.0.0.1:80",
        "-- call 127.0.0.1:80",
        &[
            "book/en/01-one.md:26: nothing runs `cargo run --example 01_one -- call 127.0.0.1:80`; run it in .ci/run or a test, or say in book/exceptions.toml what does",
        ],
    ),
    (
        PAGE,
        "tests/install.sh\n",
        "",
        &["book/exceptions.toml:1: no page shows `tests/install.sh`; remove the entry"],
    ),
    (
        EXCEPTIONS,
        "contains = \"cargo test\"",
        "contains = \"install.sh\"",
        &[
            "book/exceptions.toml:1: .ci/run does not contain `install.sh`; name what runs the command",
        ],
    ),
    // Citations.
    (
        PAGE,
        "[the frame](cite:wire/src/lib.rs#Frame)",
        "[the frame](cite:wire/src/frame.rs#Frame)",
        &[
            "book/en/01-one.md:43: wire 1.2.3 has no file `src/frame.rs`; look where the code has gone",
        ],
    ),
    (
        PAGE,
        "<cite:wire/src/lib.rs#Frame>",
        "<cite:wire/src/lib.rs#Fram>",
        &[
            "book/en/01-one.md:43: `src/lib.rs` of wire 1.2.3 has no `Fram`; look where the code has gone",
        ],
    ),
    (
        PAGE,
        "<cite:wire/src/lib.rs#Frame>",
        "<cite:tonic/src/lib.rs#Frame>",
        &["book/en/01-one.md:43: Cargo.lock has no tonic; cite a crate that the workspace uses"],
    ),
    (
        PAGE,
        "grpc-go@v1.75.0",
        "grpc-go@latest",
        &[
            "book/en/01-one.md:44: cannot read `cite:grpc-go@latest/internal/transport/controlbuf.go#loopyWriter.run`; write `cite:CRATE/PATH#ITEM` or `cite:grpc-go@vVERSION/PATH.go#FUNCTION`",
        ],
    ),
    // Links, images, redirects.
    (
        "book/en/title.md",
        "01-one.md#first",
        "two.md",
        &["book/en/title.md:3: a link to `two.html`, which is not in the book; mend the link"],
    ),
    (
        "book/en/title.md",
        "01-one.md#first",
        "01-one.md#second",
        &[
            "book/en/title.md:3: a link to `01-one.html#second`, which has no such id; mend the link",
        ],
    ),
    (
        "book/en/title.md",
        "[one](01-one.md#first)",
        "[one][first]",
        &["book/en/title.md:3: a link to `[first]:`, which is nowhere; add it"],
    ),
    (
        PAGE,
        "![A wire](img/wire.svg)",
        "![A wire](img/wires.svg)",
        &[
            "book/en/01-one.md:43: a link to `img/wires.svg`, which is not in the book; mend the link",
        ],
    ),
    (
        PAGE,
        "![A wire]",
        "![]",
        &[
            "book/en/01-one.md:43: image `img/wire.svg` without text; say between `[` and `]` what it shows",
        ],
    ),
    (
        "book/en/img/wire.svg",
        "<title>A wire</title>",
        "",
        &["book/en/01-one.md:46: a drawing without text; give it a <title>"],
    ),
    (
        PAGE,
        "![A wire](img/wire.svg)",
        "![A wire](https://example.org/wire.svg)",
        &[
            "book/en/01-one.md:43: <img> fetches https://example.org/wire.svg from elsewhere; keep a copy in the book",
        ],
    ),
    (
        "mdbook.toml",
        "01-one.html#first",
        "01-one.html#last",
        &[
            "mdbook.toml:14: redirect to `01-one.html#last`, which has no such id; name a page that is there",
        ],
    ),
    (
        "mdbook.toml",
        "/old.html",
        "/title.html",
        &[
            "mdbook.toml:1: mdBook says: Rendering failed: redirect found for existing chapter at `/title.html` Either delete the redirect or remove the chapter.; see the page that it names",
        ],
    ),
    (
        "style.css",
        "none",
        "url(https://example.org/paper.png)",
        &[
            "mdbook.toml:1: `style.css` fetches https://example.org/paper.png from elsewhere; keep a copy in the book",
        ],
    ),
    // Headings and words.
    (
        PAGE,
        "## First {#first}\n",
        "## First {#first}\n\n## Next\n",
        &["book/en/01-one.md:5: a heading without an id; add `{#a-short-name}` to it"],
    ),
    (
        PAGE,
        "## First {#first}\n",
        "## First {#first}\n\n## Next {#first}\n",
        &["book/en/01-one.md:5: a second heading `#first`; give it its own id"],
    ),
    (
        PAGE,
        "## First {#first}\n",
        "## First {#first}\n\n#### Next {#next}\n",
        &["book/en/01-one.md:4: a heading of level 4 below one of level 2; leave no level out"],
    ),
    // Links to the project's own files.
    (
        PAGE,
        "# 01 One: questions\n",
        "# 01 One: questions\n\n[there](https://example.org/one/blob/main/examples/02_two.rs)\n",
        &["book/en/01-one.md:3: a link to `examples/02_two.rs`, which is not there; mend it"],
    ),
    (
        PAGE,
        "# 01 One: questions\n",
        "# 01 One: questions\n\n[`Answer`](https://example.org/one/blob/main/examples/01_one.rs)\n",
        &["book/en/01-one.md:3: `examples/01_one.rs` has no `Answer`; look where it has gone"],
    ),
    (
        PAGE,
        "# 01 One: questions\n",
        "# 01 One: questions\n\nTODO\n",
        &["book/en/01-one.md:3: a TODO; do it, or leave it out"],
    ),
    (
        PAGE,
        "# 01 One: questions\n",
        "# 01 One: questions\n\n<div>\n",
        &[
            "mdbook.toml:1: mdBook says: unclosed HTML tag `<div>` found in `01-one.md`; see the page that it names",
        ],
    ),
    // Pages and examples.
    (
        "Cargo.toml",
        "[lib]",
        "[[example]]\nname = \"02_two\"\npath = \"examples/01_one.rs\"\n\n[lib]",
        &["book/en/SUMMARY.md:1: no page for example `02_two`; write 02-two.md and list it here"],
    ),
    (
        "Cargo.toml",
        "name = \"01_one\"\n",
        "name = \"one\"\npath = \"examples/01_one.rs\"\n\n[package.metadata]\n",
        &[
            "book/en/01-one.md:1: no example `01_one`; give page and example the same name",
            "book/en/01-one.md:25: nothing runs `cargo run --example 01_one`; run it in .ci/run or a test, or say in book/exceptions.toml what does",
            "book/en/01-one.md:26: nothing runs `cargo run --example 01_one -- serve 127.0.0.1:80`; run it in .ci/run or a test, or say in book/exceptions.toml what does",
            "book/en/01-one.md:27: nothing runs `cargo run --example 01_one -- serve short`; run it in .ci/run or a test, or say in book/exceptions.toml what does",
        ],
    ),
    (
        "book/en/two.md",
        "",
        "# Two\n",
        &["book/en/two.md:1: SUMMARY.md does not list this page; list or remove it"],
    ),
    (
        "book/en/SUMMARY.md",
        "- [Which one?](part-1-recap.md)\n",
        "- [Two]()\n- [Which one?](part-1-recap.md)\n",
        &["book/en/SUMMARY.md:9: a chapter without a page; write it, or leave it out"],
    ),
    // The form of a chapter.
    (
        PAGE,
        "# 01 One: questions\n",
        "# One\n",
        &[
            "book/en/01-one.md:1: `One` is called `01 One: questions` in SUMMARY.md; give it one name",
        ],
    ),
    (
        PAGE,
        "FILLER\n",
        "\n",
        &[
            "book/en/01-one.md:1: a chapter of 27 words; tell one idea in 500 to 1100, or make a folder of pages for several",
        ],
    ),
    (
        PAGE,
        "## Predict, then run {#predict}\n",
        "## Run {#run}\n",
        &[
            "book/en/01-one.md:1: a chapter that asks nothing before its run; add `## Predict, then run {#predict}`",
        ],
    ),
    (
        PAGE,
        "FILLER\n",
        "FILLER\n\n{{#output 01_one}}\n",
        &["book/en/01-one.md:17: an output before the questions; move it below `{#predict}`"],
    ),
    (
        PAGE,
        "1. What does the client say?\n",
        "What?\n",
        &["book/en/01-one.md:21: a command before its questions; ask first, as `1. …`"],
    ),
    (
        PAGE,
        "1. It says hello.\n",
        "It says hello.\n",
        &["book/en/01-one.md:30: questions: 1, answers: 0; answer each in the fold, as `1. …`"],
    ),
    (
        PAGE,
        "</details>\n\n## Drawn {#drawn}\n",
        "</details>\n\n{{#output 01_one}}\n\n## Drawn {#drawn}\n",
        &[
            "book/en/01-one.md:39: an output that is not folded; put it into `<details>`, with the answers",
        ],
    ),
    (
        PAGE,
        "{{#output 01_one}}\n\n1. It",
        "1. It",
        &["book/en/01-one.md:30: a fold without the output; add `{{#output NAME}}` to it"],
    ),
    (
        PAGE,
        "<details>\n<summary>The output, and the answer</summary>\n\n{{#output 01_one}}\n\n1. It says hello.\n\n</details>\n",
        "Done.\n",
        &[
            "book/en/01-one.md:17: a run whose output is not folded; write the questions, a block `sh`, and `<details>` with output and answers",
        ],
    ),
    (
        "book/en/title.md",
        "See ",
        "{{#output 01_one}}\n\nSee ",
        &[
            "book/en/title.md:3: what `01_one` prints, before its chapter asks for it; put it into `<details>`",
        ],
    ),
    (
        PAGE,
        "{{#proof tests/outputs.rs fn the_client_asks}}",
        "{{#proof tests/outputs.rs fn helper}}",
        &["book/en/01-one.md:48: `helper` is no test; a proof is a test; write `{{#code …}}`"],
    ),
    (
        PAGE,
        "{{#proof tests/outputs.rs fn the_client_asks}}",
        "{{#code tests/outputs.rs fn the_client_asks}}",
        &[
            "book/en/01-one.md:48: a test in the middle of the text; say in the text what it shows, and fold it by `{{#proof …}}`",
        ],
    ),
    // Quizzes.
    (PAGE, "{{#end}}\n", "", &["book/en/01-one.md:54: a quiz without an end; add `{{#end}}`"]),
    (
        PAGE,
        "{{#quiz}}\n",
        "",
        &[
            "book/en/01-one.md:1: a chapter without a quiz; ask at its end, between `{{#quiz}}` and `{{#end}}`",
            "book/en/01-one.md:64: an end without a quiz; add `{{#quiz}}`",
        ],
    ),
    (
        PAGE,
        "What does *one* say?\n",
        "",
        &["book/en/01-one.md:57: an answer without a question; write the question above it"],
    ),
    (
        PAGE,
        "- [x] A word, on\n",
        "- [ ] A word, on\n",
        &["book/en/01-one.md:56: a question with 0 right answers; mark one with `- [x] `"],
    ),
    (
        PAGE,
        "- [ ] Nothing.\n",
        "- [x] Nothing.\n",
        &["book/en/01-one.md:56: a question with 2 right answers; mark one with `- [x] `"],
    ),
    (
        PAGE,
        "- [ ] Nothing.\n",
        "- Nothing.\n",
        &["book/en/01-one.md:58: an answer without a box; start it with `- [ ] ` or `- [x] `"],
    ),
    (
        PAGE,
        "- [ ] Nothing.\n  > It prints `hello`.\n",
        "",
        &["book/en/01-one.md:56: a question with no choice; give it two answers or more"],
    ),
    (
        PAGE,
        "  > It prints `hello`.\n",
        "",
        &["book/en/01-one.md:58: an answer without a reason; write `  > why` below it"],
    ),
    (
        PAGE,
        "  > Twice.\n",
        "  Twice.\n",
        &["book/en/01-one.md:63: a line below a reason; start it with `  > `"],
    ),
    // Parts.
    (
        "book/en/part-1.md",
        "{{#map}}",
        "One.",
        &[
            "book/en/SUMMARY.md:5: part `I One` does not open with a picture; let its first page be one with `{{#map}}`",
        ],
    ),
    (
        "book/en/part-1-recap.md",
        "## Recap {#recap}\n",
        "",
        &[
            "book/en/SUMMARY.md:5: part `I One` does not end with a table and a recap; let its last page have a table to decide by, and `## Recap {#recap}`",
        ],
    ),
    (
        "book/en/title.md",
        "See ",
        "{{#map}}\n\nSee ",
        &[
            "book/en/title.md:3: a map on a page that is in no part; list the page in SUMMARY.md below a `# Part`",
        ],
    ),
];

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
    let wrong: Vec<String> = thread::scope(|scope| {
        let parts = FAULTS.chunks(FAULTS.len().div_ceil(cores));
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
