//! The events of ordinary size that are measured here and by `telemetry-guards`, which takes the file as it is.

use telemetry_runtime::{TelemetryValue, telemetry_event};

/// Which component.
#[derive(TelemetryValue)]
pub enum Component {
    /// The first.
    SignIn,
    /// The second.
    SignUp,
}

/// An event that is recorded once a day.
#[telemetry_event]
pub struct Throttled {
    /// Which component.
    pub component: Component,
    /// Whether a prop was passed.
    pub appearance: bool,
    /// How many rules a theme overrides.
    #[telemetry(range = 0..=65535)]
    pub overrides: u16,
}

/// The same event, recorded every time.
#[telemetry_event(throttle = None)]
pub struct Accepted {
    /// Which component.
    pub component: Component,
    /// Whether a prop was passed.
    pub appearance: bool,
    /// How many rules a theme overrides.
    #[telemetry(range = 0..=65535)]
    pub overrides: u16,
}
