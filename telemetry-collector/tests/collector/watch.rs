//! `watch`: what comes in, as it comes, to the operator alone.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::harness::{Running, batch, connect, extended, manifest, read_answer, request};

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

/// Opens the page of `watch` as a browser does, with these headers of its own; the connection, for what follows.
fn open(running: &Running, token: &str, headers: &[(&str, &str)]) -> TcpStream {
    let basic =
        format!("Basic {}", base64::Engine::encode(&base64::prelude::BASE64_STANDARD, format!("operator:{token}")));
    let headers = [&[("authorization", basic.as_str())], headers].concat();
    let mut stream = connect(running.admin());
    stream.write_all(&request("GET", "/watch", &headers, b"")).unwrap();
    stream
}

/// Reads until all of these words are there.
fn read_until(stream: &mut TcpStream, read: &mut String, words: &[&str]) {
    let mut buffer = [0; 4096];
    while !words.iter().all(|word| read.contains(word)) {
        let n = stream.read(&mut buffer).unwrap();
        assert!(n > 0, "it ended without {words:?}: {read}");
        read.push_str(&String::from_utf8_lossy(&buffer[..n]));
    }
}

#[test]
fn a_browser_has_it_as_a_page_that_grows() {
    let running = running();
    let token = running.operator_token();
    let by_hand = [("sec-fetch-site", "none"), ("sec-fetch-dest", "document")];
    let (mut page, mut read) = (open(&running, &token, &by_hand), String::new());
    read_until(&mut page, &mut read, &["200 OK", "text/html", "default-src 'none'", "<ol", "Watching"]);
    let good = extended(1, "acme", json!({ "on": true }));
    running.post("/v1/event", &batch(&[good.clone(), extended(2, "acme", json!({ "on": true, "CANARY": 1 }))]));
    read_until(&mut page, &mut read, &["unknown_field", "<strong>accepted</strong> acme: thing_used, version 1.0.0"]);
    assert!(read.contains("{&quot;on&quot;:true}") && !read.contains("<script"), "{read}");
    running.post("/v1/event", &batch(&[good]));
    read_until(&mut page, &mut read, &["<strong>duplicate</strong>"]);
    // It ends as a whole page, with the collector.
    let data = running.stop();
    read_until(&mut page, &mut read, &["The collector has ended.", "</html>"]);
    assert!(!read.contains("CANARY"));
    drop(data);
}

#[test]
fn a_page_of_others_opens_none() {
    let running = running();
    let token = running.operator_token();
    for headers in [
        [("sec-fetch-site", "cross-site"), ("sec-fetch-dest", "document")],
        [("sec-fetch-site", "same-origin"), ("sec-fetch-dest", "image")],
    ] {
        assert_eq!(read_answer(&mut open(&running, &token, &headers)).status, 403, "{headers:?}");
    }
    let index = running.get_with(&token, "/").body;
    assert!(index.contains("href=\"/watch\""), "{index}");
}
