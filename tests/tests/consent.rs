//! A program that asks its user, and one that follows the user's switch.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    process::{Command, Stdio},
};

use rustix::termios::{OptionalActions, tcgetattr, tcsetattr};

use telemetry_tests::{
    Sandbox, finish, fixture, run, run_ok, sibling,
    terminal::{Terminal, shown},
};

fn acme(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(sibling("consent"));
    command.args(arguments);
    command
}

/// The stored decision; `None` where nothing was stored.
fn stored(sandbox: &Sandbox) -> Option<String> {
    let text = std::fs::read_to_string(sandbox.state().join("telemetry/acme-asks/consent.json")).ok()?;
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    json["consent"].as_str().map(str::to_owned)
}

/// As a person at a terminal who types `keys` once the question stands there: what the program says, and what was shown.
fn asked(sandbox: &Sandbox, keys: &str, time: &str) -> (String, String) {
    let terminal = Terminal::open();
    let mut command = acme(sandbox, &["ask", time]);
    command.stdin(terminal.other_end());
    let (child, reader) = terminal.start(&mut command);
    command.stdin(Stdio::null());
    terminal.wait_for("[y/N] ");
    terminal.press(keys.as_bytes());
    let output = finish(child);
    assert!(output.status.success(), "{output:?}");
    (String::from_utf8(output.stdout).unwrap().trim().to_owned(), shown(reader))
}

#[test]
fn r17_only_an_answer_is_an_answer() {
    const LONG: &str = "60000";
    for (keys, time, said, decision, sent) in [
        ("y\n", LONG, "Ok(Yes)", Some("on"), 1),
        ("YES\n", LONG, "Ok(Yes)", Some("on"), 1),
        ("n\n", LONG, "Ok(No)", Some("off"), 0),
        ("\n", LONG, "Ok(No)", Some("off"), 0),
        ("maybe\n", LONG, "Ok(None)", None, 0),
        // Half a line is none, and the end of all input is none.
        ("y", "300", "Ok(None)", None, 0),
        ("\u{4}", LONG, "Ok(None)", None, 0),
        ("", "300", "Ok(None)", None, 0),
    ] {
        let sandbox = Sandbox::new();
        let (output, seen) = asked(&sandbox, keys, time);
        assert_eq!(output, said, "{keys:?}: {seen}");
        assert_eq!(stored(&sandbox).as_deref(), decision, "{keys:?}");
        assert_eq!(sandbox.events().len(), sent, "{keys:?}");
        // The question says all that the notice says.
        for part in ["acme-asks collects", "https://acme.example/telemetry", "\n\nMay acme-asks collect this? [y/N] "] {
            assert!(seen.contains(part), "{seen}");
        }
        // Who has answered is asked no more, and who has not is.
        if decision.is_some() {
            let terminal = Terminal::open();
            let again = acme(&sandbox, &["ask", LONG]).stdin(terminal.other_end()).at(&terminal);
            assert_eq!(again, ("Ok(NotAsked(Decided))".to_owned(), String::new()), "{keys:?}");
        } else {
            assert_eq!(asked(&sandbox, "n\n", LONG).0, "Ok(No)");
        }
    }
}

/// Half a line that stands there before the question is no part of the answer.
#[test]
fn r17_keys_before_the_question_do_not_answer_it() {
    let sandbox = Sandbox::new();
    let terminal = Terminal::open();
    terminal.press(b"y");
    let mut command = acme(&sandbox, &["ask", "60000"]);
    command.stdin(terminal.other_end());
    let (child, reader) = terminal.start(&mut command);
    command.stdin(Stdio::null());
    terminal.wait_for("[y/N] ");
    terminal.press(b"\n");
    let output = finish(child);
    assert_eq!(String::from_utf8(output.stdout).unwrap().trim(), "Ok(No)", "{}", shown(reader));
    assert_eq!(stored(&sandbox).as_deref(), Some("off"));
}

/// Runs at a terminal at which nothing is typed.
trait AtTerminal {
    fn at(&mut self, terminal: &Terminal) -> (String, String);
}

impl AtTerminal for Command {
    fn at(&mut self, terminal: &Terminal) -> (String, String) {
        let (child, reader) = terminal.start(self);
        self.stdin(Stdio::null());
        let output = finish(child);
        (String::from_utf8(output.stdout).unwrap().trim().to_owned(), shown(reader))
    }
}

#[test]
fn r17_nobody_is_asked_who_cannot_answer() {
    let none: &[(&str, &str)] = &[];
    let cases = [
        ("CI", &[("CI", "true")][..], "KeptOff(Environment)"),
        ("a package build", &[("NIX_BUILD_TOP", "/build")], "KeptOff(Environment)"),
        ("an agent", &[("AI_AGENT", "1")], "NobodyThere"),
        ("a terminal without abilities", &[("TERM", "dumb")], "NobodyThere"),
        ("DO_NOT_TRACK", &[("DO_NOT_TRACK", "1")], "KeptOff(DoNotTrack)"),
        ("the variable", &[("ACME_TELEMETRY_DISABLED", "1")], "KeptOff(Variables)"),
        ("a pipe as standard input", none, "NobodyThere"),
        ("keys before the question", none, "NobodyThere"),
    ];
    for (name, variables, why) in cases {
        let sandbox = Sandbox::new();
        let terminal = Terminal::open();
        if name == "keys before the question" {
            // Whoever typed it meant something else.
            terminal.press(b"y\n");
        }
        let mut command = acme(&sandbox, &["ask", "60000"]);
        command.envs(variables.iter().copied());
        if name != "a pipe as standard input" {
            command.stdin(terminal.other_end());
        }
        let (said, seen) = command.at(&terminal);
        assert_eq!(said, format!("Ok(NotAsked({why}))"), "{name}");
        assert!(!seen.contains("collect"), "{name}: {seen}");
        assert_eq!((stored(&sandbox), sandbox.files().len()), (None, 0), "{name}");
    }
    // Somebody else's rights: whoever answers is not whose home this is.
    let sandbox = Sandbox::new();
    let terminal = Terminal::open();
    let mut command = acme(&sandbox, &["ask", "60000"]);
    command.env("SUDO_UID", "1000").stdin(terminal.other_end());
    let (said, _) = command.at(&terminal);
    assert!(said.starts_with("Ok(NotAsked(") || !rustix::process::geteuid().is_root(), "{said}");
    // Without a terminal at all, and where the answer cannot be kept.
    let sandbox = Sandbox::new();
    let output = run(&mut acme(&sandbox, &["ask", "60000"]));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "Ok(NotAsked(NobodyThere))\n");
    std::fs::write(sandbox.state().join("telemetry"), "a file").unwrap();
    let terminal = Terminal::open();
    let (said, _) = acme(&sandbox, &["ask", "60000"]).stdin(terminal.other_end()).at(&terminal);
    assert!(said == "Ok(NotAsked(NoFolder))" || said == "Ok(NotAsked(Decided))", "{said}");
}

#[test]
fn r13_a_switch_of_the_host_follows_the_user() {
    let sandbox = Sandbox::new();
    let mut child = acme(&sandbox, &["watch"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || said.next().unwrap().unwrap();
    assert_eq!(next(), "watching");
    for (arguments, says) in [
        (&["set", "off"][..], "Some(Off)"),
        (&["set", "on"], "Some(On)"),
        (&["set", "local"], "Some(Local)"),
        (&["erase"], "None"),
        (&["set", "on"], "Some(On)"),
    ] {
        run_ok(&mut acme(&sandbox, arguments));
        let mut told = next();
        if arguments == ["erase"] && told == "Some(Off)" {
            told = next(); // It has looked while the erasure lasted.
        }
        assert_eq!(told, says, "{arguments:?}");
    }
    drop(child.stdin.take());
    assert!(finish(child).status.success());
    // What the host records when it is told is an event.
    assert!(!sandbox.events().is_empty());
}

/// Between its looks the program has not seen that its folder is gone; the yes is of the new one.
#[test]
fn r13_a_no_while_an_event_is_made_holds_for_it() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.command(sibling("no_meanwhile")));
    let of = |name: &str| sandbox.events().iter().filter(|(event, _)| event == name).count();
    // Of four rounds, in three of which the no came with the first, the second or the third event, what was before it.
    assert_eq!((of("happened"), of("seen"), of("measured")), (3, 2, 1), "{said}");
    let ledger: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&ledger["sent"], &ledger["opted_out"]), (&6.into(), &6.into()), "{said}");
}

#[test]
fn r13_a_yes_right_after_an_erasure_holds_in_a_program_that_runs() {
    let sandbox = Sandbox::new();
    let mut child = acme(&sandbox, &["watch"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || said.next().unwrap().unwrap();
    assert_eq!(next(), "watching");
    run_ok(&mut acme(&sandbox, &["set", "local"]));
    assert_eq!(next(), "Some(Local)");
    run_ok(&mut acme(&sandbox, &["erase"]));
    run_ok(&mut acme(&sandbox, &["set", "on"]));
    while next() != "Some(On)" {}
    drop(child.stdin.take());
    assert!(finish(child).status.success());
    assert!(!sandbox.events().is_empty(), "what the host records when it is told of the yes is an event");
}

/// What an agent does is not counted as a person's, and what an agent reads is no notice and no question.
#[test]
fn r36_an_agent_is_told_from_a_person() {
    let sandbox = Sandbox::new();
    run_ok(&mut acme(&sandbox, &["set", "on"]));
    let actors = || -> Vec<String> {
        let bodies = sandbox.server.requests();
        let events = bodies.iter().flat_map(|request| {
            let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
            body["events"].as_array().unwrap().clone()
        });
        events.map(|event| event["actor"].as_str().unwrap().to_owned()).collect()
    };
    // Somebody at a terminal, an agent at the same, and a script, of which nobody can tell.
    for (variable, at_a_terminal) in [(None, true), (Some("AI_AGENT"), true), (None, false), (Some("AI_AGENT"), false)]
    {
        let mut command = acme(&sandbox, &["ask", "10"]);
        command.envs(variable.map(|variable| (variable, "1")));
        let terminal = Terminal::open();
        if at_a_terminal {
            command.stdin(terminal.other_end());
            assert_eq!(command.at(&terminal), ("Ok(NotAsked(Decided))".to_owned(), String::new()));
        } else {
            run_ok(&mut command);
        }
    }
    assert_eq!(actors(), ["human", "agent", "unknown", "agent"]);
    // Undecided, an agent sees neither the notice nor the question, and what it would answer counts for nobody.
    run_ok(&mut acme(&sandbox, &["erase"]));
    let terminal = Terminal::open();
    let mut command = acme(&sandbox, &["ask", "60000"]);
    command.env("AI_AGENT", "1").stdin(terminal.other_end());
    assert_eq!(command.at(&terminal), ("Ok(NotAsked(NobodyThere))".to_owned(), String::new()));
    assert_eq!(stored(&sandbox), None);
}

/// Runs the program where nobody is asked, or not here: what it says, and what was shown.
fn elsewhere(sandbox: &Sandbox, place: &str) -> (String, String) {
    let terminal = Terminal::open();
    let mut command = acme(sandbox, &["ask", "60000"]);
    command.stdin(terminal.other_end());
    match place {
        "the user is asked no more" => {}
        "in CI" => _ = command.env("CI", "true"),
        "a pipe types: y" => {
            let (from, mut to) = std::io::pipe().unwrap();
            to.write_all(b"y\n").unwrap();
            command.stdin(from);
        }
        "an agent runs it" => _ = command.env("AI_AGENT", "1"),
        "by sudo" => _ = command.env("SUDO_UID", "1000"),
        "without a home" => _ = command.env_remove("HOME").env_remove("XDG_STATE_HOME"),
        "in a home that can only be read" => a_home_to_read(sandbox, &mut command),
        "in full screen" => {
            let mut raw = tcgetattr(terminal.other_end()).unwrap();
            raw.make_raw();
            tcsetattr(terminal.other_end(), OptionalActions::Now, &raw).unwrap();
        }
        other => panic!("{other}"),
    }
    command.at(&terminal)
}

/// Nobody but root writes to a folder that can only be read, so root runs the program as nobody, whose home it is.
fn a_home_to_read(sandbox: &Sandbox, command: &mut Command) {
    const NOBODY: u32 = 65_534;
    if rustix::process::geteuid().is_root() {
        let program = sandbox.home().join("acme");
        telemetry_tests::install_program(&sibling("consent"), &program);
        std::os::unix::fs::chown(sandbox.home(), Some(NOBODY), Some(NOBODY)).unwrap();
        std::os::unix::fs::chown(sandbox.state(), Some(NOBODY), Some(NOBODY)).unwrap();
        let mut as_nobody = sandbox.command(&program);
        as_nobody.args(["ask", "60000"]).uid(NOBODY).gid(NOBODY);
        std::mem::swap(command, &mut as_nobody);
    }
    for folder in [sandbox.state().as_path(), sandbox.home()] {
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o500)).unwrap();
    }
}

/// Every question of the page is asked, each block by a user of its own. `BLESS=1` writes down what is seen.
#[test]
fn r17_the_page_is_what_a_user_sees() {
    const MARK: &str = "$ acme    # ";
    let page = fixture::workspace().join("docs/asking.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (mut written, mut sandbox, mut in_block) = (String::new(), Sandbox::new(), false);
    for line in text.lines() {
        if let Some(does) = line.strip_prefix(MARK).filter(|_| in_block) {
            let (said, seen) = match does {
                "the user types: nothing" => asked(&sandbox, "", "300"),
                "the user types: a line end" => asked(&sandbox, "\n", "60000"),
                other => match other.strip_prefix("the user types: ") {
                    Some(keys) => asked(&sandbox, &format!("{keys}\n"), "60000"),
                    None => elsewhere(&sandbox, other),
                },
            };
            let seen = seen.replace("http://127.0.0.1:4318", "https://telemetry.acme.example");
            let seen =
                seen.replace(&format!("http://127.0.0.1:{}", sandbox.server.port()), "https://telemetry.acme.example");
            let lines = seen.lines().chain([said.as_str()]).map(str::trim_end).skip_while(|line| line.is_empty());
            written += &lines.fold(format!("{line}\n"), |all, line| all + line + "\n");
            continue;
        }
        if let Some(version) = line.strip_prefix("$ acme 1.").filter(|_| in_block) {
            let program = if version.starts_with('0') { "golden_agreed_one" } else { "golden_agreed_two" };
            let (_, seen) = Terminal::open().run(&mut sandbox.command(sibling(program)));
            let seen =
                seen.replace(&format!("http://127.0.0.1:{}", sandbox.server.port()), "https://telemetry.acme.example");
            let seen = [
                ("gate-agreed", "acme-told"),
                ("GATE", "ACME"),
                ("gate.example", "acme.example"),
                ("Gate Inc.", "Acme Inc."),
            ]
            .iter()
            .fold(seen.replace("http://127.0.0.1:4318", "https://telemetry.acme.example"), |seen, (of, to)| {
                seen.replace(of, to)
            });
            written += &seen.trim().lines().fold(format!("{line}\n"), |all, line| all + line + "\n");
            continue;
        }
        let ends = in_block && line == "```";
        if !in_block || ends {
            written += line;
            written.push('\n');
        }
        if line == "```console" {
            (in_block, sandbox) = (true, Sandbox::new());
        }
        in_block &= !ends;
    }
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&page, &written).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&page).unwrap(), written, "BLESS=1 writes the page");
}
