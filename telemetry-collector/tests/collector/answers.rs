//! What a client is told, and in which order a request is looked at.

use std::io::Write as _;

use serde_json::json;

use crate::harness::{Running, batch, extended, manifest, read_answer, refused, request, taken};

fn fields() -> serde_json::Value {
    json!([{ "name": "on", "type": "bool" }])
}

fn running() -> Running {
    Running::with(&[&acme()])
}

fn acme() -> telemetry_runtime::schema::Manifest {
    manifest("acme", "1.0.0", "https://t.example", json!({ "event_batch": { "strict": false } }), fields())
}

fn strict() -> telemetry_runtime::schema::Manifest {
    manifest("strict", "1.0.0", "https://t.example/s", json!({ "event_batch": { "strict": true } }), fields())
}

#[test]
fn an_event_is_kept_once_and_a_repeat_is_a_duplicate() {
    let running = running();
    let body = batch(&[extended(1, "acme", json!({ "on": true }))]);
    let answer = running.post("/v1/event", &body);
    assert_eq!((answer.status, answer.json()), (200, taken(1, 0)));
    assert_eq!(answer.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(running.post("/v1/event", &body).json(), taken(0, 1));
    // The same id with other contents is the same event.
    let other = batch(&[extended(1, "acme", json!({ "on": false })), extended(2, "acme", json!({ "on": true }))]);
    assert_eq!(running.post("/v1/event", &other).json(), taken(1, 1));
    let rows = running.rows();
    assert_eq!(rows.len(), 1, "equal events of a day are one row: {rows:?}");
    assert_eq!(
        (rows[0].n, rows[0].payload.as_str(), rows[0].day.to_string().as_str()),
        (2, r#"{"on":true}"#, "2026-11-22")
    );
    assert_eq!(running.outcomes("acme"), [("accepted".to_owned(), 2), ("duplicate".to_owned(), 2)]);
}

#[test]
fn one_bad_event_does_not_take_the_others_with_it() {
    let running = running();
    let good = extended(1, "acme", json!({ "on": true }));
    let bad = extended(2, "acme", json!({ "on": "CANARY" }));
    let unknown = extended(3, "acme", json!({ "on": true, "CANARY": 1 }));
    let answer = running.post("/v1/event", &batch(&[bad, good, unknown, json!(7)]));
    let expected =
        json!({ "accepted": 1, "duplicate": 0, "rejected": 3, "refused": { "wrong_type": 2, "unknown_field": 1 } });
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(running.stored(), 1);
    let outcomes = running.outcomes("acme");
    assert!(outcomes.contains(&("wrong_type".to_owned(), 2)), "{outcomes:?}");
    assert!(outcomes.contains(&("unknown_field".to_owned(), 1)), "{outcomes:?}");
}

#[test]
fn a_strict_batch_is_known_by_its_key_and_dated_by_its_header() {
    let running = Running::with(&[&strict()]);
    let event = json!({ "event": "thing_used", "cv": "1.0.0", "it": "development", "sdk": "strict", "sdkv": "1.0.0", "payload": { "on": true } });
    let body = batch(&[event.clone(), event]);
    let headers = [("idempotency-key", "01a20169-2e00-7620-8dad-684fa772674a"), ("telemetry-day", "2026-11-20")];
    let post = |headers: &[(&str, &str)]| running.request("POST", "/s/v1/event", headers, body.as_bytes());
    assert_eq!(post(&headers).json(), taken(2, 0));
    assert_eq!(post(&headers).json(), taken(0, 2));
    // A batch that was halved has keys of its own.
    assert_eq!(post(&[("idempotency-key", "01a20169-2e00-7620-8dad-684fa772674a-0"), headers[1]]).json(), taken(2, 0));
    assert_eq!(running.rows()[0].day.to_string(), "2026-11-20");
    // Without a key every request counts; without a day it counts on that of its arrival. Both are told.
    assert_eq!(post(&[]).json(), taken(2, 0));
    assert_eq!(post(&[]).json(), taken(2, 0));
    assert_eq!(
        running.rows().iter().map(|row| (row.day.to_string(), row.n)).collect::<Vec<_>>(),
        [("2026-11-20".to_owned(), 4), ("2026-11-22".to_owned(), 4)]
    );
    let outcomes = running.outcomes("strict");
    for told in ["without_key", "without_day"] {
        assert!(outcomes.contains(&(told.to_owned(), 4)), "{outcomes:?}");
    }
    for (name, value) in [("telemetry-day", "2026-02-30"), ("telemetry-day", "CANARY"), ("idempotency-key", "")] {
        let answer = post(&[(name, value)]);
        assert_eq!((answer.status, answer.body.as_str()), (400, r#"{"error":"bad_header"}"#), "{name}: {value}");
    }
}

#[test]
fn days_that_cannot_be_are_counted_apart() {
    let running = running();
    let at = |number, time: &str| {
        let mut event = extended(number, "acme", json!({ "on": true }));
        event["ts"] = json!(time);
        event
    };
    let events = [
        at(1, "2016-11-22T04:00:00Z"),
        at(2, "2026-11-06T04:00:00Z"),
        at(3, "2026-11-07T04:00:00Z"),
        at(4, "2026-11-23T23:00:00Z"),
        at(5, "2026-11-24T00:00:00Z"),
        at(6, "9999-12-31T23:00:00Z"),
    ];
    assert_eq!(running.post("/v1/event", &batch(&events)).json(), taken(6, 0));
    assert_eq!(running.post("/v1/event", &batch(&events)).json(), taken(0, 6));
    let days: Vec<_> = running.rows().iter().map(|row| row.day.to_string()).collect();
    assert_eq!(days, ["2026-11-07", "2026-11-23"]);
    let outcomes = running.outcomes("acme");
    for told in [("too_old", 2), ("too_new", 2), ("accepted", 6)] {
        assert!(outcomes.contains(&(told.0.to_owned(), told.1)), "{outcomes:?}");
    }
}

#[test]
fn a_version_that_nobody_added_is_held_against_all_and_told() {
    let running = running();
    let mut event = extended(1, "acme", json!({ "on": true }));
    event["cv"] = json!("1.1.0");
    assert_eq!(running.post("/v1/event", &batch(&[event.clone()])).json(), taken(1, 0));
    event["payload"] = json!({ "off": true });
    assert_eq!(running.post("/v1/event", &batch(&[event])).json(), refused("missing_field"));
    assert!(running.outcomes("acme").contains(&("unknown_version".to_owned(), 1)));
    assert_eq!(running.rows()[0].version, "1.1.0");
}

#[test]
fn an_old_client_is_held_against_its_own_version() {
    let newer = manifest(
        "acme",
        "2.0.0",
        "https://t.example",
        json!({ "event_batch": { "strict": false } }),
        json!([{ "name": "more", "type": "bool" }]),
    );
    let running = Running::with(&[&acme(), &newer]);
    let ask = |number, version: &str, payload| {
        let mut event = extended(number, "acme", payload);
        event["cv"] = json!(version);
        running.post("/v1/event", &batch(&[event])).json()
    };
    assert_eq!(ask(1, "1.0.0", json!({ "on": true })), taken(1, 0));
    assert_eq!(ask(2, "1.0.0", json!({ "more": true })), refused("missing_field"));
    assert_eq!(ask(3, "2.0.0", json!({ "more": true })), taken(1, 0));
    assert_eq!(ask(4, "3.0.0", json!({ "more": true })), taken(1, 0));
    assert_eq!(ask(5, "3.0.0", json!({ "on": true })), taken(1, 0));
}

/// Every status, on every path that there is.
#[test]
fn each_code_has_its_cause() {
    let report = manifest("report", "1.0.0", "https://t.example", json!("report"), fields());
    let beacon = manifest("beacon", "1.0.0", "https://t.example", json!("beacon"), fields());
    let running = Running::configured(&[&acme(), &strict(), &report, &beacon], |config| {
        config.limits.body_bytes = 4096;
        config.limits.unpacked_bytes = 8192;
        config.limits.batch_events = 3;
        config.limits.url_bytes = 512;
    });
    assert_eq!(running.post("/v1/nothing", "{}").status, 404);
    assert_eq!(running.post("/", "{}").status, 404);
    for path in ["/v1/event", "/s/v1/event", "/cli"] {
        let status = |headers: &[(&str, &str)], body: &[u8]| running.request("POST", path, headers, body).status;
        assert_eq!(running.request("GET", path, &[], b"").status, 405, "{path}");
        assert_eq!(running.request("PUT", path, &[], b"{}").header("allow").as_deref(), Some("post"), "{path}");
        assert_eq!(status(&[], b"no json"), 400, "{path}");
        assert_eq!(status(&[], b""), 400, "{path}");
        assert_eq!(status(&[("content-encoding", "br")], b"{}"), 415, "{path}");
        assert_eq!(status(&[("content-encoding", "gzip, gzip")], b"{}"), 415, "{path}");
        assert_eq!(status(&[("content-encoding", "gzip"), ("content-encoding", "gzip")], b"{}"), 415, "{path}");
        assert_eq!(status(&[("content-encoding", "gzip")], b"no gzip"), 400, "{path}");
        assert_eq!(status(&[], &[b' '; 4096]), 400, "{path}: all of it was read");
        assert_eq!(status(&[], &[b' '; 4097]), 413, "{path}");
        assert_eq!(status(&[("content-encoding", "gzip")], &gzip(&[b' '; 8192])), 400, "{path}");
        assert_eq!(status(&[("content-encoding", "gzip")], &gzip(&[b' '; 8193])), 413, "{path}");
        assert_eq!(status(&[("content-encoding", "gzip")], &gzip(&vec![b' '; 1 << 20])), 413, "{path}: a bomb");
        assert_eq!(running.request("OPTIONS", path, &[], b"").status, 204, "{path}");
    }
    assert_eq!(running.request("GET", &format!("/telemetry?payload={}", "A".repeat(600)), &[], b"").status, 414);
    assert_eq!(running.request("GET", "/telemetry", &[], b"").status, 400);
    assert_eq!(running.request("GET", "/telemetry?payload=%", &[], b"").status, 400);
    assert_eq!(running.request("POST", "/telemetry?payload=e30=", &[], b"").status, 405);
    let many: Vec<_> = (0..4).map(|number| extended(number, "acme", json!({ "on": true }))).collect();
    assert_eq!(running.post("/v1/event", &batch(&many)).status, 413, "the client halves it");
    assert_eq!(running.post("/v1/event", &batch(&many[..3])).status, 200);
    assert_eq!(running.post("/v1/event", &batch(&[])).status, 400);
    assert_eq!(running.post("/v1/event", r#"{"events":[],"more":1}"#).body, r#"{"error":"unknown_key"}"#);
    assert_eq!(running.stored(), 3);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_packed_batch_is_taken() {
    let running = running();
    let body = gzip(batch(&[extended(1, "acme", json!({ "on": true }))]).as_bytes());
    let answer = running.request("POST", "/v1/event", &[("content-encoding", "gzip")], &body);
    assert_eq!(answer.json(), taken(1, 0));
}

/// The client reads the status of a body that is too large, and goes on with the same connection.
#[test]
fn after_a_body_that_is_too_large_the_connection_goes_on() {
    let running = Running::configured(&[&acme()], |config| config.limits.body_bytes = 4096);
    let mut stream = running.connect();
    for size in [4097, 8192] {
        stream.write_all(&request("POST", "/v1/event", &[], &vec![b' '; size])).unwrap();
        let answer = read_answer(&mut stream);
        assert_eq!((answer.status, answer.header("connection")), (413, None), "{size} bytes");
    }
    stream
        .write_all(&request("POST", "/v1/event", &[], batch(&[extended(1, "acme", json!({ "on": true }))]).as_bytes()))
        .unwrap();
    assert_eq!(read_answer(&mut stream).json(), taken(1, 0));
}

#[test]
fn the_checks_come_in_their_order() {
    let running = Running::configured(&[&acme(), &strict()], |config| {
        config.limits.body_bytes = 1000;
        config.rate.per_second = 1;
        config.rate.burst = 2;
    });
    let large = [b' '; 1001];
    // The path before the length, the length before the rate.
    for _ in 0..5 {
        assert_eq!(running.request("POST", "/nothing", &[], &large).status, 404);
        assert_eq!(running.request("POST", "/v1/event", &[], &large).status, 413);
    }
    // The rate before the body and its coding.
    assert_eq!(running.request("POST", "/v1/event", &[("content-encoding", "br")], b"{}").status, 415);
    assert_eq!(running.post("/v1/event", "no json").status, 400);
    let answer = running.request("POST", "/v1/event", &[("content-encoding", "br")], b"no json");
    assert_eq!(answer.status, 429);
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((30..=90).contains(&wait), "{wait}");
    // The length still comes first.
    assert_eq!(running.request("POST", "/v1/event", &[], &large).status, 413);
}

#[test]
fn browsers_may_send_from_any_page() {
    let running = running();
    let asked = [
        ("origin", "https://CANARY.example"),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type,idempotency-key,telemetry-day"),
    ];
    let answer = running.request("OPTIONS", "/v1/event", &asked, b"");
    assert_eq!((answer.status, answer.header("access-control-allow-origin").as_deref()), (204, Some("*")));
    assert_eq!(answer.header("access-control-allow-methods").as_deref(), Some("get, post"));
    for header in ["content-type", "idempotency-key", "telemetry-day"] {
        assert!(answer.header("access-control-allow-headers").unwrap().contains(header), "{header}");
    }
    assert_eq!(answer.header("access-control-max-age").as_deref(), Some("7200"));
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    // Without a preflight: text, as pages may send it.
    let body = batch(&[extended(1, "acme", json!({ "on": true }))]);
    let answer = running.request("POST", "/v1/event", &[("content-type", "text/plain"), asked[0]], body.as_bytes());
    assert_eq!((answer.json(), answer.header("access-control-allow-origin").as_deref()), (taken(1, 0), Some("*")));
    // With the key of the batch, which is no header then.
    let keyed = |key: &str| {
        let body = body.replacen('{', &format!("{{\"key\":{key},"), 1);
        running.request("POST", "/v1/event", &[("content-type", "text/plain"), asked[0]], body.as_bytes())
    };
    assert_eq!(keyed("\"01a20169-2e00-7620-8dad-684fa772674a\"").json(), taken(0, 1));
    assert_eq!((keyed("7").status, keyed("\"\"").status), (400, 400));
    assert_eq!(answer.header("access-control-expose-headers").as_deref(), Some("retry-after"));
    assert_eq!(running.request("OPTIONS", "/nothing", &asked, b"").status, 404);
}

#[test]
fn health_and_metrics_are_told_at_the_address_of_the_operator_alone() {
    let running = running();
    running.post(
        "/v1/event",
        &batch(&[extended(1, "acme", json!({ "on": true })), extended(2, "acme", json!({ "on": 1 }))]),
    );
    assert_eq!(running.get_admin("/healthz").body, "ok\n");
    assert_eq!(running.get_admin("/readyz").status, 200);
    let metrics = running.get_admin("/metrics").body;
    for line in [
        "telemetry_collector_events_accepted_total 1",
        "telemetry_collector_events_refused_total{reason=\"wrong_type\"} 1",
        "telemetry_collector_requests_total{status=\"200\"} 1",
        "telemetry_collector_commit_seconds_count 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "{line}\n{metrics}");
    }
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(running.request("GET", path, &[], b"").status, 404, "{path}");
    }
    assert_eq!(running.get_admin("/v1/event").status, 404);
}
