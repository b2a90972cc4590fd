//! Layers 5 and 6: one file of the administrator silences every SDK, one of the project all in its tree. Tests put the
//! machine's file elsewhere by a function that exists in builds for tests alone.

use telemetry_tests::fixture::workspace;

use super::*;

const OFF: &str = "[all]\nmode = \"off\"\n";
const LOCAL: &str = "[all]\nmode = \"local\"\n";

/// The path of the machine's policy in a sandbox.
fn machine(sandbox: &Sandbox) -> PathBuf {
    sandbox.state().parent().unwrap().join("policy.toml")
}

/// A repository in a sandbox, and a folder deep in it.
fn project(sandbox: &Sandbox) -> (PathBuf, PathBuf) {
    let top = sandbox.state().parent().unwrap().join("outside/repository");
    let deep = top.join("crates/acme/src");
    fs::create_dir_all(&deep).unwrap();
    fs::create_dir_all(top.join(".git")).unwrap();
    (top, deep)
}

/// A program that would look for the machine's policy in the sandbox, and runs in a folder without project files.
fn governed(sandbox: &Sandbox, sdk: &str, action: &str) -> Command {
    let mut command = open(sandbox, sdk, action);
    command.env("HOST_POLICY", machine(sandbox)).current_dir(project(sandbox).1);
    command
}

#[test]
fn r19_one_file_of_the_administrator_silences_every_sdk() {
    let sandbox = Sandbox::new();
    for sdk in ["library", "everywhere"] {
        assert_eq!(see(governed(&sandbox, sdk, "record").arg("1")).count("sent"), 1, "without the file {sdk} records");
    }
    fs::write(machine(&sandbox), OFF).unwrap();
    for sdk in ["library", "everywhere"] {
        let seen = see_nothing(&sandbox, governed(&sandbox, sdk, "record").arg("2"));
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 5), "{sdk}");
        assert_eq!(seen.layer(5), ("off", "mode = \"off\" in [all]"), "{sdk}");
        assert_eq!(seen.source(5), machine(&sandbox).display().to_string(), "{sdk}");
        assert_eq!((seen.count("gate_closed"), seen.count("waiting")), (1, 0), "{sdk}: {}", seen.ledger);
    }
    fs::remove_file(machine(&sandbox)).unwrap();
    assert_eq!(see(governed(&sandbox, "library", "record").arg("3")).count("sent"), 1);
    assert_eq!(arrived(&sandbox), [1, 1, 3], "what was recorded while it was off is not sent later");
}

#[test]
fn r19_a_section_for_one_sdk_leaves_the_others_alone() {
    let sandbox = Sandbox::new();
    fs::write(machine(&sandbox), "[sdk.\"gate-library\"]\nmode = \"off\"\n").unwrap();
    assert_eq!(see_nothing(&sandbox, &mut governed(&sandbox, "library", "record")).decided_by, 5);
    let seen = see(&mut governed(&sandbox, "everywhere", "record"));
    assert_eq!((seen.count("sent"), seen.layer(5)), (1, ("allows", "does not mention this SDK")));
}

#[test]
fn r19_local_collects_and_sends_nothing() {
    for by in [5, 6] {
        let sandbox = Sandbox::new();
        let file = if by == 5 { machine(&sandbox) } else { project(&sandbox).0.join(".telemetry.toml") };
        fs::write(&file, LOCAL).unwrap();
        let seen = see(governed(&sandbox, "library", "record").arg("1"));
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("local", by));
        assert_eq!((seen.count("waiting"), sandbox.server.connections()), (1, 0), "layer {by}");
        fs::remove_file(file).unwrap();
        see(governed(&sandbox, "library", "record").arg("2"));
        assert_eq!(arrived(&sandbox), [1, 2], "layer {by}: it was collected");
    }
}

#[test]
fn r19_a_project_file_holds_below_its_repository_and_the_strictest_of_several_wins() {
    let sandbox = Sandbox::new();
    let (top, _) = project(&sandbox);
    fs::write(top.parent().unwrap().join(".telemetry.toml"), OFF).unwrap();
    let seen = see(governed(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.mode.as_str(), seen.layer(6).0), ("on", "allows"), "above the repository nothing is sought");
    fs::write(top.join(".telemetry.toml"), OFF).unwrap();
    fs::write(top.join("crates/.telemetry.toml"), LOCAL).unwrap();
    let seen = see_nothing(&sandbox, governed(&sandbox, "library", "record").arg("2"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 6));
    assert!(seen.source(6).ends_with("outside/repository/.telemetry.toml"), "{}", seen.layers);
    // Outside the repository nothing ends the search, and the file above it holds.
    let mut outside = governed(&sandbox, "library", "record");
    let seen = see_nothing(&sandbox, outside.arg("3").current_dir(top.parent().unwrap()));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 6));
}

/// What cannot be read or understood is off, and says why.
#[test]
fn r19_a_file_that_cannot_be_used_is_off() {
    type Put = fn(&Path);
    let cases: &[(&str, Put)] = &[
        ("garbage", |file| fs::write(file, "off").unwrap()),
        ("a misspelt key", |file| fs::write(file, "[al]\nmode = \"off\"\n").unwrap()),
        ("a word that would allow", |file| fs::write(file, "[all]\nmode = \"on\"\n").unwrap()),
        ("too long", |file| fs::write(file, format!("{LOCAL}{}", "#".repeat(65_536))).unwrap()),
        ("a folder", |file| fs::create_dir(file).unwrap()),
        ("a link to nothing", |file| std::os::unix::fs::symlink("nothing", file).unwrap()),
        ("a device", |file| std::os::unix::fs::symlink("/dev/zero", file).unwrap()),
    ];
    for (name, put) in cases {
        for by in [5, 6] {
            let sandbox = Sandbox::new();
            let file = if by == 5 { machine(&sandbox) } else { project(&sandbox).0.join(".telemetry.toml") };
            put(&file);
            let seen = see_nothing(&sandbox, &mut governed(&sandbox, "library", "record"));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", by), "{name}");
            assert!(seen.layer(by).1.starts_with("cannot be used: "), "{name}: {}", seen.layers);
        }
    }
}

/// No policy turns on what the user or the author left off.
#[test]
fn r19_a_policy_opens_nothing() {
    let sandbox = Sandbox::new();
    fs::write(machine(&sandbox), LOCAL).unwrap();
    let seen = see_nothing(&sandbox, &mut governed(&sandbox, "opt_in", "record"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 11));
    write_consent(&sandbox, "library", json!("off"));
    let seen = see_nothing(&sandbox, &mut governed(&sandbox, "library", "record"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 10));
    fs::write(machine(&sandbox), "").unwrap();
    assert_eq!(see_nothing(&sandbox, &mut governed(&sandbox, "library", "record")).decided_by, 10);
}

/// A file that appears while a program runs: half a second later it writes and sends nothing more.
#[test]
fn r19_a_policy_that_appears_holds_in_running_programs() {
    for by in [5, 6] {
        let sandbox = Sandbox::new();
        let file = if by == 5 { machine(&sandbox) } else { project(&sandbox).0.join(".telemetry.toml") };
        let mut before = BTreeMap::new();
        let seen = with_pause(governed(&sandbox, "library", "record-again").arg("1"), || {
            assert_eq!(arrived(&sandbox), [1]);
            fs::write(&file, OFF).unwrap();
            before = contents(&sandbox.state());
            std::thread::sleep(Duration::from_millis(700));
        });
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", by));
        assert_eq!((seen.count("sent"), seen.count("gate_closed")), (1, 1), "{}", seen.ledger);
        assert_eq!(arrived(&sandbox), [1], "layer {by}: nothing is sent");
        let spooled = |files: &BTreeMap<PathBuf, Option<Vec<u8>>>| -> Vec<_> {
            files
                .iter()
                .filter(|(path, _)| path.to_string_lossy().contains("/spool/"))
                .map(|(_, bytes)| bytes.clone())
                .collect()
        };
        assert_eq!(spooled(&contents(&sandbox.state())), spooled(&before), "layer {by}: nothing is written");
    }
}

/// Until it is asked again, a program that was off stays off; then it reads the files anew.
#[test]
fn r19_reloading_the_environment_reads_the_policies_again() {
    let sandbox = Sandbox::new();
    fs::write(machine(&sandbox), OFF).unwrap();
    let seen = with_pause(governed(&sandbox, "library", "record-reload").arg("1"), || {
        fs::remove_file(machine(&sandbox)).unwrap();
    });
    assert_eq!((seen.mode.as_str(), seen.count("gate_closed"), seen.count("sent")), ("on", 1, 1), "{}", seen.ledger);
    assert_eq!(arrived(&sandbox), [2]);
}

/// Every sample of a policy in the documentation is one.
#[test]
fn r19_samples_in_the_documentation_are_understood() {
    let mut samples = 0;
    for page in ["docs/gate.md", "docs/opting-out.md", "docs/packaging.md"] {
        let text = fs::read_to_string(workspace().join(page)).unwrap();
        for block in text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            if !block.contains("mode =") {
                continue;
            }
            samples += 1;
            let sandbox = Sandbox::new();
            fs::write(machine(&sandbox), block).unwrap();
            let seen = see(&mut governed(&sandbox, "library", "status"));
            let says = seen.layer(5).1;
            assert!(says.starts_with("mode = ") || says == "does not mention this SDK", "{page}: {says}\n{block}");
        }
    }
    assert!(samples >= 3, "only {samples} samples were found");
}
