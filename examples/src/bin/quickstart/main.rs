//! The main job in one program: list, tell, record, send, and say no.
//!
//! ```sh
//! cargo run --bin quickstart
//! ```
//!
//! This file is what an SDK author writes: a declaration, annotations, and nothing else. `present.rs` shows what comes of
//! it.

mod present;

use std::{process::ExitCode, time::Duration};

use telemetry_examples::{Example, print_status};
use telemetry_runtime::{Options, Sdk, TelemetryValue, record, sdk, telemetry_event, track_call, track_mount};

/// Usage of the Acme components in development projects.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-ui",
    role: Library,
    default: On,
    env: "ACME",
    // A real one is https, and nothing can move it: no variable, no option. Loopback addresses are the exception, for
    // demos and tests: `Options::loopback_port` puts in the port of the demo's own server.
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    event_case: "SCREAMING_SNAKE_CASE",
    active: Daily,
};

/// A prebuilt component was rendered.
#[telemetry_event(rename_all = "camelCase", sample = 0.1, owner = "ui-team")]
pub struct ComponentMounted {
    /// Which component.
    component: Component,
    /// Whether the `appearance` prop was passed.
    appearance_prop: bool,
    /// How many rules the theme overrides.
    #[telemetry(range = 0..=255)]
    overrides: u16,
}

/// A prebuilt component.
#[derive(TelemetryValue)]
pub enum Component {
    /// The sign-up form.
    SignUp,
    /// The page on which users edit their profile.
    UserProfile,
}

/// Renders the sign-in form.
#[track_mount(
    component = "SignIn",
    props(appearance_prop = appearance, theme = appearance.is_some_and(|a| a.theme.is_some())),
    sample = 1.0
)]
pub fn sign_in(appearance: Option<&Appearance>) -> View {
    View(format!("sign in to {}", appearance.and_then(|a| a.theme.as_deref()).unwrap_or("Acme")))
}

/// Reads the session of a request.
#[track_call]
pub fn get_auth(request: &Request) -> Auth {
    Auth { signed_in: request.cookie.is_some() }
}

/// How a component looks. Nothing of it is sent, only whether it was passed.
pub struct Appearance {
    /// The name of a theme.
    pub theme: Option<String>,
}

/// What a component renders.
pub struct View(pub String);

/// A request to a server of the host.
pub struct Request {
    /// The session cookie.
    pub cookie: Option<String>,
}

/// Who sent a request.
pub struct Auth {
    /// Whether anybody is signed in.
    pub signed_in: bool,
}

/// The host: it uses the SDK and knows nothing of telemetry, but for the first line and the flush.
fn program(options: Options) -> ExitCode {
    TELEMETRY.configure(options);

    let appearance = Appearance { theme: Some("jane-does-private-theme".to_owned()) };
    println!("rendered: {}", sign_in(Some(&appearance)).0);
    println!("rendered: {} (the same once more)", sign_in(Some(&appearance)).0);
    println!("signed in: {}", get_auth(&Request { cookie: Some("session=secret".to_owned()) }).signed_in);
    for component in [Component::SignUp, Component::UserProfile] {
        record!(ComponentMounted { component, appearance_prop: false, overrides: 3 });
    }

    // For the demo only, so that its server has something to show at once. A product calls nothing at its end: what has
    // not been sent lies on disk, and a later run sends it.
    match telemetry_runtime::flush(Duration::from_secs(10)) {
        Ok(flushed) => println!("flushed: {} events sent, {} waiting", flushed.sent, flushed.waiting),
        Err(error) => println!("not flushed: {error}"),
    }
    print_status(&TELEMETRY);
    ExitCode::SUCCESS
}

fn main() -> ExitCode {
    Example { variables: &["ACME_TELEMETRY_DISABLED", "ACME_TELEMETRY_DEBUG"], program, present: present::present }
        .main()
}
