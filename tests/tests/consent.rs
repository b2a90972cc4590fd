//! A program that asks its user, and one that follows the user's switch.
#![cfg(unix)]

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

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
        assert_eq!(next(), says, "{arguments:?}");
    }
    drop(child.stdin.take());
    assert!(finish(child).status.success());
    // What the host records when it is told is an event.
    assert!(!sandbox.events().is_empty());
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

/// Every question of the page is asked, each block by a user of its own. `BLESS=1` writes down what is seen.
#[test]
fn r17_the_page_is_what_a_user_sees() {
    const MARK: &str = "$ acme    # the user ";
    let page = fixture::workspace().join("docs/asking.md");
    let text = std::fs::read_to_string(&page).unwrap();
    let (mut written, mut sandbox, mut in_block) = (String::new(), Sandbox::new(), false);
    for line in text.lines() {
        if let Some(does) = line.strip_prefix(MARK).filter(|_| in_block) {
            let (said, seen) = match does {
                "is asked no more" => {
                    let terminal = Terminal::open();
                    acme(&sandbox, &["ask", "60000"]).stdin(terminal.other_end()).at(&terminal)
                }
                "types: nothing" => asked(&sandbox, "", "300"),
                "types: a line end" => asked(&sandbox, "\n", "60000"),
                other => asked(&sandbox, &format!("{}\n", other.strip_prefix("types: ").unwrap()), "60000"),
            };
            let seen = seen.replace("http://127.0.0.1:4318", "https://telemetry.acme.example");
            let seen =
                seen.replace(&format!("http://127.0.0.1:{}", sandbox.server.port()), "https://telemetry.acme.example");
            let lines = seen.lines().chain([said.as_str()]).map(str::trim_end).skip_while(|line| line.is_empty());
            written += &lines.fold(format!("{line}\n"), |all, line| all + line + "\n");
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
