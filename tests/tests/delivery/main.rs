//! From annotated code in one process to the bytes at a server, and what a host may ask of the pipeline between them.

mod answers;
mod breaker;
mod compressed;
mod exits;
mod floods;
mod hostile;
mod kept;
mod neighbours;
mod secure;
mod unanswered;
mod wire_kit;

use telemetry_runtime::testing::Reply;
use telemetry_tests::{Sandbox, run_ok, sibling};

#[test]
fn what_is_recorded_arrives_once_and_leaves_nothing_behind() {
    let sandbox = Sandbox::new();
    let printed = run_ok(&mut sandbox.probe("flush"));
    assert_eq!(printed.trim(), "Ok(Flushed { sent: 5, waiting: 0 })");
    let events = sandbox.events();
    let names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["component_mounted", "method_called", "page_opened", "page_opened", "happened"]);
    assert_eq!(events[0].1, serde_json::json!({"component": "Panel", "title": true}));
    let left: Vec<_> = sandbox
        .files()
        .into_keys()
        .filter(|path| path.extension().is_some_and(|ext| ext == "batch" || ext == "part"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_is_recorded_after_a_shutdown() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(sibling("control")).arg("shutdown"));
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(lines, ["Ok(Flushed { sent: 1, waiting: 0 })", "Err(Refused)", "1"]);
    assert_eq!(sandbox.events().len(), 1);
}

#[test]
fn a_server_that_asks_for_silence_gets_it_from_a_second_flush_too() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(503).header("retry-after", "3600"));
    let printed = run_ok(sandbox.command(sibling("control")).arg("flush-twice"));
    assert_eq!(printed.lines().collect::<Vec<_>>(), ["Ok(Flushed { sent: 0, waiting: 1 })"; 2]);
    assert_eq!(sandbox.server.requests().len(), 1);
}

#[test]
fn a_transport_of_the_authors_replaces_ours() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(sibling("control")).arg("courier"));
    let version = env!("CARGO_PKG_VERSION");
    let body = format!(
        "{{\"events\":[{{\"event\":\"carried\",\"cv\":\"{version}\",\"it\":\"development\",\"sdk\":\"courier\",\
         \"sdkv\":\"{version}\",\"payload\":{{\"heavy\":true}}}}]}}"
    );
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        [
            &format!("POST http://localhost:4318/courier/v1/event {body}"),
            "Ok(Flushed { sent: 1, waiting: 0 })",
            "Ok(Flushed { sent: 0, waiting: 0 })"
        ]
    );
    assert_eq!(sandbox.server.connections(), 0, "nothing goes past it");
}

#[test]
fn a_panic_in_an_authors_transport_ends_the_sending_and_nothing_else() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(sibling("control")).arg("courier").env("COURIER_PANICS", "1"));
    assert_eq!(
        printed.lines().collect::<Vec<_>>(),
        ["Ok(Flushed { sent: 0, waiting: 1 })"; 2],
        "no flush waits for a sender that is gone"
    );
    let later = run_ok(sandbox.command(sibling("control")).arg("courier"));
    assert!(later.starts_with("POST "), "a later run sends it: {later}");
}

#[test]
fn a_thousand_accepted_events_allocate_nothing_on_the_callers_thread() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(sibling("control")).arg("burst"));
    assert_eq!(printed.lines().last(), Some("1002 accepted, 0 refused, 0 allocations"));
}

/// The numbers that arrived, in order.
fn numbers(sandbox: &Sandbox) -> Vec<u64> {
    sandbox.events().iter().filter_map(|(_, payload)| payload["number"].as_u64()).collect()
}

#[test]
fn debug_mode_can_be_switched_off_again() {
    let sandbox = Sandbox::new();
    assert_eq!(
        run_ok(sandbox.command(sibling("control")).arg("debug-toggle")),
        "Ok(Flushed { sent: 1, waiting: 0 })\n"
    );
    assert_eq!(numbers(&sandbox), [1, 3], "what was printed is not sent");
}

#[test]
fn what_a_host_discarded_stays_discarded() {
    let sandbox = Sandbox::new();
    assert_eq!(run_ok(sandbox.command(sibling("control")).arg("re-enable")), "1 vetoed\n");
    assert_eq!(numbers(&sandbox), [1, 3]);
}

#[test]
fn a_decision_for_local_holds_for_what_already_waits() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(503).header("retry-after", "1"));
    let printed = run_ok(sandbox.command(sibling("control")).arg("local"));
    assert_eq!(printed, "Ok(Flushed { sent: 0, waiting: 1 })\n");
    assert_eq!(sandbox.server.requests().len(), 1, "nothing after the decision");
}

#[test]
fn a_decision_that_cannot_be_stored_holds_in_this_process() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(sibling("control")).arg("unstorable-off"));
    assert_eq!(printed, "true\noff by layer 2\n");
    assert_eq!(numbers(&sandbox), [1]);
}
