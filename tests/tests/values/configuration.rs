//! What belongs to an event is taken when it is recorded, whatever is set before anybody looks at it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use telemetry_tests::{Sandbox, example, ledger::Ledger, run, run_ok};

/// All events of all requests, whole.
fn events(sandbox: &Sandbox) -> Vec<Value> {
    let bodies = sandbox.server.requests().into_iter().map(|request| request.text());
    bodies
        .flat_map(|body| serde_json::from_str::<Value>(&body).unwrap()["events"].as_array().unwrap().clone())
        .collect()
}

/// The event carries what this tenant of the program's has set.
fn check(event: &Value, tenant: u64) {
    let key = format!("pk_test_{}", STANDARD.encode(format!("tenant-{tenant}.example$")));
    let (wrapper, rate) =
        if tenant.is_multiple_of(2) { ("even", Value::Null) } else { ("odd", Value::from(0.999_999_999_9)) };
    let rate_of = event.get("rate").cloned().unwrap_or_default();
    assert_eq!((event["pk"].as_str(), event["sdk"].as_str(), rate_of), (Some(&*key), Some(wrapper), rate), "{event}");
}

fn number(event: &Value) -> u64 {
    event["payload"]["number"].as_u64().unwrap()
}

#[test]
fn o27_an_event_carries_what_was_set_when_it_was_recorded() {
    for kind in ["queued", "commands", "appended"] {
        let sandbox = Sandbox::new();
        let printed = run_ok(sandbox.command(example("values")).args(["alternate", kind]));
        assert_eq!(printed, "Ok(Flushed { sent: 200, waiting: 0 })\n", "{kind}");
        let events = events(&sandbox);
        assert_eq!(events.len(), 200, "{kind}");
        events.iter().for_each(|event| check(event, number(event) % 2));
    }
}

#[test]
fn o27_threads_that_change_the_settings_in_turn_find_them_in_their_events() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(example("values")).arg("threads"));
    assert_eq!(printed, "Ok(Flushed { sent: 800, waiting: 0 })\n");
    events(&sandbox).iter().for_each(|event| check(event, number(event) % 4));
}

#[test]
fn o27_more_configurations_than_there_is_room_for_cost_events_and_give_none_a_wrong_key() {
    let sandbox = Sandbox::new();
    let ended: Value = serde_json::from_str(&run_ok(sandbox.command(example("values")).arg("many"))).unwrap();
    let events = events(&sandbox);
    events.iter().for_each(|event| check(event, number(event)));
    let count = |word: &str| ended[word].as_u64().unwrap();
    assert_eq!(
        (count("offered"), count("sent"), count("sent") + count("queue_full")),
        (1_001, events.len() as u64, 1_001)
    );
    assert!(count("queue_full") > 0 && count("sent") > 64, "{ended}");
    assert_eq!(number(events.last().unwrap()), 999, "and goes on when there is room again");
}

#[test]
fn o27_configurations_that_no_event_waits_under_make_room() {
    let sandbox = Sandbox::new();
    let ended: Value =
        serde_json::from_str(&run_ok(sandbox.command(example("values")).args(["many", "settle"]))).unwrap();
    assert_eq!((ended["sent"].as_u64(), ended["queue_full"].as_u64()), (Some(151), Some(0)), "{ended}");
    let events = events(&sandbox);
    assert!(events.len() > 128, "twice as many as there is room for");
    events.iter().for_each(|event| check(event, number(event)));
}

#[test]
fn o27_whatever_changes_meanwhile_nothing_is_sent_under_what_would_have_stopped_it() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(example("values")).arg("races"));
    for line in printed.lines() {
        Ledger::of(&serde_json::from_str(line).unwrap());
    }
    for event in events(&sandbox) {
        match event["event"].as_str() {
            Some("happened") => assert_eq!(event["pk"], "pk_test_eC55JA", "{event}"),
            _ => assert_eq!(event.get("rate"), None, "{event}"),
        }
    }
}

#[test]
fn o27_debug_mode_shows_the_settings_of_the_moment() {
    let sandbox = Sandbox::new();
    let output = run(sandbox.command(example("values")).arg("debug"));
    let said = String::from_utf8(output.stderr).unwrap();
    let shown: Vec<Value> =
        said.lines().filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok()).collect();
    assert_eq!(shown.len(), 4, "{said}");
    shown.iter().for_each(|event| check(event, number(event) % 2));
}
