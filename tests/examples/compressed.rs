//! A program whose requests are compressed. `PROBE_PORT` is the port of the test's server; the argument is how many events it records.

use std::{env, time::Duration};

use telemetry_runtime::{Options, Sdk, TelemetryValue, flush, record, sdk, telemetry_event};

/// The product's telemetry.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-packed",
    role: Library,
    default: On,
    notice: Host,
    env: "ACME",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    compress: Gzip,
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// A component was mounted.
#[telemetry_event(throttle = None)]
pub struct ComponentMounted {
    /// Which one.
    component: Component,
    /// Whether a theme was passed.
    theme: bool,
    /// How many rules it overrides.
    #[telemetry(range = 0..=65_535)]
    overrides: u32,
}

/// What there is.
#[derive(TelemetryValue)]
pub enum Component {
    /// The form of signing in.
    SignIn,
    /// The form of signing up.
    SignUp,
}

fn main() {
    let options = Options::new().notice_shown(TELEMETRY.notice().hash());
    let port = env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).expect("the test names its port");
    TELEMETRY.configure(options.loopback_port(port));
    let events: u32 = env::args().nth(1).and_then(|events| events.parse().ok()).expect("the test says how many");
    for number in 0..events {
        let component = if number % 3 == 0 { Component::SignIn } else { Component::SignUp };
        record!(ComponentMounted { component, theme: number % 2 == 0, overrides: number * 7919 % 65_536 });
    }
    println!("{:?}", flush(Duration::from_secs(20)));
    println!("{}", TELEMETRY.status().to_json());
}
