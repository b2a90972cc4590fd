//! What a host may set for one SDK at run time.

use crate::declare::{instance::PublishableKey, wrapper::Wrapper};

/// Why a setting is ignored.
pub(crate) const IGNORED: &str = "this SDK declares no instance";

/// Settings of a host for one SDK, for `SDK.configure(…)`.
///
/// Every setting can only reduce what is recorded, except [`instance`](Self::instance) with a development key and
/// [`loopback`](Self::loopback), which lift the layers they name. What is not set stays as it was.
///
/// ```
/// use telemetry_runtime::Options;
///
/// let quiet = Options::new().enabled(false);
/// let sparse = Options::new().sampling_rate(0.1);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "options have an effect where an SDK takes them: `TELEMETRY.configure(options)`"]
pub struct Options {
    pub(crate) enabled: Option<bool>,
    pub(crate) debug: Option<bool>,
    pub(crate) sampling_rate: Option<f64>,
    pub(crate) instance: Option<PublishableKey>,
    pub(crate) wrapper: Option<Wrapper>,
    pub(crate) notice_shown: Option<String>,
    pub(crate) loopback: Option<bool>,
    pub(crate) loopback_port: Option<u16>,
}

impl Options {
    /// Nothing set.
    pub const fn new() -> Self {
        Self {
            enabled: None,
            debug: None,
            sampling_rate: None,
            instance: None,
            wrapper: None,
            notice_shown: None,
            loopback: None,
            loopback_port: None,
        }
    }

    /// `false` turns the SDK off for this process and discards what it has queued or spooled. `true` takes back an
    /// earlier `false` of the host, nothing else.
    pub fn enabled(mut self, enabled: bool) -> Self {
        self.enabled = Some(enabled);
        self
    }

    /// `true` prints events to stderr instead of sending them, as `<ENV>_TELEMETRY_DEBUG=1` does.
    #[cfg(not(in_page))]
    pub fn debug(mut self, debug: bool) -> Self {
        self.debug = Some(debug);
        self
    }

    /// Records on at most this share of machine-days, 0 to 1; values outside are cut. An event's own rate still applies:
    /// the smaller one counts.
    pub fn sampling_rate(mut self, rate: f64) -> Self {
        self.sampling_rate = Some(rate);
        self
    }

    /// The instance of the SDK's service that this program talks to, for SDKs that declare `instance`: see
    /// [`instance`](mod@crate::instance). The key of a development instance lets a library report from a release build, that of
    /// a production instance turns the SDK off.
    ///
    /// An SDK that declares no `instance` ignores the key: it decides nothing and is sent nowhere.
    /// [`Status::ignored`](crate::Status::ignored) names this setting then, and debug mode prints it.
    pub fn instance(mut self, key: PublishableKey) -> Self {
        self.instance = Some(key);
        self
    }

    /// The crate that wraps this SDK, reported as `sdk` and `sdkv`; see [`wrapper!`](crate::wrapper).
    pub fn wrapper(mut self, wrapper: Wrapper) -> Self {
        self.wrapper = Some(wrapper);
        self
    }

    /// The host has shown the notice whose hash this is ([`Notice::hash`](crate::Notice)); another hash is ignored.
    pub fn notice_shown(mut self, hash: impl Into<String>) -> Self {
        self.notice_shown = Some(hash.into());
        self
    }

    /// Lifts the environment and development layers and the notice, if the SDK's endpoint is a loopback address, and
    /// prints that it does. For demos and tests.
    #[cfg(not(in_page))]
    pub fn loopback(mut self) -> Self {
        self.loopback = Some(true);
        self
    }

    /// Replaces the port of a loopback endpoint, for servers that take any free port. Other endpoints stay as they are:
    /// nothing moves them.
    #[cfg(not(in_page))]
    pub fn loopback_port(mut self, port: u16) -> Self {
        self.loopback_port = Some(port);
        self
    }

    /// The settings that have no effect on this SDK.
    #[cfg(not(compiled_out))]
    pub(crate) fn ignored(&self, info: &crate::declare::sdk::SdkInfo) -> Vec<String> {
        let key = self.instance.is_some() && !info.has_instances();
        key.then(|| "Options::instance".to_owned()).into_iter().collect()
    }

    /// Takes over what `later` sets.
    pub(crate) fn merge(&mut self, later: Self) {
        let Self { enabled, debug, sampling_rate, instance, wrapper, notice_shown, loopback, loopback_port } = later;
        self.enabled = enabled.or(self.enabled);
        self.debug = debug.or(self.debug);
        self.sampling_rate = sampling_rate.or(self.sampling_rate);
        self.instance = instance.or_else(|| self.instance.take());
        self.wrapper = wrapper.or(self.wrapper);
        self.notice_shown = notice_shown.or_else(|| self.notice_shown.take());
        self.loopback = loopback.or(self.loopback);
        self.loopback_port = loopback_port.or(self.loopback_port);
    }
}
