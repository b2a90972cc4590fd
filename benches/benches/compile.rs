//! What an annotated event costs to compile: user CPU time of rustc for 1,000 events of six fields, beside serde's derive
//! for the same structs.
//!
//! `cargo bench -p telemetry-benches --bench compile`. Both crates are generated, hold 20 modules with an enum and a nested
//! struct each, and are built three times without incremental compilation and debug information; the smallest time counts,
//! because everything else that the machine does only adds. Linux only: the times come from `/proc`.

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const MODULES: usize = 20;
const EVENTS_PER_MODULE: usize = 50;
const BUILDS: usize = 3;

fn main() {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../telemetry-runtime");
    let folder = std::env::temp_dir().join(format!("telemetry-compile-{}", std::process::id()));
    let telemetry = measure(
        &folder,
        "annotated",
        &format!("telemetry-runtime = {{ path = {runtime:?}, default-features = false }}"),
        &source(
            "telemetry_runtime::TelemetryValue",
            "TelemetryValue",
            "#[telemetry_event]",
            "#[telemetry(range = 0..=255)]",
        ),
    );
    let serde = measure(
        &folder,
        "derived",
        "serde = { version = \"1\", features = [\"derive\"] }",
        &source("serde::Serialize", "Serialize", "#[derive(Serialize)]", ""),
    );
    let _ = fs::remove_dir_all(&folder);
    println!("{:<34}{:>18}", "1,000 events x 6 fields", "user CPU seconds");
    println!("{:<34}{serde:>18.2}", "serde derive");
    println!("{:<34}{telemetry:>18.2}", "annotated");
    println!("{:<34}{:>18.2}", "ratio", telemetry / serde);
}

fn source(import: &str, derive: &str, event: &str, range: &str) -> String {
    let mut text = String::from("//! Generated.\n#![allow(dead_code)]\n");
    if range.is_empty() {
        text.push_str("use serde as _;\n");
    } else {
        text.push_str(
            "/// Measured.\npub static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! { name: \"compile\", \
             role: Library, default: On, env: \"COMPILE\", endpoint: \"https://compile.example\", \
             wire: EventBatch { strict: false }, docs: \"https://compile.example/telemetry\", operator: \"Compile Inc.\", \
             contact: \"privacy@compile.example\", region: \"EU\", retention: \"90 days\", shared_with: \"nobody\" };\n",
        );
    }
    for module in 0..MODULES {
        let uses = if range.is_empty() { "" } else { "use telemetry_runtime::telemetry_event; " };
        let _ = writeln!(
            text,
            "pub mod m{module} {{ {uses}use {import};\n#[derive({derive})] pub enum Kind {{ A, B, C }}\n\
             #[derive({derive})] pub struct Size {{ /** Width. */ {range} pub w: u32, /** Height. */ {range} pub h: u32 }}"
        );
        for event_number in 0..EVENTS_PER_MODULE {
            let _ = writeln!(
                text,
                "/** Event number {event_number} happened. */ {event} pub struct M{module}Event{event_number} {{ \
                 /** The first. */ pub a: bool, /** The second. */ {range} pub b: u16, /** The third. */ pub c: Kind, \
                 /** The fourth. */ pub d: Option<Size>, /** The fifth. */ pub e: [Option<bool>; 12], \
                 /** The sixth. */ pub f: Option<Kind> }}"
            );
        }
        text.push_str("}\n");
    }
    text
}

fn measure(folder: &Path, name: &str, dependency: &str, source: &str) -> f64 {
    let package = folder.join(name);
    fs::create_dir_all(package.join("src")).expect("the temporary folder can be written");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n{dependency}\n[workspace]\n\
         [profile.dev]\ndebug = 0\nincremental = false\n"
    );
    fs::write(package.join("Cargo.toml"), manifest).expect("the temporary folder can be written");
    let build = |text: &str| {
        fs::write(package.join("src/lib.rs"), text).expect("the temporary folder can be written");
        let before = children_seconds();
        let target: PathBuf = folder.join("target");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet"])
            .env("CARGO_TARGET_DIR", target)
            .current_dir(&package)
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{name} does not build");
        children_seconds() - before
    };
    build(source); // Dependencies.
    (0..BUILDS).map(|number| build(&format!("{source}// {number}\n"))).fold(f64::INFINITY, f64::min)
}

/// User CPU time of all ended children of this process.
fn children_seconds() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").expect("this benchmark runs on Linux");
    // The name in parentheses may hold spaces; `cutime` is the 16th field, in hundredths of a second.
    let fields: Vec<_> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    fields[13].parse::<f64>().expect("cutime is a number") / 100.0
}
