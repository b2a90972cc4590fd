//! A component library.

use telemetry_runtime::{Options, Sdk, sdk, track_mount};

/// Usage of the components in development projects.
pub(crate) static TELEMETRY: Sdk = sdk! {
    name: "month-ui",
    role: Library,
    default: On,
    env: "MONTH_UI",
    endpoint: "http://127.0.0.1:4318/ui",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    active: Daily,
    health: Daily,
};

/// Renders the sign-in form.
#[track_mount(component = "SignIn", sdk = crate::client::ui::TELEMETRY)]
fn sign_in() {}

/// Renders the button with the user's picture.
#[track_mount(component = "UserButton", sdk = crate::client::ui::TELEMETRY)]
fn user_button() {}

/// Renders what the words name; a number is a dialog with so many buttons.
pub(crate) fn run(options: Options, words: &[String]) {
    TELEMETRY.configure(options);
    for word in words {
        match word.as_str() {
            "SignIn" => sign_in(),
            "UserButton" => user_button(),
            number => crate::dialog::open(number.parse().unwrap_or_default()),
        }
    }
}
