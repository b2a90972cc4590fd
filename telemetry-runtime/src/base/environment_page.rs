//! The environment of a page as the gate is asked about it; the same names as in `environment.rs`. What is read here can only reduce.

#[path = "environment/said.rs"]
mod said;

use std::ffi::OsString;

pub(crate) use self::said::{Environment, Surroundings};
use crate::base::page;

/// Where this is asked about.
pub(crate) const SOURCE: &str = "the browser";

impl Environment {
    /// Asks the browser.
    pub(crate) fn read(_stem: &str, _aliases: &[&str]) -> Self {
        let control = page::is_true(&["navigator", "globalPrivacyControl"]).then(|| "true".into());
        // Firefox says `unspecified` where its user has said nothing.
        let asked = page::text(&["navigator", "doNotTrack"]).filter(|value| ["1", "yes"].contains(&value.as_str()));
        Self {
            do_not_track: vec![
                ("navigator.globalPrivacyControl".to_owned(), control),
                ("navigator.doNotTrack".to_owned(), asked.map(OsString::from)),
            ],
            surroundings: surroundings(),
            page: true,
            remote: !page::text(&["location", "hostname"]).is_some_and(|host| is_loopback(&host)),
            ..Self::default()
        }
    }
}

fn surroundings() -> Surroundings {
    let driven = page::is_true(&["navigator", "webdriver"]).then_some("navigator.webdriver");
    let headless =
        || has_headless_word(page::text(&["navigator", "userAgent"])?.as_bytes()).then_some("navigator.userAgent");
    let no_page = if !page::has_document() {
        Some("a worker")
    } else if page::text(&["origin"]).is_none_or(|origin| origin == "null") {
        Some("an opaque origin")
    } else if page::is_true(&["document", "prerendering"]) {
        Some("a page that is made before somebody opens it")
    } else {
        None
    };
    Surroundings { test: driven.or_else(headless).map(str::to_owned), no_page, ..Surroundings::default() }
}

/// Whether a word of `navigator.userAgent` begins so.
fn has_headless_word(mut rest: &[u8]) -> bool {
    let mut begins = true;
    while let [byte, behind @ ..] = rest {
        if begins && rest.starts_with(b"Headless") {
            return true;
        }
        begins = matches!(byte, b' ' | b'/' | b';' | b'(' | b')');
        rest = behind;
    }
    false
}

/// Whether a host is this machine, by its name.
fn is_loopback(host: &str) -> bool {
    let mut host = host;
    while let Some(without) = host.strip_suffix('.') {
        host = without;
    }
    host == "localhost"
        || host.ends_with(".localhost")
        || host == "[::1]"
        // A browser writes every address of this kind with four numbers, and takes no name for one whose last part is a number.
        || host.strip_prefix("127.").is_some_and(|rest| rest.bytes().all(|byte| byte == b'.' || byte.is_ascii_digit()))
}

/// The value as people read it: it was text.
pub(crate) fn text_of(value: &std::ffi::OsStr) -> String {
    value.to_str().unwrap_or_default().to_owned()
}

/// Whether a value is a signal: whatever the browser says is one.
pub(crate) fn is_signal(_value: &std::ffi::OsStr) -> bool {
    true
}

/// Whether what is kept here will be gone soon: a page has no sign of it.
pub(crate) const fn is_ephemeral() -> bool {
    false
}
