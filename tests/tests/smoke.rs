//! The whole path once: from annotated code in one process to the bytes at a server.

use telemetry_tests::{Sandbox, run_ok};

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
