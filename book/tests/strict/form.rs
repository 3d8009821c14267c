//! Faults of the form of a chapter, of a quiz, and of a part.

use crate::{Fault, PAGE};

pub(crate) const FAULTS: &[Fault] = &[
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
