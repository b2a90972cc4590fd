//! Packages of other kinds and with other rules, with telemetry and without it.

use telemetry_tests::fixture::{Generated, succeed};

const WITH: &str = "telemetry-runtime = { path = $RUNTIME, features = [\"testing\"] }";
const WITHOUT: &str = "telemetry-runtime = { path = $RUNTIME, features = [\"no-telemetry\"] }";

/// The program of the UI tests that forbids what generated code must not need to be allowed.
const FORBIDDEN: &str = include_str!("../../../telemetry-runtime/tests/ui/pass/forbidden-lints.rs");

/// A proc-macro crate cannot export anything but its macros.
const PROC_MACRO: &str = r##"
#![deny(warnings)]
static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! {
    name: "acme-macros", role: Library, default: On, env: "ACME", endpoint: "https://telemetry.acme.example",
    wire: EventBatch { strict: false }, docs: "https://acme.example/telemetry", operator: "Acme Inc.",
    contact: "privacy@acme.example", region: "EU", retention: "90 days", shared_with: "nobody", active: Daily,
};
#[telemetry_runtime::telemetry_event]
struct Expanded { yes: bool }

#[telemetry_runtime::track_call(props(on))]
fn inner(on: bool) -> bool { on }

/// Does nothing.
#[proc_macro]
#[telemetry_runtime::track_call]
pub fn nothing(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    telemetry_runtime::record!(Expanded { yes: inner(true) });
    proc_macro::TokenStream::new()
}

#[test]
fn its_events_are_recorded() {
    let recorded = telemetry_runtime::testing::capture(|| telemetry_runtime::record!(Expanded { yes: inner(true) }));
    let payloads: Vec<_> = recorded.events().iter().map(|event| event.payload()).collect();
    assert_eq!(payloads, [r#"{"method":"inner","on":true}"#, r#"{"yes":true}"#]);
}
"##;

#[test]
fn a03_a_proc_macro_crate_may_have_events() {
    let library = "[lib]\nproc-macro = true\npath = \"src/main.rs\"\n";
    let package = Generated::new("acme-macros", &format!("{library}[dependencies]\n{WITH}\n"));
    package.source(PROC_MACRO);
    let printed = succeed(package.cargo().args(["test", "--offline", "--lib"]));
    assert!(printed.contains("its_events_are_recorded ... ok"), "{printed}");
}

#[test]
fn a03_what_a_crate_forbids_is_not_needed_with_telemetry_and_without() {
    for (name, runtime) in [("forbidding-with", WITH), ("forbidding-without", WITHOUT)] {
        let package = Generated::new(name, &format!("[dependencies]\n{runtime}\n"));
        package.source(FORBIDDEN);
        succeed(package.cargo().args(["run", "--offline", "--quiet"]));
        // clippy reads the same; `pedantic` has nothing to say of what the macros write.
        package.source(&format!("#![deny(clippy::all, clippy::pedantic)]\n{FORBIDDEN}"));
        succeed(package.cargo().args(["clippy", "--offline", "--quiet"]));
    }
}
