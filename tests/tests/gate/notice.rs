//! Nothing is recorded before the user was told, and telling happens on a terminal or through the host.

use super::*;

/// The file that remembers what was told.
const TOLD_FILE: &str = "told";

/// Runs a program whose standard error is a terminal; answers with what it showed there.
pub(crate) fn see_on_terminal(command: &mut Command) -> Seen {
    let (output, stderr) = Terminal::open().run(command);
    assert!(output.status.success(), "{command:?}: {}\n{stderr}", output.status);
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(stdout.lines().count(), 1, "standard output is the program's: {stdout}");
    let stdout = if stdout.contains("\"status\"") { stdout } else { format!("{{\"status\":{stdout},\"threads\":0}}") };
    seen(&stdout, stderr)
}

/// A program of an SDK whose notice the runtime shows.
fn untold(sandbox: &Sandbox, sdk: &str, action: &str, number: &str) -> Command {
    let mut command = sandbox.command(example("golden_gate"));
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
    assert!(!seen.stderr.contains("instance"), "it declares none: {}", seen.stderr);
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
    // The second event comes before anybody is told, the third after.
    let seen = see_on_terminal(&mut untold(&sandbox, "same_run", "record-twice", "2"));
    assert!(seen.stderr.contains("gate-same-run collects"), "{}", seen.stderr);
    assert!(seen.answer["flushed"].as_str().unwrap().contains("sent: 0"), "{}", seen.answer);
    assert_eq!((seen.count("before_notice"), seen.count("accepted"), seen.count("waiting")), (1, 1, 1));
    assert_eq!(sandbox.server.connections(), 0);
    let seen = see(&mut untold(&sandbox, "same_run", "record", "4"));
    assert_eq!((seen.stderr.as_str(), seen.count("sent")), ("", 2));
    assert_eq!(arrived(&sandbox), [3, 4]);
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
        (seen.count("sent"), seen.count("awaiting_consent"), seen.stderr)
    };
    let on_terminal = |name: &str| {
        let seen = see_on_terminal(&mut program(name));
        (seen.count("sent"), seen.count("awaiting_consent"), seen.stderr)
    };
    let (sent, _, shown) = on_terminal("golden_agreed_one");
    assert!(sent == 0 && shown.contains("collects") && !shown.contains("added"), "{shown}");
    assert_eq!(plain("golden_agreed_one"), (1, 0, String::new()));
    assert_eq!(plain("golden_agreed_two"), (1, 1, String::new()), "the new event is not sent");
    let (sent, awaiting_consent, shown) = on_terminal("golden_agreed_two");
    assert_eq!((sent, awaiting_consent), (1, 1), "nor in the run that tells of it");
    assert!(shown.contains("added") && shown.contains("known"), "{shown}");
    assert_eq!(plain("golden_agreed_two"), (2, 0, String::new()));
    assert_eq!(on_terminal("golden_agreed_one"), (1, 0, String::new()), "a removal asks nobody");
    let names: Vec<_> = sandbox.events().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["known", "known", "known", "known", "added", "known"]);
}

/// As `see`, for programs that print their status and nothing else.
pub(crate) fn see_status(command: &mut Command) -> Seen {
    let output = run(command);
    let status = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{command:?}");
    seen(&format!("{{\"status\":{status},\"threads\":0}}"), String::from_utf8(output.stderr).unwrap())
}

/// Where the answer cannot be kept, nothing is shown, at no run, and nothing is recorded.
#[test]
fn o14_where_the_answer_cannot_be_kept_nothing_is_shown() {
    type Spoil = fn(&Sandbox);
    let kinds: [(&str, Spoil); 7] = [
        ("a folder in place of the decision", |sandbox| {
            fs::create_dir(sdk_folder(sandbox, "next_run").join("consent.json")).unwrap();
        }),
        ("the state folder is a file", |sandbox| {
            fs::remove_dir(sandbox.state()).unwrap();
            fs::write(sandbox.state(), "x").unwrap();
        }),
        ("a file in place of `telemetry`", |sandbox| fs::write(sandbox.state().join("telemetry"), "x").unwrap()),
        ("a link in place of `telemetry`", |sandbox| {
            std::os::unix::fs::symlink(sandbox.home(), sandbox.state().join("telemetry")).unwrap();
        }),
        ("a file in place of the SDK's folder", |sandbox| {
            let folder = sdk_folder(sandbox, "next_run");
            fs::remove_dir(&folder).unwrap();
            fs::write(folder, "x").unwrap();
        }),
        ("a folder in place of the file", |sandbox| {
            fs::create_dir(sdk_folder(sandbox, "next_run").join(TOLD_FILE)).unwrap();
        }),
        ("others may write to the folder", |sandbox| {
            let folder = sdk_folder(sandbox, "next_run");
            fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o777)).unwrap();
        }),
    ];
    for (kind, spoil) in kinds {
        let sandbox = Sandbox::new();
        let mut program = untold(&sandbox, "next_run", "record", "1");
        spoil(&sandbox);
        for run in 1..=2 {
            let seen = see_on_terminal(&mut program);
            assert_eq!(
                (seen.stderr.as_str(), seen.mode.as_str(), seen.decided_by),
                ("", "off", 10),
                "{kind}, run {run}"
            );
            assert_eq!((seen.count("gate_closed"), seen.count("waiting")), (1, 0), "{kind}: {}", seen.ledger);
        }
        assert_eq!(sandbox.server.connections(), 0, "{kind}");
    }
}

/// The same on disks of our own: one that can only be read, one without a free byte, one whose folders belong to somebody
/// else. Where there is room again, the notice is shown, once.
#[test]
fn o14_a_disk_that_cannot_keep_the_answer_shows_nothing() {
    let works = Command::new("unshare")
        .args(["--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"])
        .stderr(Stdio::null())
        .status();
    if !works.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("TELEMETRY_TESTS_FAULTS").is_none(), "NOT RUN: unshare with mounts");
        eprintln!("NOT RUN: unshare with mounts; see scripts/fault-tests");
        return;
    }
    // Dropping the rights of root makes modes count; without them the other two kinds are tried all the same.
    for (kind, prepare) in [
        ("read-only", r#"mount --bind "$S" "$S" && mount -o remount,ro,bind "$S""#),
        (
            "full",
            r#"mount -t tmpfs -o size=64k none "$S" && { head -c 1M /dev/zero > "$S/filler" 2>/dev/null; true; }"#,
        ),
        ("full but for one page", r#"mount -t tmpfs -o size=64k none "$S" && head -c 61440 /dev/zero > "$S/filler""#),
    ] {
        let sandbox = Sandbox::new();
        let plain = untold(&sandbox, "next_run", "record", "1");
        let script = format!(r#"{prepare} && "$0" "$@" > "$HOME/first" && exec "$0" "$@""#);
        let mut inside = sandbox.command("unshare");
        inside.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).arg(plain.get_program());
        inside.args(plain.get_args()).env("S", sandbox.state()).env("HOST_ALLOWS_RELEASE", "1");
        let seen = see_on_terminal(&mut inside);
        if kind == "full but for one page" {
            // There is room for the answer or there is not; the notice is shown once at most, and never without memory of it.
            assert!(seen.stderr.matches("gate-next-run collects").count() <= 1, "{kind}: {}", seen.stderr);
            continue;
        }
        assert_eq!((seen.stderr.as_str(), seen.mode.as_str(), seen.decided_by), ("", "off", 10), "{kind}");
        assert_eq!((seen.count("gate_closed"), seen.count("waiting")), (1, 0), "{kind}: {}", seen.ledger);
        // Nothing keeps it from working where there is a disk.
        let seen = see_on_terminal(&mut untold(&sandbox, "next_run", "record", "2"));
        assert_eq!(seen.stderr.matches("gate-next-run collects").count(), 1, "{kind}: {}", seen.stderr);
    }
}

/// A home that belongs to root, as a system service or `sudo` leaves it behind: `status` says so before anything happens.
#[test]
fn o14_a_folder_of_somebody_else_shows_nothing() {
    let sandbox = Sandbox::new();
    let plain = untold(&sandbox, "next_run", "record", "1");
    fs::set_permissions(sandbox.state(), std::os::unix::fs::PermissionsExt::from_mode(0o555)).unwrap();
    let mut program = plain;
    if rustix::process::geteuid().is_root() {
        // Modes do not count for root: a namespace in which nobody is root.
        let mut inside = sandbox.command("unshare");
        inside.args(["--user", "setpriv", "--bounding-set=-all", "--inh-caps=-all"]).arg(program.get_program());
        inside.args(program.get_args()).env("HOST_ALLOWS_RELEASE", "1");
        let works = Command::new("unshare")
            .args(["--user", "setpriv", "--bounding-set=-all", "--inh-caps=-all", "true"])
            .stderr(Stdio::null())
            .status();
        if !works.is_ok_and(|status| status.success()) {
            eprintln!("NOT RUN: a user without the rights of root (unshare, setpriv)");
            return;
        }
        program = inside;
    }
    for run in 1..=2 {
        let seen = see_on_terminal(&mut program);
        assert_eq!((seen.stderr.as_str(), seen.mode.as_str(), seen.decided_by), ("", "off", 10), "run {run}");
        assert_eq!((seen.count("gate_closed"), seen.count("waiting")), (1, 0), "{}", seen.ledger);
    }
    fs::set_permissions(sandbox.state(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
}

/// What a program with two SDKs shows at a terminal, and the status of each.
fn two_kits(sandbox: &Sandbox, variables: &[(&str, &str)]) -> (String, [serde_json::Value; 2]) {
    let mut command = sandbox.command(sibling("two_kits"));
    command.envs(variables.iter().copied());
    let (output, seen) = Terminal::open().run(&mut command);
    assert!(output.status.success(), "{output:?}\n{seen}");
    (seen, serde_json::from_slice(&output.stdout).unwrap())
}

/// A person reads once, and each SDK keeps what was told, what was decided and what it does.
#[test]
fn two_sdks_of_one_program_share_a_notice_and_nothing_else() {
    let sandbox = Sandbox::new();
    let (seen, kits) = two_kits(&sandbox, &[]);
    assert_eq!(seen.matches("2 parts of this program collect usage data; each asks for itself.").count(), 1, "{seen}");
    for part in ["blue-kit collects usage data", "red-kit collects usage data", "BLUE_TELEMETRY_DISABLED=1"] {
        assert_eq!(seen.matches(part).count(), 1, "{part}: {seen}");
    }
    for kit in &kits {
        let ledger = &kit["ledger"];
        assert_eq!((&ledger["before_notice"], &ledger["accepted"]), (&1.into(), &0.into()), "{kit}");
    }
    // Both were told: the next run is silent, and each sends.
    let (seen, kits) = two_kits(&sandbox, &[]);
    assert_eq!(seen, "");
    assert!(kits.iter().all(|kit| kit["ledger"]["sent"] == 1), "{kits:?}");
    // A no to one is no word on the other.
    let decision = sandbox.state().join("telemetry/red-kit/consent.json");
    fs::write(decision, r#"{"version":1,"consent":"off","agreed":{},"sdk":null}"#).unwrap();
    let (_, [blue, red]) = two_kits(&sandbox, &[]);
    assert_eq!((&blue["mode"], &red["mode"]), (&"on".into(), &"off".into()));
    // Whoever is off is in nobody's notice, and nothing of it is made.
    let sandbox = Sandbox::new();
    let (seen, _) = two_kits(&sandbox, &[("RED_TELEMETRY_DISABLED", "1")]);
    assert!(
        seen.contains("blue-kit collects") && !seen.contains("red-kit") && !seen.contains("parts of this"),
        "{seen}"
    );
    assert!(!sandbox.state().join("telemetry/red-kit").exists());
    let (seen, _) = two_kits(&sandbox, &[]);
    assert!(seen.contains("red-kit collects") && !seen.contains("blue-kit"), "each is told once: {seen}");
}
