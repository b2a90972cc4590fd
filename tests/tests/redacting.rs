//! Free text that holds what it must not: what the server has, what is on disk, and what the user reads.
#![cfg(unix)]

use serde_json::json;
use telemetry_tests::{Sandbox, run, run_ok, sibling};

/// Each names somebody or something of theirs.
const CAUGHT: [&str; 6] = [
    "/home/jane/plugins/mine",
    "jane.doe@example.org",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "https://jane:hunter2@git.example/x",
    "10.0.0.7",
    "550e8400-e29b-41d4-a716-446655440000",
];

#[test]
fn r23_a_text_that_names_somebody_stays_here_and_counts_as_a_fault() {
    let sandbox = Sandbox::new();
    run_ok(sandbox.command(sibling("redacting")).args(["left-pad"]).args(CAUGHT));
    // The server has the text that names nobody, and a word in the place of each other one. `origin` is cut to eight bytes before
    // anything looks at it, and what is left of some names nobody.
    let events: Vec<_> = sandbox.events().into_iter().map(|(_, payload)| payload).collect();
    assert_eq!(events.len(), 1 + CAUGHT.len());
    assert_eq!(events[0], json!({ "name": "left-pad", "origin": "left-pad" }));
    for event in &events[1..] {
        assert_eq!(event["name"], "[redacted]");
        assert!(event["origin"].as_str().unwrap().len() <= 8, "{event}");
    }
    for caught in CAUGHT {
        for request in sandbox.server.requests() {
            assert!(!String::from_utf8_lossy(&request.body).contains(caught), "{caught}");
        }
        for (file, _) in sandbox.files() {
            let path = sandbox.state().join(&file);
            let text =
                std::fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
            assert!(!text.contains(caught), "{caught} in {file:?}");
        }
    }
    // Whoever asks is told, in a later run as well; both sums of the ledger hold all the same.
    let said = run_ok(&mut sandbox.command(sibling("redacting")));
    let (text, status) = said.split_once("\n{").unwrap();
    let status: serde_json::Value = serde_json::from_str(&format!("{{{status}")).unwrap();
    let redacted = status["total"]["counts"]["redacted"].as_u64().unwrap();
    assert!(redacted >= CAUGHT.len() as u64, "{status}");
    telemetry_tests::ledger::Ledger::of(&status["total"]["counts"]);
    let fault = format!("\n  fault: {redacted} texts of this program held what looks like");
    assert!(text.contains(&fault), "{text}");
}

/// The author sees which field it was, and by which rule.
#[test]
fn r23_debug_mode_names_the_field_and_the_rule() {
    let sandbox = Sandbox::new();
    let output = run(sandbox.command(sibling("redacting")).args(["/home/jane/x"]).env("ACME_TELEMETRY_DEBUG", "1"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("\"name\":\"[redacted]\""), "{said}");
    assert!(said.contains("  fault: name held what looks like a home folder"), "{said}");
    assert!(!said.contains("jane"), "{said}");
}
