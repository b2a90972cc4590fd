//! Names the compound conditions of this crate: `compiled_out`, after the answer of `telemetry-veto`, and which ready-made
//! transports there are.
//!
//! `compiled_out` is not `feature = "no-telemetry"` of this crate: with two versions of the runtime in one graph, the feature may be
//! set on the other one, and all of them must fall silent together. On a wasm target this version is silent whatever that
//! answer is: it has no client for the browser, and another crate may have set `telemetry-veto/browser` for one that has.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(compiled_out)");
    let vetoed = std::env::var_os("DEP_TELEMETRY_VETO_COMPILED_OUT").is_some();
    let families = std::env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
    if vetoed || families.split(',').any(|family| family == "wasm") {
        println!("cargo::rustc-cfg=compiled_out");
    }
    transports();
}

/// One transport is used, whatever the features of all crates in the graph come to; the tests of this repository ask for
/// either.
fn transports() {
    println!("cargo::rustc-check-cfg=cfg(by_reqwest, by_ureq, has_transport)");
    let feature = |name: &str| std::env::var_os(format!("CARGO_FEATURE_{name}")).is_some();
    // Somebody asked for the platform's TLS, which ureq does not get here; somebody asked for ureq; the default asked for reqwest.
    let ureq_wins = feature("TRANSPORT_UREQ") && !feature("NATIVE_TLS");
    let by_reqwest = feature("HTTP") && (!ureq_wins || feature("TESTING"));
    let by_ureq = feature("TRANSPORT_UREQ") && (ureq_wins || feature("TESTING"));
    for (name, holds) in [("by_reqwest", by_reqwest), ("by_ureq", by_ureq), ("has_transport", by_reqwest || by_ureq)] {
        if holds {
            println!("cargo::rustc-cfg={name}");
        }
    }
}
