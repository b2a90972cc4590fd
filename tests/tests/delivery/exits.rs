//! What a short program does at its end: nothing by default, a bounded wait, or a process of its own.

use std::{
    collections::HashSet,
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::Value;
use telemetry_runtime::testing::{LoopbackServer, Reply};
use telemetry_tests::{Sandbox, WATCHDOG, finish, ledger, run, run_ok, sibling};

use super::{
    breaker::Stored,
    unanswered::one_of,
    wire_kit::{Authority, Certificate, far_away},
};

/// The key of `keyed-detached`.
const KEY: &str = "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k";

const DAY: u64 = 24 * 60 * 60;

/// The users of the tests over TLS, each with a home of their own.
const USERS: u32 = 100;

/// A round trip to the server and back.
const ROUND_TRIP: Duration = Duration::from_millis(100);

/// A server behind TLS and a long line.
struct Far {
    server: LoopbackServer,
    authority: Authority,
    port: u16,
}

impl Far {
    fn new() -> Self {
        let (server, authority) = (LoopbackServer::start().unwrap(), Authority::new());
        let port = far_away(authority.serve("localhost", Certificate::Good, server.port()), ROUND_TRIP);
        Self { server, authority, port }
    }

    /// The program in this home, told of the server.
    fn program(&self, sandbox: &Sandbox, arguments: [&str; 3]) -> Command {
        let trusted = sandbox.home().join("authority.pem");
        self.authority.write_to(&trusted);
        let mut command = sandbox.command(sibling("ender"));
        command.args(arguments).env("SSL_CERT_FILE", trusted).env("PROBE_PORT", self.port.to_string());
        command
    }

    /// The numbers that arrived, each once.
    fn numbers(&self) -> Vec<u64> {
        let requests = self.server.requests();
        let events = requests.iter().flat_map(telemetry_tests::events_of);
        let mut numbers: Vec<u64> = events.filter_map(|(_, payload)| payload["number"].as_u64()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }
}

/// One run that works for 30 ms: it ends with its own code and says its own word.
fn run_short(command: &mut Command) {
    let output = run(command);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b"done\n"[..]), "{output:?}");
}

/// Runs of so many users at two at a time, each in a home of its own, which are the result.
fn users(far: &Far, sdk: &str) -> Vec<Sandbox> {
    let run = |number: u32| {
        let sandbox = Sandbox::new();
        run_short(&mut far.program(&sandbox, [sdk, "run", &number.to_string()]));
        sandbox
    };
    thread::scope(|scope| {
        let halves = [0, 1].map(|half| {
            scope.spawn(move || (0..USERS).filter(|number| number % 2 == half).map(run).collect::<Vec<_>>())
        });
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    })
}

// ---- A distant server over TLS ----------------------------------------------------------------------------------

#[test]
fn r01_one_run_each_of_a_hundred_users_arrives_by_detached() {
    let far = Far::new();
    let homes = users(&far, "detached");
    homes.iter().for_each(until_no_child_is_left);
    let alone = the_rest_arrives_later(&far, &homes, "detached");
    assert!(alone == homes.len() || !judges_times(), "{alone}");
}

/// The process that delivers has no key, for no code of the host has run there; the events carry the one they were recorded
/// with.
#[test]
fn o19_detached_delivers_what_needs_the_key_of_an_instance() {
    one_of("no process had the time to deliver", || {
        let sandbox = Sandbox::new();
        // The run is over before it offers anything: what arrives is from the process it leaves behind.
        run_short(sandbox.command(sibling("ender")).args(["keyed-detached", "run", "7"]).env("TMPDIR", "/gone"));
        until_no_child_is_left(&sandbox);
        assert_ne!(Stored::read(&sandbox, "keyed-detached").number("exit_after"), 0, "it left a process behind");
        for event in ledger::delivered(&sandbox.server.requests()).values() {
            assert_eq!((&event["payload"]["number"], &event["pk"]), (&7.into(), &KEY.into()));
        }
        is_delivered(&sandbox)
    });
}

#[test]
fn r01_what_grace_has_no_time_for_stays_and_arrives_later() {
    let far = Far::new();
    let homes = users(&far, "grace");
    // Three round trips fit into 330 ms, if the machine is free to run; whoever did not make it has lost nothing.
    let alone = the_rest_arrives_later(&far, &homes, "grace");
    assert!(alone == homes.len() || !judges_times(), "{alone}");
}

/// Whether this machine has the time that a test by the clock needs.
fn judges_times() -> bool {
    std::env::var_os("TELEMETRY_TESTS_TIMES").is_some()
}

/// What did not arrive although the end of the run was used arrives by a later, longer run. Answers in how many homes there
/// was nothing left for one.
fn the_rest_arrives_later(far: &Far, homes: &[Sandbox], sdk: &str) -> usize {
    let (mut alone, mut let_pass) = (0, Vec::new());
    for (number, home) in homes.iter().enumerate() {
        if is_delivered(home) {
            alone += 1;
        } else {
            let used = Stored::find(home, sdk).is_some_and(|stored| stored.number("exit_after") != 0);
            let_pass.extend((!used).then_some(number));
            deliver_until_nothing_waits(home, sdk, || far.program(home, [sdk, "deliver", "0"]));
        }
    }
    // The end of a program waits for nobody: on a busy machine one may find its writer held by the worker.
    let few = if judges_times() { 0 } else { homes.len() / 10 };
    assert!(let_pass.len() <= few, "{sdk}: the end of the run was let pass by the users {let_pass:?}");
    assert_eq!(far.numbers(), (0..u64::from(USERS)).collect::<Vec<_>>());
    eprintln!("{sdk}: {alone} of {USERS} arrived without a later run, over a round trip of {ROUND_TRIP:?}");
    alone
}

/// Later runs, each as if a day had passed: on a busy machine even a request of 5 s may fail.
fn deliver_until_nothing_waits(home: &Sandbox, sdk: &str, program: impl Fn() -> Command) {
    let begun = Instant::now();
    while !is_delivered(home) {
        assert!(begun.elapsed() < WATCHDOG, "{sdk}: {:?}", home.files());
        Stored::find(home, sdk).into_iter().for_each(|stored| stored.pass(2 * DAY));
        run_ok(&mut program());
    }
}

/// Whether nothing waits in this home.
fn is_delivered(home: &Sandbox) -> bool {
    !home.files().keys().any(|path| {
        path.extension().is_some_and(|ending| ["part", "ready", "batch"].iter().any(|kept| ending == *kept))
    })
}

#[test]
fn r01_a_hundred_runs_of_one_user_arrive_by_a_later_longer_run() {
    let (far, sandbox) = (Far::new(), Sandbox::new());
    for number in 0..USERS {
        run_short(&mut far.program(&sandbox, ["later", "run", &number.to_string()]));
    }
    let before = far.server.requests().len();
    assert!(before <= 3, "{before} requests by programs that did not ask for any");
    run_ok(&mut far.program(&sandbox, ["later", "flush", &USERS.to_string()]));
    deliver_until_nothing_waits(&sandbox, "later", || far.program(&sandbox, ["later", "deliver", "0"]));
    assert_eq!(far.numbers(), (0..=u64::from(USERS)).collect::<Vec<_>>());
}

#[test]
fn r04_of_many_runs_of_one_user_one_a_day_delivers_and_takes_all() {
    let (far, sandbox) = (Far::new(), Sandbox::new());
    far.server.always(Reply::hold()); // So that something waits at the end of every run, however long it lasted.
    let token = || Stored::find(&sandbox, "detached").map_or(0, |stored| stored.number("exit_after"));
    let mut runs = 0;
    let mut run = || {
        run_short(&mut far.program(&sandbox, ["detached", "run", &runs.to_string()]));
        runs += 1;
    };
    // The end of a program waits for nobody: on a busy machine one may find its writer held by the worker, and the next one
    // starts the process.
    one_of("a process was started", || {
        run();
        token() != 0
    });
    let first = token();
    for _ in 1..10 {
        run();
        assert_eq!(token(), first, "a further process on the same day");
    }
    until_no_child_is_left(&sandbox);
    assert!(far.server.requests().len() <= 1, "one attempt");
    far.server.always(Reply::status(200));
    Stored::read(&sandbox, "detached").pass(2 * DAY);
    one_of("a process was started a day later, if anything waited", || {
        run();
        token() > first - 2 * DAY || is_delivered(&sandbox)
    });
    until_no_child_is_left(&sandbox);
    if !is_delivered(&sandbox) {
        // A process has three seconds; this machine had no time for it.
        assert!(!judges_times());
        deliver_until_nothing_waits(&sandbox, "detached", || far.program(&sandbox, ["detached", "deliver", "0"]));
    }
    assert_eq!(far.numbers(), (0..runs).collect::<Vec<_>>());
}

// ---- The wait ---------------------------------------------------------------------------------------------------

#[test]
fn r01_a_grace_ends_while_the_server_holds_the_request() {
    one_of("grace", || {
        let sandbox = Sandbox::new();
        sandbox.server.always(Reply::hold());
        run_short(sandbox.command(sibling("ender")).args(["plain-grace", "run", "1"]));
        let stored = Stored::read(&sandbox, "plain-grace");
        assert_ne!(stored.number("exit_after"), 0, "it waited");
        // Whoever waits for the request hears that it failed, after 5 s.
        stored.number("failures") == 0
    });
}

/// A run against a server that answers nobody before the program waits at its end: what is sent earlier, by the ordinary
/// way, has no answer by then. Answers when the next such wait may be.
#[track_caller]
fn run_until_it_waits(sandbox: &Sandbox, number: u32, before: u64) -> u64 {
    let token = || fs::read(sandbox.state().join("telemetry/plain-grace/breaker.json")).ok();
    let token = || serde_json::from_slice::<Value>(&token()?).ok()?["endpoints"][0]["exit_after"].as_u64();
    let begun = Instant::now();
    let mut command = sandbox.command(sibling("ender"));
    let mut child = command.args(["plain-grace", "run", &number.to_string()]).spawn().unwrap();
    while token().is_none_or(|token| token == before) && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    sandbox.server.release();
    let output = finish(child);
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(3), &b"done\n"[..]), "{output:?}");
    let token = token().expect("the breaker was written");
    assert_ne!(token, before, "run {number} did not wait at its end");
    // It saw its answer, or it waited in vain and for all of its time; on a busy machine that is not enough.
    // Of the 300 ms, 10 are for writing down what came of it.
    let whole = Duration::from_millis(30 + 300 - 10);
    assert!(is_delivered(sandbox) || begun.elapsed() >= whole, "run {number} ended after {:?}", begun.elapsed());
    token
}

#[test]
fn r01_a_grace_is_given_once_a_day() {
    let sandbox = Sandbox::new();
    sandbox.server.always(Reply::hold());
    let token = run_until_it_waits(&sandbox, 1, 0);
    for number in 2..5 {
        run_short(sandbox.command(sibling("ender")).args(["plain-grace", "run", &number.to_string()]));
        assert_eq!(Stored::read(&sandbox, "plain-grace").number("exit_after"), token, "run {number} waited as well");
        assert!(!is_delivered(&sandbox), "nobody has answered it");
    }
    Stored::read(&sandbox, "plain-grace").pass(2 * DAY);
    run_until_it_waits(&sandbox, 5, token - 2 * DAY);
    sandbox.server.always(Reply::status(200));
    sandbox.server.release();
    deliver_until_nothing_waits(&sandbox, "plain-grace", || {
        let mut command = sandbox.command(sibling("ender"));
        command.args(["plain-grace", "deliver"]);
        command
    });
    let delivered = ledger::delivered(&sandbox.server.requests());
    let mut numbers: Vec<_> = delivered.values().map(|event| event["payload"]["number"].as_u64().unwrap()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5], "whoever has waited or not, each arrives");
}

#[test]
fn r07_process_exit_skips_the_guard_and_loses_nothing() {
    for sdk in ["plain-grace", "plain-detached"] {
        let sandbox = Sandbox::new();
        let output = run(sandbox.command(sibling("ender")).args([sdk, "exit", "1"]));
        assert_eq!(output.status.code(), Some(7));
        assert!(!is_delivered(&sandbox), "{sdk}: it waits on disk");
        run_ok(sandbox.command(sibling("ender")).args([sdk, "deliver"]));
        assert_eq!(sandbox.events().len(), 1);
    }
}

#[test]
fn r13_nobody_who_opted_out_waits_or_starts_a_process() {
    for sdk in ["plain-grace", "plain-detached"] {
        let sandbox = Sandbox::new();
        let program = sibling("ender");
        run_short(sandbox.command(&program).args([sdk, "run", "1"]).env("ENDER_TELEMETRY_DISABLED", "1"));
        run_short(sandbox.command(&program).args([sdk, "run", "1"]).env("DO_NOT_TRACK", "1"));
        run_short(sandbox.command(&program).args([sdk, "run", "1"]).env("ENDER_TELEMETRY_DEBUG", "1"));
        assert!(sandbox.files().is_empty() && children(&sandbox).is_empty(), "{sdk}");
        assert_eq!(sandbox.server.connections(), 0, "{sdk}");
    }
}

// ---- The process ------------------------------------------------------------------------------------------------

/// The processes that deliver for this home, by the home in their environment.
#[cfg(target_os = "linux")]
fn children(sandbox: &Sandbox) -> Vec<PathBuf> {
    let home = format!("HOME={}", sandbox.home().display());
    let ours = |process: &PathBuf| {
        let read = |name: &str| fs::read(process.join(name)).unwrap_or_default();
        read("environ").split(|byte| *byte == 0).any(|variable| variable == home.as_bytes())
            && read("cmdline").windows(19).any(|window| window == b"--telemetry-deliver")
    };
    fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path()).filter(ours).collect()
}

#[cfg(not(target_os = "linux"))]
fn children(_sandbox: &Sandbox) -> Vec<PathBuf> {
    Vec::new()
}

fn until_no_child_is_left(sandbox: &Sandbox) {
    let begun = Instant::now();
    while !children(sandbox).is_empty() {
        assert!(begun.elapsed() < WATCHDOG, "{:?}", children(sandbox));
        thread::sleep(Duration::from_millis(20));
    }
}

#[test]
#[cfg(target_os = "linux")]
fn r04_r25_the_process_that_delivers_is_alone_and_shows_nothing() {
    one_of("no process lives long enough to be looked at", || look_at_the_process().is_some());
}

/// `None` if the process ended, by its own clock, before everything was seen.
#[cfg(target_os = "linux")]
fn look_at_the_process() -> Option<()> {
    let sandbox = Sandbox::new();
    sandbox.server.always(Reply::hold());
    let program = sibling("ender");
    // A descriptor that the program inherits and knows nothing of: the pipe whose end this test reads to.
    let mut shell = sandbox.command("/bin/sh");
    shell.args(["-c", "exec 9>&1; exec \"$0\" plain-detached run 1"]).arg(&program);
    shell.env("ACME_SECRET", "s3cr3t").env("HTTPS_PROXY", "http://127.0.0.1:1");
    run_short(&mut shell);
    // The pipe has ended while the process lives.
    let all = children(&sandbox);
    assert!(all.len() <= 1, "{all:?}");
    let process = all.into_iter().next()?;
    let read = |name: &str| fs::read(process.join(name)).ok().filter(|bytes| !bytes.is_empty());
    let [command, argument, rest] =
        read("cmdline")?.split(|byte| *byte == 0).map(<[u8]>::to_vec).collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(
        (command.as_slice(), argument.as_slice()),
        (program.as_os_str().as_encoded_bytes(), &b"--telemetry-deliver"[..])
    );
    assert!(rest.is_empty());
    let environment = String::from_utf8(read("environ")?).unwrap();
    assert!(!environment.contains("s3cr3t") && !environment.contains("PROBE_PORT"), "{environment}");
    assert!(environment.contains("HTTPS_PROXY=http://127.0.0.1:1"), "{environment}");
    assert_eq!(fs::read_link(process.join("cwd")).ok()?, PathBuf::from("/"));
    for (descriptor, target) in [("1", "/dev/null"), ("2", "/dev/null")] {
        assert_eq!(fs::read_link(process.join("fd").join(descriptor)).ok()?, PathBuf::from(target));
    }
    // Its process group is its own, so nothing that a person types ends it or is kept waiting by it.
    let stat = String::from_utf8(read("stat")?).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    assert_eq!(process.file_name().unwrap().to_str(), Some(fields[2]));

    // A second end of a day finds it at work, and no further process stays.
    while sandbox.server.requests().is_empty() {
        children(&sandbox).first()?;
        thread::sleep(Duration::from_millis(5));
    }
    Stored::read(&sandbox, "plain-detached").pass(2 * DAY);
    run_short(sandbox.command(&program).args(["plain-detached", "run", "2"]));
    while children(&sandbox) != [process.clone()] {
        children(&sandbox).first()?;
        thread::sleep(Duration::from_millis(5));
    }
    // The server never answers; the process ends all the same.
    until_no_child_is_left(&sandbox);
    // The second run may have offered its own event while it worked.
    let requests = sandbox.server.requests();
    let keys: HashSet<_> = requests.iter().map(|request| request.header("idempotency-key")).collect();
    assert_eq!(keys.len(), requests.len(), "one attempt for each batch");
    Some(())
}

#[test]
#[cfg(target_os = "linux")]
fn r04_the_process_ends_by_itself_whatever_it_is_started_as() {
    let sandbox = Sandbox::new();
    let program = sibling("ender");
    // Without the mark the argument is the program's own.
    let output = run(sandbox.command(&program).arg("--telemetry-deliver"));
    assert_eq!(output.status.code(), Some(101), "the program's own panic on an unknown word");
    // With it, and for nobody: ends at once and does nothing.
    for mark in ["", "nobody", "plain-detached", "=", "plain-detached=99999"] {
        let output = run(sandbox.command(&program).arg("--telemetry-deliver").env("TELEMETRY_RUNTIME_DELIVER", mark));
        assert!(output.status.success() && output.stdout.is_empty(), "{mark}: {output:?}");
    }
    // A process that delivers, or whoever has its environment, starts no further one.
    let mut marked = sandbox.command(&program);
    run_short(marked.args(["plain-detached", "run", "1"]).env("TELEMETRY_RUNTIME_DELIVER", "x"));
    assert!(children(&sandbox).is_empty());
}
