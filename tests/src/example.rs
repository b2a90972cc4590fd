//! The programs in `tests/examples`.
//!
//! They are examples and no `[[bin]]` because they use packages that are not published, and only what is compiled for tests alone
//! may do so without a version, which `cargo package` would look for.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, PoisonError},
};

use crate::{fixture, sibling};

/// The program of `tests/examples` with this name, in the profile of the running test.
///
/// Cargo builds examples where it builds all tests, but not for `--test gate`; then it is asked to, here.
#[track_caller]
pub fn example(name: &str) -> PathBuf {
    static FRESH: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let path = sibling("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let mut fresh = FRESH.lock().unwrap_or_else(PoisonError::into_inner);
    if !fresh.contains(name) {
        if !is_fresh(&path).unwrap_or(false) {
            build(&path, name);
        }
        fresh.insert(name.to_owned());
    }
    path
}

/// Whether a program is as new as all sources that cargo lists beside it: `<program>: <source> <source> …`.
fn is_fresh(program: &Path) -> io::Result<bool> {
    let built = fs::metadata(program)?.modified()?;
    let list = fs::read_to_string(program.with_extension("d"))?;
    let (_, sources) = list.trim_end().split_once(": ").ok_or(io::ErrorKind::InvalidData)?;
    // A blank in a name is written as `\ `.
    for source in sources.replace("\\ ", "\0").split(' ') {
        if fs::metadata(source.replace('\0', " "))?.modified()? > built {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Builds an example where the running test was built.
#[track_caller]
fn build(path: &Path, name: &str) {
    let profile = path.ancestors().nth(2).expect("examples lie in a profile's folder");
    let target = profile.parent().expect("profiles lie in the target folder");
    let profile = match profile.file_name().and_then(|name| name.to_str()).expect("a profile has a name") {
        "debug" => "dev",
        other => other,
    };
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(fixture::workspace()).env("CARGO_TARGET_DIR", target);
    fixture::succeed(cargo.args(["build", "--package", "telemetry-tests", "--example", name, "--profile", profile]));
}
