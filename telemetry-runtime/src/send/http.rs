//! HTTPS, ready-made: by reqwest.

mod by_reqwest;

use std::{hint::black_box, net::IpAddr};

use crate::declare::transport::Transport;

/// What tools look for when they say that a binary holds no transport of this framework.
static MARKER: [u8; 16] = *b"\x7fTLM-transport-1";

/// The transport of SDKs that bring none of their own.
pub(crate) fn ready_made() -> Box<dyn Transport> {
    black_box(&MARKER);
    Box::new(by_reqwest::HttpTransport::default())
}

/// What a connection has to be made for; an SDK's endpoint, and with it the route, hardly ever changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// TLS, through the system's proxies.
    Secure,
    /// This machine, never through a proxy.
    Loopback { tls: bool },
}

/// Plain text goes to this machine only, whatever the address says.
fn route(scheme: &str, host: &str) -> Option<Route> {
    let loopback = match host {
        "localhost" => true,
        host => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
    };
    match (scheme, loopback) {
        ("https", false) => Some(Route::Secure),
        ("https", true) => Some(Route::Loopback { tls: true }),
        ("http", true) => Some(Route::Loopback { tls: false }),
        _ => None,
    }
}

/// `{"rejected": 3}`: the server took the request, but not all of its events. Anything else says nothing.
fn rejected(body: &[u8]) -> u64 {
    #[derive(serde::Deserialize)]
    struct Partly {
        rejected: u64,
    }
    serde_json::from_slice::<Partly>(body).map_or(0, |partly| partly.rejected)
}

#[cfg(all(test, feature = "testing"))]
mod tests;
