use std::{cell::RefCell, collections::VecDeque};

use super::*;
use crate::{
    pipeline::storage::tests::{Counts, EXTENDED, Home, NOW, Process, STRICT},
    transport::{Method, Response},
};
use telemetry_schema::Wire;

type Answer = Result<Response, TransportError>;

/// Answers as it is told, then with 200, and keeps what it was sent.
#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    requests: Vec<Request>,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: answers.into_iter().collect(), requests: Vec::new() }
    }

    fn statuses(statuses: &[u16]) -> Self {
        Self::new(statuses.iter().map(|status| Ok(Response::new(*status))))
    }

    fn keys(&self) -> Vec<&str> {
        let key = |request: &'_ Request| request.headers().iter().position(|(name, _)| name == "idempotency-key");
        self.requests.iter().map(|request| request.headers()[key(request).unwrap()].1.as_str()).collect()
    }

    fn bodies(&self) -> Vec<String> {
        self.requests.iter().map(|request| String::from_utf8(request.body().to_vec()).unwrap()).collect()
    }
}

impl Transport for Script {
    fn send(&mut self, request: &Request, _cancel: &Cancel) -> Answer {
        self.requests.push(request.clone());
        self.answers.pop_front().unwrap_or_else(|| Ok(Response::new(200)))
    }
}

/// Agrees to everything but one digest, and to nothing after `requests` questions.
struct User {
    refused: Digest,
    holds_for: RefCell<u32>,
}

impl User {
    fn willing() -> Self {
        Self { refused: [9; 16], holds_for: RefCell::new(u32::MAX) }
    }
}

impl Permission for User {
    fn holds(&self) -> bool {
        let mut left = self.holds_for.borrow_mut();
        *left = left.saturating_sub(1);
        *left > 0
    }

    fn agrees(&self, digest: &Digest) -> bool {
        *digest != self.refused
    }
}

/// One delivery; the waits that it asked for.
fn run_as(process: &mut Process<'_>, script: &mut Script, user: &User, unix: Duration) -> (Ended, Vec<Duration>) {
    let waits = RefCell::new(Vec::new());
    let ended = deliver(
        &mut process.backlog,
        Delivery {
            target: Target { endpoint: "https://t.example", user_agent: "acme-ui/1.0.0" },
            permission: user,
            transport: script,
            cancel: &Cancel::never(),
            tally: &process.tally,
            sleep: &|wait| {
                waits.borrow_mut().push(wait);
                true
            },
            unix: &|| unix,
        },
    );
    (ended, waits.into_inner())
}

fn run(process: &mut Process<'_>, script: &mut Script) -> (Ended, Vec<Duration>) {
    run_as(process, script, &User::willing(), Duration::from_millis(NOW))
}

fn with_events(home: &Home, count: usize) -> Process<'_> {
    let mut process = home.process();
    for number in 0..count {
        process.append(&number.to_string());
    }
    process.spool.seal();
    process
}

#[test]
fn everything_is_sent_in_batches() {
    let home = Home::new();
    let mut process = with_events(&home, 250);
    let mut script = Script::default();
    assert_eq!(run(&mut process, &mut script), (Ended::Empty, vec![]));
    let mut sizes: Vec<_> = script.bodies().iter().map(|body| body.matches(',').count() + 1).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [50, 100, 100]);
    assert_eq!(process.tally.of(Outcome::Sent), 250);
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn a_retry_is_the_same_request_under_the_same_key_and_attempts_are_counted() {
    let home = Home::new();
    let mut process = with_events(&home, 3);
    let mut script = Script::statuses(&[500, 503, 429, 500]);
    let (ended, waits) = run(&mut process, &mut script);
    assert_eq!(ended, Ended::Later { retry_after: None });
    assert_eq!(script.requests.len(), usize::from(ATTEMPTS));
    assert!(script.requests.iter().all(|request| *request == script.requests[0]));
    assert_eq!(waits.len(), 2);
    assert!(waits[0] <= Duration::from_secs(1) && waits[1] <= Duration::from_secs(2), "{waits:?}");
    assert_eq!(process.tally.ended(), 0, "it waits on disk");
    assert_eq!(run(&mut process, &mut script).0, Ended::Empty, "no more attempts in this process");
    process.die();

    let mut next = home.process();
    let mut again = Script::default();
    assert_eq!(run(&mut next, &mut again).0, Ended::Empty);
    assert_eq!(again.requests, script.requests[..1], "the same over a restart");
    assert_eq!((next.tally.adopted(), next.tally.of(Outcome::Sent)), (3, 3));
}

#[test]
fn refusals_are_counted_and_not_repeated() {
    for status in [301, 302, 307, 308, 400, 401, 403, 404, 405, 415, 422] {
        let home = Home::new();
        let mut process = with_events(&home, 3);
        let mut script = Script::statuses(&[status]);
        assert_eq!(run(&mut process, &mut script), (Ended::Empty, vec![]));
        assert_eq!((script.requests.len(), process.tally.of(Outcome::Rejected)), (1, 3), "{status}");
        assert_eq!(home.names(), ["lock"]);
    }
}

#[test]
fn gone_stops_everything() {
    let home = Home::new();
    let mut process = with_events(&home, 150);
    let mut script = Script::statuses(&[410]);
    assert_eq!(run(&mut process, &mut script).0, Ended::Gone);
    assert_eq!(script.requests.len(), 1);
    let rejected = process.tally.of(Outcome::Rejected);
    assert!(matches!(rejected, 50 | 100), "{rejected}");
    assert_eq!(home.count(".batch"), 1, "the other one waits for what the user says");
}

#[test]
fn too_large_is_halved_down_to_single_events() {
    let home = Home::new();
    let mut process = with_events(&home, 3);
    let mut script = Script::statuses(&[413; 20]);
    assert_eq!(run(&mut process, &mut script).0, Ended::Empty);
    assert_eq!(process.tally.of(Outcome::Rejected), 3);
    let key = script.keys()[0].to_owned();
    let derived: Vec<_> = script.keys().iter().map(|found| found.strip_prefix(&key).unwrap().to_owned()).collect();
    assert_eq!(derived, ["", "-0", "-1", "-1-0", "-1-1"]);
    assert_eq!(home.names(), ["lock"]);

    let mut process = with_events(&home, 100);
    let mut script = Script::statuses(&[413, 200, 413]);
    assert_eq!(run(&mut process, &mut script).0, Ended::Empty);
    assert_eq!((script.requests.len(), process.tally.of(Outcome::Sent)), (5, 100));
}

#[test]
fn the_server_decides_how_long_to_wait() {
    let wait_for = |value: &str| {
        let home = Home::new();
        let mut process = with_events(&home, 1);
        let mut script = Script::new([Ok(Response::new(429).with_retry_after(value))]);
        let ended = run(&mut process, &mut script);
        (ended, script.requests.len())
    };
    assert_eq!(wait_for("7"), ((Ended::Empty, vec![Duration::from_secs(7)]), 2));
    assert_eq!(wait_for("30"), ((Ended::Empty, vec![Duration::from_secs(30)]), 2));
    let later = |seconds| Ended::Later { retry_after: Some(Duration::from_secs(seconds)) };
    assert_eq!(wait_for("31"), ((later(31), vec![]), 1));
    assert_eq!(wait_for(&u64::MAX.to_string()), ((later(24 * 60 * 60), vec![]), 1));
}

#[test]
fn what_may_have_arrived_is_waiting_until_it_is_given_up() {
    let home = Home::new();
    let mut process = with_events(&home, 2);
    let mut script = Script::new([Err(TransportError::Unknown), Err(TransportError::NotSent), Ok(Response::new(500))]);
    assert_eq!(run(&mut process, &mut script).0, Ended::Later { retry_after: None });
    assert_eq!(process.tally.ended(), 0);
    process.spool.erase(&process.tally);
    assert_eq!(process.tally.of(Outcome::Unknown), 2);

    let mut process = with_events(&home, 2);
    let mut script = Script::new([Err(TransportError::NotSent), Err(TransportError::NotSent), Ok(Response::new(500))]);
    run(&mut process, &mut script);
    process.spool.erase(&process.tally);
    assert_eq!(process.tally.of(Outcome::Erased), 2, "it surely did not arrive");

    let mut process = with_events(&home, 2);
    let mut script = Script::new([Err(TransportError::Unknown)]);
    assert_eq!(run(&mut process, &mut script).0, Ended::Empty);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (2, 2), "the retry was answered");
}

#[test]
fn a_batch_that_expires_after_an_attempt_without_reply_is_unknown() {
    let home = Home::new();
    let mut process = with_events(&home, 2);
    let mut script = Script::new([Err(TransportError::Cancelled)]);
    assert_eq!(run(&mut process, &mut script).0, Ended::Stopped);
    let much_later = Duration::from_millis(NOW) + Duration::from_secs(20 * 24 * 60 * 60);
    assert_eq!(run_as(&mut process, &mut script, &User::willing(), much_later).0, Ended::Empty);
    assert_eq!((process.tally.of(Outcome::Unknown), process.tally.ended()), (2, 2));
}

#[test]
fn events_that_the_user_does_not_agree_to_stay_here() {
    let home = Home::new();
    let mut process = home.process();
    let tally = Counts::default();
    for (number, digest) in [[1; 16], [9; 16], [1; 16], [9; 16]].into_iter().enumerate() {
        let json = format!("{number}");
        let frame = crate::pipeline::storage::Frame { day: 20_779, digest, json: json.as_bytes() };
        process.spool.append(EXTENDED, &frame, NOW, &tally).unwrap();
    }
    process.spool.seal();
    let mut script = Script::statuses(&[500]);
    run(&mut process, &mut script);
    assert_eq!(script.bodies(), ["{\"events\":[0,2]}", "{\"events\":[0,2]}"]);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.of(Outcome::Erased)), (2, 2));

    let frame = crate::pipeline::storage::Frame { day: 20_779, digest: [9; 16], json: b"alone" };
    process.spool.append(EXTENDED, &frame, NOW, &tally).unwrap();
    process.spool.seal();
    assert_eq!(run(&mut process, &mut script).0, Ended::Empty);
    assert_eq!((script.requests.len(), process.tally.of(Outcome::Erased)), (2, 3), "no request for nothing");
}

#[test]
fn permission_is_asked_before_every_request() {
    let home = Home::new();
    let mut process = with_events(&home, 1);
    let mut script = Script::statuses(&[500, 500]);
    // Once before the batch is taken, once before the first request; withdrawn during the wait.
    let user = User { holds_for: RefCell::new(3), ..User::willing() };
    let (ended, _) = run_as(&mut process, &mut script, &user, Duration::from_millis(NOW));
    assert_eq!((ended, script.requests.len()), (Ended::Stopped, 1));
    assert_eq!(process.tally.ended(), 0);
    let never = User { holds_for: RefCell::new(0), ..User::willing() };
    assert_eq!(run_as(&mut process, &mut script, &never, Duration::from_millis(NOW)).0, Ended::Stopped);
    assert_eq!(script.requests.len(), 1);
}

#[test]
fn an_erased_batch_is_not_sent_again() {
    let home = Home::new();
    let mut process = with_events(&home, 1);
    let mut eraser = home.process();
    let mut script = Script::statuses(&[500]);
    let (backlog, tally) = (&mut process.backlog, &process.tally);
    let erase = RefCell::new(&mut eraser);
    let ended = deliver(
        backlog,
        Delivery {
            target: Target { endpoint: "https://t.example", user_agent: "acme-ui/1.0.0" },
            permission: &User::willing(),
            transport: &mut script,
            cancel: &Cancel::never(),
            tally,
            sleep: &|_| {
                let mut eraser = erase.borrow_mut();
                let tally = std::mem::take(&mut eraser.tally);
                eraser.spool.erase(&tally);
                true
            },
            unix: &|| Duration::from_millis(NOW),
        },
    );
    assert_eq!((ended, script.requests.len()), (Ended::Empty, 1));
    assert_eq!(process.tally.of(Outcome::Erased), 1);
}

#[test]
fn the_sleeper_can_stop_a_delivery() {
    let home = Home::new();
    let mut process = with_events(&home, 1);
    let mut script = Script::statuses(&[500]);
    let ended = deliver(
        &mut process.backlog,
        Delivery {
            target: Target { endpoint: "https://t.example", user_agent: "acme-ui/1.0.0" },
            permission: &User::willing(),
            transport: &mut script,
            cancel: &Cancel::never(),
            tally: &process.tally,
            sleep: &|_| false,
            unix: &|| Duration::from_millis(NOW),
        },
    );
    assert_eq!(ended, Ended::Stopped);
    assert_eq!(home.count(".batch"), 1);
}

#[test]
fn every_wire_sends_what_it_should() {
    let home = Home::new();
    let mut process = home.process();
    for (wire, json) in [(STRICT, "{\"s\":1}"), (Wire::Beacon, "{\"b\":1}"), (Wire::Report, "{\"r\":1}")] {
        process.try_append(wire, 20_779, json).unwrap();
    }
    process.spool.seal();
    let mut script = Script::default();
    run(&mut process, &mut script);
    let mut sent: Vec<_> = script
        .requests
        .iter()
        .map(|request| {
            (request.method(), request.url().to_owned(), String::from_utf8(request.body().to_vec()).unwrap())
        })
        .collect();
    sent.sort_by(|one, other| one.1.cmp(&other.1));
    let at = |path: &str| format!("https://t.example{path}");
    assert_eq!(
        sent,
        [
            (Method::Post, at("/cli"), "{\"r\":1}".to_owned()),
            (Method::Get, at("/telemetry?payload=eyJiIjoxfQ=="), String::new()),
            (Method::Post, at("/v1/event"), "{\"events\":[{\"s\":1}]}".to_owned()),
        ]
    );
    assert!(script.requests.iter().all(|request| request.headers().iter().any(|(name, _)| name == "telemetry-day")));
}
