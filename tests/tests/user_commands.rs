//! `<product> telemetry …`: what a user does, what the command says, what is on disk, and what the server has.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader},
    os::unix::fs::PermissionsExt as _,
    process::{Command, Stdio},
    sync::LazyLock,
    time::{Duration, Instant},
};

use telemetry_tests::{
    Sandbox, finish,
    fixture::{self, Program},
    run, run_ok, sibling,
    terminal::{Terminal, shown},
};

#[path = "user_commands/counters.rs"]
mod counters;
#[path = "user_commands/identity.rs"]
mod identity;
#[path = "user_commands/levels.rs"]
mod levels;

fn acme(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(sibling("commands"));
    command.args(arguments);
    command
}

/// What `acme telemetry <arguments>` says; it must succeed and write nothing to standard error.
#[track_caller]
fn telemetry(sandbox: &Sandbox, arguments: &[&str]) -> String {
    // More than a pipe holds: it is read meanwhile.
    let output = acme(sandbox, &["telemetry"]).args(arguments).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// As a person at a terminal who sees both outputs.
#[track_caller]
fn at_a_terminal(sandbox: &Sandbox, arguments: &[&str]) -> String {
    let terminal = Terminal::open();
    let mut command = acme(sandbox, arguments);
    command.stdout(terminal.other_end());
    let (child, reader) = terminal.start(&mut command);
    drop(command); // It has an end of the terminal as well.
    let output = finish(child);
    let seen = shown(reader);
    assert!(output.status.success(), "{arguments:?}: {seen}");
    seen
}

/// The names in the folder of the SDK; `None` if there is none.
fn folder(sandbox: &Sandbox) -> Option<Vec<String>> {
    let entries = std::fs::read_dir(sandbox.state().join("telemetry/acme-cli")).ok()?;
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    Some(names)
}

fn mode(sandbox: &Sandbox) -> String {
    let status: serde_json::Value = serde_json::from_str(&telemetry(sandbox, &["status", "--json"])).unwrap();
    status["mode"].as_str().unwrap().to_owned()
}

#[test]
fn r21_a_user_sees_decides_and_erases() {
    let sandbox = Sandbox::new();
    // First sight: nothing is there, and nothing is made.
    assert!(telemetry(&sandbox, &[]).starts_with("acme-cli: waiting for the notice\n"));
    assert!(telemetry(&sandbox, &["notice"]).contains("https://acme.example/telemetry"));
    assert_eq!(telemetry(&sandbox, &["log"]), "Nothing was sent yet, as far as the log goes back.\n");
    assert_eq!(
        telemetry(&sandbox, &["erase"]),
        "There was nothing to remove.\nNow: the next run begins anew, and shows the notice before anything is recorded.\n"
    );
    assert_eq!(folder(&sandbox), None, "to look changes nothing");

    // `on` shows the notice where a person reads it, and nowhere else.
    assert_eq!(
        telemetry(&sandbox, &["on"]),
        "Stored: on.\nNow: nothing is recorded before a run in a terminal has shown you the notice.\n"
    );
    let seen = at_a_terminal(&sandbox, &["telemetry", "on"]);
    assert!(seen.starts_with("Stored: on.\n") && seen.contains("acme-cli collects"), "{seen}");
    assert!(
        seen.ends_with(
            "Now: on. Events are recorded and sent to http://127.0.0.1:4318.\n"
                .replace("4318", &sandbox.server.port().to_string())
                .as_str()
        ),
        "{seen}"
    );
    assert!(!at_a_terminal(&sandbox, &["telemetry", "on"]).contains("collects"), "told once");

    // What was sent is in the log as the server has it.
    run_ok(&mut acme(&sandbox, &["work", "2"]));
    run_ok(&mut acme(&sandbox, &["send"]));
    let log = telemetry(&sandbox, &["log"]);
    let received: Vec<_> =
        sandbox.events().into_iter().map(|(name, payload)| (name, payload["number"].clone())).collect();
    assert_eq!(received.len(), 3);
    assert!(
        log.contains("3 events to http://127.0.0.1:") && log.contains(": taken by the server (HTTP 200)\n"),
        "{log}"
    );
    for (name, number) in &received {
        assert!(log.lines().any(|line| line.contains(name) && line.contains(&format!("\"number\":{number}"))), "{log}");
    }
    let line: serde_json::Value = serde_json::from_str(telemetry(&sandbox, &["log", "--json"]).trim()).unwrap();
    let body: serde_json::Value = serde_json::from_slice(&sandbox.server.requests()[0].body).unwrap();
    assert_eq!(line["events"], body["events"], "byte for byte what the server received");

    // `local` keeps and does not send; `off` deletes.
    assert!(
        telemetry(&sandbox, &["local"])
            .starts_with("Stored: local. Events stay on this machine.\nNow: local, by layer 10")
    );
    run_ok(&mut acme(&sandbox, &["work", "5"]));
    let off = telemetry(&sandbox, &["off"]);
    assert!(
        off.starts_with("Stored: off. 5 events were waiting to be sent, and deleted.\nNow: off, by layer 10"),
        "{off}"
    );
    run_ok(&mut acme(&sandbox, &["work", "5"]));
    run_ok(&mut acme(&sandbox, &["send"]));
    assert_eq!(sandbox.server.requests().len(), 1);
    assert!(telemetry(&sandbox, &["log"]).contains("taken by the server"), "the evidence stays");

    // `erase` leaves the no, and `--forget` nothing.
    let erased = telemetry(&sandbox, &["erase"]);
    assert!(erased.contains("sent.log") && erased.contains("Your decision, off, is kept"), "{erased}");
    assert!(erased.contains("Now: off, by layer 10"), "{erased}");
    assert_eq!(folder(&sandbox).unwrap(), ["consent.json"]);
    assert_eq!(mode(&sandbox), "off");
    telemetry(&sandbox, &["erase", "--forget"]);
    assert_eq!(folder(&sandbox), None);
    assert!(!sandbox.state().join("telemetry").exists(), "the folder of all SDKs was made by us");
    assert_eq!(mode(&sandbox), "waiting for the notice");
}

/// Whoever finds the folder, or asks for the status, is told the command; the notice names it, as the page below shows.
#[test]
fn r18_status_and_readme_name_the_command() {
    let sandbox = Sandbox::new();
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    let readme = std::fs::read_to_string(sandbox.state().join("telemetry/acme-cli/README.txt")).unwrap();
    assert!(readme.contains("To opt out for good: `acme telemetry off`."), "{readme}");
    assert!(readme.contains("The same from this folder:\n\n    echo '{\"version\":1"), "{readme}");
    let status = telemetry(&sandbox, &["status"]);
    assert!(status.contains("\n  your say: acme telemetry off | local | on | preview | log | erase\n"), "{status}");
    let json: serde_json::Value = serde_json::from_str(&telemetry(&sandbox, &["status", "--json"])).unwrap();
    assert_eq!(json["command"], "acme telemetry");
}

/// What a preview shows as `(address, idempotency key, body)`.
fn previewed(said: &str) -> Vec<(String, String, String)> {
    let requests: Vec<_> = said.split("\nPOST ").skip(1).collect();
    requests
        .iter()
        .map(|request| {
            let (head, body) = request.split_once("\n\n").unwrap();
            let key = head.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).unwrap();
            (head.lines().next().unwrap().to_owned(), key.to_owned(), body.lines().next().unwrap().to_owned())
        })
        .collect()
}

#[test]
fn r29_a_preview_is_what_the_server_then_receives() {
    let sandbox = Sandbox::new();
    assert!(telemetry(&sandbox, &["preview"]).starts_with("Nothing waits to be sent.\n"));
    assert_eq!(folder(&sandbox), None, "to look changes nothing");
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    run_ok(&mut acme(&sandbox, &["work", "1200"]));
    let said = telemetry(&sandbox, &["preview"]);
    assert!(said.starts_with("The next upload has 2 requests. Nothing is sent now.\n"), "{said}");
    assert!(said.contains("\nNow: on. Events are recorded and sent to "), "{said}");
    assert_eq!(previewed(&said), previewed(&telemetry(&sandbox, &["preview"])), "the same as often as one looks");
    assert!(sandbox.server.requests().is_empty(), "no connection");
    run_ok(&mut acme(&sandbox, &["send"]));
    let requests = sandbox.server.requests();
    let received: Vec<_> = requests
        .iter()
        .map(|request| {
            let address = format!("http://127.0.0.1:{}{}", sandbox.server.port(), request.path);
            let key = request.header("idempotency-key").unwrap().to_owned();
            (address, key, String::from_utf8(request.body.clone()).unwrap())
        })
        .collect();
    assert_eq!(received[..2], previewed(&said));
    // `send` itself records one more, which nobody could preview.
    assert!(received.len() == 3, "{}", received.len());
    // With a no there is nothing to show, and with `local` it says that it stays.
    telemetry(&sandbox, &["local"]);
    run_ok(&mut acme(&sandbox, &["work", "1"]));
    let said = telemetry(&sandbox, &["preview"]);
    assert!(previewed(&said).len() == 1 && said.contains("\nNow: local, by layer 10"), "{said}");
    telemetry(&sandbox, &["off"]);
    assert!(telemetry(&sandbox, &["preview"]).starts_with("Nothing waits to be sent.\n\nNow: off"));
}

#[test]
fn a_stronger_no_is_named() {
    let sandbox = Sandbox::new();
    let output = run(acme(&sandbox, &["telemetry", "on"]).env("DO_NOT_TRACK", "1"));
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && said.starts_with("Stored: on.\nNow: off, by layer 3,"), "{said}");
    assert!(said.contains("DO_NOT_TRACK"), "{said}");
}

/// A decision that cannot be read counts as a no: to erase it would let the program begin again.
#[test]
fn r21_a_decision_that_cannot_be_read_stays_a_no() {
    for by_product in [true, false] {
        let sandbox = Sandbox::new();
        at_a_terminal(&sandbox, &["telemetry", "on"]);
        std::fs::write(sandbox.state().join("telemetry/acme-cli/consent.json"), "{\"version\":").unwrap();
        assert_eq!(mode(&sandbox), "off");
        let said = if by_product { telemetry(&sandbox, &["erase"]) } else { ctl(&sandbox, &["erase", "acme-cli"]).1 };
        assert!(said.contains("Your decision, off, is kept"), "{said}");
        assert_eq!(folder(&sandbox).unwrap(), ["consent.json"]);
        assert_eq!(mode(&sandbox), "off");
    }
}

#[test]
fn foreign_files_stay() {
    let sandbox = Sandbox::new();
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    let mine = sandbox.state().join("telemetry/acme-cli/mine.txt");
    std::fs::write(&mine, "x").unwrap();
    let erased = telemetry(&sandbox, &["erase"]);
    assert!(erased.contains("Left alone, since it is not ours: mine.txt."), "{erased}");
    assert_eq!(folder(&sandbox).unwrap(), ["mine.txt"]);
}

#[test]
fn what_cannot_be_done_ends_with_one_and_says_why() {
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.state()).unwrap();
    std::fs::write(sandbox.state().join("telemetry"), "a file").unwrap();
    let output = run(&mut acme(&sandbox, &["telemetry", "off"]));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.starts_with("error: no folder to keep the decision in: "), "{said}");
    // A home that can only be read, for whoever is no root.
    let sandbox = Sandbox::new();
    std::fs::create_dir_all(sandbox.state()).unwrap();
    std::fs::set_permissions(sandbox.state(), std::fs::Permissions::from_mode(0o500)).unwrap();
    let output = run(&mut acme(&sandbox, &["telemetry", "off"]));
    let root = rustix::process::geteuid().is_root();
    assert_eq!(output.status.code(), Some(if root { 0 } else { 1 }), "{output:?}");
    std::fs::set_permissions(sandbox.state(), std::fs::Permissions::from_mode(0o700)).unwrap();
}

/// Another process records and sends at full speed. A second after the command nothing is written or sent, and it does not
/// make the folder again.
fn stops_a_running_program(arguments: &[&str], left: Option<&[&str]>) {
    let sandbox = Sandbox::new();
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    if arguments == ["erase"] {
        // Undecided, but told: what is sent is sent by default.
        std::fs::remove_file(sandbox.state().join("telemetry/acme-cli/consent.json")).unwrap();
    }
    let mut child = acme(&sandbox, &["run"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    assert_eq!(said.next().unwrap().unwrap(), "running");
    while sandbox.server.requests().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    telemetry(&sandbox, arguments);
    let asked = Instant::now();
    std::thread::sleep(Duration::from_millis(1_100));
    let (requests, files) = (sandbox.server.requests().len(), sandbox.files());
    std::thread::sleep(Duration::from_millis(1_500));
    assert_eq!(sandbox.server.requests().len(), requests, "after {:?}", asked.elapsed());
    assert_eq!(sandbox.files(), files);
    drop(child.stdin.take());
    let ledger: serde_json::Value = serde_json::from_str(&said.next().unwrap().unwrap()).unwrap();
    assert!(finish(child).status.success());
    assert!(ledger["gate_closed"].as_u64().unwrap() + ledger["opted_out"].as_u64().unwrap() > 0, "{ledger}");
    let left = left.map(|left| left.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    let there = folder(&sandbox).map(|mut names| {
        names.retain(|name| !name.starts_with("ledger."));
        names
    });
    assert_eq!(there, left, "not even at its end");
}

#[test]
fn r13_off_stops_a_program_that_records_and_sends() {
    stops_a_running_program(
        &["off"],
        Some(&[
            "README.txt",
            "breaker.json",
            "breaker.lock",
            "consent.json",
            "memory.json",
            "memory.lock",
            "sent.log",
            "told",
        ]),
    );
}

#[test]
fn r21_erase_stops_a_program_that_records_and_sends() {
    stops_a_running_program(&["erase"], None);
}

/// `telemetry-ctl <arguments>`: the exit code and both outputs.
fn ctl(sandbox: &Sandbox, arguments: &[&str]) -> (i32, String, String) {
    static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
        fixture::build(fixture::cargo(&fixture::workspace()).args(["build", "-p", "telemetry-ctl"]), "telemetry-ctl")
    });
    let output = run(sandbox.command(&PROGRAM.path).args(arguments));
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn r21_one_program_serves_every_sdk_of_the_user() {
    let sandbox = Sandbox::new();
    assert_eq!(ctl(&sandbox, &["list"]), (0, "No SDK has a folder here.\n".to_owned(), String::new()));
    let (code, _, error) = ctl(&sandbox, &["off", "acme-cli"]);
    assert_eq!((code, error.as_str()), (1, "error: there is no SDK acme-cli: no SDK has a folder here\n"));
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    run_ok(&mut acme(&sandbox, &["work", "3"]));
    run_ok(&mut acme(&sandbox, &["send"]));
    run_ok(&mut acme(&sandbox, &["work", "2"]));
    let folder_of_sdk = sandbox.state().join("telemetry/acme-cli");
    let (_, list, _) = ctl(&sandbox, &["list"]);
    let row: Vec<_> = list.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(row, ["acme-cli", "on", "2", folder_of_sdk.to_str().unwrap()]);
    let (_, json, _) = ctl(&sandbox, &["list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&json[0]["name"], &json[0]["waiting"]), (&"acme-cli".into(), &2.into()));
    // The same words as the product's own command.
    assert_eq!(ctl(&sandbox, &["log", "acme-cli"]).1, telemetry(&sandbox, &["log"]));
    let (_, status, _) = ctl(&sandbox, &["status", "acme-cli"]);
    assert!(status.starts_with("acme-cli: on\n") && status.contains("taken by the server (HTTP 200)"), "{status}");
    let (code, _, error) = ctl(&sandbox, &["off", "acme"]);
    assert_eq!((code, error.as_str()), (1, "error: there is no SDK acme; there are: acme-cli\n"));

    let said = ctl(&sandbox, &["off", "acme-cli"]).1;
    assert_eq!(said, "acme-cli: off. 2 events were waiting to be sent, and deleted.\n");
    assert_eq!(mode(&sandbox), "off");
    run_ok(&mut acme(&sandbox, &["work", "2"]));
    assert_eq!(ctl(&sandbox, &["off", "--all"]).1, "acme-cli: off. Nothing was waiting to be sent.\n");
    let said = ctl(&sandbox, &["erase", "acme-cli"]).1;
    assert!(said.contains("Your decision, off, is kept"), "{said}");
    assert_eq!(folder(&sandbox).unwrap(), ["consent.json"]);
    ctl(&sandbox, &["erase", "--all", "--forget"]);
    assert_eq!(folder(&sandbox), None);
    assert_eq!(sandbox.server.requests().len(), 1);
    assert_eq!(ctl(&sandbox, &["erase"]).0, 2, "nothing is erased that was not named");
}

/// What stands in the place of what differs from run to run.
fn steady(sandbox: &Sandbox, said: &str) -> String {
    let mut text = said
        .replace(&format!("http://127.0.0.1:{}", sandbox.server.port()), "https://telemetry.acme.example")
        .replace("http://127.0.0.1:4318", "https://telemetry.acme.example")
        .replace("\"ephemeral\":true", "\"ephemeral\":false")
        .replace(sandbox.state().to_str().unwrap(), "/home/you/.local/state");
    if let Some(at) = text.find("  since 20") {
        text.replace_range(at + 8..at + 18, "2026-11-22");
    }
    let mut hour = 0;
    while let Some(at) = text[hour..].find(":00:00Z").map(|at| hour + at) {
        text.replace_range(at - 13..at, "2026-11-22T03");
        hour = at + 1;
    }
    let is_id = |word: &str| {
        word.len() == 36
            && word.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            })
    };
    let mut from = 0;
    while let Some(id) = text.get(from..from + 36) {
        if is_id(id) {
            text.replace_range(from..from + 36, "019a0000-0000-7000-8000-000000000000");
        }
        from += 1;
        while !text.is_char_boundary(from) {
            from += 1;
        }
    }
    text.lines().map(str::trim_end).fold(String::new(), |all, line| all + line + "\n")
}

/// Every command of the page is run, as by a person at a terminal. `BLESS=1` writes down what they say.
#[test]
fn r18_the_page_is_what_the_commands_say() {
    let page = fixture::workspace().join("docs/user-commands.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let sandbox = Sandbox::new();
    let mut written = String::new();
    let mut in_block = false;
    for line in text.lines() {
        match line.strip_prefix("$ ") {
            Some(command) if in_block => {
                let mut words = command.split(' ');
                let program = words.next().unwrap();
                let arguments: Vec<_> = words.collect();
                let said = match program {
                    "acme" => at_a_terminal(&sandbox, &arguments),
                    "telemetry-ctl" => ctl(&sandbox, &arguments).1,
                    _ => panic!("{line}"),
                };
                written += &format!("$ {command}\n{}", steady(&sandbox, &said));
            }
            _ => {
                let ends = in_block && line == "```";
                if !in_block || ends {
                    written += line;
                    written.push('\n');
                }
                in_block = !ends && (in_block || line == "```console");
            }
        }
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&page, &written).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), written, "BLESS=1 writes the page");
}
