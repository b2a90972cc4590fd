//! Names the one compound condition of this crate, `compiled_out`, after the answer of `telemetry-veto`.
//!
//! It is not `feature = "no-telemetry"` of this crate: with two versions of the runtime in one graph, the feature may be
//! set on the other one, and all of them must fall silent together.
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rustc-check-cfg=cfg(compiled_out)");
    if std::env::var_os("DEP_TELEMETRY_VETO_COMPILED_OUT").is_some() {
        println!("cargo::rustc-cfg=compiled_out");
    }
}
