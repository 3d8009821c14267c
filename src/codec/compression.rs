//! Compression of messages, by the crates that tonic uses too.

use std::io;
#[cfg(any(feature = "gzip", feature = "deflate", feature = "zstd"))]
use std::io::{Read, Write};

/// A way to compress messages. Each is there with the feature of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// `gzip`
    #[cfg(feature = "gzip")]
    Gzip,
    /// `deflate`, which is the zlib format (RFC 1950), as everywhere in HTTP
    #[cfg(feature = "deflate")]
    Deflate,
    /// `zstd`
    #[cfg(feature = "zstd")]
    Zstd,
}

// Without a feature there is nothing to compress with.
#[cfg_attr(
    not(any(feature = "gzip", feature = "deflate", feature = "zstd")),
    allow(unused_variables, clippy::ptr_arg)
)]
impl Compression {
    const ALL: &[Self] = &[
        #[cfg(feature = "gzip")]
        Self::Gzip,
        #[cfg(feature = "deflate")]
        Self::Deflate,
        #[cfg(feature = "zstd")]
        Self::Zstd,
    ];

    /// The name on the wire.
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => "gzip",
            #[cfg(feature = "deflate")]
            Self::Deflate => "deflate",
            #[cfg(feature = "zstd")]
            Self::Zstd => "zstd",
        }
    }

    fn of_name(name: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|it| it.name().as_bytes() == name)
    }

    pub(super) fn compress(self, message: &[u8], out: &mut Vec<u8>) -> io::Result<()> {
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => {
                let mut gzip = flate2::write::GzEncoder::new(out, flate2::Compression::default());
                gzip.write_all(message)?;
                gzip.finish().map(drop)
            }
            #[cfg(feature = "deflate")]
            Self::Deflate => {
                let mut zlib = flate2::write::ZlibEncoder::new(out, flate2::Compression::default());
                zlib.write_all(message)?;
                zlib.finish().map(drop)
            }
            #[cfg(feature = "zstd")]
            Self::Zstd => {
                let mut zstd =
                    zstd::stream::write::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                zstd.write_all(message)?;
                zstd.finish().map(drop)
            }
        }
    }

    /// Unpacks one byte more than `limit` at most, so that a small message cannot fill the memory.
    pub(super) fn decompress(self, message: &[u8], limit: usize) -> io::Result<Vec<u8>> {
        #[cfg(any(feature = "gzip", feature = "deflate", feature = "zstd"))]
        let read = |unpacked: &mut dyn Read| {
            let mut out = Vec::new();
            let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
            unpacked.take(most).read_to_end(&mut out)?;
            Ok(out)
        };
        match self {
            #[cfg(feature = "gzip")]
            Self::Gzip => read(&mut flate2::read::GzDecoder::new(message)),
            #[cfg(feature = "deflate")]
            Self::Deflate => read(&mut flate2::read::ZlibDecoder::new(message)),
            #[cfg(feature = "zstd")]
            Self::Zstd => read(&mut zstd::stream::read::Decoder::new(message)?),
        }
    }
}

/// A few ways to compress, the preferred one first.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Compressions([Option<Compression>; 3]);

impl Compressions {
    pub(crate) fn add(&mut self, compression: Compression) {
        if !self.contains(compression)
            && let Some(free) = self.0.iter_mut().find(|it| it.is_none())
        {
            *free = Some(compression);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }

    fn contains(&self, compression: Compression) -> bool {
        self.0.contains(&Some(compression))
    }

    /// What a peer accepts: the value of `grpc-accept-encoding`.
    pub(crate) fn names(&self) -> String {
        let mut names = String::new();
        for compression in self.0.iter().flatten() {
            names.push_str(compression.name());
            names.push(',');
        }
        names.push_str("identity");
        names
    }

    /// Reads `grpc-encoding`. The error is the name of one that is not among these.
    pub(crate) fn named<'a>(&self, name: &'a [u8]) -> Result<Option<Compression>, &'a [u8]> {
        if name == b"identity" {
            return Ok(None);
        }
        match Compression::of_name(name) {
            Some(compression) if self.contains(compression) => Ok(Some(compression)),
            _ => Err(name),
        }
    }

    /// The first of the peer's list, `grpc-accept-encoding`, that is among these.
    pub(crate) fn accepted_by(&self, accepted: &[u8]) -> Option<Compression> {
        let names = accepted.split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        names.filter_map(Compression::of_name).find(|it| self.contains(*it))
    }
}
