//! What every answer of a server means, by a real program and a real server.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    thread,
};

use serde_json::Value;
use telemetry_runtime::testing::{LoopbackServer, Reply};
use telemetry_tests::{Sandbox, run_ok};

/// The events of one `record_all` of the probe.
const ALL: u64 = 5;

/// One of everything, offered to the server once; the ledger after that.
fn ledger(sandbox: &Sandbox) -> Value {
    let status = run_ok(&mut sandbox.probe("record-status"));
    serde_json::from_str::<Value>(&status).unwrap()["ledger"].clone()
}

fn count(ledger: &Value, outcome: &str) -> u64 {
    ledger[outcome].as_u64().unwrap()
}

#[test]
fn c06_every_status_has_one_meaning() {
    for (statuses, outcome) in [
        (&[200, 201, 202, 204, 299][..], "sent"),
        (&[301, 302, 303, 307, 308, 400, 401, 403, 404, 405, 415, 422, 600], "rejected"),
        (&[408, 429, 500, 502, 503, 504], "waiting"),
    ] {
        for status in statuses {
            let (sandbox, elsewhere) = (Sandbox::new(), LoopbackServer::start().unwrap());
            sandbox.server.reply(Reply::status(*status).header("location", elsewhere.endpoint()));
            let ledger = ledger(&sandbox);
            assert_eq!(count(&ledger, outcome), ALL, "{status}: {ledger}");
            assert_eq!(sandbox.server.requests().len(), 1, "{status}");
            assert_eq!(elsewhere.connections(), 0, "{status}: redirects are not followed");
        }
    }
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
    assert_eq!(halves, ["", "-0", "-0-0", "-0-1", "-1", "-1-0", "-1-1", "-1-1-0", "-1-1-1"]);

    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(410));
    assert_eq!(count(&ledger(&sandbox), "rejected"), ALL);
    let status: Value = serde_json::from_str(&run_ok(&mut sandbox.probe("record-status"))).unwrap();
    assert_eq!((&status["mode"], &status["decided_by"]), (&"off".into(), &9.into()));
    assert_eq!(sandbox.server.requests().len(), 1, "nothing more from this version");
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
    // Seconds, a date of the past, more than is believed, nonsense: the longest wait in seconds.
    let hostile = [
        ("3600", 3_600, 4_501),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 45, 76),
        (&u64::MAX.to_string(), 86_400, 108_001),
        ("soon", 45, 76),
        ("-5", 45, 76),
    ];
    for (value, shortest, longest) in hostile {
        let sandbox = Sandbox::new();
        sandbox.server.reply(Reply::status(429).header("retry-after", value));
        assert_eq!(count(&ledger(&sandbox), "waiting"), ALL);
        let stored = crate::breaker::Stored::read(&sandbox, "probe");
        let wait = stored.number("not_before") - stored.number("upload_at");
        // The answer came a moment after the upload began.
        assert!((shortest..=longest + 60).contains(&wait), "{value}: {wait}");
        run_ok(&mut sandbox.probe("deliver"));
        assert_eq!(sandbox.server.requests().len(), 1, "{value}");
    }
}

#[test]
fn c06_hostile_answers_end_under_the_same_table() {
    const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n";
    for (answer, endless, outcome) in [
        (&b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>"[..], false, "sent"),
        (b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x08\x00", false, "sent"),
        (ENDLESS, true, "sent"),
        (b"HTTP/1.1 200 OK\r\nx-bad: \xff\xfe\r\ncontent-length: 0\r\n\r\n", false, "sent"),
        (b"garbage without a status\r\n\r\n", false, "waiting"),
        (b"", false, "waiting"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", false, "waiting"),
    ] {
        let sandbox = Sandbox::new();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let _ = stream.read(&mut [0; 16 * 1024]);
                let _ = stream.write_all(answer);
                let mut written = 0;
                while endless && written < 100_000_000 && stream.write_all(&[b'x'; 65_536]).is_ok() {
                    written += 65_536;
                }
                assert!(written < 50_000_000, "the rest is not read");
            }
        });
        let status = run_ok(sandbox.probe("record-status").env("PROBE_PORT", port.to_string()));
        let ledger = serde_json::from_str::<Value>(&status).unwrap()["ledger"].clone();
        assert_eq!(count(&ledger, outcome), ALL, "{}: {ledger}", String::from_utf8_lossy(answer));
    }
}
