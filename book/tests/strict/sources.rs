//! Faults of what a page includes, shows and cites.

use crate::{EXAMPLE, EXCEPTIONS, Fault, PAGE};

pub(crate) const FAULTS: &[Fault] = &[
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
];
