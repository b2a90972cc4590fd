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

/// `[scheme://][user[:password]@]host[:port][/]`
fn is_proxy(value: &str) -> bool {
    let (scheme, rest) = value.split_once("://").map_or((None, value), |(scheme, rest)| (Some(scheme), rest));
    let known = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
    if scheme.is_some_and(|scheme| !known.contains(&scheme)) {
        return false;
    }
    // Without a scheme, reqwest takes no path.
    let authority = if scheme.is_some() { rest.strip_suffix('/').unwrap_or(rest) } else { rest };
    let (user, place) = authority.split_once('@').map_or((None, authority), |(user, place)| (Some(user), place));
    let is_user =
        |user: &str| !user.is_empty() && user.bytes().all(|byte| is_name(byte) || b"~%!$&'()*+,;=:".contains(&byte));
    if user.is_some_and(|user| !is_user(user)) {
        return false;
    }
    let (host, port) = match place.strip_prefix('[').map(|v6| v6.split_once(']')) {
        Some(Some((address, port))) if address.parse::<std::net::Ipv6Addr>().is_ok() => {
            ("v6", port.strip_prefix(':').ok_or(port))
        }
        Some(_) => return false,
        None => place.split_once(':').map_or((place, Err("")), |(host, port)| (host, Ok(port))),
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    let port = match port {
        Ok(port) => is_port(port),
        Err(rest) => rest.is_empty(),
    };
    port && !host.is_empty() && host.bytes().all(is_name)
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._".contains(&byte)
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
}
