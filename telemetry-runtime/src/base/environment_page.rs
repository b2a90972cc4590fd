//! The environment of a page as the gate is asked about it; the same names as in `environment.rs`. What is read here can only reduce.

use std::ffi::OsString;

use crate::base::page;

/// Where this is asked about.
pub(crate) const SOURCE: &str = "the browser";

/// What the browser said when it was asked: once, at first use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// What says that its user is not to be tracked, each with its value.
    pub(crate) do_not_track: Vec<(String, Option<OsString>)>,
    /// A page has no variables.
    pub(crate) disabling: Vec<(String, Option<OsString>)>,
    /// The host asks for it by `Options::debug`.
    pub(crate) debug: bool,
    pub(crate) surroundings: Surroundings,
    /// The browser knows its proxy.
    pub(crate) malformed_proxy: Option<&'static str>,
    /// The page comes from this machine.
    loopback: bool,
}

/// Where the page runs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) ci: Option<String>,
    pub(crate) build: Option<String>,
    /// A program drives the browser.
    pub(crate) test: Option<String>,
    pub(crate) agent: bool,
    pub(crate) raised: Option<&'static str>,
    pub(crate) elevated: Option<&'static str>,
    /// Why this is no page that anybody sees and that keeps anything.
    pub(crate) no_page: Option<&'static str>,
}

impl Surroundings {
    pub(crate) fn is_ci(&self) -> bool {
        false
    }
}

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
            loopback: page::text(&["location", "hostname"]).is_some_and(|host| is_loopback(&host)),
            ..Self::default()
        }
    }

    /// Whether SDKs speak here only if they are declared for pages: yes.
    pub(crate) fn is_page(&self) -> bool {
        true
    }

    /// Whether a debug build runs where it was made: its page comes from this machine.
    pub(crate) fn is_workshop(&self) -> bool {
        self.loopback
    }
}

fn surroundings() -> Surroundings {
    let driven = page::is_true(&["navigator", "webdriver"]).then_some("navigator.webdriver");
    let headless = || page::text(&["navigator", "userAgent"])?.contains("Headless").then_some("navigator.userAgent");
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

/// Whether a host is this machine, by its name.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_end_matches('.');
    host == "localhost"
        || host.ends_with(".localhost")
        || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether a value is a signal: whatever the browser says is one.
pub(crate) fn is_signal(_value: &std::ffi::OsStr) -> bool {
    true
}
