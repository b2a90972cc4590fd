//! How much a server takes: requests that are too large, and uploads that have an end.

use super::*;

#[test]
fn too_large_is_halved_down_to_single_events() {
    let home = Home::new();
    let mut process = with_events(&home, 3);
    let mut script = Script::statuses(&[413; 20]);
    assert_eq!(run(&mut process, &mut script), Ended::Empty);
    assert_eq!(process.tally.of(Outcome::Rejected), 3);
    let key = script.keys()[0].to_owned();
    let derived: Vec<_> = script.keys().iter().map(|found| found.strip_prefix(&key).unwrap().to_owned()).collect();
    assert_eq!(derived, ["", "-0", "-1", "-1-0", "-1-1"]);
    assert_eq!(home.names(), ["lock"]);

    let home = Home::new();
    let mut process = with_events(&home, 100);
    let mut script = Script::statuses(&[413, 200, 413]);
    assert_eq!(run(&mut process, &mut script), Ended::Empty);
    assert_eq!((script.requests.len(), process.tally.of(Outcome::Sent)), (5, 100));
}

/// A server that takes requests with at most so many bytes of body, and keeps what it was sent and took.
struct Narrow {
    bytes: usize,
    requests: Vec<usize>,
    taken: Vec<String>,
}

impl Narrow {
    fn new(bytes: usize) -> Self {
        Self { bytes, requests: Vec::new(), taken: Vec::new() }
    }
}

impl Transport for Narrow {
    fn send(&mut self, request: &Request, _cancel: &Cancel) -> Answer {
        let body = String::from_utf8(request.body().to_vec()).unwrap();
        self.requests.push(body.matches(',').count() + 1);
        if body.len() > self.bytes {
            return Ok(Response::new(413));
        }
        self.taken.push(body);
        Ok(Response::new(200))
    }
}

#[test]
fn o10_a_server_that_refuses_every_size_costs_sixteen_requests_and_then_a_pause_for_everybody() {
    let home = Home::new();
    let mut process = with_events(&home, 300);
    let mut server = Narrow::new(0);
    let (mut clock, user) = (Clock::new(), User::willing());
    let mut rejected = 0;
    for (upload, minutes) in [1, 2, 4].into_iter().enumerate() {
        // Every upload by another process: what one has learnt of the size, all know.
        let before = server.requests.len();
        let ended = run_to(&mut process, &mut server, &user, &clock);
        assert!(is_later(ended, minutes * 60), "upload {upload}: {ended:?}");
        let requests = &server.requests[before..];
        assert_eq!(requests.len(), REQUESTS as usize, "upload {upload}");
        let several = requests.iter().filter(|events| **events > 1).count();
        assert_eq!(several, if upload == 0 { 8 } else { 0 }, "the way down to one event is gone once: {requests:?}");
        rejected += requests.len() - several;
        assert_eq!(process.tally.of(Outcome::Rejected), rejected as u64, "only what was refused alone");
        let again = run_to(&mut process, &mut server, &user, &clock);
        assert!(is_later(again, minutes * 60) && server.requests.len() == before + 16, "nobody tries before that");
        clock.pass(Duration::from_secs(minutes * 60 + 1));
    }
    server.bytes = usize::MAX;
    while run_to(&mut process, &mut server, &user, &clock) != Ended::Empty {}
    assert_eq!(process.tally.of(Outcome::Sent), 300 - rejected as u64, "the rest had waited");
    assert_eq!(process.tally.ended(), 300);
}

/// One delivery of a new process.
fn run_to(process: &mut Process, server: &mut dyn Transport, user: &User, clock: &Clock) -> Ended {
    Sender::new(clock).deliver(process, server, user, clock, Why::Asked)
}

#[test]
fn o10_the_size_that_fits_is_found_once_and_tried_anew_after_a_day() {
    let home = Home::new();
    let mut process = with_events(&home, 100);
    let mut server = Narrow::new(100);
    let (mut clock, user) = (Clock::new(), User::willing());
    let deliver = |process: &mut Process, server: &mut Narrow, clock: &mut Clock| {
        let before = server.requests.len() - server.taken.len();
        while let Ended::Later(wait) = run_to(process, server, &user, clock) {
            clock.pass(wait + Duration::from_secs(1));
        }
        server.requests.len() - server.taken.len() - before
    };
    assert_eq!(deliver(&mut process, &mut server, &mut clock), 2, "100, 50, and 25 fit");
    assert_eq!((process.tally.of(Outcome::Sent), process.tally.ended()), (100, 100));
    let mut process = with_events(&home, 100);
    assert_eq!(deliver(&mut process, &mut server, &mut clock), 0, "nobody asks again");
    assert_eq!(process.tally.of(Outcome::Sent), 100);
    clock.pass(FITS_KEPT);
    server.bytes = usize::MAX;
    let mut process = with_events(&home, 100);
    let requests = server.requests.len();
    assert_eq!(deliver(&mut process, &mut server, &mut clock), 0);
    assert_eq!(server.requests[requests..], [100], "the server takes more now");
}

#[test]
fn o10_a_server_that_refuses_everything_does_not_empty_the_spool_at_one_go() {
    let home = Home::new();
    let mut process = with_events(&home, 30 * 100);
    let mut script = Script::statuses(&[404; 100]);
    let ended = run(&mut process, &mut script);
    assert!(is_later(ended, 60), "{ended:?}");
    assert_eq!(script.requests.len(), 1, "1,000 events each");
    assert_eq!(process.tally.of(Outcome::Rejected), 1_000);
    assert_eq!(process.tally.ended(), 1_000, "the rest waits");
    let clock = later();
    let mut healthy = Script::default();
    assert_eq!(run_as(&mut process, &mut healthy, &User::willing(), &clock), Ended::Empty);
    assert_eq!(process.tally.of(Outcome::Sent), 2_000);
}

#[test]
fn o10_a_server_that_takes_everything_is_not_held_back() {
    let home = Home::new();
    let mut process = home.process();
    for number in 0..50 {
        process.try_append(Wire::Report, 20_779, &number.to_string()).unwrap();
    }
    let mut script = Script::default();
    assert_eq!(run(&mut process, &mut script), Ended::Empty);
    assert_eq!((script.requests.len(), process.tally.of(Outcome::Sent)), (50, 50));
    assert_eq!(script.uploads, 4, "a connection carries sixteen requests at most");
}

/// Another process records an event while each request is under way, as busy programs do.
struct Busy {
    other: Process,
    requests: usize,
}

impl Transport for Busy {
    fn send(&mut self, _request: &Request, _cancel: &Cancel) -> Answer {
        self.requests += 1;
        assert!(self.requests < 100, "it never ends");
        self.other.append(&self.requests.to_string());
        Ok(Response::new(200))
    }
}

#[test]
fn o10_an_upload_takes_what_waits_when_it_begins_and_ends_where_events_never_do() {
    let home = Home::new();
    let mut process = with_events(&home, 2_250);
    let mut busy = Busy { other: home.process(), requests: 0 };
    let (clock, user) = (Clock::new(), User::willing());
    for (requests, waiting) in [(3, 3), (4, 1), (5, 1)] {
        assert_eq!(run_to(&mut process, &mut busy, &user, &clock), Ended::Empty);
        assert_eq!(busy.requests, requests);
        let there = 2_250 + busy.requests as u64;
        assert_eq!(there - process.tally.of(Outcome::Sent), waiting, "what came meanwhile is for the next one");
    }
}
