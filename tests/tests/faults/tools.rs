//! What these tests need of the system, and what becomes of them without it.

use std::{
    process::{Command, Stdio},
    sync::OnceLock,
};

use telemetry_tests::run;

/// Set by `scripts/fault-tests`: every test runs in full, and one that cannot run fails.
pub fn in_full() -> bool {
    std::env::var_os("TELEMETRY_TESTS_FAULTS").is_some()
}

/// A test cannot run here.
#[track_caller]
pub fn not_run(missing: &str) {
    assert!(!in_full(), "NOT RUN: {missing}");
    eprintln!("NOT RUN: {missing}; see scripts/fault-tests");
}

/// Whether programs can be traced here.
#[track_caller]
pub fn strace() -> bool {
    static WORKS: OnceLock<bool> = OnceLock::new();
    let works = *WORKS.get_or_init(|| succeeds(Command::new("strace").args(["-f", "-qq", "-o", "/dev/null", "true"])));
    if !works {
        not_run("strace, or the right to trace");
    }
    works
}

/// Whether tmpfs can be mounted in a namespace of our own. If so, runs the test `name` of this binary again, in there, and
/// answers `false` out here: the one inside does the work.
#[track_caller]
pub fn in_own_mounts(name: &str) -> bool {
    const INSIDE: &str = "FAULTS_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let own_mounts = || {
        let mut command = Command::new("unshare");
        command.args(["--user", "--map-root-user", "--mount"]);
        command
    };
    static WORKS: OnceLock<bool> = OnceLock::new();
    let folder = std::env::temp_dir();
    let mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none"];
    if !*WORKS.get_or_init(|| succeeds(own_mounts().args(mount).arg(folder))) {
        not_run("user namespaces with mounts of their own (unshare, mount, tmpfs)");
        return false;
    }
    let mut inside = own_mounts();
    inside.arg(std::env::current_exe().expect("a test knows its own path"));
    let output = run(inside
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped()));
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    println!("{said}");
    assert!(output.status.success() && said.contains("1 passed"), "{name} in its namespace: {}", output.status);
    false
}

/// What `LD_PRELOAD` has to be for a program whose clock is set by `FAKETIME`.
#[track_caller]
pub fn faketime() -> Option<String> {
    static LIBRARY: OnceLock<Option<String>> = OnceLock::new();
    let library = LIBRARY.get_or_init(|| {
        // The wrapper knows where its library is.
        let output = Command::new("faketime").args(["-m", "-f", "+0d", "printenv", "LD_PRELOAD"]).output().ok()?;
        let library = String::from_utf8(output.stdout).ok()?.trim().to_owned();
        let mut year = Command::new("date");
        year.args(["-u", "+%Y"]).env("TZ", "UTC").env("LD_PRELOAD", &library).env("FAKETIME", "@2051-07-01 00:00:00");
        (year.output().ok()?.stdout == b"2051\n").then_some(library)
    });
    if library.is_none() {
        not_run("faketime");
    }
    library.clone()
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
