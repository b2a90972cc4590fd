//! Two SDKs of one name in one program: one decision of the user, and everything else apart.

use telemetry_runtime::testing::LoopbackServer;

use super::*;

struct Both {
    sandbox: Sandbox,
    other: LoopbackServer,
}

impl Both {
    fn new() -> Self {
        Self { sandbox: Sandbox::new(), other: LoopbackServer::start().unwrap() }
    }

    fn program(&self) -> Command {
        let mut command = self.sandbox.command(sibling("same_names"));
        command.env("OTHER_PORT", self.other.port().to_string());
        command
    }

    /// Runs it: the statuses of both, and what was printed.
    fn run(&self, on_terminal: bool, arguments: &[&str]) -> (Vec<Value>, String) {
        let mut command = self.program();
        command.args(arguments);
        let (output, stderr) = if on_terminal {
            Terminal::open().run(&mut command)
        } else {
            let output = run(&mut command);
            let stderr = String::from_utf8(output.stderr.clone()).unwrap();
            (output, stderr)
        };
        assert!(output.status.success(), "{stderr}");
        (serde_json::from_slice(&output.stdout).unwrap(), stderr)
    }

    /// Names of the events that came to the first and to the second server.
    fn arrived(&self) -> (Vec<String>, Vec<String>) {
        let names = |server: &LoopbackServer| {
            let events = server.requests().iter().flat_map(telemetry_tests::events_of).collect::<Vec<_>>();
            events.into_iter().map(|(name, _)| name).collect()
        };
        (names(&self.sandbox.server), names(&self.other))
    }
}

fn modes(statuses: &[Value]) -> Vec<&str> {
    statuses.iter().map(|status| status["mode"].as_str().unwrap()).collect()
}

#[test]
fn o15_each_is_told_of_alone_and_sends_to_its_own_place() {
    let both = Both::new();
    let (statuses, _) = both.run(false, &[]);
    assert_eq!(modes(&statuses), ["waiting for the notice", "waiting for the notice"]);
    let (_, stderr) = both.run(true, &[]);
    assert_eq!(stderr.matches("gate-twice collects").count(), 2, "{stderr}");
    for text in [
        "collects usage data without an id of you or your machine: opened.",
        "4318/old (Gate Inc.",
        "collects usage data without an id of you or your machine: closed.",
        "4318/new (New Owner Inc.",
    ] {
        assert_eq!(stderr.matches(text).count(), 1, "{text}: {stderr}");
    }
    assert_eq!(both.arrived(), (Vec::new(), Vec::new()), "told, and not recorded yet");
    let mut runs = 0;
    let mut arrives = || {
        let (statuses, stderr) = both.run(true, &[]);
        assert_eq!((modes(&statuses), stderr.as_str()), (vec!["on", "on"], ""), "once each, and none of them again");
        runs += 1;
        let all = |name: &str| vec![name.to_owned(); runs];
        both.arrived() == (all("opened"), all("closed")) && runs > 1
    };
    // A request has 5 s, which a busy machine may not give it; a later run delivers then.
    let all = (0..5).any(|round| {
        if round > 1 {
            both.sandbox.forget_failures();
        }
        arrives()
    });
    assert!(all, "{:?} in {runs} runs", both.arrived());
}

/// What waits on disk is sent to its own place as well, by whichever process comes.
#[test]
fn o15_what_waits_is_kept_apart() {
    let both = Both::new();
    both.run(true, &[]);
    let mut offline = both.program();
    offline.env("PROBE_PORT", "9").env("OTHER_PORT", "9");
    for _ in 0..3 {
        assert!(run(&mut offline).status.success());
    }
    both.sandbox.forget_failures();
    let (statuses, _) = both.run(false, &[]);
    for status in &statuses {
        assert_eq!(
            (&status["ledger"]["sent"], &status["ledger"]["other_destination"]),
            (&json!(4), &json!(0)),
            "{status}"
        );
        // Each has a ledger of its own on disk, too.
        let total = &status["total"]["counts"];
        assert_eq!(
            (&total["offered"], &total["sent"], &total["waiting"]),
            (&json!(4), &json!(4), &json!(0)),
            "{status}"
        );
    }
    let four = |name: &str| vec![name.to_owned(); 4];
    assert_eq!(both.arrived(), (four("opened"), four("closed")));
}

/// Of a few rounds: the process that delivers has 5 s, which a busy machine may not give it.
#[test]
fn o15_at_the_end_of_a_program_each_delivers_to_its_own_place() {
    let arrives = || {
        let both = Both::new();
        both.run(true, &[]);
        both.run(false, &["end"]);
        until_nobody_delivers(&both.sandbox);
        let one = |name: &str| vec![name.to_owned()];
        both.arrived() == (one("opened"), one("closed"))
    };
    assert!((0..4).any(|_| arrives()));
}

/// What the host has turned off stays so in the process that delivers for the other one.
#[test]
fn o15_what_the_host_has_turned_off_is_not_delivered_at_the_end_for_the_other() {
    let arrives = || {
        let both = Both::new();
        both.run(true, &[]);
        let mut offline = both.program();
        assert!(run(offline.env("PROBE_PORT", "9").env("OTHER_PORT", "9")).status.success());
        both.sandbox.forget_failures();
        both.run(false, &["end-one"]);
        until_nobody_delivers(&both.sandbox);
        let (first, second) = both.arrived();
        assert_eq!(second, [] as [String; 0]);
        // What it had recorded before waits for a run in which it is on.
        both.run(false, &[]);
        assert_eq!(both.arrived().1, vec!["closed".to_owned(); 2]);
        first == vec!["opened".to_owned(); 2]
    };
    assert!((0..4).any(|_| arrives()));
}

/// Until the process that a run has left behind has given its locks back.
fn until_nobody_delivers(sandbox: &Sandbox) {
    let begun = std::time::Instant::now();
    let locks = || {
        let files = sandbox.files().into_keys();
        files
            .filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("detached.")))
            .collect::<Vec<_>>()
    };
    while locks().is_empty() && begun.elapsed() < telemetry_tests::WATCHDOG {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    for path in locks() {
        let file = std::fs::File::options().write(true).open(sandbox.state().join(path)).unwrap();
        file.lock().expect("the file can be locked");
    }
}

#[test]
fn o15_a_decision_holds_for_the_name() {
    let both = Both::new();
    both.run(true, &[]);
    let (statuses, _) = both.run(false, &["off"]);
    assert_eq!(modes(&statuses), ["off", "off"], "said through one of them");
    let (statuses, stderr) = both.run(true, &[]);
    assert_eq!((modes(&statuses), stderr.as_str()), (vec!["off", "off"], ""));
    assert_eq!(both.arrived(), (Vec::new(), Vec::new()));
}

/// `status` names the other one, as a finding.
#[test]
fn o15_status_shows_that_the_name_is_taken_twice() {
    let both = Both::new();
    let (statuses, _) = both.run(false, &[]);
    let ends: Vec<_> = statuses.iter().map(|status| status["same_name"][0].as_str().unwrap()).collect();
    assert_eq!(ends, ["http://127.0.0.1:4318/new", "http://127.0.0.1:4318/old"]);
    let endpoints: Vec<_> = statuses.iter().map(|status| status["endpoint"].as_str().unwrap()).collect();
    assert!(endpoints[0].ends_with("/old") && endpoints[1].ends_with("/new"), "{endpoints:?}");
}
