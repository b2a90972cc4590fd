//! The second net for declared text: what looks like a home folder, an address, a token or a key is not sent.
//!
//! It is a net and no promise. Free text is declared with a reason because nobody can know what will stand in it; these rules know a
//! few shapes. A hit is a fault of the program: the whole text is replaced and counted, see [`LedgerCounts::redacted`].
//!
//! [`LedgerCounts::redacted`]: crate::LedgerCounts::redacted

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::base::needs;

/// What is sent in place of the text, cut to the length that the field may have.
pub(crate) const REDACTED: &str = "[redacted]";

/// One rule.
pub(crate) struct Rule {
    /// What it finds.
    pub(crate) name: &'static str,
    /// Where its shape is written down.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table, and the test of its page"))]
    pub(crate) source: &'static str,
    finds: fn(&str) -> bool,
}

/// In this order: the first one that finds something is named.
pub(crate) const RULES: [Rule; 8] = [
    Rule {
        name: "private key",
        source: "RFC 7468, section 10; RFC 4253, section 6.6",
        finds: |text| {
            (text.contains("-----BEGIN ") && text.contains("PRIVATE KEY"))
                || ["ssh-rsa AAAA", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp"].iter().any(|key| text.contains(key))
        },
    },
    Rule {
        name: "token",
        source: "GitHub, \"GitHub's token formats\"; GitLab, \"Token prefixes\"; Slack, \"Token types\"; Stripe, \"API keys\"; AWS IAM, \
                 \"Unique ID prefixes\"; Google Cloud, \"API keys\"; npm, \"About access tokens\"; RFC 7519 (JWT)",
        finds: |text| words(text).any(is_token),
    },
    Rule {
        name: "secret with its name",
        source: "gitleaks, rule generic-api-key; RFC 6750, section 2.1 (Bearer)",
        finds: names_a_secret,
    },
    Rule {
        name: "user in an address",
        source: "RFC 3986, section 3.2.1",
        finds: |text| {
            text.split("://").skip(1).any(|rest| {
                let authority = rest.split(['/', '?', '#', ' ']).next().unwrap_or_default();
                authority.contains('@')
            })
        },
    },
    Rule {
        name: "e-mail address",
        source: "RFC 5322, section 3.4.1",
        finds: |text| text.split(|c: char| c.is_whitespace() || "<>(),;:\"'".contains(c)).any(is_mail),
    },
    Rule {
        name: "home folder",
        source: "FHS 3.0, sections 3.8 and 3.14; Apple, \"File System Basics\"; Microsoft, FOLDERID_UserProfiles",
        finds: in_a_home,
    },
    Rule {
        name: "network address",
        source: "RFC 791; RFC 4291, section 2.2; IEEE 802, section 8.1",
        finds: |text| {
            let is_part = |c: char| c.is_ascii_hexdigit() || c == '.' || c == ':' || c == '-';
            text.split(|c: char| !is_part(c))
                .any(|part| is_network_address(part) || part.split('-').any(is_network_address))
        },
    },
    Rule {
        name: "identifier",
        source: "RFC 9562 (UUID); machine-id(5); detect-secrets, HexHighEntropyString",
        finds: |text| text.split(|c: char| !c.is_ascii_hexdigit() && c != '-').any(is_identifier),
    },
];

needs::part!(fn(&str) -> Option<&'static Rule> = hit);

/// The rule that finds something in the text.
pub(crate) fn hit(text: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| (rule.finds)(text))
}

/// A text that was replaced.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Redaction {
    /// The key of the field.
    pub(crate) field: String,
    /// The name of the rule.
    pub(crate) rule: &'static str,
}

/// What is sent in place of a text that a rule has found, in at most `max_len` bytes.
pub(crate) fn in_place(max_len: usize) -> &'static str {
    REDACTED.get(..max_len.min(REDACTED.len())).unwrap_or_default()
}

/// Runs of what tokens are made of.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || "_-.".contains(c)))
}

/// Prefixes, and how many characters follow at least.
const TOKENS: [(&str, usize); 21] = [
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxs-", 10),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("whsec_", 10),
    ("sk-", 20),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("npm_", 30),
    ("pypi-", 30),
];

fn is_token(word: &str) -> bool {
    let known = TOKENS.iter().any(|(prefix, least)| {
        word.match_indices(prefix).any(|(at, _)| {
            let begins = word.get(..at).is_some_and(|before| !before.ends_with(|c: char| c.is_ascii_alphanumeric()));
            begins && word.len().saturating_sub(at + prefix.len()) >= *least
        })
    });
    // A header and a payload, each of which begins with `{"` in Base64.
    let is_part = |part: &str| part.starts_with("eyJ") && part.len() > 8;
    let jwt = word.split('.').zip(word.split('.').skip(1)).any(|(header, payload)| is_part(header) && is_part(payload));
    known || jwt
}

/// Words before `=` or `:` behind which nobody writes anything harmless.
const NAMES: [&str; 8] = ["password", "passwd", "secret", "token", "api_key", "apikey", "api-key", "access_key"];

fn names_a_secret(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let valued = NAMES.iter().any(|name| {
        lower.match_indices(name).any(|(at, name)| {
            let rest = lower.get(at + name.len()..).unwrap_or_default().trim_start_matches(['"', '\'', ' ']);
            let value = rest.strip_prefix('=').or_else(|| rest.strip_prefix(':'));
            value.is_some_and(|value| value.trim_start_matches(['"', '\'', ' ']).len() >= 4)
        })
    });
    let bearer =
        lower.split("bearer ").skip(1).any(|rest| rest.split_whitespace().next().is_some_and(|word| word.len() >= 12));
    valued || bearer
}

/// `name@host.tld`
fn is_mail(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric());
    let Some((name, host)) = word.rsplit_once('@') else { return false };
    let label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-');
    let labels: Vec<_> = host.split('.').collect();
    let top = labels.last().is_some_and(|top| top.len() >= 2 && top.chars().all(char::is_alphabetic));
    !name.is_empty() && labels.len() >= 2 && top && labels.iter().all(|part| label(part))
}

/// A folder below those where people's folders are.
fn in_a_home(text: &str) -> bool {
    if !text.contains(['/', '\\']) {
        return false;
    }
    let mut text = text.replace('\\', "/").to_ascii_lowercase();
    // `{:?}` writes each `\` twice.
    while text.contains("//") {
        text = text.replace("//", "/");
    }
    let below = |root: &str| {
        text.match_indices(root).any(|(at, _)| {
            let before = text.get(..at).unwrap_or_default();
            let rest = text.get(at + root.len()..).unwrap_or_default();
            // `/srv/home/x` and `lib/users/x` may be anything; so may a folder without a name below it.
            let begins = !before.ends_with(|c: char| c.is_alphanumeric() || "._-".contains(c));
            begins && rest.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    let tilde = text
        .match_indices("~/")
        .any(|(at, _)| text.get(..at).is_some_and(|before| !before.ends_with(|c: char| c.is_alphanumeric())));
    // The superuser's home is the folder itself; no name follows.
    let root = text
        .split(|c: char| c.is_whitespace() || "\"'(=,;".contains(c))
        .any(|word| word.strip_prefix('/').and_then(|path| path.split('/').next()) == Some("root"));
    let windows = text.match_indices(":/users/").any(|(at, found)| text.len() > at + found.len());
    // The drives of Windows, in Linux.
    let mounted = text
        .split("/mnt/")
        .skip(1)
        .any(|rest| rest.get(1..).and_then(|rest| rest.strip_prefix("/users/")).is_some_and(|rest| !rest.is_empty()));
    ["/home/", "/users/", "/var/home/", "/documents and settings/"].into_iter().any(below)
        || tilde
        || root
        || windows
        || mounted
}

fn is_network_address(part: &str) -> bool {
    // The shortest is `1::22`, and most parts of a text are a letter or none.
    if part.len() < 5 {
        return false;
    }
    let part = part.trim_matches(['.', '-']);
    let (host, port) = part.rsplit_once(':').unwrap_or((part, ""));
    let v4 = part.parse::<Ipv4Addr>().is_ok()
        || (host.parse::<Ipv4Addr>().is_ok() && port.bytes().all(|byte| byte.is_ascii_digit()));
    // `::` alone stands in paths of Rust.
    let v6 = part.len() > 4 && part.matches(':').count() >= 2 && part.parse::<Ipv6Addr>().is_ok();
    let mut pairs = part.split([':', '-']);
    let mac = pairs.clone().count() == 6
        && pairs.all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
    v4 || v6 || mac
}

/// 32 or more hexadecimal digits, with the dashes of a UUID or without, that are no plain number.
fn is_identifier(part: &str) -> bool {
    if part.len() < 32 {
        return false;
    }
    let lengths: Vec<_> = part.split('-').map(str::len).collect();
    let uuid = lengths.windows(5).any(|five| five == [8, 4, 4, 4, 12]);
    let longest = lengths.iter().copied().max().unwrap_or_default();
    let mixed = part.bytes().any(|byte| byte.is_ascii_digit()) && part.bytes().any(|byte| byte.is_ascii_alphabetic());
    uuid || (longest >= 32 && mixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r23_what_names_people_and_machines_is_found() {
        for (rule, texts) in [
            (
                "private key",
                &["-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl", "key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI jane"][..],
            ),
            (
                "token",
                &[
                    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
                    "remote said glpat-aBcDeFgHiJkLmNoPqRsT",
                    "xoxb-123456789012-abc",
                    "sk_live_0123456789abcdef",
                    "AKIAIOSFODNN7EXAMPLE",
                    "key=AIzaSyA1234567890abcdefghijklmnopqrstuv",
                    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig",
                ],
            ),
            (
                "secret with its name",
                &["password=hunter2", "{\"api_key\": \"abcd\"}", "TOKEN: abcd", "Authorization: Bearer abcdefghijkl"],
            ),
            ("user in an address", &["cannot fetch https://jane:pw@git.example/x", "ssh://git@host/x"]),
            (
                "e-mail address",
                &["jane.doe+x@mail.example.com", "Author: Jane <jane@example.org>", "(jane@example.org)."],
            ),
            (
                "home folder",
                &[
                    "/home/jane/project/main.rs",
                    "no such file: '/Users/jane'",
                    "C:\\Users\\Jane Doe\\x",
                    "c:/users/x",
                    "~/.ssh/config",
                    // The superuser's home, as the FHS names it.
                    concat!("/", "root/.cargo"),
                    "file:///home/jane",
                    "/var/home/jane",
                    r#"Os { path: "C:\\Users\\jane\\x" }"#,
                    "/mnt/c/Users/jane/x",
                    "//home//jane",
                ],
            ),
            (
                "network address",
                &[
                    "192.168.0.1",
                    "to 10.0.0.7:8080 refused",
                    "10.0.0.1-10.0.0.9",
                    "fe80::1ff:fe23:4567:890a",
                    "[2001:db8::1]:80",
                    "00:1a:2B:3c:4d:5e",
                ],
            ),
            (
                "identifier",
                &[
                    "550e8400-e29b-41d4-a716-446655440000",
                    "session-550e8400-e29b-41d4-a716-446655440000",
                    "id-550e8400-e29b-41d4-a716-446655440000-1",
                    "machine b08dfa6083e7567a1921a715000001fb",
                    "sha 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(hit(text).map(|rule| rule.name), Some(rule), "{text:?}");
                // Wherever it stands in a sentence.
                let inside = format!("it failed: {text}, twice");
                assert!(hit(&inside).is_some(), "{inside:?}");
            }
        }
    }

    #[test]
    fn ordinary_words_pass() {
        for text in [
            "",
            "plugin-name",
            "std::collections::HashMap::<K, V>::insert",
            "the token has expired",
            "secret santa",
            "version 1.22.333",
            "v1.2.3-rc.4",
            "a@b",
            "user@localhost",
            "https://docs.example/home/index.html",
            "src/home/view.rs",
            "home",
            "/home/",
            "12:30:45",
            "2026-11-29",
            "00000000000000000000000000000000000000",
            "skip-this-and-that",
            "task-1",
            "AKIA",
            "e-mail",
            "rust-analyzer.check.command",
            "~",
        ] {
            assert_eq!(hit(text).map(|rule| rule.name), None, "{text:?}");
        }
    }

    #[test]
    fn what_stands_for_a_text_is_no_longer_than_the_text_may_be() {
        for max_len in 0..20 {
            let sent = in_place(max_len);
            assert!(sent.len() <= max_len && REDACTED.starts_with(sent), "{max_len}: {sent}");
        }
        assert!(hit(REDACTED).is_none(), "what was redacted once stays as it is");
    }

    #[test]
    fn the_page_has_every_rule_with_its_source() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/field-types.md")).unwrap();
        for rule in &RULES {
            let row = format!("| {} | {} |", rule.name, rule.source);
            assert!(page.contains(&row), "missing: {row}");
        }
    }
}
