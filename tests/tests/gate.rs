//! The gate, end to end: what each layer says alone and beside another, what a "no" leaves behind (nothing), who is told
//! before anything is recorded, and what a veto takes back. Names begin with the number in the list of requirements.
#![cfg(unix)]

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::DirBuilderExt as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::{Value, json};
use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, finish, run, run_ok, sibling};

/// Long enough for any machine; no test waits for it.
const LONG: Duration = Duration::from_secs(30);

/// A development and a production instance.
const DEVELOPMENT: &str = "pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk";
const PRODUCTION: &str = "pk_live_Y2xlcmsuZXhhbXBsZS5jb20k";

/// A program in which all layers say yes, as far as the host can say it: `sdk` says the rest.
fn open(sandbox: &Sandbox, sdk: &str, action: &str) -> Command {
    let mut command = sandbox.command(sibling("golden_gate"));
    command.args([sdk, action]).env("HOST_SHOWED_NOTICE", "1").env("HOST_ALLOWS_RELEASE", "1");
    command
}

/// What a program answered, and what it left behind.
struct Seen {
    mode: String,
    decided_by: u64,
    ledger: Value,
    layers: Value,
    answer: Value,
    threads: u64,
    stderr: String,
}

fn see(command: &mut Command) -> Seen {
    let output = run(command);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    let stdout = String::from_utf8(output.stdout).unwrap();
    // One line, and all of it the program's: nothing of ours is ever on standard output.
    assert_eq!(stdout.lines().count(), 1, "{stdout}");
    seen(&stdout, stderr)
}

fn seen(line: &str, stderr: String) -> Seen {
    let value: Value = serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line:?}"));
    let status = &value["status"];
    Seen {
        mode: status["mode"].as_str().unwrap().to_owned(),
        decided_by: status["decided_by"].as_u64().unwrap(),
        ledger: status["ledger"].clone(),
        layers: status["layers"].clone(),
        answer: value["answer"].clone(),
        threads: value["threads"].as_u64().unwrap(),
        stderr,
    }
}

impl Seen {
    fn count(&self, outcome: &str) -> u64 {
        self.ledger[outcome].as_u64().unwrap_or_else(|| panic!("no {outcome}: {}", self.ledger))
    }

    fn layer(&self, number: u64) -> (&str, &str) {
        let layer = self.layers.as_array().unwrap().iter().find(|layer| layer["number"] == number).unwrap();
        (layer["verdict"].as_str().unwrap(), layer["value"].as_str().unwrap())
    }
}

/// Runs a program that must stay silent: no connection, no file changed, nothing on standard error.
#[track_caller]
fn see_nothing(sandbox: &Sandbox, command: &mut Command) -> Seen {
    let (before, connections) = (contents(&sandbox.state()), sandbox.server.connections());
    let seen = see(command);
    assert_eq!(sandbox.server.connections(), connections, "nothing is sent: {command:?}");
    assert_eq!(contents(&sandbox.state()), before, "nothing is written: {command:?}");
    assert_eq!(seen.stderr, "", "nothing is printed: {command:?}");
    seen
}

/// Every file and folder below `folder` with its bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.extend(contents(&path));
            all.insert(path, None);
        } else {
            all.insert(path.clone(), fs::read(&path).ok());
        }
    }
    all
}

/// The folder of an SDK's state, made as the runtime would make it.
fn sdk_folder(sandbox: &Sandbox, sdk: &str) -> PathBuf {
    let folder = sandbox.state().join("telemetry").join(format!("gate-{}", sdk.replace('_', "-")));
    fs::create_dir_all(sandbox.state()).unwrap();
    fs::DirBuilder::new().recursive(true).mode(0o700).create(&folder).unwrap();
    folder
}

fn write_consent(sandbox: &Sandbox, sdk: &str, consent: Value) {
    let file = json!({"version": 1, "consent": consent, "agreed": {}, "sdk": null});
    fs::write(sdk_folder(sandbox, sdk).join("consent.json"), file.to_string()).unwrap();
}

/// A memory in which the server answered 410 to this version.
fn write_gone(sandbox: &Sandbox, sdk: &str) {
    let memory = json!({
        "version": 1, "draw": null, "throttle": {"day": 0, "seen": []}, "rolling": [], "active": null,
        "gone": {"endpoint": "http://127.0.0.1:4318", "version": "0.1.0"},
    });
    fs::write(sdk_folder(sandbox, sdk).join("memory.json"), memory.to_string()).unwrap();
}

/// The numbers of the events that arrived.
fn arrived(sandbox: &Sandbox) -> Vec<u64> {
    let mut numbers: Vec<_> = sandbox.events().iter().map(|(_, payload)| payload["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable(); // Within a second, segments have no order.
    numbers
}

// ---- Layers -----------------------------------------------------------------------------------------------------

#[test]
fn with_every_layer_open_the_event_arrives() {
    let sandbox = Sandbox::new();
    let seen = see(open(&sandbox, "library", "record").arg("7"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("on", 11));
    assert_eq!((seen.count("offered"), seen.count("accepted"), seen.count("sent")), (1, 1, 1));
    assert_eq!(arrived(&sandbox), [7]);
    assert_eq!(seen.stderr, "");
    assert!(seen.threads > 1, "the count of threads can see the worker");
}

/// The layers that can say no in one program. 5 and 6 are read by no version yet.
const LAYERS: [u64; 9] = [1, 2, 3, 4, 7, 8, 9, 10, 11];

/// A program in which these layers say no and all others yes.
fn closed(sandbox: &Sandbox, layers: &[u64], action: &str) -> Command {
    let sdk = match (layers.contains(&1), layers.contains(&11)) {
        (false, false) => "library",
        (true, false) => "official",
        (false, true) => "opt_in",
        (true, true) => "official_opt_in",
    };
    let mut command = open(sandbox, sdk, action);
    for layer in layers {
        match layer {
            1 | 11 => {}
            2 => drop(command.env("HOST_DISABLES", "1")),
            3 => drop(command.env("DO_NOT_TRACK", "1")),
            4 => drop(command.env("GATE_TELEMETRY_DISABLED", "1")),
            7 => drop(command.env("CI", "true")),
            8 => drop(command.env("HOST_INSTANCE", PRODUCTION)),
            9 => write_gone(sandbox, sdk),
            10 => write_consent(sandbox, sdk, json!("off")),
            other => panic!("no layer {other}"),
        }
    }
    command
}

#[test]
fn r13_each_layer_alone_is_silent() {
    for layer in LAYERS {
        let sandbox = Sandbox::new();
        let status = see_nothing(&sandbox, &mut closed(&sandbox, &[layer], "status"));
        let seen = see_nothing(&sandbox, &mut closed(&sandbox, &[layer], "record"));
        for seen in [&status, &seen] {
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", layer), "layer {layer}");
            assert_eq!(seen.layer(layer).0, "off");
        }
        if layer <= 8 {
            assert_eq!(seen.count("offered"), 0, "layer {layer}: decided before the event");
            assert_eq!(seen.threads, 1, "layer {layer}: no thread");
            assert_eq!(seen.answer["flushed"], "Err(Refused)", "layer {layer}");
        }
        assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 0), "layer {layer}");
    }
}

#[test]
fn r13_of_two_layers_the_first_decides_and_both_are_shown() {
    for (index, first) in LAYERS.into_iter().enumerate() {
        for second in LAYERS.into_iter().skip(index + 1) {
            let sandbox = Sandbox::new();
            let seen = see_nothing(&sandbox, &mut closed(&sandbox, &[first, second], "record"));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", first), "{first} and {second}");
            // Where the user decided, the default is not asked.
            let second_says = if (first, second) == (10, 11) { "allows" } else { "off" };
            assert_eq!((seen.layer(first).0, seen.layer(second).0), ("off", second_says), "{first} and {second}");
            assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 0), "{first} and {second}");
        }
    }
}

#[test]
fn r14_status_names_every_layer_in_order() {
    let sandbox = Sandbox::new();
    let seen = see(&mut closed(&sandbox, &[4], "status"));
    let numbers: Vec<_> =
        seen.layers.as_array().unwrap().iter().map(|layer| layer["number"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=11).collect::<Vec<_>>());
    assert_eq!(seen.layer(4), ("off", "GATE_TELEMETRY_DISABLED=1"));
}

/// The records of a program that is off stay where they are; without the variable the next run goes on.
#[test]
fn r13_variables_delete_nothing() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(500)).reply(Reply::status(500)).reply(Reply::status(500));
    let seen = see(open(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 1), "the server is down: {}", seen.ledger);
    for (variable, value) in [("DO_NOT_TRACK", "1"), ("GATE_NO_TELEMETRY", "yes"), ("CI", "1"), ("SUDO_UID", "1000")] {
        see_nothing(&sandbox, open(&sandbox, "library", "record").arg("2").env(variable, value));
    }
    let before = sandbox.server.requests().len();
    see(open(&sandbox, "library", "record").arg("3"));
    let after: Vec<_> = sandbox.server.requests().split_off(before);
    let mut numbers: Vec<_> =
        after.iter().flat_map(telemetry_tests::events_of).map(|(_, payload)| payload["number"].as_u64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(1), Some(3)]);
}

#[test]
fn r15_values_of_variables() {
    let silent: &[&[u8]] = &[
        b"1",
        b"true",
        b"TRUE",
        b"yes",
        b"on",
        b"y",
        b"2",
        b"-1",
        b"00",
        b"ture",
        b"enabled",
        b"null",
        b" 1 ",
        b"no thanks",
        b"\xff\xfe",
        "\u{ff10}".as_bytes(),
    ];
    let open_values: &[&[u8]] =
        &[b"", b"0", b"false", b"False", b"FALSE", b"no", b"NO", b"off", b"Off", b" ", b" 0 ", b"\tfalse\n"];
    for (variable, layer) in [("DO_NOT_TRACK", 3), ("GATE_TELEMETRY_DISABLED", 4), ("GATE_NO_TELEMETRY", 4)] {
        for value in silent {
            let sandbox = Sandbox::new();
            let value = OsStr::from_bytes(value);
            let seen = see_nothing(&sandbox, open(&sandbox, "library", "record").env(variable, value));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", layer), "{variable}={value:?}");
        }
        let sandbox = Sandbox::new();
        for (number, value) in open_values.iter().enumerate() {
            let value = OsStr::from_bytes(value);
            let seen = see(open(&sandbox, "library", "record").arg(number.to_string()).env(variable, value));
            assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1), "{variable}={value:?}");
        }
        assert_eq!(arrived(&sandbox), (0..open_values.len() as u64).collect::<Vec<_>>());
    }
}

/// Nothing that could turn telemetry on beats `DO_NOT_TRACK`.
#[test]
fn r15_do_not_track_is_above_everything_that_enables() {
    let sandbox = Sandbox::new();
    write_consent(&sandbox, "library", json!("on"));
    let mut command = open(&sandbox, "library", "record");
    command.env("DO_NOT_TRACK", "1").env("HOST_LOOPBACK", "1").env("HOST_INSTANCE", DEVELOPMENT);
    command.env("GATE_TELEMETRY_DISABLED", "0").env("HOST_DEBUG", "1");
    let before = contents(&sandbox.state());
    let seen = see(&mut command);
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 3));
    assert_eq!((sandbox.server.connections(), contents(&sandbox.state())), (0, before));
    // Debug mode was asked for: it says why there is nothing, and shows nothing.
    assert!(seen.stderr.contains("nothing to send: off by layer 3"), "{}", seen.stderr);
    assert_eq!(seen.stderr.lines().count(), 1, "{}", seen.stderr);
}

#[test]
fn layer_1_official_builds_only() {
    let sandbox = Sandbox::new();
    let seen = see_nothing(&sandbox, &mut open(&sandbox, "official", "record"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 1));
    // The variable counts when the program is built, not when it runs.
    let seen = see_nothing(&sandbox, open(&sandbox, "official", "record").env("GATE_OFFICIAL_BUILD", "1"));
    assert_eq!(seen.decided_by, 1);
    let seen = see(&mut open(&sandbox, "release_official", "record"));
    assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1));
}

#[test]
fn r34_ci_and_tests_are_off_unless_asked_for() {
    for (variable, value) in [
        ("CI", "1"),
        ("CONTINUOUS_INTEGRATION", "true"),
        ("GITHUB_ACTIONS", "true"),
        ("JENKINS_URL", "http://ci.example/"),
        ("TEAMCITY_VERSION", "2024.1"),
        ("TF_BUILD", "ture"),
        ("NIX_BUILD_TOP", "/build"),
        ("NEXTEST", "1"),
        ("SUDO_UID", "1000"),
    ] {
        let sandbox = Sandbox::new();
        let seen = see_nothing(&sandbox, open(&sandbox, "library", "record").env(variable, value));
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 7), "{variable}={value}");
        let mut asked = open(&sandbox, "everywhere", "record");
        asked.env(variable, value);
        if variable == "SUDO_UID" {
            assert_eq!(see_nothing(&sandbox, &mut asked).decided_by, 7, "nothing lifts root in another's home");
        } else {
            assert_eq!(see(&mut asked).count("sent"), 1, "{variable}={value}, and the SDK asks for it");
        }
    }
    let sandbox = Sandbox::new();
    assert_eq!(see(open(&sandbox, "library", "record").env("CI", "false")).count("sent"), 1, "CI=false is none");
}

/// A test binary of cargo is known by its name, whatever started it.
#[test]
fn r34_a_test_binary_is_off() {
    let sandbox = Sandbox::new();
    let deps = sandbox.home().join("deps");
    fs::create_dir(&deps).unwrap();
    let program = deps.join("golden_gate-0123456789abcdef");
    std::os::unix::fs::symlink(sibling("golden_gate"), &program).unwrap();
    let run_as_test = |sdk: &str| {
        let mut command = sandbox.command(&program);
        command.args([sdk, "record"]).env("HOST_SHOWED_NOTICE", "1").env("HOST_ALLOWS_RELEASE", "1");
        command
    };
    let seen = see_nothing(&sandbox, &mut run_as_test("library"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 7));
    assert_eq!(see(&mut run_as_test("everywhere")).count("sent"), 1);
}

/// Layer 8, as `docs/gate.md` has it: who, which build, which key, and whether the host allowed it.
#[test]
fn r34_development_and_release_builds() {
    let debug = cfg!(debug_assertions);
    let (development, production) = (Some(DEVELOPMENT), Some(PRODUCTION));
    for (sdk, key, allowed, on) in [
        ("library", None, false, debug),
        ("library", None, true, true),
        ("library", development, false, true),
        ("library", production, false, false),
        ("library", production, true, false),
        ("release_library", None, false, false),
        ("release_library", None, true, true),
        ("release_library", development, false, true),
        ("release_library", production, false, false),
        ("release_library", production, true, false),
        ("application", None, false, !debug),
        ("application", None, true, !debug),
        ("release_application", None, false, true),
    ] {
        let sandbox = Sandbox::new();
        let mut command = open(&sandbox, sdk, "record");
        if let Some(key) = key {
            command.env("HOST_INSTANCE", key);
        }
        if !allowed {
            command.env_remove("HOST_ALLOWS_RELEASE");
        }
        let case = format!("{sdk}, key {key:?}, allowed {allowed}");
        if on {
            let seen = see(&mut command);
            assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1), "{case}");
        } else {
            let seen = see_nothing(&sandbox, &mut command);
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 8), "{case}");
        }
    }
}

#[test]
fn loopback_lifts_7_and_8_and_the_notice_but_no_production_key() {
    let sandbox = Sandbox::new();
    for sdk in ["library", "release_library", "application", "next_run"] {
        let mut command = sandbox.command(sibling("golden_gate"));
        command.args([sdk, "record"]).env("HOST_LOOPBACK", "1").env("CI", "1");
        let seen = see(&mut command);
        assert_eq!(seen.count("sent"), 1, "{sdk}");
        assert!(seen.stderr.contains("are lifted for this loopback endpoint"), "{}", seen.stderr);
    }
    let connections = sandbox.server.connections();
    let mut command = sandbox.command(sibling("golden_gate"));
    command.args(["release_library", "record"]).env("HOST_LOOPBACK", "1").env("HOST_INSTANCE", PRODUCTION);
    assert_eq!(see(&mut command).decided_by, 8);
    assert_eq!(sandbox.server.connections(), connections);
}

#[test]
fn layer_9_a_410_ends_it_until_the_user_clears_it() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(410));
    let seen = see(open(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.count("sent"), seen.count("rejected")), (0, 1));
    assert_eq!(sandbox.server.requests().len(), 1, "410 is not tried again");
    for number in ["2", "3"] {
        let seen = see_nothing(&sandbox, open(&sandbox, "library", "record").arg(number));
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 9));
    }
    // Another SDK of the same user is another matter.
    assert_eq!(see(open(&sandbox, "everywhere", "record").arg("4")).count("sent"), 1);
    fs::remove_file(sdk_folder(&sandbox, "library").join("memory.json")).unwrap();
    assert_eq!(see(open(&sandbox, "library", "record").arg("5")).count("sent"), 1);
    assert_eq!(arrived(&sandbox), [1, 4, 5], "what was recorded while it was off is not sent later");
}

#[test]
fn layer_9_a_410_ends_it_in_the_same_run() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(410));
    let seen = with_pause(open(&sandbox, "library", "record-again").arg("1"), || {});
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 9));
    assert_eq!((seen.count("offered"), seen.count("rejected"), seen.count("waiting")), (1, 1, 0), "{}", seen.ledger);
    assert_eq!(arrived(&sandbox), [1]);
}

#[test]
fn layer_10_what_the_consent_file_says() {
    type Put = fn(&Path);
    let cases: &[(&str, Put, &str, u64)] = &[
        ("off", |file| fs::write(file, r#"{"version":1,"consent":"off","agreed":{},"sdk":null}"#).unwrap(), "off", 10),
        (
            "the line of README.txt",
            |file| fs::write(file, "{\"version\":1,\"consent\":\"off\",\"agreed\":{},\"sdk\":null}\n").unwrap(),
            "off",
            10,
        ),
        (
            "local",
            |file| fs::write(file, r#"{"version":1,"consent":"local","agreed":{},"sdk":null}"#).unwrap(),
            "local",
            10,
        ),
        ("garbage", |file| fs::write(file, "on").unwrap(), "off", 10),
        ("half a file", |file| fs::write(file, r#"{"version":1,"consent":"on""#).unwrap(), "off", 10),
        (
            "a misspelt word",
            |file| fs::write(file, r#"{"version":1,"consent":"yes","agreed":{},"sdk":null}"#).unwrap(),
            "off",
            10,
        ),
        (
            "a later version",
            |file| fs::write(file, r#"{"version":2,"consent":"on","agreed":{},"sdk":null}"#).unwrap(),
            "off",
            10,
        ),
        ("empty", |file| fs::write(file, "").unwrap(), "off", 10),
        ("a folder", |file| fs::create_dir(file).unwrap(), "off", 10),
        ("a symbolic link", |file| std::os::unix::fs::symlink("/dev/null", file).unwrap(), "off", 10),
        ("on", |file| fs::write(file, r#"{"version":1,"consent":"on","agreed":{},"sdk":null}"#).unwrap(), "on", 10),
    ];
    for (name, put, mode, decided_by) in cases {
        let sandbox = Sandbox::new();
        put(&sdk_folder(&sandbox, "library").join("consent.json"));
        let seen = see(&mut open(&sandbox, "library", "record"));
        assert_eq!((seen.mode.as_str(), seen.decided_by), (*mode, *decided_by), "{name}");
        assert_eq!(sandbox.server.connections(), u64::from(*mode == "on"), "{name}");
        assert_eq!(seen.count("waiting"), u64::from(*mode == "local"), "{name}: {}", seen.ledger);
        assert_eq!(seen.stderr, "", "{name}");
        if *mode == "off" {
            assert!(!sdk_folder(&sandbox, "library").join("spool").exists(), "{name}: nothing is spooled");
        }
    }
}

#[test]
fn layer_10_local_collects_and_a_later_on_sends() {
    let sandbox = Sandbox::new();
    see(open(&sandbox, "library", "consent").arg("local"));
    let seen = see(open(&sandbox, "library", "record").arg("1"));
    assert_eq!((seen.mode.as_str(), seen.count("waiting"), sandbox.server.connections()), ("local", 1, 0));
    see(open(&sandbox, "library", "consent").arg("off"));
    assert!(!sandbox.files().keys().any(|path| path.starts_with("telemetry/gate-library/spool")), "`off` deletes");
    see_nothing(&sandbox, open(&sandbox, "library", "record").arg("2"));
    see(open(&sandbox, "library", "consent").arg("on"));
    let seen = see(open(&sandbox, "library", "record").arg("3"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("on", 10));
    assert_eq!(arrived(&sandbox), [3]);
}

/// A setting of the host asks the gate again, and does not wash away what the user had said.
#[test]
fn r13_a_later_setting_opens_nothing() {
    for consent in ["off", "local"] {
        let sandbox = Sandbox::new();
        see(open(&sandbox, "library", "consent").arg(consent));
        let seen = see(open(&sandbox, "library", "reconfigure").arg("1"));
        assert_eq!((seen.mode.as_str(), seen.decided_by), (consent, 10));
        // Offered while nobody had read the folder: the first event, and the first after the setting.
        let (offered, waiting) = if consent == "off" { (2, 0) } else { (3, 3) };
        assert_eq!((seen.count("offered"), seen.count("waiting")), (offered, waiting), "{}", seen.ledger);
        assert_eq!(seen.count("erased"), offered - waiting, "{}", seen.ledger);
        assert_eq!(sandbox.server.connections(), 0);
    }
}

/// A second after the user said no in another process, this one neither writes nor sends, and makes no folder again.
#[test]
fn r13_off_in_another_process_stops_this_one() {
    // The first event's number: 0 is none, so that nothing was ever spooled before the user says no.
    for first in ["1", "0"] {
        let sandbox = Sandbox::new();
        let seen = with_pause(open(&sandbox, "library", "record-again").arg(first), || {
            see(open(&sandbox, "library", "consent").arg("off"));
            std::thread::sleep(Duration::from_secs(1));
        });
        assert!(seen.answer["before"].as_str().unwrap().contains(&format!("sent: {first}")), "{}", seen.answer);
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 10));
        assert_eq!(arrived(&sandbox).len(), usize::from(first == "1"), "nothing later");
        assert_eq!(seen.count("waiting"), 0, "{}", seen.ledger);
        assert!(!sdk_folder(&sandbox, "library").join("spool").exists(), "{:?}", sandbox.files());
    }
}

#[test]
fn r13_local_in_another_process_stops_the_sending_of_this_one() {
    let sandbox = Sandbox::new();
    let seen = with_pause(open(&sandbox, "library", "record-again").arg("1"), || {
        see(open(&sandbox, "library", "consent").arg("local"));
        std::thread::sleep(Duration::from_secs(1));
    });
    assert_eq!((seen.mode.as_str(), seen.count("sent"), seen.count("waiting")), ("local", 1, 1), "{}", seen.ledger);
    assert_eq!(arrived(&sandbox), [1]);

    // The same for what was recorded before.
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(503).header("retry-after", "3600"));
    let seen = with_pause(open(&sandbox, "library", "deliver-again").arg("1"), || {
        see(open(&sandbox, "library", "consent").arg("local"));
        std::thread::sleep(Duration::from_secs(1));
    });
    assert!(seen.answer["before"].as_str().unwrap().contains("sent: 0, waiting: 1"), "{}", seen.answer);
    assert_eq!((seen.mode.as_str(), seen.count("sent"), seen.count("waiting")), ("local", 0, 1), "{}", seen.ledger);
    assert_eq!(sandbox.server.requests().len(), 1);
}

/// Opt-in: no answer is no.
#[test]
fn r17_undecided_is_off_for_an_opt_in_sdk() {
    let sandbox = Sandbox::new();
    let seen = see_nothing(&sandbox, &mut open(&sandbox, "opt_in", "record"));
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 11));
    write_consent(&sandbox, "opt_in", Value::Null);
    assert_eq!(see_nothing(&sandbox, &mut open(&sandbox, "opt_in", "record")).decided_by, 11, "told is not asked");
    see(open(&sandbox, "opt_in", "consent").arg("on"));
    assert_eq!(see(&mut open(&sandbox, "opt_in", "record")).count("sent"), 1);
}

/// A home that is not there or cannot be used: off, silent, and the program succeeds as it would have.
#[test]
fn r10_without_a_usable_home_nothing_happens() {
    type Put = fn(&Sandbox, &mut Command);
    let cases: &[(&str, Put)] = &[
        ("no home", |_, command| {
            command.env_remove("HOME").env_remove("XDG_STATE_HOME");
        }),
        ("an empty home", |_, command| {
            command.env("HOME", "").env_remove("XDG_STATE_HOME");
        }),
        ("a relative home", |_, command| {
            command.env("HOME", "home").env_remove("XDG_STATE_HOME");
        }),
        ("a home that does not exist", |sandbox, command| {
            command.env("HOME", sandbox.home().join("nobody")).env_remove("XDG_STATE_HOME");
        }),
        ("a file as home", |sandbox, command| {
            fs::write(sandbox.home().join("file"), "").unwrap();
            command.env("HOME", sandbox.home().join("file")).env_remove("XDG_STATE_HOME");
        }),
        ("a home in which nothing can be made", |_, command| {
            command.env("HOME", "/proc/self").env_remove("XDG_STATE_HOME");
        }),
        ("a state folder in which nothing can be made", |_, command| {
            command.env("XDG_STATE_HOME", "/proc/self");
        }),
        ("a file as state folder", |sandbox, command| {
            fs::write(sandbox.home().join("file"), "").unwrap();
            command.env("XDG_STATE_HOME", sandbox.home().join("file"));
        }),
        ("a file in the place of our folder", |sandbox, _| {
            fs::write(sandbox.state().join("telemetry"), "").unwrap();
        }),
        ("a link in the place of our folder", |sandbox, _| {
            std::os::unix::fs::symlink(sandbox.home(), sandbox.state().join("telemetry")).unwrap();
        }),
        ("a folder that others may write", |sandbox, _| {
            let folder = sdk_folder(sandbox, "library");
            fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        }),
    ];
    for (name, put) in cases {
        let sandbox = Sandbox::new();
        let mut command = open(&sandbox, "library", "record");
        put(&sandbox, &mut command);
        let before = contents(sandbox.home());
        let seen = see(&mut command);
        assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 10), "{name}: {}", seen.layers);
        assert_eq!((seen.stderr.as_str(), sandbox.server.connections()), ("", 0), "{name}");
        assert_eq!(contents(sandbox.home()), before, "{name}");
        assert_eq!((seen.count("sent"), seen.count("waiting")), (0, 0), "{name}: {}", seen.ledger);
    }
}

#[test]
fn recheck_reads_the_environment_and_the_files_again() {
    let sandbox = Sandbox::new();
    write_consent(&sandbox, "library", json!("off"));
    let mut command = open(&sandbox, "library", "recheck");
    let mut child = command.arg("5").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    write_consent(&sandbox, "library", json!("on"));
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    line.clear();
    stdout.read_line(&mut line).unwrap();
    assert!(finish(child).status.success());
    let seen = seen(&line, String::new());
    assert_eq!((seen.mode.as_str(), seen.count("sent")), ("on", 1), "{}", seen.answer);
    assert_eq!(arrived(&sandbox), [5]);
}

// ---- Debug mode and streams -------------------------------------------------------------------------------------

#[test]
fn r31_debug_mode_prints_to_stderr_and_does_nothing_else() {
    for variable in ["GATE_TELEMETRY_DEBUG", "HOST_DEBUG"] {
        let sandbox = Sandbox::new();
        let before = contents(&sandbox.state());
        let seen = see(open(&sandbox, "library", "record").arg("9").env(variable, "1"));
        assert_eq!(seen.mode, "debug");
        assert!(seen.stderr.contains("\"payload\":{\"number\":9}"), "{}", seen.stderr);
        // The variable is that of all SDKs of this program; those that the host has turned off say so.
        let all = |line: &str| line.starts_with("[gate-library telemetry] ") || line.contains("off by layer");
        assert!(seen.stderr.lines().all(all), "{}", seen.stderr);
        assert_eq!((sandbox.server.connections(), contents(&sandbox.state())), (0, before));
    }
    // Where nothing would be sent it says so, and still shows the events.
    let sandbox = Sandbox::new();
    let seen = see(open(&sandbox, "library", "record").env("GATE_TELEMETRY_DEBUG", "1").env("CI", "1"));
    assert!(seen.stderr.contains("off by layer 7") && seen.stderr.contains("\"payload\""), "{}", seen.stderr);
    let seen = see(open(&sandbox, "library", "deliver").env("GATE_TELEMETRY_DEBUG", "1"));
    assert!(seen.stderr.contains("debug: nothing to send"), "{}", seen.stderr);
}

#[test]
fn r31_a_suppressed_notice_does_not_count_as_shown() {
    let sandbox = Sandbox::new();
    for _ in 0..2 {
        // `see` asserts that standard output is the program's own.
        let mut command = sandbox.command(sibling("golden_gate"));
        command.args(["next_run", "record", "1"]).env("HOST_ALLOWS_RELEASE", "1");
        let seen = see_nothing(&sandbox, &mut command);
        assert_eq!(seen.mode, "waiting for the notice");
        assert_eq!((seen.count("offered"), seen.count("before_notice"), seen.count("accepted")), (1, 1, 0));
    }
}

// ---- The notice -------------------------------------------------------------------------------------------------

/// Runs a program whose standard error is a terminal; answers with what it showed there.
fn see_on_terminal(command: &mut Command) -> Seen {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = OsString::from(OsStr::from_bytes(ptsname(&terminal, Vec::new()).unwrap().as_bytes()));
    let other_end = || fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
    command.env("TERM", command_term(command)).stderr(other_end());
    let child = command.spawn().unwrap();
    // Whoever writes keeps the terminal open: it is read until the program is gone.
    command.stderr(Stdio::null());
    let reader = std::thread::spawn(move || {
        let (mut shown, mut terminal) = (Vec::new(), fs::File::from(terminal));
        let _ = terminal.read_to_end(&mut shown); // Ends with EIO when nobody has the other end.
        shown
    });
    let output = finish(child);
    let stderr = String::from_utf8(reader.join().unwrap()).unwrap().replace("\r\n", "\n");
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.lines().count(), 1, "standard output is the program's: {stdout}");
    let stdout = if stdout.contains("\"status\"") { stdout } else { format!("{{\"status\":{stdout},\"threads\":0}}") };
    seen(&stdout, stderr)
}

fn command_term(command: &Command) -> OsString {
    let set = command.get_envs().find(|(name, _)| *name == "TERM").and_then(|(_, value)| value);
    set.unwrap_or(OsStr::new("xterm")).to_owned()
}

/// A program of an SDK whose notice the runtime shows.
fn untold(sandbox: &Sandbox, sdk: &str, action: &str, number: &str) -> Command {
    let mut command = sandbox.command(sibling("golden_gate"));
    command.args([sdk, action, number]).env("HOST_ALLOWS_RELEASE", "1");
    command
}

#[test]
fn r31_the_notice_is_shown_once_and_before_anything_is_recorded() {
    let sandbox = Sandbox::new();
    let untold = |number| untold(&sandbox, "next_run", "record", number);
    see_nothing(&sandbox, &mut untold("1"));
    let seen = see_on_terminal(&mut untold("2"));
    for part in [
        "gate-next-run collects usage data without an id of you or your machine: happened.",
        "http://127.0.0.1:4318",
        "Gate Inc.",
        "GATE_TELEMETRY_DISABLED=1",
        "https://gate.example/telemetry",
    ] {
        assert!(seen.stderr.contains(part), "{part:?} is in the notice: {}", seen.stderr);
    }
    assert_eq!((seen.count("before_notice"), seen.count("accepted")), (1, 0));
    assert_eq!(sandbox.server.connections(), 0, "nothing is sent in the run that tells");
    // Told: the next run records, and the notice is not shown again.
    let seen = see_on_terminal(&mut untold("3"));
    assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 1));
    let seen = see(&mut untold("4"));
    assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 1));
    assert_eq!(arrived(&sandbox), [3, 4], "what happened before the notice is never sent");
}

/// The notice is no question: nobody reads standard input, and a terminal that stays open holds nothing up.
#[test]
fn r17_the_notice_waits_for_nobody() {
    let sandbox = Sandbox::new();
    let mut command = untold(&sandbox, "next_run", "record", "1");
    let (input, _kept_open) = std::io::pipe().unwrap();
    let seen = see_on_terminal(command.stdin(input));
    assert!(seen.stderr.contains("gate-next-run collects"), "{}", seen.stderr);
    assert_eq!(seen.mode, "on", "told, not asked: the default holds from the next run on");
    assert_eq!(sandbox.server.connections(), 0);
}

/// CI, agents and terminals that cannot show anything are no people: no notice, and so no recording.
#[test]
fn r17_no_notice_where_nobody_watches() {
    for (variable, value) in [
        ("CI", "1"),
        ("GITHUB_ACTIONS", "true"),
        ("CLAUDECODE", "1"),
        ("CURSOR_AGENT", "1"),
        ("AI_AGENT", "x"),
        ("TERM", "dumb"),
    ] {
        let sandbox = Sandbox::new();
        let before = contents(&sandbox.state());
        // The SDK asks for CI, so that layer 7 is not what keeps the notice back.
        let seen = see_on_terminal(untold(&sandbox, "next_run_everywhere", "record", "1").env(variable, value));
        assert_eq!(seen.stderr, "", "{variable}={value}");
        assert_eq!((seen.mode.as_str(), seen.count("before_notice")), ("waiting for the notice", 1), "{variable}");
        assert_eq!((sandbox.server.connections(), contents(&sandbox.state())), (0, before), "{variable}={value}");
    }
}

/// Opted out there is nothing to tell.
#[test]
fn r13_no_notice_for_whoever_opted_out() {
    for (variable, value) in [("DO_NOT_TRACK", "1"), ("GATE_TELEMETRY_DISABLED", "yes"), ("HOST_VETOES", "1")] {
        let sandbox = Sandbox::new();
        let before = contents(&sandbox.state());
        let seen = see_on_terminal(untold(&sandbox, "next_run", "record", "1").env(variable, value));
        assert_eq!((seen.stderr.as_str(), seen.mode.as_str()), ("", "off"), "{variable}");
        assert_eq!(contents(&sandbox.state()), before, "{variable}");
    }
}

/// `SameRun` records in the run that told, and sends nothing in its first ten seconds: by order, a flush returns and the
/// server has seen nobody.
#[test]
fn same_run_records_at_once_and_does_not_send_at_once() {
    let sandbox = Sandbox::new();
    see_nothing(&sandbox, &mut untold(&sandbox, "same_run", "record", "1"));
    let seen = see_on_terminal(&mut untold(&sandbox, "same_run", "record", "2"));
    assert!(seen.stderr.contains("gate-same-run collects"), "{}", seen.stderr);
    assert!(seen.answer["flushed"].as_str().unwrap().contains("sent: 0"), "{}", seen.answer);
    assert_eq!((seen.count("accepted"), seen.count("waiting"), sandbox.server.connections()), (1, 1, 0));
    let seen = see(&mut untold(&sandbox, "same_run", "record", "3"));
    assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 2));
    assert_eq!(arrived(&sandbox), [2, 3]);
}

/// A host that shows the notice says which one.
#[test]
fn a_host_shows_the_notice_by_its_hash() {
    let sandbox = Sandbox::new();
    for hash in [None, Some("0"), Some("0000000000000000000000000000000000000000000000000000000000000000")] {
        let mut command = untold(&sandbox, "library", "record", "1");
        if let Some(hash) = hash {
            command.env("HOST_SHOWED_NOTICE", hash);
        }
        let seen = see_nothing(&sandbox, &mut command);
        assert_eq!((seen.mode.as_str(), seen.count("before_notice")), ("waiting for the notice", 1), "{hash:?}");
    }
    let seen = see_on_terminal(&mut untold(&sandbox, "library", "record", "2"));
    assert_eq!((seen.stderr.as_str(), seen.count("before_notice")), ("", 1), "with `Host` the runtime shows nothing");
    assert_eq!(see(untold(&sandbox, "library", "record", "3").env("HOST_SHOWED_NOTICE", "1")).count("sent"), 1);
    assert_eq!(see(&mut untold(&sandbox, "library", "record", "4")).count("sent"), 1, "it is remembered");
    assert_eq!(arrived(&sandbox), [3, 4]);
}

/// An event that is new since the user was told stays unsent as a whole, until the user was told of it.
#[test]
fn r18_a_wider_set_asks_again_and_a_narrower_one_does_not() {
    let sandbox = Sandbox::new();
    let program = |name: &str| sandbox.command(sibling(name));
    let plain = |name: &str| {
        let seen = see_status(&mut program(name));
        (seen.count("sent"), seen.count("not_agreed"), seen.stderr)
    };
    let on_terminal = |name: &str| {
        let seen = see_on_terminal(&mut program(name));
        (seen.count("sent"), seen.count("not_agreed"), seen.stderr)
    };
    let (sent, _, shown) = on_terminal("golden_agreed_one");
    assert!(sent == 0 && shown.contains("collects") && !shown.contains("added"), "{shown}");
    assert_eq!(plain("golden_agreed_one"), (1, 0, String::new()));
    assert_eq!(plain("golden_agreed_two"), (1, 1, String::new()), "the new event is not sent");
    let (sent, not_agreed, shown) = on_terminal("golden_agreed_two");
    assert_eq!((sent, not_agreed), (1, 1), "nor in the run that tells of it");
    assert!(shown.contains("added") && shown.contains("known"), "{shown}");
    assert_eq!(plain("golden_agreed_two"), (2, 0, String::new()));
    assert_eq!(on_terminal("golden_agreed_one"), (1, 0, String::new()), "a removal asks nobody");
    let names: Vec<_> = sandbox.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["known", "known", "known", "known", "added", "known"]);
}

/// As `see`, for programs that print their status and nothing else.
fn see_status(command: &mut Command) -> Seen {
    let output = run(command);
    let status = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command:?}");
    seen(&format!("{{\"status\":{status},\"threads\":0}}"), String::from_utf8(output.stderr).unwrap())
}

// ---- The host ---------------------------------------------------------------------------------------------------

#[test]
fn r22_the_hosts_veto_reaches_every_sdk() {
    for sdk in ["library", "opt_in", "everywhere", "next_run", "release_library", "release_application"] {
        let sandbox = Sandbox::new();
        write_consent(&sandbox, sdk, json!("on"));
        for action in ["status", "record"] {
            let seen = see_nothing(&sandbox, open(&sandbox, sdk, action).env("HOST_VETOES", "1"));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 2), "{sdk}");
            assert_eq!((seen.layer(2).1, seen.count("offered"), seen.threads), ("vetoed", 0, 1), "{sdk}");
        }
        // Not even what the host itself set takes the veto back.
        let mut command = open(&sandbox, sdk, "record");
        command.env("HOST_VETOES", "1").env("HOST_INSTANCE", DEVELOPMENT).env("HOST_LOOPBACK", "1");
        let seen = see(&mut command);
        assert_eq!((seen.decided_by, sandbox.server.connections()), (2, 0), "{sdk}");
    }
}

#[test]
fn r22_nothing_global_is_taken() {
    let sandbox = Sandbox::new();
    let seen = see(&mut open(&sandbox, "library", "globals"));
    assert_eq!(
        seen.answer,
        json!({
            "flushed": "Ok(Flushed { sent: 1, waiting: 0 })",
            "panicked": true,
            "host_hook_ran": 1,
            "subscriber": false,
            "logger": "Off",
            "host_can_log": true,
        })
    );
}

#[test]
fn a_veto_discards_what_is_queued() {
    let sandbox = Sandbox::new();
    let seen = see(&mut open(&sandbox, "library", "veto-queued"));
    assert_eq!(seen.answer["flushed"], "Err(Refused)");
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 2));
    assert_eq!((seen.count("offered"), seen.count("sent"), seen.count("waiting")), (100, 0, 0), "{}", seen.ledger);
    assert_eq!(seen.count("erased"), 100, "{}", seen.ledger);
    // A later run without a veto finds nothing of it.
    assert_eq!(see(&mut open(&sandbox, "library", "deliver")).count("sent"), 0);
    assert_eq!(sandbox.server.connections(), 0);
}

/// Talks to a program that waits for a line: `meanwhile` runs between "ready" and the line.
fn with_pause(command: &mut Command, meanwhile: impl FnOnce()) -> Seen {
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    stdout.read_line(&mut line).unwrap();
    assert_eq!(line, "ready\n");
    meanwhile();
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    let rest = std::thread::spawn(move || {
        let mut rest = String::new();
        stdout.read_to_string(&mut rest).map(|_| rest)
    });
    let output = finish(child);
    assert!(output.status.success());
    seen(&rest.join().unwrap().unwrap(), String::from_utf8(output.stderr).unwrap())
}

fn spooled(sandbox: &Sandbox) -> Vec<PathBuf> {
    let is_data = |path: &PathBuf| {
        path.components().any(|part| part.as_os_str() == "spool") && path.file_name().is_none_or(|name| name != "lock")
    };
    sandbox.files().into_iter().filter(|(path, bytes)| is_data(path) && *bytes > 0).map(|(path, _)| path).collect()
}

#[test]
fn a_veto_discards_what_is_spooled() {
    let sandbox = Sandbox::new();
    see(open(&sandbox, "library", "consent").arg("local")); // Nothing is sent before the veto.
    let seen = with_pause(&mut open(&sandbox, "library", "veto-spooled"), || {
        wait_until("the events are on disk", || !spooled(&sandbox).is_empty());
    });
    assert_eq!(seen.answer["waiting"], 10);
    assert_eq!((seen.count("waiting"), seen.count("erased")), (0, 10), "{}", seen.ledger);
    assert_eq!(spooled(&sandbox), Vec::<PathBuf>::new());
    see(open(&sandbox, "library", "consent").arg("on"));
    assert_eq!(see(&mut open(&sandbox, "library", "deliver")).count("sent"), 0);
    assert_eq!(sandbox.server.connections(), 0);
}

/// What another run left is the next run's business: a veto in this process discards what is this process's.
#[test]
fn a_veto_leaves_the_events_of_other_runs() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(500)).reply(Reply::status(500)).reply(Reply::status(500));
    assert_eq!(see(open(&sandbox, "library", "record").arg("1")).count("waiting"), 1);
    let before = sandbox.server.requests().len();
    see_nothing(&sandbox, open(&sandbox, "library", "record").arg("2").env("HOST_VETOES", "1"));
    see(open(&sandbox, "library", "record").arg("3"));
    let later = sandbox.server.requests().split_off(before);
    assert_eq!(later.iter().flat_map(telemetry_tests::events_of).count(), 2);
}

#[test]
fn a_veto_cancels_the_request_in_flight() {
    let sandbox = Sandbox::new();
    // An answer that is on its way: who still waits for it counts the event as sent.
    sandbox.server.reply(Reply::status(200).delay(Duration::from_secs(3)));
    let seen = with_pause(&mut open(&sandbox, "library", "veto-in-flight"), || {
        assert_eq!(sandbox.server.wait_for(1, LONG).len(), 1);
    });
    assert!(seen.answer["flushed"].as_str().unwrap().starts_with("Ok("), "{}", seen.answer);
    assert_eq!((seen.count("offered"), seen.count("sent"), seen.count("waiting")), (1, 0, 0), "{}", seen.ledger);
    assert_eq!(spooled(&sandbox), Vec::<PathBuf>::new());
    assert_eq!(see(&mut open(&sandbox, "library", "deliver")).count("sent"), 0);
    assert_eq!(arrived(&sandbox), [1], "the one request that had gone out");
}

#[track_caller]
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + LONG;
    while !done() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `run_ok` for the one program that is not `golden_gate`: the probe of the other tests obeys the same gate.
#[test]
fn the_probe_is_held_by_the_gate_as_it_is() {
    let sandbox = Sandbox::new();
    let status = run_ok(sandbox.probe("record-status").env("PROBE_STRICT_GATE", "1").env("PROBE_ALLOW_RELEASE", "1"));
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["mode"], "waiting for the notice");
    assert_eq!(status["ledger"]["accepted"], 0);
    assert_eq!((sandbox.server.connections(), sandbox.files().len()), (0, 0));
}
