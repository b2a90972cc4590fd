//! Variables that name a proxy, and whether what they say can be one.
//!
//! reqwest passes over a variable that it cannot read and connects past the proxy, which somebody has set in order that
//! nothing does. So nothing is sent then. What is read here is narrower than what reqwest reads: a scheme, a user, a host and a port.

use std::{env, ffi::OsString};

/// The variables in the order in which reqwest reads them: of each pair the first that is set.
const PAIRS: [[&str; 2]; 3] =
    [["HTTPS_PROXY", "https_proxy"], ["ALL_PROXY", "all_proxy"], ["HTTP_PROXY", "http_proxy"]];

/// Set by web servers for programs that they start; there, a variable may come from a header of somebody's request, and
/// reqwest reads none.
const CGI: &str = "REQUEST_METHOD";

/// The variable that is set to something that is no proxy. Its value stays untold: it may hold a password.
pub(crate) fn malformed() -> Option<&'static str> {
    malformed_in(|name| env::var_os(name))
}

fn malformed_in(variable: impl Fn(&str) -> Option<OsString>) -> Option<&'static str> {
    if variable(CGI).is_some() {
        return None;
    }
    PAIRS.iter().find_map(|pair| {
        let (name, value) = pair.iter().find_map(|name| Some((*name, variable(name)?)))?;
        let read = value.to_str().is_some_and(|value| value.is_empty() || is_proxy(value));
        (!read).then_some(name)
    })
}

fn is_proxy(value: &str) -> bool {
    parse(value).is_some()
}

/// What a variable of a proxy says.
#[derive(Debug)]
#[cfg_attr(not(by_ureq), expect(dead_code, reason = "reqwest reads it again"))]
struct Address<'a> {
    scheme: Option<&'a str>,
    user: Option<&'a str>,
    host: &'a str,
    port: Option<u16>,
}

/// `[scheme://][user[:password]@]host[:port][/]`
fn parse(value: &str) -> Option<Address<'_>> {
    let (scheme, rest) = value.split_once("://").map_or((None, value), |(scheme, rest)| (Some(scheme), rest));
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    if scheme.is_some_and(|scheme| !known.contains(&scheme)) {
        return None;
    }
    // Without a scheme, reqwest takes no path.
    let authority = if scheme.is_some() { rest.strip_suffix('/').unwrap_or(rest) } else { rest };
    let (user, place) = authority.split_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    let is_user =
        |user: &str| !user.is_empty() && user.bytes().all(|byte| is_name(byte) || b"~%!$&'()*+,;=:".contains(&byte));
    if user.is_some_and(|user| !is_user(user)) {
        return None;
    }
    let (host, port) = match place.strip_prefix('[').map(|v6| v6.split_once(']')) {
        Some(Some((address, ""))) => (address, None),
        Some(Some((address, port))) => (address, Some(port.strip_prefix(':')?)),
        Some(None) => return None,
        None => place.split_once(':').map_or((place, None), |(host, port)| (host, Some(port))),
    };
    let is_host = if place.starts_with('[') {
        host.parse::<std::net::Ipv6Addr>().is_ok()
    } else {
        !host.is_empty() && host.bytes().all(is_name)
    };
    let port = match port {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(port.parse::<u16>().ok().filter(|port| *port > 0)?)
        }
        Some(_) => return None,
        None => None,
    };
    is_host.then_some(Address { scheme, user, host, port })
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
}

#[cfg(by_ureq)]
pub(crate) use self::way::{Proxy, Way, way_to};

/// For a client that does not read the variables itself.
#[cfg(by_ureq)]
mod way {
    use std::{env, ffi::OsString, net::IpAddr};

    use base64::{Engine as _, prelude::BASE64_STANDARD};

    use super::{Address, CGI, PAIRS, malformed_in, parse};

    /// How a server elsewhere is reached over TLS.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(crate) enum Way {
        /// Without a proxy.
        Straight,
        /// By asking this proxy.
        Through(Proxy),
        /// Not at all: there is a proxy, and it cannot be asked.
        Closed,
    }

    /// A proxy that is spoken to in plain text.
    #[derive(Clone, PartialEq, Eq)]
    pub(crate) struct Proxy {
        pub(crate) host: String,
        pub(crate) port: u16,
        /// The value of the header `proxy-authorization`.
        pub(crate) authorization: Option<String>,
    }

    /// The way to a server with this name, as the variables say: as reqwest reads them, or closed where it reads more.
    pub(crate) fn way_to(host: &str) -> Way {
        way_in(host, |name| env::var_os(name))
    }

    pub(super) fn way_in(host: &str, variable: impl Fn(&str) -> Option<OsString>) -> Way {
        if variable(CGI).is_some() {
            return Way::Straight;
        }
        if malformed_in(&variable).is_some() {
            return Way::Closed;
        }
        let first =
            |pair: &[&str; 2]| pair.iter().find_map(|name| variable(name)).and_then(|value| value.into_string().ok());
        // A variable that is set to nothing leaves it to the next one.
        let [https, all, _] = PAIRS;
        let Some(value) = [https, all].iter().filter_map(first).find(|value| !value.is_empty()) else {
            return Way::Straight;
        };
        if first(&["NO_PROXY", "no_proxy"])
            .is_some_and(|list| list.split(',').any(|entry| is_without(entry.trim(), host)))
        {
            return Way::Straight;
        }
        match parse(&value) {
            Some(address) if address.scheme.is_none_or(|scheme| scheme == "http") => Way::Through(Proxy::of(&address)),
            _ => Way::Closed,
        }
    }

    /// Whether an entry of `NO_PROXY` means this host. A network (`10.0.0.0/8`) is none that is read here.
    fn is_without(entry: &str, host: &str) -> bool {
        let host = host.trim_start_matches('[').trim_end_matches(']');
        if let Ok(address) = host.parse::<IpAddr>() {
            return entry.parse() == Ok(address);
        }
        let domain = entry.strip_prefix('.').unwrap_or(entry).to_ascii_lowercase();
        let host = host.to_ascii_lowercase();
        entry == "*"
            || !domain.is_empty()
                && host.strip_suffix(&domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
    }

    impl Proxy {
        fn of(address: &Address<'_>) -> Self {
            let authorization = address.user.map(|user| {
                let (name, password) = user.split_once(':').unwrap_or((user, ""));
                let credentials = [&unescaped(name)[..], b":", &unescaped(password)].concat();
                format!("Basic {}", BASE64_STANDARD.encode(credentials))
            });
            Self { host: address.host.to_owned(), port: address.port.unwrap_or(80), authorization }
        }
    }

    /// Resolves `%40` and its kind.
    fn unescaped(text: &str) -> Vec<u8> {
        let mut parts = text.split('%');
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            match part.split_at_checked(2).and_then(|(hex, rest)| Some((u8::from_str_radix(hex, 16).ok()?, rest))) {
                Some((byte, rest)) => {
                    bytes.push(byte);
                    bytes.extend_from_slice(rest.as_bytes());
                }
                None => {
                    bytes.push(b'%');
                    bytes.extend_from_slice(part.as_bytes());
                }
            }
        }
        bytes
    }

    /// Without what may be a password.
    impl std::fmt::Debug for Proxy {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.debug_struct("Proxy").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper_util::client::proxy::matcher::Matcher;
    use proptest::prelude::*;

    use super::*;

    fn with(set: &[(&str, &str)]) -> Option<&'static str> {
        malformed_in(|name| set.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value)))
    }

    /// Whether the client would go through a proxy with this value.
    fn goes_through(value: &str) -> bool {
        let endpoint = "https://telemetry.example".parse().unwrap();
        Matcher::builder().https(value.to_owned()).build().intercept(&endpoint).is_some()
    }

    const GOOD: [&str; 12] = [
        "http://proxy.example:3128",
        "http://proxy.example:3128/",
        "https://proxy.example",
        "proxy.example:3128",
        "proxy",
        "127.0.0.1:8080",
        "http://[::1]:8080",
        "http://user:p%40ss@proxy.example:3128",
        "user:secret@proxy.example:3128",
        "socks5://proxy.example:1080",
        "socks5h://user:secret@proxy.example:1080",
        "http://under_score.example:1",
    ];

    const BAD: [&str; 16] = [
        "http://",
        "://proxy:1",
        "http:/proxy:3128",
        "ftp://proxy:3128",
        "http//proxy:3128/x",
        "http://proxy:port",
        "http://proxy:99999",
        "http://proxy:0",
        "http://proxy:",
        "http://pro xy:3128",
        "http://user:p@ss@proxy:3128",
        "http://user:pa/ss@proxy:3128",
        "http://[::1:3128",
        "http://[::1]3128",
        "\"http://proxy:3128\"",
        " http://proxy:3128",
    ];

    #[test]
    fn o12_what_is_no_proxy_is_told_by_the_name_of_its_variable() {
        for value in GOOD {
            assert_eq!(with(&[("https_proxy", value)]), None, "{value}");
            assert!(goes_through(value), "{value}");
        }
        for pair in PAIRS {
            for name in pair {
                for value in BAD {
                    assert_eq!(with(&[(name, value)]), Some(name), "{value}");
                }
                assert_eq!(with(&[(name, "")]), None, "set to nothing is no proxy on purpose");
                assert_eq!(with(&[(name, BAD[0]), ("REQUEST_METHOD", "GET")]), None);
            }
            assert_eq!(with(&[(pair[0], GOOD[0]), (pair[1], BAD[0])]), None, "the second one is not read");
            assert_eq!(with(&[(pair[0], BAD[0]), (pair[1], GOOD[0])]), Some(pair[0]));
        }
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStringExt as _;
            let value = |name: &str| (name == "ALL_PROXY").then(|| OsString::from_vec(b"http://\xff:1".to_vec()));
            assert_eq!(malformed_in(value), Some("ALL_PROXY"));
        }
    }

    proptest! {
        /// Never past the proxy: whatever is read as one here, the client goes through.
        #[test]
        fn o12_the_client_goes_through_whatever_is_read_as_a_proxy(
            value in "(http|https|socks5|ftp|)(://|:/|)([a-z%:@.]{0,6}@|)([a-z0-9._:%@\\[\\]-]{0,12})(:[0-9]{0,6}|)(/|/a|)"
        ) {
            prop_assert!(!is_proxy(&value) || goes_through(&value), "{value}");
        }
    }

    #[cfg(by_ureq)]
    fn way(host: &str, set: &[(&str, &str)]) -> Way {
        super::way::way_in(host, |name| {
            set.iter().find(|(set, _)| *set == name).map(|(_, value)| OsString::from(value))
        })
    }

    #[cfg(by_ureq)]
    fn through(host: &str, port: u16, authorization: Option<&str>) -> Way {
        Way::Through(Proxy { host: host.to_owned(), port, authorization: authorization.map(str::to_owned) })
    }

    #[cfg(by_ureq)]
    #[test]
    fn o12_the_way_goes_through_the_first_proxy_or_nowhere() {
        let to = |set: &[(&str, &str)]| way("telemetry.example", set);
        assert_eq!(to(&[]), Way::Straight);
        assert_eq!(to(&[("HTTP_PROXY", "http://p:1")]), Way::Straight, "for plain text only");
        assert_eq!(to(&[("https_proxy", "http://p:1"), ("ALL_PROXY", "q:2")]), through("p", 1, None));
        assert_eq!(to(&[("HTTPS_PROXY", ""), ("https_proxy", "r:3"), ("all_proxy", "q:2")]), through("q", 2, None));
        let known = through("p", 80, Some("Basic dXNlcjpwQHNz"));
        assert_eq!(to(&[("HTTPS_PROXY", "http://user:p%40ss@p/")]), known);
        assert!(!format!("{known:?}").contains("dXN"), "what is printed holds no password");
        for closed in ["https://p:1", "socks5://p:1", "http:/p", "http://p:0"] {
            assert_eq!(to(&[("HTTPS_PROXY", closed), ("NO_PROXY", "other.example")]), Way::Closed, "{closed}");
        }
        assert_eq!(to(&[("HTTPS_PROXY", "http:/p"), ("NO_PROXY", "*")]), Way::Closed);
        assert_eq!(to(&[("HTTPS_PROXY", "http:/p"), ("REQUEST_METHOD", "GET")]), Way::Straight);
        for without in ["telemetry.example", ".example", "a,  EXAMPLE ,b", "*"] {
            assert_eq!(to(&[("HTTPS_PROXY", "p:1"), ("no_proxy", without)]), Way::Straight, "{without}");
        }
        for with in ["", ",", "ample", "try.example", "xtelemetry.example", "0.0.0.0/0", "*.example"] {
            assert_eq!(to(&[("HTTPS_PROXY", "p:1"), ("NO_PROXY", with)]), through("p", 1, None), "{with}");
        }
    }

    #[cfg(by_ureq)]
    proptest! {
        /// Where our way leads past a proxy, so does that of the client that the rules are taken from.
        #[test]
        fn o12_no_way_leads_past_a_proxy_that_reqwest_would_ask(
            host in "(a\\.b|b|A\\.b|xa\\.b|10\\.0\\.0\\.1|\\[::1\\])",
            https in "(|http://p:1|p|https://p|socks5://u:x@p:1)",
            all in "(|http://q:2)",
            no in "((\\.|)(a|b|A\\.B|10\\.0\\.0\\.1|::1|\\*|)(,| |)){0,3}"
        ) {
            let found = way(&host, &[("HTTPS_PROXY", &https), ("ALL_PROXY", &all), ("NO_PROXY", &no)]);
            let theirs = Matcher::builder().https(https).all(all).no(no).build();
            let asked = theirs.intercept(&format!("https://{host}/").parse().unwrap());
            match found {
                Way::Straight => prop_assert!(asked.is_none()),
                Way::Closed => {}
                Way::Through(proxy) => {
                    if let Some(asked) = asked {
                        prop_assert_eq!(asked.uri().host(), Some(proxy.host.as_str()));
                        let theirs = asked.basic_auth().map(|value| value.to_str().unwrap());
                        prop_assert_eq!(theirs, proxy.authorization.as_deref());
                    }
                }
            }
        }
    }
}
