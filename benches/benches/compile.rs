//! What an annotated event costs to compile: user CPU time of cargo and rustc for events of six fields, beside serde's derive
//! for the same structs.
//!
//! `cargo bench -p telemetry-benches --bench compile`. The crates are generated, and hold an enum and a nested struct in each module of 50
//! events. Of 1,000 events a development build from nothing is measured, without incremental compilation and debug information: the
//! smallest time of three counts, because everything else that the machine does only adds. Of 200 events it is the build that
//! follows a change: incremental, as cargo does it, after a field of one struct got another name; the median of nine.
#![allow(unsafe_code, reason = "`getrusage`")]

use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const EVENTS_PER_MODULE: usize = 50;
const BUILDS: usize = 3;
const REBUILDS: usize = 9;

/// What stands before a type, and what it depends on.
struct Way {
    name: &'static str,
    dependency: String,
    /// At the root.
    root: &'static str,
    /// In each module.
    import: &'static str,
    value: &'static str,
    event: &'static str,
    range: &'static str,
}

fn main() {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../telemetry-runtime");
    let folder = std::env::temp_dir().join(format!("telemetry-compile-{}", std::process::id()));
    let annotated = Way {
        name: "annotated",
        dependency: format!("telemetry-runtime = {{ path = {runtime:?}, default-features = false }}"),
        root: "/// Measured.\npub static TELEMETRY: telemetry_runtime::Sdk = telemetry_runtime::sdk! { name: \"compile\", \
               role: Library, default: On, env: \"COMPILE\", endpoint: \"https://compile.example\", \
               wire: EventBatch { strict: false }, docs: \"https://compile.example/telemetry\", operator: \"Compile Inc.\", \
               contact: \"privacy@compile.example\", region: \"EU\", retention: \"90 days\", shared_with: \"nobody\" };",
        import: "use telemetry_runtime::{TelemetryValue, telemetry_event};",
        value: "#[derive(TelemetryValue)]",
        event: "#[telemetry_event]",
        range: "#[telemetry(range = 0..=255)]",
    };
    let derived = Way {
        name: "derived",
        dependency: "serde = { version = \"1\", features = [\"derive\"] }".to_owned(),
        root: "use serde as _;",
        import: "use serde::Serialize;",
        value: "#[derive(Serialize)]",
        event: "#[derive(Serialize)]",
        range: "",
    };
    let all = |way| from_nothing(&Package::new(&folder, way, false), &source(way, 20, "f"));
    print("1,000 events x 6 fields", all(&derived), all(&annotated));
    let one = |way| after_a_change(&Package::new(&folder, way, true), &source(way, 4, "f"), &source(way, 4, "g"));
    print("200, one of them changed", one(&derived), one(&annotated));
    let _ = fs::remove_dir_all(&folder);
}

fn print(what: &str, derived: f64, annotated: f64) {
    println!("{what:<34}{:>18}", "user CPU seconds");
    println!("{:<34}{derived:>18.2}", "serde derive");
    println!("{:<34}{annotated:>18.2}", "annotated");
    println!("{:<34}{:>18.2}", "ratio", annotated / derived);
}

/// The last field of the first event has the name `last`.
fn source(way: &Way, modules: usize, last: &str) -> String {
    let Way { root, import, value, event, range, .. } = way;
    let mut text = format!("//! Generated.\n#![allow(dead_code)]\n{root}\n");
    for module in 0..modules {
        let _ = writeln!(
            text,
            "pub mod m{module} {{ {import}\n{value} pub enum Kind {{ A, B, C }}\n\
             {value} pub struct Size {{ /** Width. */ {range} pub w: u32, /** Height. */ {range} pub h: u32 }}"
        );
        for number in 0..EVENTS_PER_MODULE {
            let last = if module + number == 0 { last } else { "f" };
            let _ = writeln!(
                text,
                "/** Event number {number} happened. */ {event} pub struct M{module}Event{number} {{ \
                 /** The first. */ pub a: bool, /** The second. */ {range} pub b: u16, /** The third. */ pub c: Kind, \
                 /** The fourth. */ pub d: Option<Size>, /** The fifth. */ pub e: [Option<bool>; 12], \
                 /** The sixth. */ pub {last}: Option<Kind> }}"
            );
        }
        text.push_str("}\n");
    }
    text
}

/// A crate that is built.
struct Package {
    folder: PathBuf,
    target: PathBuf,
    incremental: bool,
}

impl Package {
    fn new(base: &Path, way: &Way, incremental: bool) -> Self {
        let Way { name, dependency, .. } = way;
        let folder = base.join(name);
        fs::create_dir_all(folder.join("src")).expect("the temporary folder can be written");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n[dependencies]\n{dependency}\n\
             [workspace]\n[profile.dev]\ndebug = 0\n"
        );
        fs::write(folder.join("Cargo.toml"), manifest).expect("the temporary folder can be written");
        Self { folder, target: base.join("target"), incremental }
    }

    /// The user CPU time of a build.
    fn build(&self, text: &str) -> f64 {
        fs::write(self.folder.join("src/lib.rs"), text).expect("the temporary folder can be written");
        let before = children_seconds();
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet"])
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_INCREMENTAL", if self.incremental { "1" } else { "0" })
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .current_dir(&self.folder)
            .status();
        assert!(status.is_ok_and(|status| status.success()), "{} does not build", self.folder.display());
        children_seconds() - before
    }
}

fn from_nothing(package: &Package, source: &str) -> f64 {
    package.build(source); // Dependencies.
    (0..BUILDS).map(|number| package.build(&format!("{source}// {number}\n"))).fold(f64::INFINITY, f64::min)
}

fn after_a_change(package: &Package, source: &str, changed: &str) -> f64 {
    package.build(source);
    let mut times: Vec<_> =
        (0..REBUILDS).map(|number| package.build(if number % 2 == 0 { changed } else { source })).collect();
    times.sort_by(f64::total_cmp);
    times[REBUILDS / 2]
}

/// User CPU time of all ended children of this process.
fn children_seconds() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: the call fills it, and all zeros are a valid one.
    let usage = unsafe {
        assert_eq!(libc::getrusage(libc::RUSAGE_CHILDREN, usage.as_mut_ptr()), 0);
        usage.assume_init()
    };
    usage.ru_utime.tv_sec as f64 + usage.ru_utime.tv_usec as f64 / 1e6
}
