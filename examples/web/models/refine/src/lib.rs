//! The one event of Refine's core: how a project sets it up, once for each load of the page.

use telemetry_runtime::{Options, Sdk, TelemetryValue, Version, record, sdk, telemetry_event};
use wasm_bindgen::prelude::wasm_bindgen;

/// How projects set up Refine, to 127.0.0.1.
pub static TELEMETRY: Sdk = sdk! {
    name: "refine-core",
    role: Library,
    default: On,
    env: "REFINE",
    endpoint: "http://127.0.0.1:4817",
    wire: Beacon,
    docs: "https://refine.dev/docs/guides-concepts/telemetry/",
    operator: "Refine",
    contact: "info@refine.dev",
    region: "unknown",
    retention: "unknown",
    shared_with: "unknown",
    browser: true,
};

/// The framework was mounted.
#[telemetry_event(kind = Start, rename_all = "camelCase")]
struct Mounted {
    providers: Providers,
    version: Version,
    #[telemetry(range = 0..=100_000)]
    resource_count: usize,
    #[telemetry(free_text, max_len = 64, reason = "Refine sends an id of the project; another SDK would leave it out")]
    project_id: Option<String>,
}

/// Which providers the project passes.
#[derive(TelemetryValue)]
#[telemetry(rename_all = "camelCase")]
struct Providers {
    auth: bool,
    audit_log: bool,
    live: bool,
    router: bool,
    data: bool,
    i18n: bool,
    notification: bool,
    access_control: bool,
}

/// Renders `<Refine>`. `providers` has one letter for each that is passed: `a`uth, audit `l`og, li`v`e, `r`outer, `d`ata, `i`18n, `n`otification,
/// access `c`ontrol.
#[wasm_bindgen]
pub fn mount(providers: &str, resources: usize, project_id: Option<String>) {
    let has = |letter| providers.contains(letter);
    record!(Mounted {
        providers: Providers {
            auth: has('a'),
            audit_log: has('l'),
            live: has('v'),
            router: has('r'),
            data: has('d'),
            i18n: has('i'),
            notification: has('n'),
            access_control: has('c'),
        },
        version: Version::parse(env!("CARGO_PKG_VERSION")),
        resource_count: resources,
        project_id,
    });
}

/// `<Refine options={{ disableTelemetry: true }}>`
#[wasm_bindgen]
pub fn disable() {
    TELEMETRY.configure(Options::new().enabled(false));
}

/// Hands what was recorded to the browser now.
#[wasm_bindgen]
pub fn hand_over() {
    let _ = telemetry_runtime::flush(std::time::Duration::ZERO);
}

/// What the gate decided and why.
#[wasm_bindgen]
pub fn telemetry_status() -> String {
    TELEMETRY.status().to_json()
}
