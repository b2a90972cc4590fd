//! `compress: Gzip`: what travels is compressed; what is kept and told is not.

use std::{collections::BTreeMap, io::Read as _};

use flate2::read::GzDecoder;
use telemetry_runtime::testing::{Received, Reply};
use telemetry_tests::{
    Sandbox, example,
    ledger::{self, Ledger},
    run_ok,
};

/// The body as a server unpacks it.
fn unpacked(request: &Received) -> String {
    let mut text = String::new();
    GzDecoder::new(&*request.body).read_to_string(&mut text).expect("the body is gzip");
    text
}

#[test]
fn a_hundred_events_travel_in_a_tenth_of_their_bytes_and_are_the_same_events() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(example("compressed")).arg("100"));
    assert!(printed.starts_with("Ok(Flushed { sent: 100, waiting: 0 })"), "{printed}");
    let requests = sandbox.server.requests();
    let mut seen = 0;
    for request in &requests {
        assert_eq!(request.header("content-encoding"), Some("gzip"));
        let body: serde_json::Value = serde_json::from_str(&unpacked(request)).unwrap();
        for event in body["events"].as_array().unwrap() {
            assert_eq!(event["payload"]["overrides"], seen * 7919 % 65_536);
            seen += 1;
        }
    }
    assert_eq!(seen, 100);
    // The target of the project for a batch of a hundred, ids and all.
    let bytes: usize = requests.iter().map(|request| request.body.len()).sum();
    assert!(bytes <= 100 * 25, "{bytes} bytes for 100 events");
    let log = std::fs::read_to_string(sandbox.state().join("telemetry/acme-packed/sent.log")).unwrap();
    assert_eq!(log.matches("\"overrides\":").count(), 100, "the user reads what was sent, not how it was packed");
}

#[test]
fn what_compression_would_lengthen_travels_as_it_is() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(503));
    let printed = run_ok(sandbox.command(example("compressed")).arg("1"));
    assert!(printed.starts_with("Ok(Flushed { sent: 0, waiting: 1 })"), "{printed}");
    let first = sandbox.server.requests().remove(0);
    let is_packed = first.header("content-encoding").is_some();
    let plain = if is_packed { unpacked(&first) } else { String::from_utf8(first.body.clone()).unwrap() };
    assert!(first.body.len() <= plain.len());
    assert_eq!(is_packed, first.body.len() < plain.len());
    // The retry has the same bytes under the same key.
    sandbox.forget_failures();
    run_ok(sandbox.command(example("compressed")).arg("0"));
    let again = sandbox.server.requests().remove(1);
    assert_eq!((&again.body, again.header("idempotency-key")), (&first.body, first.header("idempotency-key")));
}

#[test]
fn a_server_that_does_not_unpack_refuses_and_the_loss_is_counted() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(415));
    let printed = run_ok(sandbox.command(example("compressed")).arg("10"));
    let (_, status) = printed.split_once('\n').expect("the flush, then the status");
    let status: serde_json::Value = serde_json::from_str(status).unwrap();
    let ledger = Ledger::of(&status["total"]["counts"]);
    assert_eq!(ledger.of_word("rejected"), 10, "{status}");
    ledger::check(&ledger, &BTreeMap::new(), 10);
}
