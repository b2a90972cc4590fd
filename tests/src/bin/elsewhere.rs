//! A program whose server cannot be found: no network, or a resolver that does not answer. Run it in a network namespace
//! of its own, or it asks the machine's resolver for a name that never exists.
//!
//! `supervise mute`, `supervise slow`, `supervise nowhere` and `supervise neighbour` start this program again and say what
//! became of it, in order.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::UdpSocket,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    time::{Duration, Instant},
};

use telemetry_runtime::{Options, Sdk, allow_release, flush, record, sdk, telemetry_event, testing::LoopbackServer};

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

/// Another SDK of the program, whose server is near.
pub static NEIGHBOUR: Sdk = sdk! {
    name: "neighbour",
    role: Library,
    default: On,
    env: "NEIGHBOUR",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://probe.example/telemetry",
    operator: "Probe Inc.",
    contact: "privacy@probe.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// Something happened there.
#[telemetry_event(sdk = NEIGHBOUR, throttle = None)]
struct NearHappened {
    /// Whether for the first time.
    first: bool,
}

/// Longer than anything may take.
const WATCHDOG: Duration = Duration::from_secs(60);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["supervise", "mute"] => supervise_mute(),
        ["supervise", "slow"] => supervise_slow(),
        ["supervise", "nowhere"] => supervise_nowhere(),
        ["supervise", "neighbour"] => supervise_neighbour(),
        // Has something for its server, of which nobody knows the address; for every line then something for the other.
        ["beside", port] => {
            start();
            NEIGHBOUR.configure(Options::new().loopback().loopback_port(port.parse().expect("a port")));
            std::thread::spawn(|| flush(Duration::from_secs(600)));
            for line in std::io::stdin().lines() {
                line.expect("lines");
                record!(NearHappened { first: true });
                std::thread::spawn(|| flush(Duration::from_secs(600)));
            }
        }
        ["hold"] => {
            start();
            std::thread::spawn(|| flush(Duration::from_secs(600)));
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
        }
        ["flush", seconds] => {
            start();
            println!("{:?}", flush(Duration::from_secs(seconds.parse().expect("a number"))));
            let ledger = TELEMETRY.status().ledger;
            println!("offered {}, waiting {}", ledger.offered, ledger.waiting);
        }
        // Offers what there is, and says why nothing was tried.
        ["paused"] => {
            start();
            let _ = flush(Duration::from_secs(20));
            println!("{}", TELEMETRY.status().paused.map(|pause| pause.to_string()).unwrap_or_default());
        }
        // Offers what there is, and says how much memory that took at most, in KiB, and what became of it.
        ["peak"] => {
            start();
            let _ = flush(Duration::from_secs(60));
            let said = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
            let peak = said.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
            println!("{}", peak.unwrap_or("0"));
            println!("{}", TELEMETRY.status().to_json());
        }
        // The same, and lives on until standard input is closed.
        ["flush-live", seconds] => {
            start();
            println!("{:?}", flush(Duration::from_secs(seconds.parse().expect("a number"))));
            let _ = std::io::stdin().read_to_end(&mut Vec::new());
            let ledger = TELEMETRY.status().ledger;
            println!("offered {}, waiting {}", ledger.offered, ledger.waiting);
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

/// How long the resolver takes: longer than a connection may take to be made.
const SLOW: Duration = Duration::from_secs(3);

fn supervise_slow() {
    let resolver = UdpSocket::bind("127.0.0.1:53").expect("a namespace of our own");
    resolver.set_read_timeout(Some(WATCHDOG)).expect("a socket has timeouts");
    // The program ends while its questions are open.
    let mut child = spawn(&["hold"]);
    let first = ask(&resolver);
    drop(child.stdin.take());
    println!("main returned: {}", finish(child));
    answer_all(&resolver, first);
    // The answers come when nobody waits for them any more, in a program that goes on.
    let mut child = spawn(&["flush-live", "20"]);
    let first = ask(&resolver);
    let asked = Instant::now();
    let mut said = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut line = String::new();
    said.read_line(&mut line).expect("it prints text");
    println!("flush returned without an answer: {}", line.trim());
    std::thread::sleep(SLOW.saturating_sub(asked.elapsed()));
    answer_all(&resolver, first);
    std::thread::sleep(Duration::from_millis(200));
    drop(child.stdin.take());
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it prints text");
    println!("after the answer: {}{}", finish(child), rest.trim());
}

type Question = (Vec<u8>, std::net::SocketAddr);

/// The next question to the resolver.
fn ask(resolver: &UdpSocket) -> Question {
    receive(resolver).expect("the program asks for its server")
}

fn receive(resolver: &UdpSocket) -> Option<Question> {
    let mut bytes = vec![0; 512];
    let (len, from) = resolver.recv_from(&mut bytes).ok()?;
    bytes.truncate(len);
    Some((bytes, from))
}

/// Answers this question and all that were asked beside it: the name is this machine.
fn answer_all(resolver: &UdpSocket, first: Question) {
    resolver.set_nonblocking(true).expect("a socket can");
    let mut next = Some(first);
    while let Some((mut bytes, from)) = next {
        // The header, a name that ends with a zero byte, type and class; nothing else of it is repeated.
        let name = bytes.iter().skip(12).position(|byte| *byte == 0).expect("a name");
        let kind = 12 + name + 1;
        bytes.truncate(kind + 4);
        let is_ipv4 = bytes[kind..kind + 2] == [0, 1];
        bytes[2..12].copy_from_slice(&[0x81, 0x80, 0, 1, 0, u8::from(is_ipv4), 0, 0, 0, 0]);
        if is_ipv4 {
            // The same name, type A, class IN, for 60 s, 4 bytes.
            bytes.extend([0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1]);
        }
        let _ = resolver.send_to(&bytes, from); // Whoever asked may have ended.
        next = receive(resolver);
    }
    resolver.set_nonblocking(false).expect("a socket can");
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

/// While one SDK waits for its resolver, another one's events arrive. On a busy machine the wait may be over first; then
/// it is tried again.
fn supervise_neighbour() {
    let resolver = UdpSocket::bind("127.0.0.1:53").expect("a namespace of our own");
    resolver.set_read_timeout(Some(WATCHDOG)).expect("a socket has timeouts");
    let mut known = None;
    let beside = (0..5).any(|_| {
        let server = LoopbackServer::start().expect("a port");
        let mut child = spawn(&["beside", &server.port().to_string()]);
        known = Some(asked(&resolver, known));
        let asked = Instant::now();
        writeln!(child.stdin.as_mut().expect("it is piped")).expect("it reads lines");
        assert_eq!(server.wait_for(1, WATCHDOG).len(), 1, "it arrives, if late");
        let waited = asked.elapsed();
        // It says that it uses loopback options.
        let _ = child.kill();
        let _ = child.wait();
        // A connection is given up after 2 s.
        waited < Duration::from_secs(2)
    });
    println!("while the other one waited: {beside}");
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
