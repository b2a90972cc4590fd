//! A program whose server cannot be found: no network, or a resolver that does not answer. Run it in a network namespace
//! of its own, or it asks the machine's resolver for a name that never exists.
//!
//! `supervise mute` and `supervise nowhere` start this program again and say what became of it, in order.

use std::{
    io::{Read as _, Write as _},
    net::UdpSocket,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

use telemetry_runtime::{Options, Sdk, allow_release, flush, record, sdk, telemetry_event};

/// The program's telemetry. The name of the host is reserved; nobody will ever register it.
pub static TELEMETRY: Sdk = sdk! {
    name: "elsewhere",
    role: Library,
    default: On,
    env: "ELSEWHERE",
    endpoint: "https://telemetry.invalid",
    wire: EventBatch { strict: false },
    docs: "https://probe.example/telemetry",
    operator: "Probe Inc.",
    contact: "privacy@probe.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Something happened.
#[telemetry_event(throttle = None)]
struct Happened {
    /// Whether for the first time.
    first: bool,
}

/// Longer than anything may take.
const WATCHDOG: Duration = Duration::from_secs(60);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["supervise", "mute"] => supervise_mute(),
        ["supervise", "nowhere"] => supervise_nowhere(),
        ["hold"] => {
            start();
            std::thread::spawn(|| flush(Duration::from_secs(600)));
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        }
        ["flush", seconds] => {
            start();
            println!("{:?}", flush(Duration::from_secs(seconds.parse().expect("a number"))));
        }
        other => panic!("no such action: {other:?}"),
    }
}

fn start() {
    allow_release(&TELEMETRY);
    TELEMETRY.configure(Options::new().notice_shown(TELEMETRY.notice().hash()));
    record!(Happened { first: true });
    record!(Happened { first: false });
}

fn supervise_mute() {
    let resolver = UdpSocket::bind("127.0.0.1:53").expect("a namespace of our own");
    resolver.set_read_timeout(Some(WATCHDOG)).expect("a socket has timeouts");
    // A program that waits on purpose, begun first: whoever waits as well ends after it.
    let mut waiting = spawn(&["flush", "600"]);
    let first = asked(&resolver, None);
    let mut child = spawn(&["hold"]);
    asked(&resolver, Some(first));
    // The questions stay open. The program may end now.
    drop(child.stdin.take());
    println!("main returned: {}", finish(child));
    println!("before the program that waits: {}", waiting.try_wait().is_ok_and(|ended| ended.is_none()));
    let _ = waiting.kill();
    let _ = waiting.wait();
    println!("flush returned: {}", finish(spawn(&["flush", "1"])));
}

/// Waits until somebody other than `known` asks for a name, and answers who that is.
fn asked(resolver: &UdpSocket, known: Option<u16>) -> u16 {
    loop {
        let (_, from) = resolver.recv_from(&mut [0; 512]).expect("the program asks for its server");
        if Some(from.port()) != known {
            return from.port();
        }
    }
}

fn supervise_nowhere() {
    let child = spawn(&["flush", "20"]);
    println!("flush returned: {}", finish(child));
    let mut child = spawn(&["hold"]);
    drop(child.stdin.take());
    println!("main returned: {}", finish(child));
}

/// Starts this program again, as a user of its own: what one has learnt of the server would keep the next from asking.
fn spawn(arguments: &[&str]) -> Child {
    static USERS: AtomicU32 = AtomicU32::new(0);
    let state = std::env::var_os("XDG_STATE_HOME").map(PathBuf::from).expect("a state folder of the test's");
    let state = state.join(USERS.fetch_add(1, Ordering::Relaxed).to_string());
    Command::new(std::env::current_exe().expect("our own path"))
        .args(arguments)
        .env("XDG_STATE_HOME", state)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("this program starts")
}

/// Waits for the program and says what it said; ends it if it does not end.
fn finish(child: Child) -> String {
    let id = child.id();
    let (sender, ended) = mpsc::channel();
    std::thread::spawn(move || sender.send(child.wait_with_output()));
    match ended.recv_timeout(WATCHDOG) {
        Ok(output) => {
            let output = output.expect("the program can be waited for");
            std::io::stderr().write_all(&output.stderr).expect("stderr");
            format!("{} {}", output.status.code().unwrap_or(-1), String::from_utf8_lossy(&output.stdout).trim())
        }
        Err(_) => {
            let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            format!("not within {WATCHDOG:?}")
        }
    }
}
