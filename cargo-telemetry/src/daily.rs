//! The two events that `sdk!` itself declares. The runtime records each at most once per UTC day, by rules of its own,
//! and no attribute says anything of them.

use telemetry_schema::{EventDescriptor, SdkDescriptor};

/// What such an event tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Daily {
    /// `active: Daily`: that the SDK was used on this day.
    Active,
    /// `health: Daily`: how many events were lost.
    Health,
}

/// Whether `sdk!` declares this event, and which of the two it is. Such an event stands where its SDK stands.
pub(crate) fn declared_by_sdk(event: &EventDescriptor, sdk: Option<&SdkDescriptor>) -> Option<Daily> {
    let sdk = sdk.filter(|sdk| sdk.at == event.at)?;
    let plain: String = event.event.chars().filter(char::is_ascii_alphanumeric).collect();
    let is = |name: &str| plain.eq_ignore_ascii_case(name);
    match () {
        () if sdk.active.is_some() && is("active") => Some(Daily::Active),
        () if sdk.health.is_some() && is("telemetryhealth") => Some(Daily::Health),
        () => None,
    }
}
