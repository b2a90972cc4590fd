//! `init`: from a fresh package to one that builds, tests and checks; nothing is overwritten.

use telemetry_tests::fixture::cargo;

use crate::kit::{Package, builds, ended};

/// Without the transport, which would have to be built.
const DEPENDENCIES: &str = "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, default-features = false }\n\n\
     [dev-dependencies]\ntelemetry-runtime = { path = $RUNTIME, default-features = false, features = [\"testing\"] }\n";

const ANSWERS: [&str; 11] = [
    "init",
    "--operator",
    "Acme \"A\" Inc.",
    "--contact",
    "privacy@acme.example",
    "--region",
    "EU",
    "--endpoint",
    "https://telemetry.acme.example",
    "--docs",
    "https://acme.example/telemetry",
];

/// Runs `cargo test` of the package, as its author would.
fn test(package: &Package) -> (i32, String) {
    let _one_at_a_time = builds();
    let ended = ended(cargo(package.path()).args(["test", "--offline"]).output().unwrap());
    (ended.code, ended.stdout + &ended.stderr)
}

#[test]
fn each_template_builds_tests_and_checks() {
    for (template, root, text) in [
        ("library", "src/lib.rs", "//! A library.\n"),
        ("components", "src/lib.rs", "#![forbid(unsafe_code)]\n//! Components.\n"),
        ("cli", "src/main.rs", "fn main() {\n    println!(\"done\");\n}\n"),
    ] {
        let package = Package::new(&format!("acme-{template}"), DEPENDENCIES);
        package.write(root, text);
        let first = package.run(&[&ANSWERS[..], &["--template", template]].concat());
        assert_eq!(first.code, 0, "{template}: {}{}", first.stdout, first.stderr);
        assert!(package.read(root).contains(text.lines().next().unwrap()), "{template}: what was there stays");
        assert!(package.read("telemetry.lock").contains(&format!("acme-{template}")), "{template}");
        assert!(package.read("docs/telemetry.md").contains("Acme \"A\" Inc."), "{template}");
        assert!(package.read(".github/workflows/telemetry.yml").contains("cargo telemetry check"));
        let checked = package.run(&["check"]);
        assert_eq!(checked.code, 0, "{template}: {}", checked.stdout);
        let (code, told) = test(&package);
        assert!(code == 0 && told.contains("1 passed") && !told.contains("warning"), "{template}: {told}");
        // A second time finds all of it there.
        let names =
            [root, "src/telemetry.rs", "telemetry-check.toml", "telemetry.lock", "docs/telemetry.md", "Cargo.toml"];
        let before = names.map(|name| package.read(name));
        let again = package.run(&[&ANSWERS[..], &["--template", template]].concat());
        assert_eq!(again.code, 0, "{}", again.stderr);
        assert_eq!(names.map(|name| package.read(name)), before, "{template}");
    }
}

#[test]
fn what_is_missing_is_named_and_nothing_is_written() {
    let package = Package::new("acme", "");
    package.write("src/lib.rs", "//! A library.\n");
    let found = package.run(&ANSWERS[..5]);
    assert_eq!(found.code, 64);
    assert!(found.stderr.contains("must know more: --endpoint, --docs, --region"), "{}", found.stderr);
    let found = package.run(&[&ANSWERS[..], &["--template", "cli"]].concat());
    assert!(found.code == 64 && found.stderr.contains("there is no src/main.rs"), "{}", found.stderr);
    assert!(!package.path().join("src/telemetry.rs").exists());
}

#[test]
fn cargo_adds_the_dependency_and_files_that_are_there_stay() {
    let package = Package::new("acme", "");
    package.write("src/lib.rs", "//! A library.\n").write("telemetry-check.toml", "# mine\n");
    let runtime = crate::kit::workspace().join("telemetry-runtime");
    let more = ["--no-build", "--name", "acme-ui", "--runtime-path", runtime.to_str().unwrap()];
    let found = package.run(&[&ANSWERS[..], &more].concat());
    assert_eq!(found.code, 0, "{}", found.stderr);
    assert!(found.stderr.contains("kept telemetry-check.toml") && found.stderr.contains("wrote src/telemetry.rs"));
    assert_eq!(package.read("telemetry-check.toml"), "# mine\n");
    let manifest = package.read("Cargo.toml");
    assert!(manifest.contains("[dev-dependencies]") && manifest.contains("features = [\"testing\"]"), "{manifest}");
    assert!(
        package.read("src/telemetry.rs").contains("name: \"acme-ui\", role: Library, default: On, env: \"ACME_UI\"")
    );
}

#[test]
fn without_a_named_source_no_registry_is_asked_and_nothing_is_written() {
    let package = Package::new("acme", "# telemetry-runtime comes here.\n");
    package.write("src/lib.rs", "//! A library.\n");
    let before = package.read("Cargo.toml");
    let found = package.run(&[&ANSWERS[..], &["--no-build"]].concat());
    assert_eq!(found.code, 64, "{}", found.stderr);
    assert!(found.stderr.contains("--runtime-path") && found.stderr.contains("--runtime-git"), "{}", found.stderr);
    assert_eq!(package.read("Cargo.toml"), before);
    assert!(!package.path().join("src/telemetry.rs").exists() && !package.path().join(".github").exists());
}

#[test]
fn what_a_first_run_left_undone_a_second_one_does() {
    // The dependency of tests is missing, under the name that the package has for the crate; the module is there, and not in the root.
    let plain =
        "[dependencies]\nmeter = { package = \"telemetry-runtime\", path = $RUNTIME, default-features = false }\n";
    let package = Package::new("acme", plain);
    package.write("src/lib.rs", "//! A library.\n").write("src/telemetry.rs", "// mine\n");
    let run = || package.run(&[&ANSWERS[..], &["--no-build"]].concat());
    let found = run();
    assert_eq!(found.code, 0, "{}", found.stderr);
    let manifest = package.read("Cargo.toml");
    let (_, tests) = manifest.split_once("[dev-dependencies]").unwrap_or_else(|| panic!("{manifest}"));
    assert!(tests.trim_start().starts_with("meter = ") && tests.contains("features = [\"testing\"]"), "{manifest}");
    assert_eq!(manifest.matches("package = \"telemetry-runtime\"").count(), 2, "{manifest}");
    assert!(package.read("src/lib.rs").contains("pub mod telemetry;"));
    assert_eq!(package.read("src/telemetry.rs"), "// mine\n");
    let before = ["Cargo.toml", "src/lib.rs"].map(|name| package.read(name));
    assert_eq!(run().code, 0);
    assert_eq!(["Cargo.toml", "src/lib.rs"].map(|name| package.read(name)), before, "a third time finds all of it");
}

/// At a real terminal it asks for what no flag has said, and an empty answer takes what it offers.
#[cfg(unix)]
#[test]
fn at_a_terminal_it_asks_for_what_is_missing() {
    use telemetry_tests::terminal::{Terminal, shown};

    let package = Package::new("acme-asked", DEPENDENCIES);
    package.write("src/lib.rs", "//! A library.\n");
    let terminal = Terminal::open();
    let mut command = crate::kit::command(package.path(), &["init", "--no-build", "--region", "EU"]);
    let (child, reader) = terminal.start(command.stdin(terminal.other_end()));
    for (question, answer) in [
        ("Name of the SDK [acme-asked] ", ""),
        ("Where do events go (https://…)? ", "https://telemetry.acme.example"),
        ("Where do users read what is collected (https://…)? ", "https://acme.example/telemetry"),
        ("Who receives it? ", "Acme \"A\" Inc."),
        ("Whom do users ask? ", "privacy@acme.example"),
        ("For how long? [90 days] ", "8 days"),
        ("With whom is it shared? [nobody] ", ""),
    ] {
        terminal.wait_for(question);
        terminal.press(format!("{answer}\n").as_bytes());
    }
    drop(command);
    let output = telemetry_tests::finish(child);
    let seen = shown(reader);
    assert_eq!(output.status.code(), Some(0), "{seen}");
    assert!(!seen.contains("Where is it kept?"), "a flag has said that: {seen}");
    let written = package.read("src/telemetry.rs");
    for said in [
        "name: \"acme-asked\"",
        "https://telemetry.acme.example",
        "Acme \\\"A\\\" Inc.",
        "privacy@acme.example",
        "region: \"EU\"",
        "retention: \"8 days\"",
        "shared_with: \"nobody\"",
    ] {
        assert!(written.contains(said), "{said}: {written}");
    }
}
