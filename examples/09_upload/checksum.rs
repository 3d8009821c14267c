//! SHA-256 of files of any size.

use std::io::{self, Read};

use sha2::{Digest, Sha256, digest::Output};

use crate::contract::CHUNK;

/// A SHA-256.
pub type Checksum = Output<Sha256>;

/// Hashes `bytes` to their end, and says how many there were. Takes the memory of one chunk.
pub fn hash(hasher: &mut Sha256, mut bytes: impl Read) -> io::Result<u64> {
    let mut buffer = vec![0; CHUNK];
    let mut size = 0;
    loop {
        match bytes.read(&mut buffer) {
            Ok(0) => return Ok(size),
            Ok(length) => {
                hasher.update(&buffer[..length]);
                size += length as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
