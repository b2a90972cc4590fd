//! Programs that end: at once, badly, while something waits, with nowhere to write. Decided by order, under a watchdog;
//! the milliseconds are in `benches/`.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
    thread,
};

use serde_json::Value;
use telemetry_runtime::testing::{LoopbackServer, Received, Reply};
use telemetry_tests::{Sandbox, WATCHDOG, finish, fixture, probe_path, run, run_ok, sibling};

/// The events of one `record_all` of the probe.
const ALL: u64 = 5;

// ---- The server holds the request -------------------------------------------------------------------------------

#[test]
fn r01_main_returns_while_the_server_holds_the_request() {
    ends_while_held("return", Some(0));
}

#[test]
fn r01_process_exit_works_while_the_server_holds_the_request() {
    ends_while_held("exit", Some(7));
}

#[test]
fn r01_a_panic_works_while_the_server_holds_the_request() {
    ends_while_held("panic", Some(101));
}

/// In one round of five: a request lasts 5 s, and a busy machine may need as long to start a program.
fn ends_while_held(ending: &str, code: Option<i32>) {
    assert!((0..5).any(|_| ended_while_held(ending, code)), "the program waited for its request");
}

fn ended_while_held(ending: &str, code: Option<i32>) -> bool {
    let (sandbox, patient) = (Sandbox::new(), Sandbox::new());
    sandbox.server.reply(Reply::hold()).reply(Reply::hold());
    // A program that waits for its request on purpose, begun first: whoever waits as well ends after it.
    let mut flush = patient.probe("flush-quietly");
    let mut waiting = flush.env("PROBE_PORT", sandbox.server.port().to_string()).spawn().unwrap();
    assert_eq!(sandbox.server.wait_for(1, WATCHDOG).len(), 1);
    let mut child = sandbox.probe("hold").arg(ending).stdin(Stdio::piped()).spawn().unwrap();
    assert_eq!(sandbox.server.wait_for(2, WATCHDOG).len(), 2, "the request is there and has no answer");
    drop(child.stdin.take());
    let output = finish(child);
    let first = waiting.try_wait().unwrap().is_none();
    assert_eq!(output.status.code(), code, "{output:?}");
    sandbox.server.release();
    if !first {
        finish(waiting);
        return false;
    }
    assert!(finish(waiting).status.success());
    assert_eq!(ledger(&mut sandbox.probe("deliver-ledger"))["sent"], ALL);
    let requests = sandbox.server.requests();
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[1].body, requests[2].body, "the same batch again");
    let keys = [1, 2].map(|index| requests[index].header("idempotency-key").map(str::to_owned));
    assert!(keys[0].is_some() && keys[0] == keys[1], "{keys:?}");
    true
}

// ---- The name of the server -------------------------------------------------------------------------------------

#[test]
fn r01_main_returns_while_the_resolver_is_mute() {
    let Some(said) = in_a_namespace("mute") else { return };
    assert_eq!(
        said,
        "main returned: 0 \nbefore the program that waits: true\nflush returned: 0 Err(Timeout)\noffered 2, waiting 2\n"
    );
}

/// C5: the name is found, but too late for anybody. The connection is given up after two seconds, and what the program
/// recorded waits.
#[test]
fn r01_c05_main_returns_while_the_resolver_is_slow() {
    let Some(said) = in_a_namespace("slow") else { return };
    let flushed = "flush returned without an answer: Ok(Flushed { sent: 0, waiting: 2 })\n";
    assert_eq!(said, format!("main returned: 0 \n{flushed}after the answer: 0 offered 2, waiting 2\n"));
}

#[test]
fn r01_main_returns_while_the_name_does_not_resolve() {
    let Some(said) = in_a_namespace("nowhere") else { return };
    assert_eq!(
        said,
        "flush returned: 0 Ok(Flushed { sent: 0, waiting: 2 })\noffered 2, waiting 2\nmain returned: 0 \n"
    );
}

#[test]
fn o11_an_sdk_does_not_wait_for_anothers_resolver() {
    let Some(said) = in_a_namespace("neighbour") else { return };
    assert_eq!(said, "while the other one waited: true\n");
}

/// Runs `elsewhere supervise …` in a network of its own, with a resolver of its own that nobody answers for. `None`
/// where the system has no such thing for us: `scripts/namespace-tests` makes a failure of that.
fn in_a_namespace(what: &str) -> Option<String> {
    let sandbox = Sandbox::new();
    let resolver = sandbox.home().join("resolv.conf");
    // Far beyond the watchdog: whoever waits for the resolver is found out.
    fs::write(&resolver, "nameserver 127.0.0.1\noptions timeout:30 attempts:5\n").unwrap();
    let switch = sandbox.home().join("nsswitch.conf");
    fs::write(&switch, "hosts: dns\n").unwrap();
    let setup = "if [ \"$4\" != nowhere ]; then ip link set lo up || exit 99; fi
                 mount --bind \"$1\" /etc/resolv.conf || exit 99
                 if [ -e /etc/nsswitch.conf ]; then mount --bind \"$2\" /etc/nsswitch.conf || exit 99; fi
                 exec \"$3\" supervise \"$4\"";
    let mut command = sandbox.command("unshare");
    command.args(["--map-root-user", "--net", "--mount", "sh", "-c", setup, "sh"]).args([&resolver, &switch]);
    command.arg(sibling("elsewhere")).arg(what);
    command.env("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    let output = command.spawn().map(finish);
    let unavailable = match &output {
        Ok(output) => output.status.code() == Some(99) || output.stderr.starts_with(b"unshare:"),
        Err(_) => true,
    };
    if unavailable {
        assert!(std::env::var_os("TELEMETRY_TESTS_NAMESPACES").is_none(), "no user namespaces here: {output:?}");
        eprintln!("NOT RUN: user namespaces are unavailable here ({output:?}); see scripts/namespace-tests");
        return None;
    }
    let output = output.unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    assert!(!sandbox.files().is_empty(), "what was recorded is kept");
    Some(String::from_utf8(output.stdout).unwrap())
}

// ---- Endings ----------------------------------------------------------------------------------------------------

const ENDINGS: [&str; 7] = ["return", "exit", "abort", "panic", "thread-panic", "at-once", "double-panic"];

#[test]
fn r07_every_ending_is_the_programs_own_and_loses_no_command() {
    for (number, ending) in ENDINGS.into_iter().enumerate() {
        let sandbox = Sandbox::new();
        let program = |off: bool| {
            let mut command = sandbox.probe("end");
            command.args([&number.to_string(), ending]).env("PROBE_STRICT_GATE", "1").env("PROBE_NOTICE_SHOWN", "1");
            if off {
                command.env("PROBE_TELEMETRY_DISABLED", "1");
            }
            run(&mut command)
        };
        let (with, without) = (program(false), program(true));
        assert_eq!(with.status, without.status, "{ending}: {with:?} {without:?}");
        assert_eq!((&with.stdout, plain(&with)), (&without.stdout, plain(&without)), "{ending}");
        let well = ["return", "thread-panic"].contains(&ending);
        assert_ne!(well, with.status.code() != Some(0), "{ending}");
        run_ok(&mut sandbox.probe("deliver"));
        let mut commands = vec![number as u64];
        commands.extend((ending == "thread-panic").then_some(1_000_000));
        assert_eq!(commands_at(&sandbox.server), commands, "{ending}");
    }
}

/// The closure is the host's, and so is its panic: it passes through us, and leaves nothing of ours half done.
#[test]
fn r07_a_panic_in_the_closure_of_the_host_is_the_hosts_and_harms_nothing() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.probe("end");
    let output = run(command.args(["1", "caught-closure-panic"]));
    assert!(output.status.success(), "{output:?}");
    assert!(run(command.env("DO_NOT_TRACK", "1")).stderr.is_empty(), "opted out, it is not called");
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(commands_at(&sandbox.server), [1, 1_000_000]);
}

/// What was said on standard error, without the number of the thread that panicked and the addresses of a backtrace.
fn plain(output: &Output) -> String {
    let text = String::from_utf8(output.stderr.clone()).unwrap();
    let text: String = text.lines().filter(|line| !line.starts_with("  ")).map(|line| format!("{line}\n")).collect();
    let mut parts = text.split(" (").map(str::to_owned).collect::<Vec<_>>();
    for part in parts.iter_mut().skip(1) {
        *part = part.trim_start_matches(|char: char| char.is_ascii_digit()).to_owned();
    }
    parts.join(" (")
}

#[test]
fn r07_a_command_survives_kill_9() {
    let sandbox = Sandbox::new();
    // Nobody listens, so only the disk can keep it.
    let mut waits = sandbox.probe("command-wait");
    let mut child = waits.arg("9").env("PROBE_PORT", "1").stdin(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "recorded\n");
    child.kill().unwrap();
    assert!(!finish(child).status.success());
    sandbox.forget_failures();
    assert_eq!(ledger(&mut sandbox.probe("deliver-ledger"))["recovered"], 1);
    assert_eq!(commands_at(&sandbox.server), [9]);
}

// ---- A command line tool ----------------------------------------------------------------------------------------

#[test]
fn r01_200_commands_that_end_at_once_arrive_in_a_later_run() {
    let sandbox = Sandbox::new();
    for number in 0..200 {
        assert_eq!(run_ok(sandbox.probe("command").arg(number.to_string())), "");
    }
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(commands_at(&sandbox.server), (0..200).collect::<Vec<_>>());
}

#[test]
fn r01_200_commands_of_20_processes_at_a_time_arrive_in_a_later_run() {
    let sandbox = Sandbox::new();
    thread::scope(|scope| {
        for first in 0..20 {
            let sandbox = &sandbox;
            scope.spawn(move || {
                for number in (first * 10)..(first * 10 + 10) {
                    run_ok(sandbox.probe("command").arg(number.to_string()));
                }
            });
        }
    });
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(commands_at(&sandbox.server), (0..200).collect::<Vec<_>>());
}

#[test]
fn r01_200_commands_without_a_server_are_all_kept() {
    let sandbox = Sandbox::new();
    for number in 0..200 {
        // A port on which nobody listens.
        run_ok(sandbox.probe("command").arg(number.to_string()).env("PROBE_PORT", "1"));
    }
    assert!(sandbox.server.requests().is_empty());
    let ledger = ledger(&mut sandbox.probe("deliver-ledger"));
    assert_eq!((&ledger["recovered"], &ledger["sent"], &ledger["waiting"]), (&200.into(), &200.into(), &0.into()));
    assert_eq!(commands_at(&sandbox.server), (0..200).collect::<Vec<_>>());
}

// ---- Narrow places ----------------------------------------------------------------------------------------------

#[test]
fn a_full_queue_counts_every_event_it_refuses() {
    let sandbox = Sandbox::new();
    let ledger = ledger(sandbox.probe("burst-of-large").args(["16", "5000"]));
    let count = |key: &str| ledger[key].as_u64().unwrap();
    assert_eq!(count("offered"), 80_000);
    assert_eq!(count("sent") + count("queue_full") + count("waiting") + count("evicted"), 80_000, "{ledger}");
    assert!(count("queue_full") > 0, "the burst was too small to mean anything: {ledger}");
    let numbers = numbers_at(&sandbox.server, "filled");
    assert_eq!(numbers.len() as u64, count("sent"), "the server agrees");
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(numbers_at(&sandbox.server, "filled").len() as u64, 80_000 - count("queue_full") - count("evicted"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_program_in_which_no_thread_can_start_is_not_harmed() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.probe("burst-without-thread");
    command.args(["16", "1000", "5"]).env("PROBE_STRICT_GATE", "1").env("PROBE_NOTICE_SHOWN", "1");
    let output = run(&mut command);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    let ledger: Value = serde_json::from_slice(&output.stdout).unwrap();
    // The threads that record append in turn, and nobody sends: the oldest give way where the disk has no room for more.
    let [offered, full, evicted, waiting, sent] =
        ["offered", "queue_full", "evicted", "waiting", "sent"].map(|key| ledger[key].as_u64().unwrap());
    assert_eq!((offered, full + evicted + waiting, sent), (16_001, 16_001, 0), "{ledger}");
    assert!(waiting > 1, "what is recorded first is appended by whoever records: {ledger}");
    assert!(sandbox.server.requests().is_empty());
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(commands_at(&sandbox.server), [5], "a later run, in which threads start, delivers all that waited");
    assert_eq!(numbers_at(&sandbox.server, "happened").len() as u64, waiting - 1);
}

#[test]
fn r10_no_home_no_state_no_harm() {
    let sandbox = Sandbox::new();
    let file = sandbox.home().join("file");
    fs::write(&file, "not ours").unwrap();
    let missing = sandbox.home().join("missing");
    let homes: [(&str, Option<&Path>, Option<&Path>); 7] = [
        ("no home at all", None, None),
        ("a home that does not exist", Some(&missing), None),
        ("a home that is a file", Some(&file), None),
        ("a home below a file", Some(&file.join("home")), None),
        ("a home that nobody can write, root neither", Some(Path::new("/proc/self")), None),
        ("a relative state folder and no home", None, Some(Path::new("state"))),
        ("a state folder that nobody can write", Some(sandbox.home()), Some(Path::new("/proc/self/state"))),
    ];
    for (name, home, state) in homes {
        for action in ["record", "flush-quietly", "command"] {
            let mut command = sandbox.probe(action);
            command.current_dir(sandbox.home()).env_remove("HOME").env_remove("XDG_STATE_HOME");
            command.env("PROBE_STRICT_GATE", "1").env("PROBE_NOTICE_SHOWN", "1");
            command.envs(home.map(|home| ("HOME", home))).envs(state.map(|state| ("XDG_STATE_HOME", state)));
            let output = run(&mut command);
            assert!(output.status.success(), "{name}, {action}: {output:?}");
            assert!(output.stdout.is_empty() && output.stderr.is_empty(), "{name}, {action}: {output:?}");
        }
    }
    assert!(sandbox.server.requests().is_empty() && sandbox.files().is_empty());
    assert_eq!(fs::read(&file).unwrap(), b"not ours");
    assert_eq!(fs::read_dir(sandbox.home()).unwrap().count(), 2, "the file and the state folder of the sandbox");
}

// ---- Runtimes ---------------------------------------------------------------------------------------------------

const RUNTIMES: [&str; 12] = [
    "none",
    "current-thread",
    "multi-thread",
    "multi-thread-block-on",
    "block-in-place",
    "spawn-blocking",
    "spawn-blocking-current-thread",
    "local-set",
    "after-the-end",
    "in-drop",
    "in-drop-in-background",
    "thread-local",
];

#[test]
fn r06_every_runtime_and_none_in_debug() {
    for runtime in RUNTIMES {
        delivers(&probe_path(), runtime);
    }
}

/// The panics of r06 exist in debug builds of tokio's and reqwest's users only, and races in release builds only.
#[test]
fn r06_every_runtime_and_none_in_release() {
    for runtime in RUNTIMES {
        delivers(release_probe(), runtime);
    }
}

fn delivers(probe: &Path, runtime: &str) {
    let sandbox = Sandbox::new();
    let output = run(sandbox.command(probe).args(["runtime", runtime]));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{runtime}: {output:?}");
    assert_eq!(said, "Ok(Flushed { sent: 5, waiting: 0 })\n", "{runtime}: {output:?}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{runtime}: {output:?}");
    assert_eq!(sandbox.events().len() as u64, ALL, "{runtime}");
}

/// The probe as `cargo build --release` makes it. The first build takes one to two minutes on two cores: reqwest,
/// rustls and ring, optimized. It shares the target folder of the workspace, so a second one takes seconds.
fn release_probe() -> &'static Path {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(|| {
        let target = fixture::build_folder();
        let mut command = fixture::cargo(&fixture::workspace());
        command.args(["build", "--locked", "--release", "-p", "telemetry-tests", "--bin", "probe"]);
        fixture::succeed(command.env("CARGO_TARGET_DIR", &target));
        target.join("release").join(format!("probe{}", std::env::consts::EXE_SUFFIX))
    })
}

// ---- What arrived -----------------------------------------------------------------------------------------------

fn ledger(command: &mut Command) -> Value {
    serde_json::from_str(&run_ok(command)).unwrap()
}

/// The numbers of all commands that arrived, each once for each event id, in order.
fn commands_at(server: &LoopbackServer) -> Vec<u64> {
    numbers_at(server, "command_run")
}

fn numbers_at(server: &LoopbackServer, name: &str) -> Vec<u64> {
    let mut by_id: BTreeMap<String, u64> = BTreeMap::new();
    for event in server.requests().iter().flat_map(batch) {
        if event["event"] == name {
            let id = event["id"].as_str().expect("extended events have ids").to_owned();
            let number = event["payload"]["number"].as_u64().expect("these events are numbered");
            let known = by_id.insert(id, number);
            assert!(known.is_none_or(|known| known == number), "one id for two events");
        }
    }
    let mut numbers: Vec<_> = by_id.into_values().collect();
    numbers.sort_unstable();
    numbers
}

fn batch(request: &Received) -> Vec<Value> {
    let body: Value = serde_json::from_slice(&request.body).expect("batches are JSON");
    body["events"].as_array().expect("batches hold events").clone()
}
