//! Makes this an official build.

fn main() {
    println!("cargo:rustc-env=GATE_OFFICIAL_BUILD=1");
    println!("cargo:rerun-if-changed=build.rs");
}
