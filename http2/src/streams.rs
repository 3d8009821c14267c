//! The streams of a connection, §5.1.1 and §5.1.2.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    hash::{BuildHasherDefault, Hasher},
    time::{Duration, Instant},
};

use crate::{frame::StreamId, stream::Stream};

/// Those that are neither idle nor closed, and which others there have been.
#[derive(Debug)]
pub(crate) struct Streams {
    open: HashMap<StreamId, Stream, BuildHasherDefault<IdHasher>>,
    /// The last one that the peer has begun.
    pub(crate) last: StreamId,
    /// The next one that is begun here.
    pub(crate) next: StreamId,
    resets: Resets,
}

impl Streams {
    pub(crate) fn new(next: StreamId, most_resets: usize, memory: Duration) -> Self {
        let resets =
            Resets { known: HashSet::default(), order: VecDeque::new(), most_resets, memory };
        Self { open: HashMap::default(), last: StreamId::CONNECTION, next, resets }
    }

    pub(crate) fn len(&self) -> usize {
        self.open.len()
    }

    pub(crate) fn get(&mut self, id: StreamId) -> Option<&mut Stream> {
        self.open.get_mut(&id)
    }

    pub(crate) fn peek(&self, id: StreamId) -> Option<&Stream> {
        self.open.get(&id)
    }

    pub(crate) fn insert(&mut self, id: StreamId, stream: Stream) {
        self.open.insert(id, stream);
    }

    pub(crate) fn remove(&mut self, id: StreamId) -> Option<Stream> {
        self.open.remove(&id)
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = (StreamId, &mut Stream)> {
        self.open.iter_mut().map(|(id, stream)| (*id, stream))
    }

    pub(crate) fn clear(&mut self) {
        self.open.clear();
    }

    /// Whether nobody has begun it (§5.1).
    pub(crate) fn is_idle(&self, id: StreamId) -> bool {
        let is_ours = id.is_clients() == self.next.is_clients();
        if is_ours { id >= self.next } else { id > self.last }
    }

    /// Notes that it was reset here, so that what is on its way for it is passed over.
    pub(crate) fn remember_reset(&mut self, id: StreamId, now: Instant) {
        self.resets.forget(now);
        if self.resets.known.insert(id) {
            self.resets.order.push_back((id, now));
        }
    }

    pub(crate) fn is_remembered(&mut self, id: StreamId, now: Instant) -> bool {
        self.resets.forget(now);
        self.resets.known.contains(&id)
    }
}

/// The streams that were reset here a short while ago.
#[derive(Debug)]
struct Resets {
    known: HashSet<StreamId, BuildHasherDefault<IdHasher>>,
    order: VecDeque<(StreamId, Instant)>,
    most_resets: usize,
    memory: Duration,
}

impl Resets {
    fn forget(&mut self, now: Instant) {
        while let Some((id, since)) = self.order.front()
            && (self.order.len() > self.most_resets
                || now.saturating_duration_since(*since) >= self.memory)
        {
            self.known.remove(id);
            self.order.pop_front();
        }
    }
}

/// Multiplies by a large odd number. That spreads what is consecutive; and a peer who chooses its identifiers
/// so that they meet gains nothing, because the limits allow it so few of them at once.
#[derive(Default)]
struct IdHasher(u64);

impl Hasher for IdHasher {
    fn write(&mut self, _: &[u8]) {
        unreachable!("an identifier is one number")
    }

    fn write_u32(&mut self, id: u32) {
        self.0 = u64::from(id).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
