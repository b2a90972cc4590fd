//! What is special about some answers, by a real program and a real server. What all of them have in common: `hostile.rs`.

use serde_json::Value;
use telemetry_runtime::testing::{Received, Reply};
use telemetry_tests::{Sandbox, events_of, ledger::Ledger, run_ok};

use super::{
    breaker::Stored,
    hostile::{ALL, deliver_and_check},
};

/// One of everything, offered to the server once; the ledger after that.
fn ledger(sandbox: &Sandbox) -> Value {
    let status = run_ok(&mut sandbox.probe("record-status"));
    let ledger = serde_json::from_str::<Value>(&status).unwrap()["ledger"].clone();
    Ledger::of(&ledger); // Both sums hold.
    ledger
}

fn count(ledger: &Value, outcome: &str) -> u64 {
    ledger[outcome].as_u64().unwrap()
}

#[test]
fn c06_too_large_is_halved_under_derived_keys_and_gone_stops() {
    let sandbox = Sandbox::new();
    for _ in 0..20 {
        sandbox.server.reply(Reply::status(413));
    }
    assert_eq!(count(&ledger(&sandbox), "rejected"), ALL);
    let requests = sandbox.server.requests();
    let keys: Vec<&str> = requests.iter().map(|request| request.header("idempotency-key").unwrap()).collect();
    let halves: Vec<&str> = keys.iter().map(|key| key.strip_prefix(keys[0]).unwrap()).collect();
    // The size of two is known to be too large by then.
    assert_eq!(halves, ["", "-0", "-0-0", "-0-1", "-1-0", "-1-1-0", "-1-1-1"]);
    deliver_and_check(&sandbox, &[], ALL);

    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(410));
    assert_eq!(count(&ledger(&sandbox), "rejected"), ALL);
    let status: Value = serde_json::from_str(&run_ok(&mut sandbox.probe("record-status"))).unwrap();
    assert_eq!((&status["mode"], &status["decided_by"]), (&"off".into(), &9.into()));
    assert_eq!(sandbox.server.requests().len(), 1, "nothing more from this version");
    deliver_and_check(&sandbox, &[], ALL);
}

#[test]
fn o10_a_server_that_refuses_everything_costs_a_bounded_number_of_events() {
    let sandbox = Sandbox::new();
    sandbox.server.always(Reply::status(404));
    run_ok(sandbox.probe("count").arg("2000"));
    let refused: usize = sandbox.server.requests().iter().map(|request| events_of(request).len()).sum();
    assert!((1_000..=1_600).contains(&refused), "{refused} in {} requests", sandbox.server.requests().len());
    let status = status(&sandbox);
    let counts = &status["total"]["counts"];
    assert_eq!(
        (count(counts, "rejected"), count(counts, "waiting")),
        (refused as u64, 2_000 - refused as u64),
        "{counts}"
    );
    assert!(status["paused"].as_str().unwrap().ends_with("the server refused everything it was sent"), "{status}");
}

#[test]
fn o10_a_server_that_refuses_every_size_costs_sixteen_requests_a_run_and_the_size_is_known_to_all_runs() {
    let sandbox = Sandbox::new();
    sandbox.server.always(Reply::status(413));
    run_ok(sandbox.probe("count").arg("100"));
    let first = sandbox.server.requests();
    assert_eq!(first.len(), 16);
    let alone = |requests: &[Received]| requests.iter().filter(|request| events_of(request).len() == 1).count();
    let (status, stored) = (status(&sandbox), Stored::read(&sandbox, "probe"));
    assert_eq!(status["total"]["counts"]["rejected"], alone(&first), "only what was refused alone");
    assert!(status["paused"].as_str().unwrap().ends_with("the server refused everything it was sent"), "{status}");
    assert_eq!(status["paused_by"], "refused", "{status}");
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(sandbox.server.requests().len(), 16, "no run tries before the pause is over");
    stored.pass(60 * 60);
    run_ok(&mut sandbox.probe("deliver"));
    let second = &sandbox.server.requests()[16..];
    assert_eq!((second.len(), alone(second)), (16, 16), "another run knows the size");
    sandbox.server.always(Reply::status(200));
    Stored::read(&sandbox, "probe").pass(60 * 60);
    run_ok(&mut sandbox.probe("deliver"));
    let rejected = alone(&first) + 16;
    let counts = self::status(&sandbox)["total"]["counts"].clone();
    assert_eq!(
        (&counts["rejected"], &counts["sent"], &counts["waiting"]),
        (&rejected.into(), &(100 - rejected).into(), &0.into())
    );
}

fn status(sandbox: &Sandbox) -> Value {
    serde_json::from_str(&run_ok(&mut sandbox.probe("status"))).unwrap()
}

#[test]
fn c06_a_server_may_take_some_events_of_a_request() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(200).body("{\"accepted\":3,\"rejected\":2}"));
    let ledger = ledger(&sandbox);
    assert_eq!((count(&ledger, "sent"), count(&ledger, "rejected")), (ALL - 2, 2), "{ledger}");
}

#[test]
fn c06_a_pause_that_the_server_asks_for_is_kept_by_every_process() {
    // Seconds, a date of the past, one of the far future, more than is believed, nonsense: the wait in seconds.
    let hostile = [
        ("3600", 3_600, 4_501),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 45, 76),
        ("Thu, 01 Jan 2099 00:00:00 GMT", 86_400, 108_001),
        (&u64::MAX.to_string(), 86_400, 108_001),
        ("soon", 45, 76),
        ("-5", 45, 76),
    ];
    for (value, shortest, longest) in hostile {
        let sandbox = Sandbox::new();
        sandbox.server.reply(Reply::status(429).header("retry-after", value));
        assert_eq!(count(&ledger(&sandbox), "waiting"), ALL);
        let stored = super::breaker::Stored::read(&sandbox, "probe");
        let wait = stored.number("not_before") - stored.number("upload_at");
        // The answer came a moment after the upload began.
        assert!((shortest..=longest + 60).contains(&wait), "{value}: {wait}");
        run_ok(&mut sandbox.probe("deliver"));
        assert_eq!(sandbox.server.requests().len(), 1, "{value}");
        deliver_and_check(&sandbox, &[], 0);
    }
}
