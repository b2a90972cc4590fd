//! Names the compound conditions of this crate: `compiled_out`, after the answer of `telemetry-veto`, and which ready-made
//! transports there are.
//!
//! `in_page` is a build for the browser: for `wasm32-unknown-unknown`, with the feature `browser` of this version. Everything else that
//! is not compiled out is `native`.
//!
//! `compiled_out` is not `feature = "no-telemetry"` of this crate: with two versions of the runtime in one graph, the feature may be
//! set on the other one, and all of them must fall silent together. On a wasm target the answer of `telemetry-veto` is a permission:
//! another crate may have set its feature `browser` for a version that has a client there, and this one is silent without its own.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(compiled_out, in_page, native)");
    let vetoed = std::env::var_os("DEP_TELEMETRY_VETO_COMPILED_OUT").is_some();
    let families = std::env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
    let wasm = families.split(',').any(|family| family == "wasm");
    let browser = std::env::var_os("CARGO_FEATURE_BROWSER").is_some();
    let page = wasm && browser && std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "unknown");
    println!(
        "cargo::rustc-cfg={}",
        if vetoed || wasm && !page {
            "compiled_out"
        } else if page {
            "in_page"
        } else {
            "native"
        }
    );
    transports(page);
}

/// One transport is used, whatever the features of all crates in the graph come to; the tests of this repository ask for
/// either.
fn transports(page: bool) {
    println!("cargo::rustc-check-cfg=cfg(by_reqwest, by_ureq, has_transport)");
    // A page has the browser's own client, and libraries need not ask for anything else there.
    let feature = |name: &str| !page && std::env::var_os(format!("CARGO_FEATURE_{name}")).is_some();
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
