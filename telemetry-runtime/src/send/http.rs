//! HTTPS, ready-made: by reqwest, or by ureq for small programs. `build.rs` says which one.

#[cfg(by_reqwest)]
mod by_reqwest;
#[cfg(by_ureq)]
mod by_ureq;
mod names;
#[cfg(any(by_ureq, all(feature = "rustls-tls", not(feature = "native-tls"))))]
mod tls;

use std::{hint::black_box, net::IpAddr};

use crate::declare::transport::Transport;

/// What tools look for when they say that a binary holds no transport of this framework.
static MARKER: [u8; 16] = *b"\x7fTLM-transport-1";

/// The transport of SDKs that bring none of their own.
pub(crate) fn ready_made() -> Box<dyn Transport> {
    black_box(&MARKER);
    #[cfg(all(by_reqwest, by_ureq))]
    if let Some(make) = asked_for() {
        return make();
    }
    #[cfg(all(by_ureq, not(all(by_reqwest, feature = "native-tls"))))]
    let transport = by_ureq::HttpTransport::default();
    #[cfg(not(all(by_ureq, not(all(by_reqwest, feature = "native-tls")))))]
    let transport = by_reqwest::HttpTransport::default();
    Box::new(transport)
}

/// Makes one of the transports.
#[cfg(any(all(test, feature = "testing"), all(by_reqwest, by_ureq)))]
type Make = fn() -> Box<dyn Transport>;

/// Every transport there is, by name.
#[cfg(any(all(test, feature = "testing"), all(by_reqwest, by_ureq)))]
const ALL: &[(&str, Make)] = &[
    #[cfg(by_reqwest)]
    ("reqwest", || Box::new(by_reqwest::HttpTransport::default())),
    #[cfg(by_ureq)]
    ("ureq", || Box::new(by_ureq::HttpTransport::default())),
];

/// The transport that a test of this repository asks for. Both are there only with the feature `testing`.
#[cfg(all(by_reqwest, by_ureq))]
fn asked_for() -> Option<Make> {
    let asked = std::env::var("TELEMETRY_TESTS_TRANSPORT").ok()?;
    ALL.iter().find(|(name, _)| *name == asked).map(|(_, make)| *make)
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

#[cfg(all(test, feature = "testing"))]
mod tests;
