//! The static table, §2.3.1 and Appendix A.

use crate::fields::Known;

macro_rules! table {
    ($($name:literal $value:literal,)*) => {
        /// Names and values. The first one is number 1.
        pub(super) static TABLE: [(&str, &str); 61] = [$(($name, $value),)*];

        /// What the names are known as.
        pub(super) static KNOWN: [Known; 61] = [$(Known::of($name.as_bytes()),)*];
    };
}

/// Where a name stands first, counted from 0.
fn position(name: &[u8]) -> Option<usize> {
    TABLE.iter().position(|(other, _)| other.as_bytes() == name)
}

/// The number of a field, or of its name alone: the number, and whether the value is the same.
pub(super) fn find(name: &[u8], value: &[u8]) -> Option<(usize, bool)> {
    let first = position(name)?;
    let same = TABLE[first..].iter().take_while(|(other, _)| other.as_bytes() == name);
    let exact = same.map(|(_, it)| it.as_bytes()).position(|it| it == value);
    Some(exact.map_or((first + 1, false), |further| (first + further + 1, true)))
}

table! {
    ":authority" "",
    ":method" "GET",
    ":method" "POST",
    ":path" "/",
    ":path" "/index.html",
    ":scheme" "http",
    ":scheme" "https",
    ":status" "200",
    ":status" "204",
    ":status" "206",
    ":status" "304",
    ":status" "400",
    ":status" "404",
    ":status" "500",
    "accept-charset" "",
    "accept-encoding" "gzip, deflate",
    "accept-language" "",
    "accept-ranges" "",
    "accept" "",
    "access-control-allow-origin" "",
    "age" "",
    "allow" "",
    "authorization" "",
    "cache-control" "",
    "content-disposition" "",
    "content-encoding" "",
    "content-language" "",
    "content-length" "",
    "content-location" "",
    "content-range" "",
    "content-type" "",
    "cookie" "",
    "date" "",
    "etag" "",
    "expect" "",
    "expires" "",
    "from" "",
    "host" "",
    "if-match" "",
    "if-modified-since" "",
    "if-none-match" "",
    "if-range" "",
    "if-unmodified-since" "",
    "last-modified" "",
    "link" "",
    "location" "",
    "max-forwards" "",
    "proxy-authenticate" "",
    "proxy-authorization" "",
    "range" "",
    "referer" "",
    "refresh" "",
    "retry-after" "",
    "server" "",
    "set-cookie" "",
    "strict-transport-security" "",
    "transfer-encoding" "",
    "user-agent" "",
    "vary" "",
    "via" "",
    "www-authenticate" "",
}
