//! What holds for endpoints on this machine only.

use crate::{base::needs, decide::options::Options, declare::sdk::SdkInfo};

/// What is asked where the host has set something of it.
pub(crate) struct Loopback {
    is_loopback: fn(&str) -> bool,
    with_port: fn(&str, u16) -> Option<String>,
}

needs::part!(&'static Loopback = &Loopback { is_loopback, with_port });

/// Whether [`Options::loopback`] applies: it does for loopback endpoints only.
pub(crate) fn lifts(sdk: &SdkInfo, options: &Options) -> bool {
    options.loopback == Some(true) && needed().is_some_and(|loopback| (loopback.is_loopback)(sdk.endpoint))
}

/// Where batches of `sdk` go: its endpoint, with the port of [`Options::loopback_port`] if it is a loopback address.
pub(crate) fn endpoint(sdk: &SdkInfo, options: &Options) -> String {
    let moved =
        options.loopback_port.zip(needed()).and_then(|(port, loopback)| (loopback.with_port)(sdk.endpoint, port));
    moved.unwrap_or_else(|| sdk.endpoint.to_owned())
}

/// A loopback endpoint with this port.
fn with_port(endpoint: &str, port: u16) -> Option<String> {
    let (scheme, rest) = endpoint.split_once("://").filter(|_| is_loopback(endpoint))?;
    let (authority, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    Some(format!("{scheme}://{host}:{port}{path}"))
}

/// Whether a URL's host is this machine: `127.0.0.0/8`, `[::1]` or `localhost`.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["http://127.0.0.1", "http://127.9.9.9:80/x", "http://localhost:1", "http://[::1]:8080/y"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@example.com",
            "http://[::2]",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
