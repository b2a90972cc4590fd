//! What an event says beside its payload, in every format that has room for it.

/// What goes with an event beside its payload and its id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventEnvelope<'a> {
    /// The event's name.
    pub(crate) event: &'a str,
    /// The name of the SDK.
    pub(crate) declared: &'a str,
    /// The version of the crate that declares it.
    pub(crate) cv: &'a str,
    /// The name of the crate that registered itself as the wrapper, else of the SDK.
    pub(crate) sdk: &'a str,
    /// The version of that crate.
    pub(crate) sdkv: &'a str,
    /// The instance key that the host has set, where the SDK declares instances.
    pub(crate) pk: Option<&'a str>,
    /// The hour of the event since 1970-01-01, UTC.
    pub(crate) ts_hour: u64,
    /// The share of machine-days on which it is recorded, if that is not all.
    pub(crate) rate: Option<f64>,
    /// `human`, `ci`, `agent` or `unknown`.
    pub(crate) actor: &'a str,
    /// Whether the machine is likely to be thrown away: a container, a build.
    pub(crate) ephemeral: bool,
    /// The id of the installation, where the SDK declares `identity` and nothing speaks against it here.
    pub(crate) installation: Option<&'a str>,
}

impl EventEnvelope<'_> {
    /// The rate, where an event says it.
    pub(super) fn shown_rate(&self) -> Option<f64> {
        self.rate.filter(|rate| *rate < 1.0)
    }
}
