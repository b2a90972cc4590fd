//! The environment as the gate is asked about it: read once for each SDK, at first use, and decided by others.
//!
//! All of it is best effort and read from variables and the program's own name; the signals are listed in
//! `docs/gate.md`. A missed signal costs the vendor a wrong number, a false one costs the vendor an event: neither costs
//! the user anything, because what is read here can only reduce.

#[cfg(has_transport)]
mod proxy;
mod said;

use std::{
    env,
    ffi::{OsStr, OsString},
    path::Path,
    sync::OnceLock,
};

#[cfg(has_transport)]
pub(crate) use self::proxy::malformed as malformed_proxy_variable;
#[cfg(by_ureq)]
pub(crate) use self::proxy::{Proxy, Way, way_to};
pub(crate) use self::said::{Environment, Surroundings};
use crate::base::process::{self, PerProcess};

/// Where this is asked about.
pub(crate) const SOURCE: &str = "environment";

/// The variable of all products that ask it.
pub(crate) const DO_NOT_TRACK: &str = "DO_NOT_TRACK";

/// Variables that CI services set. From the services' documentation; the first two are set by nearly all of them.
const CI: [&str; 20] = [
    "CI",
    "CONTINUOUS_INTEGRATION",
    "GITHUB_ACTIONS",
    "GITLAB_CI",
    "CIRCLECI",
    "TRAVIS",
    "BUILDKITE",
    "BITBUCKET_BUILD_NUMBER",
    "APPVEYOR",
    "CODEBUILD_BUILD_ID",
    "TF_BUILD",
    "TEAMCITY_VERSION",
    "JENKINS_URL",
    "HUDSON_URL",
    "BAMBOO_BUILDKEY",
    "CF_PAGES",
    "NETLIFY",
    "VERCEL",
    "DRONE",
    "WOODPECKER_CI_PIPELINE_ID",
];

/// Variables that exist inside package builds: Nix, Debian, Gentoo, RPM, Homebrew, Snap, Flatpak, cargo build scripts.
const BUILD: [&str; 9] = [
    "NIX_BUILD_TOP",
    "DEB_BUILD_ARCH",
    "EBUILD_PHASE",
    "RPM_BUILD_ROOT",
    "HOMEBREW_BUILD_PATH",
    "SNAPCRAFT_PART_NAME",
    "FLATPAK_BUILDER_BUILDDIR",
    "CARGO_CFG_TARGET_OS",
    "AUTOPKGTEST_TMP",
];

/// Variables that test runners set, and that the programs which a test starts inherit.
const TEST: [&str; 7] = [
    "NEXTEST",
    "PYTEST_CURRENT_TEST",
    "VITEST",
    "JEST_WORKER_ID",
    "NODE_TEST_CONTEXT",
    "BATS_TEST_FILENAME",
    "BAZEL_TEST",
];

/// Set by rustdoc for examples that are compiled together; its value counts them from 0.
const DOCTEST: &str = "RUSTDOC_DOCTEST_RUN_NB_TEST";

/// Set by cargo for integration tests and benchmarks, one for each program of the package; `cargo run` sets none. So the
/// programs that such a test starts are known too, unless it clears their environment.
const CARGO_TEST_PREFIX: &str = "CARGO_BIN_EXE_";

/// Variables that coding agents set in the commands they run. Any value counts.
const AGENT: [&str; 10] = [
    "AI_AGENT",
    "AGENT",
    "CLAUDECODE",
    "CURSOR_AGENT",
    "CODEX_SANDBOX",
    "GEMINI_CLI",
    "OPENCODE",
    "REPLIT_AGENT",
    "AUGMENT_AGENT",
    "COPILOT_AGENT",
];

impl Environment {
    /// Reads it for an SDK by the stem and the aliases of its variables. Makes no system call: variables and the program's
    /// arguments are in memory already.
    pub(crate) fn read(stem: &str, aliases: &[&str]) -> Self {
        let aliases = aliases.iter().map(|alias| (*alias).to_owned());
        let disabling = std::iter::once(format!("{stem}_TELEMETRY_DISABLED")).chain(aliases);
        Self {
            do_not_track: vec![(DO_NOT_TRACK.to_owned(), env::var_os(DO_NOT_TRACK))],
            disabling: disabling.map(|name| (env::var_os(&name), name)).map(|(value, name)| (name, value)).collect(),
            // What a program with raised rights would record is not for whoever started it to read.
            debug: process::raised_by().is_none()
                && env::var_os(format!("{stem}_TELEMETRY_DEBUG")).is_some_and(|value| is_signal(&value)),
            surroundings: surroundings(),
            #[cfg(has_transport)]
            malformed_proxy: malformed_proxy_variable(),
            #[cfg(not(has_transport))]
            malformed_proxy: None,
            page: false,
            remote: false,
        }
    }
}

/// Reads the signals.
fn surroundings() -> Surroundings {
    Surroundings {
        ci: first_signal(&CI),
        build: first_signal(&BUILD),
        test: first_signal(&TEST).or_else(cargo_or_rustdoc),
        agent: first_signal(&AGENT).is_some(),
        raised: process::raised_by(),
        elevated: elevated(),
        no_page: None,
    }
}

fn first_signal(variables: &[&str]) -> Option<String> {
    variables
        .iter()
        .find(|variable| env::var_os(variable).is_some_and(|value| is_signal(&value)))
        .map(|&name| name.to_owned())
}

/// How cargo and rustdoc run tests: by variables, and by the name of the program.
fn cargo_or_rustdoc() -> Option<String> {
    let of_cargo = |name: &OsString| name.as_encoded_bytes().starts_with(CARGO_TEST_PREFIX.as_bytes());
    if env::var_os(DOCTEST).is_some() {
        return Some(DOCTEST.to_owned());
    }
    if let Some((name, _)) = env::vars_os().find(|(name, _)| of_cargo(name)) {
        return Some(name.to_string_lossy().into_owned());
    }
    let name = env::args_os().next()?;
    let program = Path::new(&name);
    if is_doctest(program) {
        return Some("rustdoc's test".to_owned());
    }
    is_test_binary(program).then(|| "test binary".to_owned())
}

/// Examples in documentation are `…/rustdoctestEGwayh/rust_out`, or `<folder>/<example>/rust_out` if somebody keeps them.
fn is_doctest(program: &Path) -> bool {
    program.file_stem().is_some_and(|stem| stem == "rust_out")
}

/// `sudo` keeps HOME on many systems: what we would write there would belong to root in a user's home. That the owner of
/// the home differs is found by the worker, when it opens the state folder.
fn elevated() -> Option<&'static str> {
    ["SUDO_UID", "DOAS_USER", "PKEXEC_UID"].into_iter().find(|variable| env::var_os(variable).is_some())
}

/// Test binaries of cargo are `target/…/deps/<name>-<16 hexadecimal digits>`.
fn is_test_binary(program: &Path) -> bool {
    let in_deps = program.parent().and_then(Path::file_name).is_some_and(|folder| folder == "deps");
    let hash = program.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.rsplit_once('-'));
    in_deps && hash.is_some_and(|(_, hash)| hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// A variable, or something else by its name.
pub(crate) type Name = String;

/// The value of a variable.
pub(crate) type Value = OsString;

/// The name as people read it.
pub(crate) fn name_of(name: &str) -> String {
    name.to_owned()
}

/// The value of a variable as people read it.
pub(crate) fn text_of(value: &OsStr) -> String {
    value.to_string_lossy().into_owned()
}

/// Whether a variable's value is a signal: anything but empty, `0`, `false`, `no` and `off`, in any case.
///
/// A misspelt value turns telemetry off rather than on, so `ture` and text that is no UTF-8 are signals too. The debug variable is
/// read in the same way: a doubtful value prints instead of sending.
pub(crate) fn is_signal(value: &OsStr) -> bool {
    let Some(text) = value.to_str() else { return true };
    let text = text.trim();
    !(text.is_empty() || ["0", "false", "no", "off"].iter().any(|word| text.eq_ignore_ascii_case(word)))
}

/// Whether what is written here will be gone soon: containers and hosted workspaces. Best effort.
pub(crate) fn is_ephemeral() -> bool {
    static EPHEMERAL: PerProcess<OnceLock<bool>> = PerProcess::new(OnceLock::new(), |_| OnceLock::new());
    *EPHEMERAL.get_or_init(|| {
        ["KUBERNETES_SERVICE_HOST", "CODESPACES", "GITPOD_WORKSPACE_ID", "container"]
            .into_iter()
            .any(|variable| env::var_os(variable).is_some())
            || ["/.dockerenv", "/run/.containerenv"].into_iter().any(|path| Path::new(path).exists())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_binaries_are_known_by_their_path() {
        assert!(is_test_binary(Path::new("/x/target/debug/deps/gate-0123456789abcdef")));
        assert!(!is_test_binary(Path::new("/x/target/debug/quickstart")));
        assert!(!is_test_binary(Path::new("/x/deps/quick-start")));
        assert!(!is_test_binary(Path::new("quickstart")));
    }

    #[test]
    fn o20_examples_of_rustdoc_are_known_by_their_name() {
        assert!(is_doctest(Path::new("/tmp/rustdoctestEGwayh/rust_out")));
        assert!(is_doctest(Path::new("target/kept/src_lib_rs_1_0/rust_out")));
        assert!(is_doctest(Path::new("rust_out.exe")));
        assert!(!is_doctest(Path::new("/tmp/rustdoctestEGwayh/acme")));
        assert!(!is_doctest(Path::new("/usr/bin/rust_outline")));
    }

    #[test]
    fn values_are_read_as_signals_unless_they_clearly_are_none() {
        for value in ["", "0", "false", "FALSE", "no", "No", "off", " off ", "\t0\n"] {
            assert!(!is_signal(OsStr::new(value)), "{value:?}");
        }
        for value in ["1", "true", "yes", "on", "y", "2", "-1", "00", "ture", "disabled", "enabled", "null", "\u{ff11}"]
        {
            assert!(is_signal(OsStr::new(value)), "{value:?}");
        }
    }
}
