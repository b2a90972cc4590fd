//! One lock file for all that is shipped: features, binaries, profiles and members of a workspace.

use std::fs;

use serde_json::Value;

use crate::{
    kit::{Ended, Package, run, workspace},
    manifests, packages,
};

/// A program with an event of its own behind the feature `theming`, and with one whose fields depend on it.
const FEATURES: &str = r#"
/// A theme was set.
#[cfg(feature = "theming")]
#[telemetry_event]
struct ThemeSet {
    /// Whether it is dark.
    dark: bool,
}

/// A window was opened.
#[telemetry_event]
struct WindowOpened {
    /// Whether it was the first one.
    #[cfg(not(feature = "theming"))]
    first: bool,
    /// How many there are.
    #[cfg(feature = "theming")]
    #[telemetry(range = 0..=9)]
    windows: u8,
}

fn main() {
    #[cfg(feature = "theming")]
    record!(ThemeSet { dark: true });
    #[cfg(not(feature = "theming"))]
    record!(WindowOpened { first: true });
    #[cfg(feature = "theming")]
    record!(WindowOpened { windows: 1 });
}
"#;

fn themed() -> Package {
    let manifest = "[features]\nbench = []\nno-telemetry = [\"telemetry-runtime/no-telemetry\"]\ntheming = []\n\n";
    let package = Package::new("themed", &format!("{manifest}{}", packages::RUNTIME));
    package.write("src/main.rs", &format!("//! A demo.\n\n{}{FEATURES}", packages::SDK));
    package
}

#[track_caller]
fn findings(ended: &Ended) -> Vec<(String, String)> {
    let json: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let all = json["findings"].as_array().unwrap().iter();
    all.map(|finding| (text(finding, "rule"), text(finding, "message"))).collect()
}

/// Today's hole: the gate held while a feature added an event.
#[test]
fn a08_a_feature_that_is_in_no_build_fails_the_gate_by_its_name() {
    let package = themed();
    assert_eq!(package.run(&["lock", "--quiet"]).code, 0);
    let checked = package.run(&["check", "--quiet"]);
    assert_eq!(checked.code, 1, "{}{}", checked.stdout, checked.stderr);
    let line = |name: &str| {
        let start = format!(": uncovered-feature: the feature `{name}` of `themed` is in no build");
        checked.stdout.lines().find(|line| line.contains(&start)).unwrap_or_else(|| panic!("{}", checked.stdout))
    };
    let number = 1 + package.read("Cargo.toml").lines().position(|line| line == "theming = []").unwrap();
    assert!(line("theming").starts_with(&format!("Cargo.toml:{number}: ")), "{}", checked.stdout);
    assert!(line("bench").contains("[[build]]") && line("bench").contains("[[ignore]]"));
    assert!(!checked.stdout.contains("`no-telemetry`"), "what compiles telemetry out adds nothing: {}", checked.stdout);

    // Declared: both builds, and one feature that does not matter.
    let rules = "[[build]]\nname = \"plain\"\n\n[[build]]\nname = \"themed\"\nfeatures = [\"theming\"]\n\n\
                 [[ignore]]\nfeature = \"bench\"\nreason = \"Only our benchmarks set it.\"\n";
    package.write("telemetry-check.toml", rules);
    let undeclared = package.run(&["check", "--quiet", "--format", "json"]);
    let rules_found: Vec<_> = findings(&undeclared).into_iter().map(|(rule, _)| rule).collect();
    assert!(rules_found.iter().all(|rule| rule == "lock-outdated") && undeclared.code == 1, "{rules_found:?}");
    let locked = package.run(&["lock"]);
    assert_eq!(locked.code, 0, "{}", locked.stderr);
    for step in ["1 of 2: build `plain`", "2 of 2: build `themed`"] {
        assert!(locked.stderr.lines().any(|line| line == step), "progress: {}", locked.stderr);
    }
    let held = package.run(&["check", "--quiet"]);
    assert_eq!(held.code, 0, "{}{}", held.stdout, held.stderr);
    assert_eq!(held.stdout, "holds: 3 events of 2 programs in 2 builds, as locked and within the rules\n");

    // One key, two schemas, each with its build; no conflict, because no program has both.
    let file = package.read("telemetry.lock");
    let of = |start: &str| -> Vec<String> {
        file.split("\n[[event]]\n")
            .filter(|entry| entry.contains(&format!("event = \"{start}\"")))
            .map(|entry| entry.lines().find(|line| line.starts_with("builds")).unwrap().to_owned())
            .collect()
    };
    assert_eq!(of("theme_set"), ["builds = [\"themed\"]"]);
    assert_eq!(of("window_opened"), ["builds = [\"plain\"]", "builds = [\"themed\"]"]);
    assert!(file.contains("sdk = \"demo\"\nbuilds = [\"plain\", \"themed\"]\n"), "{file}");

    // A change in one build is found, whichever is asked.
    let source = package.read("src/main.rs");
    package.write("src/main.rs", &source.replace("0..=9", "0..=99"));
    for arguments in
        [&["check", "--quiet", "--format", "json"][..], &["check", "--quiet", "--format", "json", "--build", "themed"]]
    {
        let changed = package.run(arguments);
        let found = findings(&changed);
        assert!(
            matches!(found.as_slice(), [(rule, message)] if rule == "lock-outdated" && message.contains("`windows`")),
            "{found:?}"
        );
    }
    assert_eq!(package.run(&["check", "--quiet", "--build", "plain"]).code, 0, "that build is as it was");

    // One build is locked, and what the file says of the other stays.
    assert_eq!(package.run(&["lock", "--quiet", "--build", "themed"]).code, 0);
    assert_eq!(package.read("telemetry.lock"), file.replace("int 0..=9\"", "int 0..=99\""));
    assert_eq!(package.run(&["check", "--quiet"]).code, 0);

    // All that is shipped, on one page and in one list.
    let listed = package.run(&["list", "--quiet", "--all-builds", "--format", "json"]);
    let json: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(json["events"].as_array().unwrap().len(), 3, "{}", listed.stderr);
    package.write("telemetry-check.toml", &format!("{rules}\n[page]\npath = \"telemetry.md\"\n"));
    let checked = package.run(&["check", "--quiet"]);
    let repair = "`cargo telemetry docs --all-builds --output telemetry.md`";
    assert!(checked.stdout.contains(repair), "{}", checked.stdout);
    assert_eq!(package.run(&["docs", "--quiet", "--all-builds", "--output", "telemetry.md"]).code, 0);
    assert_eq!(package.run(&["check", "--quiet"]).code, 0);

    // An exception that nothing needs any more.
    package.write("telemetry-check.toml", &rules.replace("[\"theming\"]", "[\"theming\", \"bench\"]"));
    assert_eq!(package.run(&["lock", "--quiet"]).code, 0);
    let found = findings(&package.run(&["check", "--quiet", "--format", "json"]));
    assert!(matches!(found.as_slice(), [(rule, message)] if rule == "unused-exception" && message.contains("`bench`")));
}

/// Two members of a workspace that is no package, binaries, one of them without telemetry, and a profile.
#[test]
fn a08_one_lock_unites_binaries_profiles_and_members_of_a_workspace() {
    let package = Package::new("root", packages::RUNTIME);
    let runtime = format!("'{}'", workspace().join("telemetry-runtime").display());
    let profiles = "[profile.dev]\ndebug = 0\n\n[profile.shipped]\ninherits = \"dev\"\n";
    package
        .write("Cargo.toml", &format!("[workspace]\nmembers = [\"app\", \"server\"]\nresolver = \"3\"\n\n{profiles}"));
    let member = |name: &str, more: &str| {
        let head = format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        format!("{head}\n{}{more}", packages::RUNTIME).replace("$RUNTIME", &runtime)
    };
    let program = |event: &str| {
        format!(
            "//! A demo.\n\n{}\n/// It ran.\n#[telemetry_event]\nstruct {event} {{}}\n\nfn main() {{\n    record!({event} {{}});\n}}\n",
            packages::SDK
        )
    };
    package.write("app/Cargo.toml", &member("app", ""));
    package.write("app/src/main.rs", &program("AppRan"));
    package.write("server/Cargo.toml", &member("server", "\n[features]\nextra = []\n"));
    package.write("server/src/bin/server.rs", &program("ServerRan"));
    package.write("server/src/bin/silent.rs", "//! Without telemetry.\nfn main() {}\n");
    package.write("server/src/bin/worker.rs", &program("WorkerRan"));
    let rules = "[[build]]\nname = \"apps\"\npackages = [\"app\"]\n\n\
                 [[build]]\nname = \"servers\"\npackages = [\"server\"]\nprofile = \"shipped\"\nfeatures = [\"extra\"]\n";
    package.write("telemetry-check.toml", rules);
    let locked = package.run(&["lock"]);
    assert_eq!(locked.code, 0, "{}", locked.stderr);
    assert!(locked.stderr.contains("the binary `silent` of `server` holds no telemetry records"), "{}", locked.stderr);
    let file = package.read("telemetry.lock");
    for (event, build) in [("app_ran", "apps"), ("server_ran", "servers"), ("worker_ran", "servers")] {
        assert!(file.contains(&format!("event = \"{event}\"\nbuilds = [\"{build}\"]\n")), "{event}: {file}");
    }
    let checked = package.run(&["check", "--quiet"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);

    // A binary that is left out has a name, and so has a reason to leave it out.
    package.write("telemetry-check.toml", &rules.replace("profile", "bins = [\"server\"]\nprofile"));
    let found = findings(&package.run(&["check", "--quiet", "--format", "json", "--build", "servers"]));
    let uncovered = found.iter().filter(|(rule, _)| rule == "uncovered-binary");
    let names: Vec<_> = uncovered.map(|(_, message)| message.split('`').nth(1).unwrap()).collect();
    assert_eq!(names, ["silent", "worker"], "{found:?}");
    let ignored = "\n[[ignore]]\nbin = \"silent\"\nreason = \"It has no telemetry.\"\n\n\
                   [[ignore]]\npackage = \"server\"\nbin = \"worker\"\nreason = \"It is not shipped any more.\"\n";
    package.write(
        "telemetry-check.toml",
        &format!("{}{ignored}", rules.replace("profile", "bins = [\"server\"]\nprofile")),
    );
    assert_eq!(package.run(&["lock", "--quiet"]).code, 0);
    let checked = package.run(&["check", "--quiet"]);
    assert_eq!(checked.code, 0, "{}{}", checked.stdout, checked.stderr);

    // A build that fails is named.
    package.write("server/src/bin/server.rs", "fn main() { no }\n");
    let failed = package.run(&["check", "--quiet"]);
    assert_eq!(failed.code, 69);
    assert!(failed.stderr.contains("error: build `servers`, binary `server`: "), "{}", failed.stderr);
}

#[test]
fn a08_mistakes_in_declared_builds_are_named_before_anything_is_built() {
    let package = Package::new("mistakes", packages::RUNTIME);
    package.write("src/main.rs", &packages::program());
    let twice = "[[build]]\nname = \"a\"\n[[build]]\nname = \"a\"\n";
    for (rules, arguments, code, says) in [
        ("[[build]]\nname = \"a\"\nbin = \"x\"\n", &["check"][..], 78, "did you mean `bins`?"),
        (twice, &["check"], 78, "two builds are named `a`"),
        ("[[build]]\nname = \"a\"\npackages = [\"other\"]\n", &["lock"], 78, "no package `other` in this workspace"),
        ("[[build]]\nname = \"a\"\nbins = [\"other\"]\n", &["lock"], 78, "build `a`: `mistakes` has no binary `other`"),
        ("[[build]]\nname = \"a\"\n", &["lock", "--features", "x"], 64, "`--features` has no place here"),
        ("[[build]]\nname = \"a\"\n", &["lock", "--build", "b"], 64, "no build is named `b`"),
        ("[[build]]\nname = \"a\"\nlib = true\n", &["lock"], 64, "`mistakes` has no library"),
        (
            "[[ignore]]\nfeature = \"x\"\nreason = \"short\"\n",
            &["check"],
            78,
            "[[ignore]] for the feature `x`: the reason is too short",
        ),
        (
            "[[ignore]]\nreason = \"Nothing is named here.\"\n",
            &["check"],
            78,
            "it must name either a feature or a binary",
        ),
    ] {
        package.write("telemetry-check.toml", rules);
        let ended = package.run(arguments);
        assert_eq!(ended.code, code, "{rules}\n{}", ended.stderr);
        assert!(ended.stderr.contains(says) && !ended.stderr.contains("Compiling"), "{rules}\n{}", ended.stderr);
    }
    // A program is of one build, and nobody can tell of which.
    package.write("telemetry-check.toml", "[[build]]\nname = \"a\"\n\n[[build]]\nname = \"b\"\n");
    manifests::write(&package.path().join("m.json"), vec![]);
    let ended = package.run(&["check", "m.json"]);
    assert_eq!(ended.code, 64);
    assert!(ended.stderr.contains("say which one with `--build NAME`"), "{}", ended.stderr);
}

/// A file of version 1 had one build without a name.
#[test]
fn a08_a_lock_file_of_the_former_format_names_the_command_that_writes_it_anew() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("telemetry.lock");
    manifests::write(&folder.path().join("m.json"), vec![manifests::event("opened", vec![])]);
    fs::write(
        &path,
        "lock_version = 1\n\n[lock]\nlib = true\nfeatures = [\"kept\"]\ndefault-features = true\nrelease = true\n",
    )
    .unwrap();
    let checked = run(folder.path(), &["check", "m.json"]);
    assert_eq!(checked.code, 78);
    assert_eq!(
        checked.stderr,
        "error: telemetry.lock: lock_version is 1, a former format; this tool writes version 2\n\
         help: run `cargo telemetry lock`: it builds what the file names, and writes the file in the present format\n"
    );
    let locked = run(folder.path(), &["lock", "m.json"]);
    assert_eq!(locked.code, 0, "{}", locked.stderr);
    let kept =
        "{ name = \"default\", lib = true, features = [\"kept\"], default-features = true, profile = \"release\" }";
    assert!(fs::read_to_string(&path).unwrap().contains(kept), "{}", fs::read_to_string(&path).unwrap());
    assert_eq!(run(folder.path(), &["check", "m.json"]).code, 0);
}
