//! The environment of a page as the gate is asked about it; the same names as in `environment.rs`. What is read here can only reduce.

#[path = "environment/said.rs"]
mod said;

pub(crate) use self::said::{Environment, Surroundings};
use crate::base::page;

/// Where this is asked about.
pub(crate) const SOURCE: &str = "the browser";

/// What a browser says of itself, or of the page; the words are for whoever asks why.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Name {
    GlobalPrivacyControl,
    DoNotTrack,
    Webdriver,
    UserAgent,
    Worker,
    OpaqueOrigin,
    Prerendering,
}

/// What it says.
pub(crate) type Value = &'static str;

pub(crate) fn name_of(name: &Name) -> String {
    let words = match name {
        Name::GlobalPrivacyControl => "navigator.globalPrivacyControl",
        Name::DoNotTrack => "navigator.doNotTrack",
        Name::Webdriver => "navigator.webdriver",
        Name::UserAgent => "navigator.userAgent",
        Name::Worker => "a worker",
        Name::OpaqueOrigin => "an opaque origin",
        Name::Prerendering => "a page that is made before somebody opens it",
    };
    words.to_owned()
}

impl Environment {
    /// Asks the browser.
    pub(crate) fn read(_stem: &str, _aliases: &[&str]) -> Self {
        let control = page::is_true(&["navigator", "globalPrivacyControl"]).then_some("true");
        // Firefox says `unspecified` where its user has said nothing.
        let said = page::text(&["navigator", "doNotTrack"]);
        let asked = ["1", "yes"].into_iter().find(|value| said.as_deref() == Some(*value));
        Self {
            do_not_track: vec![(Name::GlobalPrivacyControl, control), (Name::DoNotTrack, asked)],
            surroundings: surroundings(),
            page: true,
            remote: !page::text(&["location", "hostname"]).is_some_and(|host| is_loopback(&host)),
            ..Self::default()
        }
    }
}

fn surroundings() -> Surroundings {
    let driven = page::is_true(&["navigator", "webdriver"]).then_some(Name::Webdriver);
    let headless = || has_headless_word(page::text(&["navigator", "userAgent"])?.as_bytes()).then_some(Name::UserAgent);
    let no_page = if !page::has_document() {
        Some(Name::Worker)
    } else if page::text(&["origin"]).is_none_or(|origin| origin == "null") {
        Some(Name::OpaqueOrigin)
    } else if page::is_true(&["document", "prerendering"]) {
        Some(Name::Prerendering)
    } else {
        None
    };
    Surroundings { test: driven.or_else(headless), no_page, ..Surroundings::default() }
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
pub(crate) fn text_of(value: &str) -> String {
    value.to_owned()
}

/// Whether a value is a signal: whatever the browser says is one.
pub(crate) fn is_signal(_value: &str) -> bool {
    true
}

/// Whether what is kept here will be gone soon: a page has no sign of it.
pub(crate) const fn is_ephemeral() -> bool {
    false
}
