//! Who may come in.

use std::net::SocketAddr;

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

use crate::problem::Problem;

/// The token that clients must show, kept as its hash: comparing hashes takes the same time whatever is shown.
pub struct Guard(Option<[u8; 32]>);

impl Guard {
    pub fn new(token: Option<&str>) -> Self {
        Self(token.map(hash))
    }

    pub fn admit(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(expected) = &self.0 else { return Ok(()) };
        let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = shown
            .and_then(|text| text.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        match token {
            Some((_, token)) if hash(token.trim()) == *expected => Ok(()),
            _ => Err(Problem::unauthorized()),
        }
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}

/// Without a token, a page in a browser on this machine could reach the server under a name of its own choice that
/// resolves to the loopback address. Its requests carry that name as their host.
pub fn is_own_host(headers: &HeaderMap, own: SocketAddr) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return true };
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host }
    });
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name == "localhost" || name.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback() || ip == own.ip())
}
