//! Says which flags it was built with.

fn main() {
    let panel = acme_ui::panel(Some("Acme"));
    let telemetry = telemetry_runtime::registry().map(|registry| registry.events().len());
    println!("panel {panel}, hardened {}, from_environment {}", cfg!(hardened), cfg!(from_environment));
    println!("telemetry {telemetry:?}");
}
