//! Which server a channel calls.

#[cfg(unix)]
use std::path::PathBuf;
use std::{borrow::Cow, fmt};

use http::{
    Uri,
    uri::{Authority, Parts, Scheme},
};
use tonic::Status;

use super::ConnectError;
use crate::client::path_under;

/// A server, as it was named: `http://host:port`, perhaps with the beginning of a path, or `unix:/path`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Target {
    pub(super) scheme: Scheme,
    /// What calls carry as `:authority`.
    pub(super) authority: Authority,
    /// What stands before the path of each call, without a slash at its end.
    pub(super) base: String,
    pub(super) place: Place,
    /// What a connector of one's own is given.
    pub(super) uri: Uri,
}

/// Where a server listens.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Tcp {
        host: String,
        port: u16,
    },
    #[cfg(unix)]
    Unix(PathBuf),
}

impl Target {
    pub(super) fn parse(target: &str) -> Result<Self, ConnectError> {
        if let Some(path) = target.strip_prefix("unix:") {
            return Self::unix(target, path);
        }
        let invalid =
            |why: &str| ConnectError::invalid(format!("{target:?} names no server: {why}"));
        let uri: Uri = target.parse().map_err(|error| invalid(&format!("{error}")))?;
        let scheme = uri.scheme().cloned().unwrap_or(Scheme::HTTP);
        let port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(invalid("it begins with neither http:, https: nor unix:")),
        };
        let authority = uri.authority().ok_or_else(|| invalid("it has no host"))?.clone();
        if authority.as_str().contains('@') {
            return Err(invalid("a user has no place in it"));
        }
        if uri.query().is_some() {
            return Err(invalid("a query has no place in it"));
        }
        if authority.host().is_empty() {
            return Err(invalid("it has no host"));
        }
        let after_host = &authority.as_str()[authority.host().len()..];
        let is_digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
        let port = match after_host.strip_prefix(':') {
            None if after_host.is_empty() => port,
            Some(digits) if is_digits(digits) => {
                digits.parse().map_err(|_| invalid("its port is too large"))?
            }
            _ => return Err(invalid("its port is no number")),
        };
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(invalid("it has no host"));
        }
        let base = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, base, place: Place::Tcp { host, port }, uri })
    }

    #[cfg(unix)]
    fn unix(target: &str, path: &str) -> Result<Self, ConnectError> {
        // `unix:/path`, `unix:path` and `unix:///path` (gRPC's doc/naming.md).
        let path = match path.strip_prefix("//") {
            Some(absolute) if absolute.starts_with('/') => absolute,
            None if !path.is_empty() => path,
            _ => return Err(ConnectError::invalid(format!("{target:?} names no socket"))),
        };
        Ok(Self {
            scheme: Scheme::HTTP,
            // What gRPC's own clients say; the path of a socket is no authority of HTTP.
            authority: Authority::from_static("localhost"),
            base: String::new(),
            place: Place::Unix(path.into()),
            uri: Uri::from_static("http://localhost"),
        })
    }

    #[cfg(not(unix))]
    fn unix(target: &str, _: &str) -> Result<Self, ConnectError> {
        Err(ConnectError::invalid(format!("{target:?}: there are no Unix sockets here")))
    }

    /// The URI of a call of `path`.
    pub(super) fn uri_of(&self, path: Cow<'static, str>) -> Result<Uri, Status> {
        let mut parts = Parts::default();
        parts.scheme = Some(self.scheme.clone());
        parts.authority = Some(self.authority.clone());
        parts.path_and_query = Some(path_under(&self.base, path)?);
        Uri::from_parts(parts).map_err(|error| Status::internal(error.to_string()))
    }

    pub(super) fn is_tls(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place.fmt(f)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::Tcp { host, port } => write!(f, "{host}:{port}"),
            #[cfg(unix)]
            Self::Unix(path) => path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_named_in_many_ways() {
        for (target, place, authority, base) in [
            ("http://localhost:50051", "localhost:50051", "localhost:50051", ""),
            ("localhost:50051", "localhost:50051", "localhost:50051", ""),
            ("http://shop.example", "shop.example:80", "shop.example", ""),
            ("https://shop.example/", "shop.example:443", "shop.example", ""),
            ("http://[::1]:1", "[::1]:1", "[::1]:1", ""),
            ("http://shop.example/api/", "shop.example:80", "shop.example", "/api"),
            ("http://shop.example/api/v1", "shop.example:80", "shop.example", "/api/v1"),
            #[cfg(unix)]
            ("unix:/run/shop.sock", "/run/shop.sock", "localhost", ""),
            #[cfg(unix)]
            ("unix:///run/shop.sock", "/run/shop.sock", "localhost", ""),
            #[cfg(unix)]
            ("unix:shop.sock", "shop.sock", "localhost", ""),
        ] {
            let read = Target::parse(target).unwrap();
            assert_eq!(read.place.to_string(), place, "{target}");
            assert_eq!(read.authority, authority, "{target}");
            assert_eq!(read.base, base, "{target}");
        }
    }

    #[test]
    fn what_names_no_server_is_refused() {
        for target in [
            "",
            "/",
            "http://",
            "ftp://shop",
            "http://me@shop",
            "http://shop?x=1",
            "http://shop:x",
            "http://shop:99999",
            "http://shop:+1",
            "http://[::1]x:1",
            "http://[::1]1",
            "http://[]:1",
            "unix:",
            "unix://",
            "unix://host/path",
            "a b",
        ] {
            let error = Target::parse(target).unwrap_err();
            assert!(error.to_string().contains(&format!("{target:?}")), "{error}");
        }
    }
}
