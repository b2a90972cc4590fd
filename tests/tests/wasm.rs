//! Wasm targets are compiled out by themselves. What needs a compiler for wasm and a browser is `scripts/wasm-check`.

use std::collections::BTreeSet;

use telemetry_tests::fixture::{Generated, cargo, succeed, workspace};

/// Targets of browsers, of WASI, and of both kinds at once.
const TARGETS: [&str; 4] = ["wasm32-unknown-unknown", "wasm32-wasip1", "wasm32-wasip2", "wasm32-unknown-emscripten"];

/// What the plain data types of the API are made of; no system, no random numbers, no network, no registration.
const PLAIN: [&str; 11] = [
    "base64",
    "hmac-sha256",
    "itoa",
    "memchr",
    "serde",
    "serde_core",
    "serde_json",
    "telemetry-runtime",
    "telemetry-schema",
    "telemetry-veto",
    "zmij",
];

/// Names of all that is linked for a target, without procedural macros.
fn linked(target: Option<&str>) -> BTreeSet<String> {
    let mut command = cargo(&workspace());
    command.args([
        "tree",
        "--locked",
        "-p",
        "telemetry-runtime",
        "--edges",
        "normal,no-proc-macro",
        "--prefix",
        "none",
    ]);
    // Everything that an SDK or a host may ask for.
    command.args(["--features", "transport,native-tls,testing"]);
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    let tree = succeed(&mut command);
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
fn o06_a_wasm_graph_holds_plain_data_and_nothing_else() {
    let native = linked(None);
    for heavy in ["getrandom", "inventory", "reqwest", "tokio", "rustls", "hyper", "rustix"] {
        assert!(native.contains(heavy), "{heavy} is no dependency at all: {native:?}");
    }
    for target in TARGETS {
        let foreign: Vec<_> = linked(Some(target)).into_iter().filter(|name| !PLAIN.contains(&name.as_str())).collect();
        assert!(foreign.is_empty(), "{target}: {foreign:?}");
    }
}

const PROGRAM: &str = r#"
use telemetry_runtime::{Sdk, record, sdk, telemetry_event};

pub static TELEMETRY: Sdk = sdk! {
    name: "browser", role: Library, default: On, env: "BROWSER",
    endpoint: "https://browser.example", wire: EventBatch { strict: false }, docs: "https://browser.example/telemetry",
    operator: "Browser", contact: "privacy@browser.example", region: "EU", retention: "90 days", shared_with: "nobody",
};

/// A thing was opened.
#[telemetry_event]
struct Opened {}

fn main() {
    record!(Opened {});
    println!("{:?} {}", telemetry_runtime::registry().map(|registry| registry.events().len()), telemetry_veto::COMPILED_OUT);
}
"#;

/// The word for a later version, in the crate that is frozen: it permits, on wasm targets, and forces nothing.
#[test]
fn o06_the_feature_browser_changes_nothing_on_other_targets() {
    let veto = workspace().join("telemetry-veto");
    for (features, answer) in [
        ("[\"browser\"]", "Ok(1) false\n"),
        ("[]", "Ok(1) false\n"),
        ("[\"browser\", \"no-telemetry\"]", "Err(CompiledOut) true\n"),
    ] {
        let manifest = format!(
            "[dependencies]\ntelemetry-runtime = {{ path = $RUNTIME, default-features = false }}\n\
             telemetry-veto = {{ path = '{}', features = {features} }}\n",
            veto.display()
        );
        let package = Generated::new("browser", &manifest);
        let printed = succeed(package.source(PROGRAM).cargo().args(["run", "--quiet"]).env("CI", "true"));
        assert_eq!(printed, answer, "{features}");
    }
}
