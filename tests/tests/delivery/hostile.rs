//! C6: whatever the server answers, each batch ends as the table of `docs/wire-protocol.md` says, after no more requests
//! than allowed, one at a time, to nobody else, and within the memory that a plain answer takes.

use std::{sync::Mutex, thread};

use serde_json::Value;
use telemetry_runtime::testing::{LoopbackServer, Received, Reply};
use telemetry_tests::{
    Sandbox,
    ledger::{self, Ledger, check},
    run,
};

/// The events of one `record_all` of the probe.
pub const ALL: u64 = 5;

/// How much memory a client may take beyond what it takes for a plain answer.
pub const GROWTH_KIB: u64 = 2 * 1024;

/// What becomes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Sent,
    Rejected,
    Waiting,
}

impl Outcome {
    fn word(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Rejected => "rejected",
            Self::Waiting => "waiting",
        }
    }
}

/// One thing that a server may do: to all requests of a run, with this outcome, after so many requests.
struct Row {
    name: String,
    reply: Reply,
    outcome: Outcome,
    requests: usize,
}

fn row(name: impl Into<String>, reply: Reply, outcome: Outcome) -> Row {
    Row { name: name.into(), reply, outcome, requests: 1 }
}

/// The table. `elsewhere` is another server.
fn table(elsewhere: &str) -> Vec<Row> {
    use Outcome::{Rejected, Sent, Waiting};

    let mut rows = Vec::new();
    for (statuses, outcome) in [
        (&[200, 201, 202, 204, 299][..], Sent),
        (&[301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 415, 422, 600], Rejected),
        (&[408, 429, 500, 502, 503, 504], Waiting),
    ] {
        // A redirect goes elsewhere; the others say so and mean nothing by it.
        let reply = |status: u16| Reply::status(status).header("location", elsewhere);
        rows.extend(statuses.iter().map(|status| row(status.to_string(), reply(*status), outcome)));
    }
    // Five events are halved to single ones, which nobody can halve: one of five, one of two, and each alone.
    rows.push(Row { requests: 7, ..row("413", Reply::status(413), Rejected) });
    for wish in ["3600", "Sun, 06 Nov 1994 08:49:37 GMT", &u64::MAX.to_string(), "-5", "soon", ""] {
        rows.push(row(format!("429, retry-after {wish:?}"), Reply::status(429).retry_after(wish), Waiting));
    }
    rows.push(row("a redirect to itself", Reply::redirect("/v1/event"), Rejected));
    rows.push(row("a redirect to another name", Reply::redirect("https://elsewhere.example/"), Rejected));
    rows.push(row("a captive portal", Reply::captive_portal(), Sent));
    rows.push(row("100 MB", Reply::status(200).body(vec![b' '; 100_000_000]), Sent));
    rows.push(row("a body without an end", Reply::endless(), Sent));
    rows.push(row("a body without an end, of an error", Reply::status(500).body(vec![b' '; 10_000_000]), Waiting));
    rows.push(row("a body that stops", Reply::unfinished(), Sent));
    rows.push(row("a reset in the answer", Reply::status(200).body("{\"rejected\": 0}").reset_in_body(), Sent));
    let bomb = Reply::status(200).header("content-encoding", "gzip").header("content-type", "application/json");
    rows.push(row("a bomb", bomb.body(zeros_by_gzip(100_000_000)), Sent));
    let strange = *b"HTTP/1.1 200 OK\r\nx-bad: \xff\xfe\xc0\r\nretry-after: \xff\r\ncontent-length: 0\r\n\r\n";
    rows.push(row("headers that are no UTF-8", Reply::raw(strange), Sent));
    let strange = *b"HTTP/1.1 503 \xff\r\nretry-after: \xff\xfe\r\ncontent-length: 0\r\n\r\n";
    rows.push(row("a wish that is no UTF-8", Reply::raw(strange), Waiting));
    let mut head = b"HTTP/1.1 200 OK\r\n".to_vec();
    (0..20_000).for_each(|number| head.extend(format!("x-{number}: {number:060}\r\n").into_bytes()));
    rows.push(row("headers without an end", Reply::raw(head), Waiting));
    rows.push(row("HTTP/0.9", Reply::raw("<html>It works!</html>"), Waiting));
    rows.push(row("no HTTP", Reply::garbage(), Waiting));
    rows.push(row("a status of four digits", Reply::raw("HTTP/1.1 2000 OK\r\ncontent-length: 0\r\n\r\n"), Waiting));
    rows.push(row("a promise to go on", Reply::raw("HTTP/1.1 100 Continue\r\n\r\n"), Waiting));
    rows.push(row("no word", Reply::close(), Waiting));
    rows.push(row("a reset", Reply::reset(), Waiting));
    rows
}

/// So many zeros as gzip would pack them: about 1/160. Fixed codes, RFC 1951, section 3.2.6. Nobody ever unpacks it, so
/// there is no checksum at its end.
fn zeros_by_gzip(count: usize) -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    // Codes begin with their highest bit; a block header (last, type 1) with its lowest.
    bits.extend([true, true, false]);
    bits.extend([false, false, true, true, false, false, false, false]); // The literal 0.
    for _ in 0..count / 258 {
        bits.extend([true, true, false, false, false, true, false, true]); // Length 258, code 285.
        bits.extend([false; 5]); // One byte back.
    }
    bits.extend([false; 7]); // The end.
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    out.extend(
        bits.chunks(8).map(|byte| {
            byte.iter().enumerate().fold(0_u8, |byte, (position, bit)| byte | (u8::from(*bit) << position))
        }),
    );
    out
}

/// What a run of the probe says of itself.
pub struct Run {
    pub peak_kib: u64,
    pub status: Value,
}

/// Records one of everything and offers it to the server.
#[track_caller]
pub fn offer(sandbox: &Sandbox, name: &str) -> Run {
    let output = run(&mut sandbox.probe("peak"));
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let quiet = errors.lines().all(|line| line.contains("loopback"));
    assert!(output.status.success() && quiet, "{name}: {output:?}");
    let (peak, status) = said.split_once('\n').unwrap_or_else(|| panic!("{name}: {said}"));
    Run { peak_kib: peak.parse().unwrap(), status: serde_json::from_str(status).unwrap() }
}

/// Lets a later run deliver what is left, to a server that takes it, and checks what became of everything. `confirmed` are
/// requests of earlier runs that a server has taken.
#[track_caller]
pub fn deliver_and_check(sandbox: &Sandbox, confirmed: &[Received], lost: u64) {
    let before = sandbox.server.requests().len();
    let deliver = || {
        sandbox.forget_failures();
        let output = run(&mut sandbox.probe("deliver-status"));
        let status: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        Ledger::of(&status["total"]["counts"])
    };
    // Some more runs, because on a busy machine even a request of 5 s may fail.
    let mut total = deliver();
    for _ in 0..4 {
        if total.of_word("waiting") > 0 {
            total = deliver();
        }
    }
    let later = sandbox.server.requests().split_off(before);
    assert_eq!((total.of_word("waiting"), total.lost()), (0, lost), "{total:?}");
    check(&total, &ledger::delivered(confirmed.iter().chain(&later)), ALL);
}

fn try_row(row: &Row, plain_kib: u64, elsewhere: &LoopbackServer) {
    let (name, sandbox) = (&row.name, Sandbox::new());
    sandbox.server.always(row.reply.clone());
    let run = offer(&sandbox, name);
    let ledger = Ledger::of(&run.status["ledger"]);
    let requests = sandbox.server.requests();
    assert_eq!(ledger.of_word(row.outcome.word()), ALL, "{name}: {ledger:?}");
    assert_eq!((requests.len(), sandbox.server.most_in_flight()), (row.requests, 1), "{name}");
    assert_eq!(elsewhere.connections(), 0, "{name}: nothing goes elsewhere");
    assert!(requests.iter().all(|request| request.path == "/v1/event"), "{name}");
    let growth = run.peak_kib.saturating_sub(plain_kib);
    assert!(growth <= GROWTH_KIB, "{name}: {growth} KiB more than for a plain answer");

    // Another program finds nothing, or all of it under the same key.
    sandbox.server.always(Reply::status(200));
    match row.outcome {
        Outcome::Sent => deliver_and_check(&sandbox, &requests, 0),
        Outcome::Rejected => deliver_and_check(&sandbox, &[], ALL),
        Outcome::Waiting => deliver_and_check(&sandbox, &[], 0),
    }
    let later = sandbox.server.requests().split_off(requests.len());
    assert_eq!(later.len(), usize::from(row.outcome == Outcome::Waiting), "{name}");
    for again in later {
        let [first, again] = [&requests[0], &again].map(|sent| (sent.header("idempotency-key"), &sent.body));
        assert!(first.0.is_some() && first == again, "{name}: {first:?} {again:?}");
    }
}

#[test]
fn c06_every_answer_has_one_meaning_and_harms_nobody() {
    let elsewhere = LoopbackServer::start().unwrap();
    let plain = (0..3).map(|_| offer(&Sandbox::new(), "plain").peak_kib).max().unwrap();
    let mut rows = table(&elsewhere.endpoint());
    let count = rows.len();
    // Some wait for seconds, all of them for processes.
    rows.reverse();
    let rows = Mutex::new(rows);
    let next = || rows.lock().unwrap().pop();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(row) = next() {
                    try_row(&row, plain, &elsewhere);
                }
            });
        }
    });
    assert!(count > 40 && rows.lock().unwrap().is_empty());
}

/// The list that authors of SDKs test with.
#[test]
fn c06_a_program_is_the_same_whatever_the_server_does() {
    let says = |sandbox: &Sandbox| run(&mut sandbox.probe("flush-quietly"));
    let friendly = says(&Sandbox::new());
    assert!(friendly.status.success() && friendly.stdout.is_empty(), "{friendly:?}");
    let same = |name: &str, sandbox: &Sandbox| {
        let hostile = says(sandbox);
        let plain = |text: &[u8]| String::from_utf8_lossy(text).replace(&sandbox.server.endpoint(), "");
        assert_eq!(hostile.status, friendly.status, "{name}: {hostile:?}");
        assert_eq!(hostile.stdout, friendly.stdout, "{name}: {hostile:?}");
        assert_eq!(plain(&hostile.stderr).lines().count(), plain(&friendly.stderr).lines().count(), "{name}");
    };
    thread::scope(|scope| {
        for (name, reply) in Reply::hostile() {
            scope.spawn(move || {
                let sandbox = Sandbox::new();
                sandbox.server.always(reply);
                same(name, &sandbox);
                assert!(!sandbox.server.requests().is_empty(), "{name}: it was asked");
                assert_eq!(sandbox.server.most_in_flight(), 1, "{name}");
            });
        }
    });
    let sandbox = Sandbox::new();
    sandbox.server.refuse();
    same("nobody listens", &sandbox);
    assert_eq!(sandbox.server.connections(), 0);
}
