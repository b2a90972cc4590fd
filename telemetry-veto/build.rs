//! Tells dependents whether this build has telemetry compiled out, so that the condition is evaluated in one place.
//!
//! Instructions have one colon: cargo knows `cargo::` since 1.77 only. `links` in the manifest hands the answer to the build scripts of direct dependents, as
//! `DEP_TELEMETRY_VETO_COMPILED_OUT`.
fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let feature = std::env::var_os("CARGO_FEATURE_NO_TELEMETRY").is_some();
    let cfg = std::env::var_os("CARGO_CFG_NO_TELEMETRY").is_some();
    // A target may be of several families: `unix,wasm`.
    let families = std::env::var("CARGO_CFG_TARGET_FAMILY").unwrap_or_default();
    let wasm = families.split(',').any(|family| family == "wasm");
    let browser = std::env::var_os("CARGO_FEATURE_BROWSER").is_some();
    if feature || cfg || (wasm && !browser) {
        println!("cargo:COMPILED_OUT=1");
    }
}
