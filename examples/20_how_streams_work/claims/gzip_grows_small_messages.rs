//! gzip has a head and a tail of 18 bytes: what is short becomes longer, and tonic sends it so.

use std::io::{self, Read};

use flate2::{Compression, read::GzEncoder};

use crate::claim::{Claim, Result, Verdict};

pub(crate) const CLAIM: Claim = Claim {
    chapter: 17,
    name: "gzip-grows-small-messages",
    claim: "gzip makes small messages longer, and an empty one 20 bytes long",
    run,
};

const LENGTHS: [usize; 6] = [0, 20, 50, 100, 200, 1_000];

fn run() -> Result {
    let letters = |length| vec![b'a'; length];
    let (letter, some_words, bytes) = (sizes(letters)?, sizes(words)?, sizes(random)?);
    let from = [shorter_from(letters)?, shorter_from(words)?, shorter_from(random)?];
    let row = |name, sizes: [usize; 6], from: Option<usize>| {
        let sizes = sizes.map(|size| format!("{size:>5}")).concat();
        let from = from.map_or_else(|| "never".to_owned(), |from| format!("from {from} on"));
        format!("{name:<13}{sizes}  {from}")
    };
    Ok(Verdict {
        saw: vec![
            format!("length       {}  shorter", LENGTHS.map(|it| format!("{it:>5}")).concat()),
            row("one letter", letter, from[0]),
            row("words", some_words, from[1]),
            row("random bytes", bytes, from[2]),
        ],
        holds: letter[0] == 20 && from == [Some(24), Some(65), None],
    })
}

/// How long the texts of [`LENGTHS`] become.
fn sizes(text: impl Fn(usize) -> Vec<u8>) -> io::Result<[usize; 6]> {
    let mut sizes = LENGTHS;
    for size in &mut sizes {
        *size = gzip(&text(*size))?;
    }
    Ok(sizes)
}

/// From which length on every text becomes shorter; they are tried up to 1,000 bytes.
fn shorter_from(text: impl Fn(usize) -> Vec<u8>) -> io::Result<Option<usize>> {
    let mut from = None;
    for length in 0..=1_000 {
        let shorter = gzip(&text(length))? < length;
        from = if shorter { from.or(Some(length)) } else { None };
    }
    Ok(from)
}

/// How long a message becomes, by the compressor and the level that tonic has.
fn gzip(message: &[u8]) -> io::Result<usize> {
    GzEncoder::new(message, Compression::new(6)).read_to_end(&mut Vec::new())
}

fn words(length: usize) -> Vec<u8> {
    const WORDS: [&str; 16] = [
        "order ",
        "of ",
        "the ",
        "shop ",
        "with ",
        "item ",
        "from ",
        "price ",
        "ships ",
        "to ",
        "and ",
        "customer ",
        "by ",
        "address ",
        "is ",
        "delivered ",
    ];
    let mut next = numbers();
    let words = std::iter::repeat_with(|| WORDS[next() % WORDS.len()]);
    words.flat_map(str::bytes).take(length).collect()
}

fn random(length: usize) -> Vec<u8> {
    let mut next = numbers();
    std::iter::repeat_with(|| next() as u8).take(length).collect()
}

/// Numbers without a pattern, the same each time: xorshift.
fn numbers() -> impl FnMut() -> usize {
    let mut state: u32 = 20;
    move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 8) as usize
    }
}
