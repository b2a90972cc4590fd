//! Layer 7: continuous integration, build sandboxes, test runs, programs with raised rights, and root in another user's
//! home.
//!
//! All of it is best effort and read from variables and the program's own name; the signals are listed in
//! `docs/gate.md`. A missed signal costs the vendor a wrong number, a false one costs the vendor an event: neither costs
//! the user anything, because the layer can only reduce.

use std::{env, ffi::OsString, path::Path};

use telemetry_schema::Environment;

use crate::{
    base::process,
    decide::{
        gate::{EnvReading, says_off},
        layer::{Layer, Verdict},
    },
    declare::{configuration::Actor, sdk::Sdk},
};

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

/// What the environment looks like.
#[derive(Debug, Clone, Default)]
pub(crate) struct Surroundings {
    ci: Option<String>,
    build: Option<String>,
    test: Option<String>,
    agent: bool,
    raised: Option<&'static str>,
    elevated: Option<&'static str>,
}

/// Who runs the program: decided from the surroundings and from whether somebody watches a terminal.
pub(crate) fn actor(surroundings: &Surroundings, terminal: bool) -> Actor {
    if surroundings.ci.is_some() || surroundings.build.is_some() {
        Actor::Ci
    } else if surroundings.agent {
        Actor::Agent
    } else if terminal {
        Actor::Human
    } else {
        Actor::Unknown
    }
}

pub(crate) fn is_ci(surroundings: &Surroundings) -> bool {
    surroundings.ci.is_some() || surroundings.build.is_some()
}

pub(crate) fn is_agent(surroundings: &Surroundings) -> bool {
    surroundings.agent
}

/// Reads the signals. Makes no system call: variables and the program's arguments are in memory already.
pub(super) fn read() -> Surroundings {
    Surroundings {
        ci: first_signal(&CI),
        build: first_signal(&BUILD),
        test: first_signal(&TEST).or_else(cargo_or_rustdoc),
        agent: first_signal(&AGENT).is_some(),
        raised: process::raised_by(),
        elevated: elevated(),
    }
}

fn first_signal(variables: &[&str]) -> Option<String> {
    variables
        .iter()
        .find(|variable| env::var_os(variable).is_some_and(|value| says_off(&value)))
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

/// Layer 7.
pub(super) fn layer(sdk: Sdk, env: &EnvReading, lifted: bool) -> Layer {
    let surroundings = &env.surroundings;
    let asked = |environment| sdk.info.environments.contains(&environment);
    let layer = |verdict, value: String, source: &str| Layer::new(7, "environment", verdict, value, source);
    // Nothing lifts these two: what would be written, and where, is not this user's to say.
    if let Some(source) = surroundings.raised {
        return layer(Verdict::Off, "a program with rights that its user does not have".to_owned(), source);
    }
    if let Some(variable) = surroundings.elevated {
        return layer(Verdict::Off, "root in another user's home".to_owned(), variable);
    }
    if lifted {
        return layer(Verdict::Allows, "lifted".to_owned(), "Options::loopback");
    }
    let signals = [
        (&surroundings.ci, Environment::Ci, "continuous integration"),
        (&surroundings.build, Environment::Ci, "package build"),
        (&surroundings.test, Environment::Test, "test run"),
    ];
    for (signal, environment, name) in signals {
        if let Some(signal) = signal
            && !asked(environment)
        {
            return layer(Verdict::Off, name.to_owned(), signal);
        }
    }
    layer(Verdict::Allows, "neither CI, nor a package build, nor a test run".to_owned(), "environment")
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
}
