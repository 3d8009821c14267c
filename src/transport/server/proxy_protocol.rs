//! The PROXY protocol: a balancer says first who has connected to it.

use std::net::SocketAddr;

use ppp::{HeaderResult, PartialResult, v1, v2};

use crate::Peer;

/// How long a header may be: one of version 2 is at most as long as its length can say, and no balancer
/// comes near that.
const LONGEST: usize = 4 * 1024;

/// How long a line of version 1 is at most.
const LONGEST_LINE: usize = 107;

/// The header at the beginning of `bytes`: how long it is, and whom it names. `None` where more of it is
/// to come.
///
/// # Errors
///
/// When it is no such header.
pub(super) fn parse(bytes: &[u8]) -> Result<Option<(usize, Peer)>, String> {
    let is_line = bytes.starts_with(b"PROXY ");
    if is_line {
        let longest = &bytes[..bytes.len().min(LONGEST_LINE)];
        match longest.windows(2).position(|it| it == b"\r\n") {
            // Whatever else stands in such a line is passed over.
            Some(end) if is_unknown(&longest[..end]) => {
                return Ok(Some((end + 2, Peer::unknown())));
            }
            Some(_) => {}
            // A line is read when it is whole: half an address is none.
            None if bytes.len() < LONGEST_LINE => return Ok(None),
            None => return Err(format!("a PROXY header of more than {LONGEST_LINE} bytes")),
        }
    }
    let parsed = HeaderResult::parse(bytes);
    if parsed.is_incomplete() && !is_line && bytes.len() <= LONGEST {
        return Ok(None);
    }
    let no_header = |error: &dyn std::fmt::Display| {
        format!("the connection does not begin with a PROXY header: {error}")
    };
    let (length, addr) = match parsed {
        HeaderResult::V1(Ok(header)) => (header.header.len(), of_text(&header.addresses)),
        HeaderResult::V2(Ok(header)) => (header.len(), of_binary(&header)),
        HeaderResult::V1(Err(error)) => return Err(no_header(&error)),
        HeaderResult::V2(Err(error)) => return Err(no_header(&error)),
    };
    Ok(Some((length, addr.map_or_else(Peer::unknown, Peer::tcp))))
}

/// Whether a balancer knows nothing of who calls, or nothing that this version can say.
fn is_unknown(line: &[u8]) -> bool {
    line.strip_prefix(b"PROXY UNKNOWN").is_some_and(|rest| matches!(rest, [] | [b' ', ..]))
}

fn of_text(addresses: &v1::Addresses) -> Option<SocketAddr> {
    match addresses {
        v1::Addresses::Tcp4(it) => Some((it.source_address, it.source_port).into()),
        v1::Addresses::Tcp6(it) => Some((it.source_address, it.source_port).into()),
        v1::Addresses::Unknown => None,
    }
}

fn of_binary(header: &v2::Header<'_>) -> Option<SocketAddr> {
    // The balancer itself is asking whether the server is there.
    if header.command == v2::Command::Local {
        return None;
    }
    match header.addresses {
        v2::Addresses::IPv4(it) => Some((it.source_address, it.source_port).into()),
        v2::Addresses::IPv6(it) => Some((it.source_address, it.source_port).into()),
        v2::Addresses::Unspecified | v2::Addresses::Unix(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addr(bytes: &[u8]) -> (usize, Option<SocketAddr>) {
        let (length, peer) = parse(bytes).unwrap().expect("it is whole");
        (length, peer.addr())
    }

    #[test]
    fn the_source_is_the_peer() {
        let text = b"PROXY TCP4 192.0.2.7 192.0.2.1 41234 443\r\n";
        let expected = (text.len(), "192.0.2.7:41234".parse().ok());
        assert_eq!(addr(&[&text[..], b"PRI * HTTP/2.0"].concat()), expected);
        assert_eq!(addr(b"PROXY UNKNOWN\r\n").1, None);

        let start = *b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c";
        let binary = [&start[..], &[192, 0, 2, 7, 192, 0, 2, 1, 0xa1, 0x12, 1, 0xbb]].concat();
        assert_eq!(addr(&binary), (28, "192.0.2.7:41234".parse().ok()));
    }

    #[test]
    fn a_header_may_come_in_pieces() {
        for text in [
            &b"PROXY TCP4 192.0.2.7 192.0.2.1 41234 443\r\n"[..],
            b"PROXY TCP6 2001:db8::7 2001:db8::1 41234 443\r\n",
            b"PROXY UNKNOWN\r\n",
            b"PROXY UNKNOWN a b c d e f g\r\n",
        ] {
            for end in 1..text.len() {
                assert!(parse(&text[..end]).unwrap().is_none(), "{text:?} after {end}");
            }
        }
    }

    /// "The receiver must ignore anything presented before the CRLF is found" (section 2.1).
    #[test]
    fn what_follows_unknown_is_passed_over() {
        for rest in [
            &b""[..],
            b" ",
            b" a b c d e f g",
            b" ffff:f:f:f:f:f:f:f ffff:f:f:f:f:f:f:f 65535 65535",
            b" one\rtwo\nthree \xff\x00",
            &[b' '; LONGEST_LINE - b"PROXY UNKNOWN\r\n".len()],
        ] {
            let line = [b"PROXY UNKNOWN", rest, b"\r\n"].concat();
            let bytes = [&line[..], b"PRI * HTTP/2.0\r\n"].concat();
            assert_eq!(addr(&bytes), (line.len(), None), "{rest:?}");
        }
    }

    #[test]
    fn what_is_no_header_is_refused() {
        let long = [&b"PROXY UNKNOWN "[..], &[b'a'; LONGEST_LINE], b"\r\n"].concat();
        for bytes in [
            &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
            b"PROXY TCP9 a b c d\r\n",
            b"PROXY UNKNOWNS a b c d\r\n",
            b"PROXY TCP4\r\n",
            b"PROXY TCP4 192.0.2.7\r\n",
            &long,
        ] {
            assert!(parse(bytes).is_err(), "{bytes:?}");
        }
    }
}
