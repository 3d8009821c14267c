//! Faults of links, headings, and the list of pages.

use crate::{Fault, PAGE};

pub(crate) const FAULTS: &[Fault] = &[
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
];
