//! A fresh crate, from "no lock file" to a passing gate by the messages alone, and what a changed field says.

use std::{path::Path, process::Command};

use crate::{
    kit::{Ended, Package, builds, command, ended, snapshot, workspace},
    packages,
};

/// What a person sees, without cargo's own lines and without what differs from run to run.
fn shown(package: &Package, arguments: &[&str], ended: &Ended) -> String {
    let folder = package.path().display().to_string();
    let text = |text: &str| -> String {
        let is_ours = |line: &&str| {
            let trimmed = line.trim_start();
            !["Compiling", "Finished", "Blocking", "Locking", "Adding", "Updating", "Downloading", "Downloaded"]
                .iter()
                .any(|verb| trimmed.starts_with(verb))
        };
        text.lines()
            .filter(is_ours)
            .map(|line| format!("{}\n", without_line(&line.replace(&folder, "$FOLDER"))))
            .collect()
    };
    format!(
        "$ cargo telemetry {}\n{}{}[exit code {}]\n\n",
        arguments.join(" "),
        text(&ended.stderr),
        text(&ended.stdout),
        ended.code
    )
}

/// The page has tests of its own; in which line it differs depends on its words.
fn without_line(text: &str) -> String {
    match text.split_once(", from line ").and_then(|(start, rest)| Some((start, rest.split_once(" on;")?.1))) {
        Some((start, end)) => format!("{start}, from line … on;{end}"),
        None => text.to_owned(),
    }
}

/// The first command that the findings name.
fn repair(stdout: &str) -> Vec<String> {
    let (_, rest) = stdout.split_once("`cargo telemetry ").unwrap_or_else(|| panic!("no command in\n{stdout}"));
    let (command, _) = rest.split_once('`').unwrap();
    command.split(' ').map(str::to_owned).collect()
}

/// Runs `check`, and what it says, until it holds.
fn follow(package: &Package, transcript: &mut String) -> usize {
    for commands in 0..5 {
        let checked = package.run(&["check"]);
        transcript.push_str(&shown(package, &["check"], &checked));
        if checked.code == 0 {
            return commands;
        }
        assert_eq!(checked.code, 1, "{}", checked.stderr);
        let words = repair(&checked.stdout);
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        let repaired = package.run(&words);
        transcript.push_str(&shown(package, &words, &repaired));
        assert_eq!(repaired.code, 0, "{}", repaired.stderr);
    }
    panic!("never holds:\n{transcript}");
}

#[test]
fn messages_alone_lead_to_a_passing_gate() {
    let package = Package::new("demo", packages::RUNTIME);
    package.write("src/main.rs", &packages::program());
    package.write("telemetry-check.toml", "[page]\npath = \"telemetry.md\"\n");
    let mut transcript = String::new();
    assert_eq!(follow(&package, &mut transcript), 2, "lock file and page");
    snapshot("demo.lock", &package.read("telemetry.lock"));

    // One field changes. The place is that of the type.
    transcript
        .push_str("$ sed -i 's/range = 0..=99/range = 0..=9999/; s/open_files: u8/open_files: u16/' src/main.rs\n\n");
    let changed = packages::program().replace("0..=99", "0..=9999").replace("open_files: u8", "open_files: u16");
    package.write("src/main.rs", &changed);
    let line = 1 + changed.lines().position(|line| line.starts_with("struct FileOpened")).unwrap();
    let checked = package.run(&["check", "--quiet"]);
    assert_eq!(checked.code, 1);
    let finding = checked.stdout.lines().find(|line| line.contains("lock-outdated")).unwrap();
    let start = format!("src/main.rs:{line}: lock-outdated: demo/file_opened: field `open_files` was changed from ");
    let end = "undo it, or review it and accept it with `cargo telemetry lock`";
    assert!(finding.starts_with(&start) && finding.ends_with(end), "{finding}");
    assert!(finding.contains("changed from type = \"int 0..=99\" to type = \"int 0..=9999\" since"), "{finding}");
    assert_eq!(follow(&package, &mut transcript), 2);

    // One more field, and one less.
    transcript.push_str("$ sed -i 's/dropped/dragged/' src/main.rs\n\n");
    package.write("src/main.rs", &changed.replace("dropped", "dragged"));
    follow(&package, &mut transcript);

    // Moving the event to another line, or rewording the program, changes nothing that was reviewed.
    package.write("src/main.rs", &format!("\n\n\n{}", changed.replace("dropped", "dragged")));
    assert_eq!(package.run(&["check", "--quiet"]).code, 0);
    snapshot("transcript.txt", &transcript);
    hook(&package);
}

/// The command of the pre-commit hook, as a shell finds it: cargo looks for the subcommand in PATH.
fn hook(package: &Package) {
    let hooks = std::fs::read_to_string(workspace().join(".pre-commit-hooks.yaml")).unwrap();
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    let (program, arguments) = entry.split_once(' ').unwrap();
    assert_eq!(program, "cargo");
    let installed = tempfile::tempdir().unwrap();
    let folder = installed.path().to_owned();
    let name = format!("cargo-telemetry{}", std::env::consts::EXE_SUFFIX);
    telemetry_tests::install_program(Path::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested")), &folder.join(name));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(folder).chain(std::env::split_paths(&path))).unwrap();
    let _one_at_a_time = builds();
    // The environment of `command`, with cargo in place of the program.
    let ours = command(package.path(), &[]);
    let mut hook = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    for (name, value) in ours.get_envs() {
        match value {
            Some(value) => hook.env(name, value),
            None => hook.env_remove(name),
        };
    }
    let ended = ended(hook.args(arguments.split(' ')).env("PATH", path).current_dir(package.path()).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.starts_with("holds: 1 event of "), "{}", ended.stdout);
}

#[test]
fn a_lock_file_is_the_same_bytes_in_another_folder() {
    let (one, other) = (Package::new("demo", packages::RUNTIME), Package::new("demo", packages::RUNTIME));
    for package in [&one, &other] {
        package.write("src/main.rs", &packages::program());
        assert_eq!(package.run(&["lock", "--quiet"]).code, 0);
    }
    assert_eq!(one.read("telemetry.lock"), other.read("telemetry.lock"));
    assert!(!one.read("telemetry.lock").contains("0.1.0") && !one.read("telemetry.lock").contains("main.rs"));
}
