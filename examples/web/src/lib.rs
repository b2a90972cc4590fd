//! A page whose components report. What a browser shows of it is `index.html`.

#[cfg(feature = "everything")]
pub mod everything;

use telemetry_runtime::{Consent, Sdk, TelemetryValue, record, sdk, telemetry_event, track_call, track_mount};
use wasm_bindgen::prelude::wasm_bindgen;

/// Usage of the Acme components.
pub static TELEMETRY: Sdk = sdk! {
    name: "acme-web",
    role: Library,
    default: On,
    env: "ACME",
    // A page has no variable that could move it: the collector of this example listens here.
    endpoint: "http://127.0.0.1:4817/acme",
    wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry",
    operator: "Acme Inc.",
    contact: "privacy@acme.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
    notice: Host,
    browser: true,
};

/// Which dialog.
#[derive(TelemetryValue)]
pub enum Dialog {
    /// The settings.
    Settings,
    /// The user's profile.
    Profile,
}

/// A dialog was opened.
#[telemetry_event(throttle = None)]
pub struct DialogOpened {
    /// Which one.
    dialog: Dialog,
    /// How many entries it lists.
    #[telemetry(range = 0..=255)]
    entries: u8,
}

/// Renders the sign-in form.
#[track_mount(component = "SignIn", props(appearance))]
fn sign_in(appearance: Option<&str>) -> String {
    format!("<form class=\"{}\"></form>", appearance.unwrap_or("plain"))
}

/// Reads the session.
#[track_call]
fn get_session() {}

/// Mounts the sign-in form.
#[wasm_bindgen]
pub fn mount(appearance: Option<String>) -> String {
    get_session();
    sign_in(appearance.as_deref())
}

/// Opens a dialog.
#[wasm_bindgen]
pub fn open_dialog(entries: u8) {
    record!(DialogOpened { dialog: if entries == 0 { Dialog::Profile } else { Dialog::Settings }, entries });
}

/// What the banner says.
#[wasm_bindgen]
pub fn notice() -> String {
    TELEMETRY.notice().text().to_owned()
}

/// The host of the page lets its library report. Without it a page in production records nothing, whatever its user says.
#[wasm_bindgen]
pub fn allow() {
    telemetry_runtime::allow_release(&TELEMETRY);
}

/// The user has read the notice and says yes or no; `false` if the browser cannot keep the answer.
#[wasm_bindgen]
pub fn decide(yes: bool) -> bool {
    let stored = TELEMETRY.set_consent(if yes { Consent::On } else { Consent::Off }).is_ok();
    if yes && stored {
        TELEMETRY.notice_was_shown(TELEMETRY.notice().hash());
    }
    stored
}

/// The developer has read the notice.
#[wasm_bindgen]
pub fn tell() {
    TELEMETRY.notice_was_shown(TELEMETRY.notice().hash());
}

/// Hands what was recorded to the browser now, as a page that is hidden does by itself.
#[wasm_bindgen]
pub fn hand_over() {
    let _ = telemetry_runtime::flush(std::time::Duration::ZERO);
}

/// What the gate decided and why, for the console.
#[cfg(feature = "devtools")]
#[wasm_bindgen]
pub fn telemetry_status() -> String {
    TELEMETRY.status().to_json()
}

/// All that this page can record, as `cargo telemetry list page.wasm` shows it.
#[cfg(feature = "devtools")]
#[wasm_bindgen]
pub fn telemetry_manifest() -> String {
    telemetry_runtime::manifest().unwrap_or_else(|error| error.to_string())
}
