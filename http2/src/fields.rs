//! Field sections: the names and values of a head or of trailers.

use std::fmt;

use crate::hpack::FIELD_OVERHEAD;

/// What a name is known as. Those that HTTP/2 has rules for and those that gRPC asks for are told apart when
/// they are decoded, so that nobody compares names later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "they are named as the fields are")]
#[non_exhaustive]
pub enum Known {
    Method,
    Scheme,
    Authority,
    Path,
    Status,
    /// Another name that begins with a colon.
    OtherPseudo,
    Te,
    Host,
    ContentType,
    ContentLength,
    UserAgent,
    GrpcTimeout,
    GrpcEncoding,
    GrpcAcceptEncoding,
    GrpcStatus,
    GrpcMessage,
    /// One that has a meaning for connections of HTTP/1.1 and none here (§8.2.2).
    ConnectionSpecific,
    Other,
}

impl Known {
    pub(crate) const fn of(name: &[u8]) -> Self {
        match name {
            b":method" => Self::Method,
            b":scheme" => Self::Scheme,
            b":authority" => Self::Authority,
            b":path" => Self::Path,
            b":status" => Self::Status,
            [b':', ..] => Self::OtherPseudo,
            b"te" => Self::Te,
            b"host" => Self::Host,
            b"content-type" => Self::ContentType,
            b"content-length" => Self::ContentLength,
            b"user-agent" => Self::UserAgent,
            b"grpc-timeout" => Self::GrpcTimeout,
            b"grpc-encoding" => Self::GrpcEncoding,
            b"grpc-accept-encoding" => Self::GrpcAcceptEncoding,
            b"grpc-status" => Self::GrpcStatus,
            b"grpc-message" => Self::GrpcMessage,
            b"connection" | b"keep-alive" | b"proxy-connection" | b"transfer-encoding"
            | b"upgrade" => Self::ConnectionSpecific,
            _ => Self::Other,
        }
    }

    /// Whether it is a pseudo-header field, §8.3.
    pub const fn is_pseudo(self) -> bool {
        matches!(
            self,
            Self::Method
                | Self::Scheme
                | Self::Authority
                | Self::Path
                | Self::Status
                | Self::OtherPseudo
        )
    }
}

/// A field.
#[derive(Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Field<'a> {
    /// Its name. Pseudo-header fields have their colon (§8.3).
    pub name: &'a [u8],
    /// Its value.
    pub value: &'a [u8],
    /// What the name is known as.
    pub known: Known,
    /// Whether it is never to be put into a table, here or further on (RFC 7541 §7.1.3).
    pub is_sensitive: bool,
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name.escape_ascii(), self.value.escape_ascii())
    }
}

/// A field section, in the order in which it is on the wire.
///
/// All names and values lie in one buffer. One that is [given back](crate::Connection::recycle) is used again
/// for the next section, which then allocates nothing.
///
/// ```
/// use traitwire_http2::{Fields, Known};
///
/// let mut trailers = Fields::new();
/// trailers.push("grpc-status", "5");
/// trailers.push("grpc-message", "no such order");
/// assert_eq!(trailers.get(Known::GrpcStatus), Some(&b"5"[..]));
/// assert_eq!(trailers.iter().count(), 2);
/// ```
#[derive(Clone, Default)]
pub struct Fields {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

#[derive(Clone, Copy)]
struct Entry {
    start: u32,
    name: u32,
    value: u32,
    known: Known,
    is_sensitive: bool,
    is_valid: bool,
}

impl Fields {
    /// One without fields.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field. Names are lower case (§8.2.1), and those with a colon come first (§8.3); who receives
    /// others takes them for malformed.
    ///
    /// # Panics
    ///
    /// When all of the section together has 4 GiB.
    pub fn push(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.add(name.as_ref(), value.as_ref(), false);
    }

    /// The same for a secret: nobody on the way puts it into a table, where one who can send other fields over
    /// the same connection could guess it piece by piece (RFC 7541 §7.1).
    pub fn push_sensitive(&mut self, name: impl AsRef<[u8]>, value: impl AsRef<[u8]>) {
        self.add(name.as_ref(), value.as_ref(), true);
    }

    fn add(&mut self, name: &[u8], value: &[u8], is_sensitive: bool) {
        let start = self.bytes.len();
        self.bytes.extend(name);
        self.bytes.extend(value);
        self.close(start, name.len(), Known::of(name), is_sensitive, true);
    }

    /// The fields in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Field<'_>> {
        self.entries.iter().map(|entry| self.field(entry))
    }

    /// The value of the first field that is known so.
    pub fn get(&self, known: Known) -> Option<&[u8]> {
        self.entries.iter().find(|it| it.known == known).map(|it| self.field(it).value)
    }

    /// The path of a request.
    pub fn path(&self) -> Option<&str> {
        str::from_utf8(self.get(Known::Path)?).ok()
    }

    /// The status of a response.
    pub fn status(&self) -> Option<u16> {
        str::from_utf8(self.get(Known::Status)?).ok()?.parse().ok()
    }

    /// How much it counts for the limit of the peer: each field is 32 bytes more than it has (§6.5.2).
    pub fn list_size(&self) -> usize {
        self.bytes.len() + FIELD_OVERHEAD * self.entries.len()
    }

    /// Drops the fields, and keeps the buffer.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.entries.clear();
    }

    fn field(&self, entry: &Entry) -> Field<'_> {
        let bytes = &self.bytes[entry.start as usize..];
        let (name, rest) = bytes.split_at(entry.name as usize);
        let value = &rest[..entry.value as usize];
        Field { name, value, known: entry.known, is_sensitive: entry.is_sensitive }
    }

    /// The buffer, for a decoder that writes a name and then a value behind what is there.
    pub(crate) fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// Makes a field of what is in the buffer from `start`.
    pub(crate) fn close(
        &mut self,
        start: usize,
        name: usize,
        known: Known,
        is_sensitive: bool,
        is_valid: bool,
    ) {
        let value = self.bytes.len() - start - name;
        let [start, name, value] =
            [start, name, value].map(|it| u32::try_from(it).expect("less than 4 GiB of fields"));
        self.entries.push(Entry { start, name, value, known, is_sensitive, is_valid });
    }

    /// Whether the characters of all names and values are those of names and values.
    pub(crate) fn is_valid(&self) -> bool {
        self.entries.iter().all(|it| it.is_valid)
    }

    /// Takes on what another one has, in the buffers that are there.
    pub(crate) fn copy_from(&mut self, other: &Self) {
        self.bytes.clone_from(&other.bytes);
        self.entries.clone_from(&other.entries);
    }
}

impl<N: AsRef<[u8]>, V: AsRef<[u8]>> FromIterator<(N, V)> for Fields {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(fields: I) -> Self {
        let mut it = Self::new();
        fields.into_iter().for_each(|(name, value)| it.push(name, value));
        it
    }
}

impl PartialEq for Fields {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for Fields {}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}
