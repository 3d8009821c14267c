//! SETTINGS, §6.5.

use crate::{
    error::{ConnectionError, Reason},
    flow::{DEFAULT_WINDOW, MAX_WINDOW},
};

/// The smallest and the largest value of SETTINGS_MAX_FRAME_SIZE, §6.5.2.
pub(crate) const FRAME_SIZES: std::ops::RangeInclusive<u32> = 1 << 14..=(1 << 24) - 1;

/// What a SETTINGS frame says.
///
/// A setting that a frame has twice counts as its last value. That is what §6.5.3 comes to, and it bounds the
/// work: a change of the initial window is felt by every stream, once a frame.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are named and explained by §6.5.2")]
#[non_exhaustive]
pub struct Settings {
    pub header_table_size: Option<u32>,
    pub enable_push: Option<bool>,
    pub max_concurrent_streams: Option<u32>,
    pub initial_window_size: Option<u32>,
    pub max_frame_size: Option<u32>,
    pub max_header_list_size: Option<u32>,
}

impl Settings {
    /// Reads a payload.
    ///
    /// # Errors
    ///
    /// When it is no multiple of six bytes, or a value is one that §6.5.2 forbids.
    pub fn read(payload: &[u8]) -> Result<Self, ConnectionError> {
        let (entries, []) = payload.as_chunks::<6>() else {
            let detail = "SETTINGS is no multiple of six bytes";
            return Err(ConnectionError::new(Reason::FRAME_SIZE_ERROR, detail));
        };
        let mut settings = Self::default();
        for &[id0, id1, value @ ..] in entries {
            let value = u32::from_be_bytes(value);
            match u16::from_be_bytes([id0, id1]) {
                1 => settings.header_table_size = Some(value),
                2 if value > 1 => {
                    return Err(ConnectionError::protocol("ENABLE_PUSH is neither 0 nor 1"));
                }
                2 => settings.enable_push = Some(value == 1),
                3 => settings.max_concurrent_streams = Some(value),
                4 if value > MAX_WINDOW => {
                    let detail = "INITIAL_WINDOW_SIZE is too large";
                    return Err(ConnectionError::new(Reason::FLOW_CONTROL_ERROR, detail));
                }
                4 => settings.initial_window_size = Some(value),
                5 if !FRAME_SIZES.contains(&value) => {
                    return Err(ConnectionError::protocol("MAX_FRAME_SIZE is out of its range"));
                }
                5 => settings.max_frame_size = Some(value),
                6 => settings.max_header_list_size = Some(value),
                // An unknown setting is ignored (§6.5.2).
                _ => {}
            }
        }
        Ok(settings)
    }

    /// The payload that says so.
    pub fn to_bytes(self) -> Vec<u8> {
        let entries = [
            (1_u16, self.header_table_size),
            (2, self.enable_push.map(u32::from)),
            (3, self.max_concurrent_streams),
            (4, self.initial_window_size),
            (5, self.max_frame_size),
            (6, self.max_header_list_size),
        ];
        let mut payload = Vec::with_capacity(6 * entries.len());
        for (id, value) in entries {
            if let Some(value) = value {
                payload.extend(id.to_be_bytes());
                payload.extend(value.to_be_bytes());
            }
        }
        payload
    }
}

/// The settings of the peer as they stand, those that it has never mentioned included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PeerSettings {
    /// How much the peer is willing to remember for its decoder.
    pub header_table_size: u32,
    /// How many streams it allows; `u32::MAX` when it has not said.
    pub max_concurrent_streams: u32,
    /// The window that a new stream begins with.
    pub initial_window_size: u32,
    /// The longest payload that it takes.
    pub max_frame_size: u32,
    /// The longest field section that it takes; `u32::MAX` when it has not said.
    pub max_header_list_size: u32,
}

impl Default for PeerSettings {
    fn default() -> Self {
        Self {
            header_table_size: 4_096,
            max_concurrent_streams: u32::MAX,
            initial_window_size: DEFAULT_WINDOW,
            max_frame_size: *FRAME_SIZES.start(),
            max_header_list_size: u32::MAX,
        }
    }
}

impl PeerSettings {
    pub(crate) fn apply(&mut self, said: &Settings) {
        for (mine, said) in [
            (&mut self.header_table_size, said.header_table_size),
            (&mut self.max_concurrent_streams, said.max_concurrent_streams),
            (&mut self.initial_window_size, said.initial_window_size),
            (&mut self.max_frame_size, said.max_frame_size),
            (&mut self.max_header_list_size, said.max_header_list_size),
        ] {
            if let Some(said) = said {
                *mine = said;
            }
        }
    }
}
