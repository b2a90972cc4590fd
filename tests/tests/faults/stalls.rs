//! A disk that answers late and is healthy otherwise.

use telemetry_tests::Sandbox;

use crate::{
    NOBODY,
    check::{Story, deliver_rest, ledger_check},
    steps, tools,
    trace::traced,
};

/// Every rename takes 0.7 s, and a write now and then. Whoever records a command waits for the disk and for nobody else, so
/// all of them are kept, while the worker replaces its small files all the time.
#[test]
fn o24_a_disk_whose_renames_stall_drops_no_command() {
    if !tools::strace() {
        return;
    }
    let sandbox = Sandbox::new();
    let what = ["event:3", "settle", "command:2", "event:3", "command:2", "sleep:1200", "event:2", "command:3"];
    let options = [
        "-e",
        "trace=renameat,renameat2,write",
        "-e",
        "inject=?renameat,?renameat2:delay_enter=700000",
        "-e",
        "inject=write:delay_enter=700000:when=7+9",
    ];
    let traced = traced(steps(&sandbox, 1, &what).env(NOBODY.0, NOBODY.1), &options);
    let story = Story::ended(1, &traced.output);
    assert!(traced.calls("renameat") + traced.calls("renameat2") > 2, "it replaced no file: {}", traced.log);
    assert_eq!((story.count("offered"), story.count("disk")), (15, 0), "{story:?}");
    let rest = deliver_rest(&sandbox, 2);
    ledger_check(&sandbox, &[&story, &rest]);
}
