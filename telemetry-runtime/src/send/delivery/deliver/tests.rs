mod sizes;

use std::{cell::RefCell, collections::VecDeque, time::Instant};

use telemetry_schema::{Identity, Wire};
use telemetry_spool::day_of;

use super::*;
use crate::{
    base::limits::{ATTEMPTS, FITS_KEPT, UPLOADS},
    declare::transport::{Method, Response},
    write::test_kit::{EXTENDED, Home, NOW, Process, STRICT},
};

type Answer = Result<Response, TransportError>;

/// Answers as it is told, then with 200, and keeps what it was sent.
#[derive(Default)]
struct Script {
    answers: VecDeque<Answer>,
    requests: Vec<Request>,
    uploads: usize,
}

impl Script {
    fn new(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: answers.into_iter().collect(), ..Self::default() }
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

    fn end_upload(&mut self) {
        self.uploads += 1;
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

/// The clocks of a test, which it sets.
struct Clock {
    unix: u64,
    at: Instant,
}

impl Clock {
    fn new() -> Self {
        Self { unix: NOW / 1000, at: Instant::now() }
    }

    /// Lets time pass, on both clocks.
    fn pass(&mut self, time: Duration) {
        self.unix += time.as_secs();
        self.at += time;
    }
}

/// One process that delivers: what it keeps between two deliveries.
struct Sender {
    breaker: Breaker,
    identity: Option<Identity>,
}

impl Sender {
    fn new(clock: &Clock) -> Self {
        Self { breaker: Breaker::new("https://t.example", clock.at), identity: None }
    }

    fn deliver(
        &mut self,
        process: &mut Process,
        script: &mut dyn Transport,
        user: &User,
        clock: &Clock,
        why: Why,
    ) -> Ended {
        deliver(
            &mut process.backlog,
            Delivery {
                target: Target { endpoint: "https://t.example", user_agent: "acme-ui/1.0.0" },
                identity: self.identity,
                compress: None,
                permission: user,
                breaker: &mut self.breaker,
                why,
                transport: script,
                cancel: &Cancel::never(),
                tally: &process.tally,
                // In the middle of every spread.
                now: &|| Now { unix: clock.unix, at: clock.at, random: || u32::MAX / 2 },
            },
        )
    }
}

/// One delivery of a process that asks for it.
fn run_as(process: &mut Process, script: &mut Script, user: &User, clock: &Clock) -> Ended {
    Sender::new(clock).deliver(process, script, user, clock, Why::Asked)
}

fn run(process: &mut Process, script: &mut Script) -> Ended {
    run_as(process, script, &User::willing(), &Clock::new())
}

/// Whether a delivery ended with a wait of this length, give or take a second of rounding.
fn is_later(ended: Ended, seconds: u64) -> bool {
    matches!(ended, Ended::Later(wait) if wait.as_secs().abs_diff(seconds) <= 1)
}

fn with_events(home: &Home, count: usize) -> Process {
    let mut process = home.process();
    for number in 0..count {
        process.append(&number.to_string());
    }
    process
}

/// Events of the last two days of an epoch and of the first of the next, as an offline night or a counter brings them together.
fn over_an_epoch(identity: Option<Identity>) -> Script {
    let home = Home::new();
    let mut process = home.process_of(identity);
    let first = day_of(NOW) - day_of(NOW) % 7;
    for (day, event) in [(first, "2"), (first - 2, "0"), (first - 1, "1"), (first, "2"), (first - 1, "1")] {
        process.try_append(EXTENDED, day, event).unwrap();
    }
    let (clock, mut script) = (Clock::new(), Script::default());
    let mut sender = Sender { identity, ..Sender::new(&clock) };
    let ended = sender.deliver(&mut process, &mut script, &User::willing(), &clock, Why::Asked);
    assert_eq!(ended, Ended::Empty);
    script
}

#[test]
fn r26_no_request_and_no_connection_has_ids_of_two_epochs() {
    let script = over_an_epoch(Some(Identity::Rotating(7)));
    let mut bodies = script.bodies();
    bodies.sort();
    assert_eq!(bodies, ["0", "1,1", "2,2"].map(|events| format!("{{\"events\":[{events}]}}")));
    assert_eq!(script.uploads, 2, "the connection of one epoch has ended before a request of the other");
    let script = over_an_epoch(None);
    assert_eq!((script.requests.len(), script.uploads), (1, 1), "without an id they go together");
}

#[test]
fn everything_is_sent_in_batches() {
    let home = Home::new();
    let mut process = with_events(&home, 2_250);
    let mut script = Script::default();
    assert_eq!(run(&mut process, &mut script), Ended::Empty);
    let mut sizes: Vec<_> = script.bodies().iter().map(|body| body.matches(',').count() + 1).collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [250, 1_000, 1_000]);
    assert_eq!(process.tally.of(Outcome::Sent), 2_250);
    assert_eq!(home.names(), ["lock"]);
}

#[test]
fn r03_a_retry_is_the_same_request_under_the_same_key_when_the_breaker_closes() {
    let home = Home::new();
    let mut process = with_events(&home, 3);
    let mut script = Script::statuses(&[500, 503, 429, 500, 500]);
    let (mut clock, user) = (Clock::new(), User::willing());
    let mut sender = Sender::new(&clock);
    // Twice as long after every failure, more often than a batch has attempts: it is the only one.
    for minutes in [1, 2, 4, 8, 16] {
        let ended = sender.deliver(&mut process, &mut script, &user, &clock, Why::Waiting);
        assert!(is_later(ended, minutes * 60), "{ended:?}");
        let requests = script.requests.len();
        clock.pass(Duration::from_secs(minutes * 60 - 2));
        let ended = sender.deliver(&mut process, &mut script, &user, &clock, Why::Asked);
        assert!(is_later(ended, 2) && script.requests.len() == requests, "not a moment earlier: {ended:?}");
        clock.pass(Duration::from_secs(3));
    }
    assert_eq!(process.tally.ended(), 0, "it waits on disk");
    drop(process);

    let mut next = home.process();
    let mut again = Script::default();
    assert_eq!(run_as(&mut next, &mut again, &user, &clock), Ended::Empty);
    assert_eq!(again.requests, script.requests[..1], "the same over a restart");
    assert!(script.requests.iter().all(|request| *request == script.requests[0]));
    assert_eq!((next.tally.recovered(), next.tally.of(Outcome::Sent)), (3, 3));
}

#[test]
fn one_batch_that_a_server_chokes_on_does_not_hold_up_the_others() {
    let home = Home::new();
    let mut process = home.process();
    process.append("\"bad\"");
    // The first of the good ones travels with it.
    let (mut clock, user, mut server) = (Clock::new(), User::willing(), ChokesOn("bad", Vec::new()));
    let mut sender = Sender::new(&clock);
    for _ in 0..ATTEMPTS {
        process.append("\"good\"");
        let ended = sender.deliver(&mut process, &mut server, &user, &clock, Why::Asked);
        let Ended::Later(wait) = ended else { panic!("{ended:?}") };
        clock.pass(wait + Duration::from_secs(1));
    }
    assert_eq!(sender.deliver(&mut process, &mut server, &user, &clock, Why::Asked), Ended::Later(ATTEMPTS_RENEWED));
    assert_eq!(process.tally.of(Outcome::Sent), u64::from(ATTEMPTS) - 1);
    assert_eq!(server.1.iter().filter(|body| body.contains("bad")).count(), usize::from(ATTEMPTS));
    clock.pass(ATTEMPTS_RENEWED);
    sender.deliver(&mut process, &mut server, &user, &clock, Why::Asked);
    assert_eq!(server.1.iter().filter(|body| body.contains("bad")).count(), usize::from(ATTEMPTS) + 1, "tried again");
}

/// A server that answers 500 to every request with this text in it.
struct ChokesOn(&'static str, Vec<String>);

impl Transport for ChokesOn {
    fn send(&mut self, request: &Request, _cancel: &Cancel) -> Answer {
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        let status = if body.contains(self.0) { 500 } else { 200 };
        self.1.push(body);
        Ok(Response::new(status))
    }
}

#[test]
fn what_a_server_that_took_a_batch_did_not_take_is_rejected() {
    let home = Home::new();
    let mut process = with_events(&home, 5);
    let mut script = Script::new([Ok(Response::new(200).with_rejected(2))]);
    assert_eq!(run(&mut process, &mut script), Ended::Empty);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.of(Outcome::Rejected)), (3, 2));
    let mut process = with_events(&home, 2);
    let mut script = Script::new([Ok(Response::new(200).with_rejected(u64::MAX))]);
    assert_eq!(run(&mut process, &mut script), Ended::Empty);
    assert_eq!(
        (process.tally.of(Outcome::Sent), process.tally.of(Outcome::Rejected)),
        (0, 2),
        "no more than there are"
    );
}

#[test]
fn the_log_says_what_left_this_machine_and_nothing_else() {
    let home = Home::new();
    let mut process = with_events(&home, 1);
    let mut script = Script::new([
        Err(TransportError::NotSent),
        Err(TransportError::Blocked),
        Err(TransportError::Unknown),
        Ok(Response::new(503)),
        Ok(Response::new(200)),
    ]);
    let (mut clock, user) = (Clock::new(), User::willing());
    for _ in 0..5 {
        if let Ended::Later(wait) = run_as(&mut process, &mut script, &user, &clock) {
            clock.pass(wait + Duration::from_secs(1));
        }
    }
    let mut process = with_events(&home, 1);
    run_as(&mut process, &mut Script::statuses(&[400]), &user, &clock);
    let log = std::fs::read_to_string(home.file("sent.log")).unwrap();
    let lines: Vec<serde_json::Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ends: Vec<_> = lines.iter().map(|line| (line["end"].as_str().unwrap(), line["status"].as_u64())).collect();
    let expected = [("unknown", None), ("later", Some(503)), ("confirmed", Some(200)), ("refused", Some(400))];
    assert_eq!(ends, expected);
    assert_eq!(lines[0]["key"], *script.keys()[0]);
    assert_eq!(lines[2]["events"], serde_json::json!([0]));
}

#[test]
fn refusals_are_counted_and_not_repeated() {
    for status in [301, 302, 307, 308, 400, 401, 403, 404, 405, 415, 422] {
        let home = Home::new();
        let mut process = with_events(&home, 3);
        let mut script = Script::statuses(&[status]);
        assert_eq!(run(&mut process, &mut script), Ended::Empty);
        assert_eq!((script.requests.len(), process.tally.of(Outcome::Rejected)), (1, 3), "{status}");
        assert_eq!(home.names(), ["lock"]);
    }
}

#[test]
fn gone_stops_everything() {
    let home = Home::new();
    let mut process = with_events(&home, 1_250);
    let mut script = Script::statuses(&[410]);
    assert_eq!(run(&mut process, &mut script), Ended::Gone);
    assert_eq!(script.requests.len(), 1);
    let rejected = process.tally.of(Outcome::Rejected);
    assert!(matches!(rejected, 250 | 1_000), "{rejected}");
    assert_eq!(home.count(".plan"), 1, "the other one waits for what the user says");
}

#[test]
fn the_server_decides_how_long_to_wait() {
    let wait_for = |value: &str| {
        let home = Home::new();
        let mut process = with_events(&home, 1);
        let mut script = Script::new([Ok(Response::new(429).with_retry_after(value))]);
        let ended = run(&mut process, &mut script);
        assert_eq!(script.requests.len(), 1);
        ended
    };
    // Later than asked by an eighth, the middle of the spread, and never earlier.
    for (value, seconds) in [("8", 9), ("800", 900), ("0", 1), (u64::MAX.to_string().as_str(), 27 * 60 * 60)] {
        let ended = wait_for(value);
        assert!(is_later(ended, seconds), "{value}: {ended:?}");
    }
    assert!(is_later(wait_for("soon"), 60), "our own");
}

/// Delivers until nothing is left, or until the script has been played.
fn run_through(process: &mut Process, script: &mut Script) {
    let mut clock = Clock::new();
    for _ in 0..script.answers.len() {
        if let Ended::Later(wait) = run_as(process, script, &User::willing(), &clock) {
            clock.pass(wait + Duration::from_secs(1));
        }
    }
}

#[test]
fn what_may_have_arrived_is_waiting_until_it_is_given_up() {
    let home = Home::new();
    let mut process = with_events(&home, 2);
    let answers = [Err(TransportError::Unknown), Err(TransportError::NotSent), Ok(Response::new(500))];
    run_through(&mut process, &mut Script::new(answers));
    assert_eq!(process.tally.ended(), 0);
    process.spool.erase(&process.tally);
    assert_eq!(process.tally.of(Outcome::Unknown), 2);

    let home = Home::new();
    let mut process = with_events(&home, 2);
    let answers = [Err(TransportError::NotSent), Err(TransportError::Blocked), Ok(Response::new(500))];
    run_through(&mut process, &mut Script::new(answers));
    process.spool.erase(&process.tally);
    assert_eq!(process.tally.of(Outcome::Erased), 2, "it surely did not arrive");

    let home = Home::new();
    let mut process = with_events(&home, 2);
    run_through(&mut process, &mut Script::new([Err(TransportError::Unknown), Ok(Response::new(200))]));
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (2, 2), "the retry was answered");
}

#[test]
fn a_batch_that_expires_after_an_attempt_without_reply_is_unknown() {
    let home = Home::new();
    let mut process = with_events(&home, 2);
    let mut script = Script::new([Err(TransportError::Cancelled)]);
    let mut clock = Clock::new();
    assert_eq!(run_as(&mut process, &mut script, &User::willing(), &clock), Ended::Stopped);
    clock.pass(Duration::from_secs(20 * 24 * 60 * 60));
    assert_eq!(run_as(&mut process, &mut script, &User::willing(), &clock), Ended::Empty);
    assert_eq!((process.tally.of(Outcome::Unknown), process.tally.ended()), (2, 2));
}

/// Another version of the SDK recorded them, and what its user was told is not known here: they are in no request, and wait
/// for whoever knows.
#[test]
fn o13_events_that_the_user_does_not_agree_to_wait() {
    let home = Home::new();
    let mut process = home.process();
    for (number, digest) in [[1; 16], [9; 16], [1; 16], [9; 16]].into_iter().enumerate() {
        process.append_with(digest, &number.to_string());
    }
    let mut script = Script::statuses(&[500, 200]);
    run_through(&mut process, &mut script);
    run_as(&mut process, &mut script, &User::willing(), &later());
    assert_eq!(script.bodies(), ["{\"events\":[0,2]}", "{\"events\":[0,2]}"]);
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (2, 2), "the others have not ended");

    process.append_with([9; 16], "4");
    assert_eq!(run_as(&mut process, &mut script, &User::willing(), &later()), Ended::Empty);
    assert_eq!((script.requests.len(), process.tally.ended()), (2, 2), "no request for nothing");

    let knowing = User { refused: [0; 16], ..User::willing() };
    assert_eq!(run_as(&mut process, &mut script, &knowing, &later()), Ended::Empty);
    let bodies = script.bodies();
    assert_eq!(
        bodies.get(2..).unwrap().join(""),
        "{\"events\":[1,3]}{\"events\":[4]}".replace("]}{\"events\":[", ","),
        "{bodies:?}"
    );
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (5, 5));
}

/// A plan that holds such an event is given up: the others go under a key of their own. Where an attempt had no reply, the
/// event may have arrived, and must not wait to be sent again.
#[test]
fn o13_consent_that_changes_between_attempts_makes_another_batch() {
    let knowing = || User { refused: [0; 16], ..User::willing() };
    for (first, ended, waits) in [(Err(TransportError::NotSent), 1, true), (Err(TransportError::Cancelled), 2, false)] {
        let home = Home::new();
        let mut process = home.process();
        process.append_with([1; 16], "0");
        process.append_with([9; 16], "1");
        let mut script = Script::new([first]);
        run_as(&mut process, &mut script, &knowing(), &Clock::new());
        run_as(&mut process, &mut script, &User::willing(), &later());
        assert_eq!(script.bodies(), ["{\"events\":[0,1]}", "{\"events\":[0]}"]);
        assert_ne!(script.keys()[0], script.keys()[1], "another content, another key");
        assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (1, ended));
        assert_eq!(process.tally.of(Outcome::Unknown), u64::from(!waits));
        run_as(&mut process, &mut script, &knowing(), &later());
        assert_eq!(script.requests.len(), if waits { 3 } else { 2 });
    }
}

/// An hour from now: whatever failed before, the breaker is closed.
fn later() -> Clock {
    let mut clock = Clock::new();
    clock.pass(Duration::from_secs(60 * 60));
    clock
}

#[test]
fn permission_is_asked_before_every_request() {
    let home = Home::new();
    let mut process = with_events(&home, 250);
    let mut script = Script::default();
    // Before a batch is taken and before its request; withdrawn while the first one is under way.
    let user = User { holds_for: RefCell::new(3), ..User::willing() };
    assert_eq!(run_as(&mut process, &mut script, &user, &Clock::new()), Ended::Stopped);
    assert_eq!(script.requests.len(), 1);
    let never = User { holds_for: RefCell::new(0), ..User::willing() };
    assert_eq!(run_as(&mut process, &mut script, &never, &Clock::new()), Ended::Stopped);
    assert_eq!(script.requests.len(), 1);
}

#[test]
fn an_erased_batch_is_not_sent_again() {
    let home = Home::new();
    let mut process = with_events(&home, 1);
    let mut script = Script::statuses(&[500]);
    run(&mut process, &mut script);
    let mut eraser = home.process();
    let tally = std::mem::take(&mut eraser.tally);
    eraser.spool.erase(&tally);
    assert_eq!(run_as(&mut process, &mut script, &User::willing(), &later()), Ended::Empty);
    process.spool.discard_held(NOW, &process.tally);
    assert_eq!((script.requests.len(), process.tally.of(Outcome::Erased)), (1, 1));
}

#[test]
fn every_wire_sends_what_it_should() {
    let home = Home::new();
    let mut process = home.process();
    for (wire, json) in [(STRICT, "{\"s\":1}"), (Wire::Beacon, "{\"b\":1}"), (Wire::Report, "{\"r\":1}")] {
        process.try_append(wire, 20_779, json).unwrap();
    }
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

/// A transport of an author's that panics.
struct Panics;

impl Transport for Panics {
    fn send(&mut self, _request: &Request, _cancel: &Cancel) -> Answer {
        panic!("in a transport");
    }
}

#[test]
fn o23_a_request_in_which_the_transport_panics_may_have_arrived_and_is_under_way_no_more() {
    let (home, clock) = (Home::new(), Clock::new());
    let mut process = home.process();
    process.append("{}");
    let mut sender = Sender::new(&clock);
    let panicked = catch_unwind(AssertUnwindSafe(|| {
        sender.deliver(&mut process, &mut Panics, &User::willing(), &clock, Why::Asked);
    }));
    assert!(panicked.is_err());
    process.spool.discard_own(NOW, &process.tally);
    assert_eq!((process.tally.of(Outcome::Unknown), process.tally.ended(), process.tally.recovered()), (1, 1, 0));
}

/// Four uploads a minute are for what comes little by little. Where older events would have to go it is sent before that.
#[test]
fn r09_a_spool_that_fills_up_is_sent_and_not_evicted() {
    let (home, clock) = (Home::new(), Clock::new());
    let (mut process, mut sender) = (home.process(), Sender::new(&clock));
    let mut script = Script::default();
    let user = User::willing();
    let mut deliver = |process: &mut Process, script: &mut Script| {
        let before = script.requests.len();
        let ended = sender.deliver(process, script, &user, &clock, Why::Waiting);
        (ended, script.requests.len() - before)
    };
    for _ in 0..UPLOADS {
        process.append("{}");
        assert_eq!(deliver(&mut process, &mut script), (Ended::Empty, 1));
    }
    process.append("{}");
    assert_eq!(deliver(&mut process, &mut script), (Ended::Later(UPLOADS_WINDOW), 0));
    let large = format!("\"{}\"", "x".repeat(30 * 1024));
    (0..30).for_each(|_| process.append(&large));
    let (ended, requests) = deliver(&mut process, &mut script);
    assert!(ended == Ended::Empty && requests > 1, "{ended:?} after {requests}");
    process.append("{}");
    assert_eq!(deliver(&mut process, &mut script), (Ended::Later(UPLOADS_WINDOW), 0), "it is no more than before");
    // A server that wants nothing is not asked more often for that.
    (0..30).for_each(|_| process.append(&large));
    script.answers.push_back(Ok(Response::new(500)));
    let (ended, requests) = deliver(&mut process, &mut script);
    assert!(matches!(ended, Ended::Later(_)) && requests == 1, "{ended:?}");
    assert!(matches!(deliver(&mut process, &mut script), (Ended::Later(_), 0)), "the pause holds");
}
