//! `query` as a process, beside a collector that runs.

use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::harness::{Running, batch, extended, manifest};

fn query(running: &Running, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    command.arg("query").args(arguments).arg("--data").arg(running.data.path()).output().unwrap()
}

fn text(running: &Running, arguments: &[&str]) -> String {
    let output = query(running, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn rows(running: &Running, arguments: &[&str]) -> Value {
    serde_json::from_str::<Value>(&text(running, &[arguments, &["--format", "json"]].concat())).unwrap()["rows"].take()
}

/// A collector of two SDKs: one has sent two events of its version, one of another, one that is refused, and a repeat.
fn running() -> Running {
    let fields = json!([{ "name": "on", "type": "bool" }]);
    let of = |sdk: &str, path: &str| {
        manifest(
            sdk,
            "1.0.0",
            &format!("https://t.example{path}"),
            json!({ "event_batch": { "strict": false } }),
            fields.clone(),
        )
    };
    let running = Running::with(&[&of("acme", ""), &of("other", "/other")]);
    let mut unknown = extended(3, "acme", json!({ "on": true }));
    unknown["cv"] = json!("2.0.0");
    let of_acme = |number| extended(number, "acme", json!({ "on": true }));
    let bad = extended(4, "acme", json!({ "on": true, "more": 1 }));
    assert_eq!(running.post("/v1/event", &batch(&[of_acme(1), of_acme(2), unknown, bad, of_acme(1)])).status, 200);
    assert!(running.outcomes("acme").iter().any(|(word, _)| word == "unknown_field"));
    running
}

#[test]
fn each_question_is_answered_beside_a_running_collector() {
    let running = running();
    let week = rows(&running, &["events", "--sdk", "acme"]);
    assert_eq!(
        (&week[0]["week"], &week[0]["event"], &week[0]["received"]),
        (&json!("2026-W47"), &json!("thing_used"), &json!(3))
    );
    let versions = rows(&running, &["versions", "--by", "month"]);
    let found: Vec<_> =
        versions.as_array().unwrap().iter().map(|row| (&row["version"], &row["known"], &row["events"])).collect();
    assert_eq!(found, [(&json!("2.0.0"), &json!("no"), &json!(1)), (&json!("1.0.0"), &json!("yes"), &json!(2))]);
    let losses = rows(&running, &["losses", "--by", "day"]);
    let found: Vec<_> = losses
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["what"].as_str().unwrap(), row["events"].as_u64().unwrap()))
        .collect();
    assert_eq!(found, [("unknown_version", 1), ("accepted", 3), ("duplicate", 1), ("unknown_field", 1)]);
    let active = text(&running, &["active"]);
    assert!(active.contains("`acme` has sent no active event"), "{active}");
    let csv = text(&running, &["events", "--format", "csv", "--by", "day"]);
    assert!(
        csv.starts_with(
            "sdk,day,event,of,received,rate,estimate,low,high,state\nacme,2026-11-22,thing_used,,3,1,3,3,3,"
        ),
        "{csv}"
    );
    assert_eq!(rows(&running, &["events", "--from", "2026-11-23", "--by", "day"]), json!([]));
}

#[test]
fn what_nobody_knows_is_said_so() {
    let running = running();
    let output = query(&running, &["events", "--sdk", "acmee"]);
    assert_eq!(output.status.code(), Some(64));
    assert!(String::from_utf8_lossy(&output.stderr).contains("neither the list of SDKs nor the store has `acmee`"));
    assert_eq!(query(&running, &["events", "--from", "yesterday"]).status.code(), Some(64));
    let elsewhere = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"));
    let output = command.args(["query", "active", "--data"]).arg(elsewhere.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
}

/// A counter's event says how often something was done on one machine on one day: the answers are machine-days, and how the counts
/// are spread over them.
#[test]
fn a_counter_is_answered_by_machine_days_and_by_its_counts() {
    let fields = json!([{ "name": "found", "type": "bool" }, { "name": "count", "type": "count_bucket" }]);
    let wire = json!({ "event_batch": { "strict": false } });
    let mut counted = manifest("acme", "1.0.0", "https://t.example", wire, fields);
    counted.events[0].kind = serde_json::from_value(json!("counter")).unwrap();
    let running = Running::with(&[&counted]);
    let of = |number, count: u64| extended(number, "acme", json!({ "found": true, "count": count }));
    // 3 is no power of two: no program of ours sends it.
    let answer = running.post("/v1/event", &batch(&[of(1, 64), of(2, 64), of(3, 1), of(4, 3)]));
    assert_eq!((answer.status, answer.json()["accepted"].as_u64()), (200, Some(3)));
    assert_eq!(rows(&running, &["events"])[0]["received"], 3);
    let counts: Vec<_> = rows(&running, &["fields"])
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["field"] == "count")
        .map(|row| (row["value"].clone(), row["received"].clone()))
        .collect();
    assert_eq!(counts, [(json!("1"), json!(1)), (json!("64"), json!(2))]);
}
