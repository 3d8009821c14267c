//! Chance, the same at every run, for tests of broken input.

/// The same numbers at every run.
#[derive(Clone, Debug)]
pub struct Dice(pub u64);

impl Dice {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        // splitmix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % sides.max(1) as u64).expect("less than sides")
    }

    /// Changes, doubles, drops, or cuts off some bytes.
    pub fn mutate(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len());
            let end = (at + 1 + self.roll(16)).min(bytes.len());
            match self.roll(5) {
                _ if bytes.is_empty() => bytes.push(self.roll(256) as u8),
                0 => bytes[at] ^= 1 << self.roll(8),
                1 => bytes[at] = self.roll(256) as u8,
                2 => drop(bytes.splice(at..at, bytes[at..end].to_vec())),
                3 => drop(bytes.drain(at..end)),
                _ => bytes.truncate(at),
            }
        }
    }
}

/// How many cases a random test tries: `few`, or as many as the variable `CASES` says.
#[must_use]
pub fn cases(few: usize) -> usize {
    std::env::var("CASES").ok().and_then(|it| it.parse().ok()).unwrap_or(few)
}
