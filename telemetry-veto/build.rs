//! Tells dependents whether this build has telemetry compiled out, so that the condition is evaluated in one place.
//!
//! `links` in the manifest hands the answer to the build scripts of direct dependents, as
//! `DEP_TELEMETRY_VETO_COMPILED_OUT`.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let feature = std::env::var_os("CARGO_FEATURE_NO_TELEMETRY").is_some();
    let cfg = std::env::var_os("CARGO_CFG_NO_TELEMETRY").is_some();
    if feature || cfg {
        println!("cargo::metadata=COMPILED_OUT=1");
    }
}
