//! `watch`: what comes in, as it comes, to the operator alone.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{Running, batch, extended, manifest};

fn running() -> Running {
    let fields = json!([{ "name": "on", "type": "bool" }]);
    Running::with(&[&manifest(
        "acme",
        "1.0.0",
        "https://t.example",
        json!({ "event_batch": { "strict": false } }),
        fields,
    )])
}

fn watch(running: &Running, token: &str, format: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
        .args(["watch", "--url", &format!("http://{}", running.admin()), "--format", format])
        .env("TELEMETRY_COLLECTOR_TOKEN", token)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

#[test]
fn events_and_refusals_are_shown_as_they_arrive() {
    let running = running();
    let token = running.operator_token();
    let mut watching: Vec<_> = ["text", "json"].iter().map(|format| watch(&running, &token, format)).collect();
    for child in &mut watching {
        let mut first = String::new();
        BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut first).unwrap();
        assert_eq!(first, "watching: events are shown as they arrive\n");
    }
    let good = extended(1, "acme", json!({ "on": true }));
    running.post("/v1/event", &batch(&[good.clone(), extended(2, "acme", json!({ "on": true, "CANARY": 1 }))]));
    running.post("/v1/event", &batch(&[good]));
    running.post("/v1/event", "CANARY");
    let data = running.stop();
    let ended: Vec<_> = watching.into_iter().map(|child| child.wait_with_output().unwrap()).collect();
    assert!(ended.iter().all(|ended| ended.status.success()), "{ended:?}");
    let text = String::from_utf8(ended[0].stdout.clone()).unwrap();
    let lines = [
        "acme refused unknown_field (1)",
        "acme/thing_used 1.0.0 2026-11-22 accepted {\"on\":true}",
        "acme/thing_used 1.0.0 2026-11-22 duplicate {\"on\":true}",
        "acme refused bad_json (1)",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), lines);
    let json: Vec<Value> =
        ended[1].stdout.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice(line).ok()).collect();
    assert_eq!(json.len(), 4, "{json:?}");
    assert_eq!((&json[1]["event"], &json[1]["payload"]), (&json!("thing_used"), &json!({ "on": true })));
    assert_eq!(json[0], json!({ "sdk": "acme", "answer": "refused", "reason": "unknown_field", "n": 1 }));
    drop(data);
}

#[test]
fn nobody_but_the_operator_watches() {
    let team = "a-token-of-a-team-that-reads-everything";
    let digest = telemetry_collector::page::token_digest(team);
    let running = Running::configured(&[], |config| {
        let text = format!("[[tokens]]\nname = \"team\"\nsha256 = \"{digest}\"\n");
        config.tokens = telemetry_collector::config::Config::parse(&text).unwrap().tokens;
    });
    assert_eq!(running.get_admin("/watch").status, 401);
    assert_eq!(running.get_with(team, "/watch").status, 403);
    let mut child = watch(&running, team, "text");
    assert_eq!(child.wait().unwrap().code(), Some(64));
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(told.contains("does not hold for the whole collector") && told.contains("operator.token"), "{told}");
}
