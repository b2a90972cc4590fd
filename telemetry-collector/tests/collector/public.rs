//! The page for everybody: what it shows, and that it never shows more.

use std::{net::SocketAddr, time::Duration};

use serde_json::{Value, json};
use telemetry_collector::clock::Clock;

use crate::harness::{Answer, NOON, Running, batch, connect, extended, manifest, read_answer, request};

fn get(address: SocketAddr, path: &str) -> Answer {
    let mut stream = connect(address);
    std::io::Write::write_all(&mut stream, &request("GET", path, &[], b"")).unwrap();
    read_answer(&mut stream)
}

/// An SDK with an active event, one that comes once a day, and two that can come more often.
fn acme() -> telemetry_runtime::schema::Manifest {
    let wire = json!({ "event_batch": { "strict": false } });
    let of = |fields: Value| manifest("acme", "1.0.0", "https://t.example", wire.clone(), fields).events[0].clone();
    let mut active = of(json!([
        { "name": "first_in_week", "type": "bool" }, { "name": "first_in_month", "type": "bool" }, { "name": "first_ever", "type": "bool" },
    ]));
    active.event = "active".to_owned();
    let mut once = of(json!([{ "name": "component", "type": { "enum": ["SignIn"] } }]));
    once.event = "component_mounted".to_owned();
    once.discriminant = Some("SignIn".to_owned());
    let mut often = of(json!([]));
    often.event = "command_run".to_owned();
    often.throttle = serde_json::from_value(json!("none")).unwrap();
    let base = manifest("acme", "1.0.0", "https://t.example", wire.clone(), json!([{ "name": "on", "type": "bool" }]));
    let events = base.events.iter().cloned().chain([active, once, often]).collect();
    telemetry_runtime::schema::Manifest::new(base.sdks.clone(), events)
}

/// 13 installations in the week of this Monday of November 2026, each on three days; one of them does more than the others.
fn send_week(running: &Running, from: u64, monday: u32) {
    let mut events = Vec::new();
    let mut number = from;
    for installation in 0..13 {
        for day in monday..monday + 3 {
            let mut add = |name: &str, payload: Value| {
                number += 1;
                let mut event = extended(number, "acme", payload);
                event["event"] = json!(name);
                event["ts"] = json!(format!("2026-11-{day}T04:00:00Z"));
                events.push(event);
            };
            add("active", json!({ "first_in_week": day == monday, "first_in_month": false, "first_ever": false }));
            for _ in 0..if installation == 0 { 4 } else { 1 } {
                add("component_mounted", json!({ "component": "SignIn" }));
                add("command_run", json!({}));
                add("thing_used", json!({ "on": true }));
            }
        }
    }
    let answer = running.post("/v1/event", &batch(&events));
    assert!(answer.json()["rejected"] == 0, "{answer:?}");
}

/// The week of 2026-11-16.
fn send(running: &Running, from: u64) {
    send_week(running, from, 16);
}

fn running(data: Option<tempfile::TempDir>, clock: Clock) -> Running {
    let change = |config: &mut telemetry_collector::config::Config| {
        config.rate.per_second = 0;
        config.public.listen = Some(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.public.sdks = vec!["acme".to_owned()];
    };
    match data {
        None => Running::configured(
            &[
                &acme(),
                &manifest(
                    "other",
                    "1.0.0",
                    "https://t.example/other",
                    json!({ "event_batch": { "strict": false } }),
                    json!([]),
                ),
            ],
            change,
        ),
        Some(data) => {
            let mut config = telemetry_collector::config::Config::default();
            change(&mut config);
            // One that is named before it, and has sent nothing.
            config.public.sdks.insert(0, "other".to_owned());
            Running::start(data, config, clock)
        }
    }
}

fn weeks(running: &Running, table: &str) -> Value {
    get(running.public(), &format!("/sdk/acme/{table}.json")).json()["rows"].clone()
}

fn wait_for(running: &Running, expected: &Value) {
    for _ in 0..200 {
        if weeks(running, "active") == *expected {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{} is not {expected}", weeks(running, "active"));
}

#[test]
fn a_week_is_shown_when_it_is_closed_and_never_changes_again() {
    let running = running(None, Clock::manual(NOON));
    send(&running, 0);
    assert_eq!(weeks(&running, "active"), json!([]), "the week is open");
    running.clock.set(NOON + 16 * 86_400);
    let closed = json!([{ "sdk": "acme", "week": "2026-W47", "active": 10 }]);
    wait_for(&running, &closed);
    assert_eq!(
        weeks(&running, "versions"),
        json!([{ "sdk": "acme", "week": "2026-W47", "version": "1.0.0", "active": 10 }])
    );
    // 13 installations on three days of seven, one of them with three events too many, are 48: some 6 a day.
    let expected = json!([{ "sdk": "acme", "week": "2026-W47", "event": "component_mounted SignIn", "per_day": 5 }]);
    assert_eq!(weeks(&running, "events"), expected, "of those alone that come once a day");
    // What is kept changes under it: an operator erases all of it. What was frozen stays, for differences would tell.
    let data = running.stop();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(["erase", "--before", "2026-11-17", "--data"]).arg(data.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    // A backup is another folder, and the same holds in it.
    let backup = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(["backup", "--data"]).arg(data.path()).arg(backup.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let again = self::running(Some(backup), Clock::manual(NOON + 17 * 86_400));
    wait_for(&again, &closed);
    assert_eq!(weeks(&again, "events"), expected);
}

#[test]
fn a_clock_that_was_wrong_at_start_does_not_end_the_weeks_to_come() {
    let data = {
        let running = running(None, Clock::manual(NOON));
        send(&running, 0);
        running.stop()
    };
    let frozen = |week: &str| json!({ "sdk": "acme", "week": week, "active": 10 });
    // Three years ahead: every week in between would be closed and without data.
    let ahead = running(Some(data), Clock::manual(NOON + 1000 * 86_400));
    wait_for(&ahead, &json!([frozen("2026-W47")]));
    // What arrives now is too old, which is counted on the day of the wrong clock.
    send(&ahead, 5_000);
    ahead.clock.set(NOON + 1001 * 86_400);
    std::thread::sleep(Duration::from_millis(2_500));
    let right = running(Some(ahead.stop()), Clock::manual(NOON + 7 * 86_400));
    send_week(&right, 10_000, 23);
    right.clock.set(NOON + 23 * 86_400);
    wait_for(&right, &json!([frozen("2026-W47"), frozen("2026-W48")]));
}

#[test]
fn a_damaged_file_of_one_sdk_stops_no_other() {
    let data = {
        let running = running(None, Clock::manual(NOON));
        send(&running, 0);
        running.stop()
    };
    std::fs::create_dir_all(data.path().join("published")).unwrap();
    std::fs::write(data.path().join("published/other.json"), "{ damaged").unwrap();
    let again = running(Some(data), Clock::manual(NOON + 16 * 86_400));
    wait_for(&again, &json!([{ "sdk": "acme", "week": "2026-W47", "active": 10 }]));
    // Nobody has written over it.
    assert_eq!(std::fs::read_to_string(again.data.path().join("published/other.json")).unwrap(), "{ damaged");
}

#[test]
fn everybody_sees_what_was_named_and_no_more() {
    let running = running(None, Clock::manual(NOON));
    let public = running.public();
    let page = get(public, "/sdk/acme");
    assert!(page.status == 200 && page.body.contains("multiple of 5"), "{page:?}");
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'none'"));
    assert!(get(public, "/").body.contains("/sdk/acme") && !get(public, "/").body.contains("other"));
    for path in [
        "/sdk/other",
        "/sdk/other/active.json",
        "/sdk/acme/losses.json",
        "/metrics",
        "/health.csv",
        "/sdks",
        "/sdk/..%2fsdks%2facme",
    ] {
        assert_eq!(get(public, path).status, 404, "{path}");
    }
    // The operator's own page still asks.
    assert_eq!(running.get_admin("/sdk/acme").status, 401);
}
