//! A small project with a book that has no fault and uses everything.

use std::fs;

use tempfile::TempDir;

/// Its files.
const FILES: &[(&str, &str)] = &[
    (
        "mdbook.toml",
        "\
[book]
src = \"book/en\"

[build]
build-dir = \"out\"
create-missing = false

[output.html]
git-repository-url = \"https://example.org/one\"
additional-css = [\"style.css\"]
hash-files = false

[output.html.redirect]
\"/old.html\" = \"01-one.html#first\"
",
    ),
    (
        "Cargo.toml",
        "\
[package]
name = \"fixture\"
edition = \"2024\"

[lib]
path = \"lib.rs\"

[[example]]
name = \"01_one\"

[dependencies]
wire = { path = \"wire\" }
",
    ),
    ("lib.rs", ""),
    ("style.css", "p { background: none; }\n"),
    ("wire/Cargo.toml", "[package]\nname = \"wire\"\nversion = \"1.2.3\"\nedition = \"2024\"\n"),
    ("wire/src/lib.rs", "pub struct Frame;\n"),
    (
        "examples/01_one.rs",
        "\
//! One.

/// A question.
#[derive(
    Debug,
)]
pub struct Question {
    text: String,
}

fn main() {
    // ANCHOR: ask
    if true {
        println!(\"client → hello\");
    }
    // ANCHOR_END: ask
}
",
    ),
    (
        "tests/outputs.rs",
        "const RUN: (&str, &str) = (\"01_one\", \"serve\");\n\n#[test]\nfn the_client_asks() {}\n\nfn helper() {}\n",
    ),
    (
        "tests/snapshots/examples/01_one.snap",
        "---\nsource: tests/outputs.rs\n---\nclient → hello\nserver ← hello\nclient ← <1>\nclient: done\n",
    ),
    ("tests/snapshots/01_one/short.snap", "---\nsource: tests/outputs.rs\n---\nshort\n"),
    (
        ".ci/run",
        "\
step cargo test --workspace
step .ci/examples cargo run --quiet --example
",
    ),
    (".ci/examples", "for example in examples/[0-9][0-9]_*; do\n  \"$@\" \"$name\"\ndone\n"),
    (
        "book/exceptions.toml",
        "\
[[command]]
run = \"tests/install.sh\"
by = \".ci/run\"
contains = \"cargo test\"

[[fragment]]
page = \"01-one.md\"
starts = \"async fn\"
why = \"a form, not a program\"
",
    ),
    (
        "exercises/01_ask/start.rs",
        "//! Exercise 01: ask.\n//!\n//! Nobody asks.\n\nfn start() {}\n",
    ),
    ("exercises/01_ask/hints.md", "Who?\n\n---\n\nYou.\n"),
    ("exercises/01_ask/solution.rs", "//! Exercise 01, solved.\n\nfn ask() {}\n"),
    (
        "book/en/SUMMARY.md",
        "# Fixture\n\n[Fixture](title.md)\n\n# I One\n\n- [Where we are](part-1.md)\n- [01 One: questions](01-one.md)\n- [Which one?](part-1-recap.md)\n",
    ),
    ("book/en/title.md", "# Fixture\n\nSee [one](01-one.md#first).\n"),
    (
        "book/en/img/wire.svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\">\n\n<title>A wire</title>\n</svg>\n",
    ),
    (
        "book/en/01-one.md",
        "\
# 01 One: questions

## First {#first}

{{#code examples/01_one.rs struct Question}}

- In a list:

  {{#code examples/01_one.rs:ask}}

```rust
async fn shape(&self)
```

FILLER

## Predict, then run {#predict}

1. What does the client say?

```sh
# Once:
tests/install.sh
cargo test --workspace   # all of them
cargo run --example 01_one
cargo run --example 01_one -- serve 127.0.0.1:80
cargo run --example 01_one -- serve short
```

<details>
<summary>The output, and the answer</summary>

{{#output 01_one}}

1. It says hello.

</details>

## Drawn {#drawn}

{{#sequence 01_one 1..1}}

![A wire](img/wire.svg) and [the frame](cite:wire/src/lib.rs#Frame), <cite:wire/src/lib.rs#Frame>,
[loopy](cite:grpc-go@v1.75.0/internal/transport/controlbuf.go#loopyWriter.run).

{{#drawing img/wire.svg}}

{{#proof tests/outputs.rs fn the_client_asks}}

{{#exercise 01_ask}}

## Quiz {#quiz}

{{#quiz}}

What does *one* say?

- [ ] Nothing.
  > It prints `hello`.
- [x] A word, on
  two lines.
  > So it does.
  > Twice.

{{#end}}
",
    ),
    ("book/en/part-1.md", "# Where we are\n\n{{#map}}\n"),
    (
        "book/en/part-1-recap.md",
        "# Which one?\n\n| you have | take |\n|---|---|\n| one | [one](01-one.md) |\n\n## Recap {#recap}\n\nOne.\n",
    ),
];

/// Writes the project, with one of its files changed: `old` becomes `new` in it. A file that is not
/// there is made of `new`.
pub(crate) fn project(file: &str, old: &str, new: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let is_new = !FILES.iter().any(|(path, _)| *path == file);
    let added = is_new.then_some((file, ""));
    for (path, text) in FILES.iter().copied().chain(added) {
        let text = match path == file {
            true if is_new => new.to_owned(),
            true => {
                assert_eq!(text.matches(old).count(), 1, "{old:?} in {file}");
                text.replace(old, new)
            }
            false => text.to_owned(),
        };
        // A chapter has this many words at least.
        let text = text.replace("FILLER", "word ".repeat(480).trim());
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}
