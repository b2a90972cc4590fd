//! What an environment can say, of a program and of a page.

use super::{Name, Value};

/// What it said when it was asked: once, at first use.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    /// What says that its user is not to be tracked, each with its value: `DO_NOT_TRACK`; in a page what the browser says.
    pub(crate) do_not_track: Vec<(Name, Option<Value>)>,
    /// The variables that turn this SDK off, each with its value. A page has none.
    pub(crate) disabling: Vec<(Name, Option<Value>)>,
    /// Events are to be printed. In a page the host asks for it, by `Options::debug`.
    pub(crate) debug: bool,
    pub(crate) surroundings: Surroundings,
    /// The variable that should name a proxy and does not. A browser knows its proxy.
    pub(crate) malformed_proxy: Option<&'static str>,
    /// It is a page's.
    pub(crate) page: bool,
    /// The page comes from another machine; a program is a file of whoever has it.
    pub(crate) remote: bool,
}

impl Environment {
    /// Whether SDKs speak here only if they are declared for pages.
    pub(crate) fn is_page(&self) -> bool {
        self.page
    }

    /// Whether a debug build runs where it was made.
    pub(crate) fn is_workshop(&self) -> bool {
        !self.remote
    }
}

/// Where the program runs: of each kind the first signal that was found.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    pub(crate) ci: Option<Name>,
    pub(crate) build: Option<Name>,
    /// A run of tests; of a page, that a program drives the browser.
    pub(crate) test: Option<Name>,
    pub(crate) agent: bool,
    /// How the program got rights that its user does not have.
    pub(crate) raised: Option<&'static str>,
    /// The variable of a tool that made the user root.
    pub(crate) elevated: Option<&'static str>,
    /// Why a page is none that anybody sees and that keeps anything.
    pub(crate) no_page: Option<Name>,
}

impl Surroundings {
    pub(crate) fn is_ci(&self) -> bool {
        self.ci.is_some() || self.build.is_some()
    }
}
