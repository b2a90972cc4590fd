//! The few things that are asked of an address.

/// Says whether `url` is `https://host`, with an optional port, path, query and fragment.
pub(super) fn is_https(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| {
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        is_authority(&rest[..end]) && is_plain(&rest[end..])
    })
}

/// The address of a collector without its trailing slash: `https://host[:port][/path]`, or `http` on loopback.
pub(super) fn endpoint(url: &str) -> Option<String> {
    let (rest, secure) = match url.strip_prefix("https://") {
        Some(rest) => (rest, true),
        None => (url.strip_prefix("http://")?, false),
    };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let reached = secure || is_loopback(host(authority)?);
    let plain = is_authority(authority) && is_plain(path) && !path.contains(['?', '#']);
    (reached && plain).then(|| url.trim_end_matches('/').to_owned())
}

fn is_authority(authority: &str) -> bool {
    let Some(host) = host(authority) else { return false };
    let port = &authority[host.len()..];
    let port_holds = match port.strip_prefix(':') {
        Some(number) => number.bytes().all(|byte| byte.is_ascii_digit()) && number.parse::<u16>().is_ok_and(|n| n > 0),
        None => port.is_empty(),
    };
    port_holds && is_host(host)
}

/// The host of `host[:port]`; brackets of IPv6 belong to it.
fn host(authority: &str) -> Option<&str> {
    let end = match authority.strip_prefix('[') {
        Some(inside) => inside.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    authority.get(..end)
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        let letters = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        letters && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

fn is_loopback(host: &str) -> bool {
    let v4 = host.parse::<std::net::Ipv4Addr>().is_ok_and(|address| address.is_loopback());
    v4 || matches!(host, "localhost" | "[::1]")
}

/// Printable ASCII without what an address must escape.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_https_or_loopback() {
        for (url, kept) in [
            ("https://telemetry.acme.example", "https://telemetry.acme.example"),
            ("https://telemetry.acme.example:8443/v2/", "https://telemetry.acme.example:8443/v2"),
            ("https://[2001:db8::1]/x", "https://[2001:db8::1]/x"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9"),
            ("http://127.8.8.8", "http://127.8.8.8"),
            ("http://localhost:4318/", "http://localhost:4318"),
            ("http://[::1]:9", "http://[::1]:9"),
        ] {
            assert_eq!(endpoint(url).as_deref(), Some(kept), "{url}");
        }
    }

    #[test]
    fn everything_else_is_no_endpoint() {
        for url in [
            "",
            "acme",
            "ftp://acme.example",
            "http://acme.example",
            "http://localhost.acme.example",
            "http://127.0.0.1.acme.example",
            "http://127.0.0.1@acme.example",
            "https://",
            "https:///path",
            "https://jane@acme.example",
            "https://jane:pw@acme.example",
            "https://acme.example?x=1",
            "https://acme.example/?x=1",
            "https://acme.example/#x",
            "https://acme.example:0",
            "https://acme.example:99999",
            "https://acme.example:",
            "https://acme..example",
            "https://-acme.example",
            "https://acme.example/a b",
            "https://acme.example/\n",
            "https://[::1",
            "https://[::g]",
            "https://ac\u{456}me.example",
            "HTTPS://acme.example",
        ] {
            assert_eq!(endpoint(url), None, "{url}");
        }
    }

    #[test]
    fn links_may_have_a_query() {
        assert!(is_https("https://acme.example/reviews?id=7#top"));
        assert!(is_https("https://acme.example#privacy"));
        assert!(!is_https("http://acme.example"));
        assert!(!is_https("https://jane@acme.example/"));
        assert!(!is_https("acme.example/reviews"));
    }
}
