//! No event waits for others that cannot come, and what one thread records arrives in the order in which it was recorded.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use telemetry_tests::{Sandbox, WATCHDOG, example, finish, run_ok};

/// The first address that a program's requests go to, and what it was; the program records an event that waits for others
/// before one that has none to wait for.
fn first_address(action: &str) -> String {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(example("values")).arg(action).stdin(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + WATCHDOG;
    while sandbox.server.requests().is_empty() && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    let first = sandbox.server.requests().first().map(|request| request.path.clone()).unwrap_or_default();
    drop(child.stdin.take());
    assert!(finish(child).status.success());
    first
}

#[test]
fn o28_an_event_that_is_alone_in_its_request_does_not_wait_for_company() {
    assert!(first_address("beacon").starts_with("/telemetry?payload="));
    assert_eq!(first_address("report"), "/cli");
}

#[test]
fn o28_what_one_thread_records_arrives_in_the_order_in_which_it_was_recorded() {
    let sandbox = Sandbox::new();
    let printed = run_ok(sandbox.command(example("values")).arg("order"));
    assert_eq!(printed, "Ok(Flushed { sent: 1200, waiting: 0 })\n");
    let numbers: Vec<_> = sandbox.events().iter().filter_map(|(_, payload)| payload["number"].as_u64()).collect();
    let first_wrong = numbers.iter().zip(0..).find(|(number, place)| *number != place);
    assert_eq!((numbers.len(), first_wrong), (1_200, None));
}
