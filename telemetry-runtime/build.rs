//! Names the one compound condition of this crate, `compiled_out`, after the answer of `telemetry-veto`.
//!
//! It is not `feature = "no-telemetry"` of this crate: with two versions of the runtime in one graph, the feature may be
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
}
