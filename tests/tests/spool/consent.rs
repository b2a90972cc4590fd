//! C18: the user says no while events are on disk and on their way.

use std::process::Stdio;

use super::*;
use telemetry_runtime::testing::Reply;
use telemetry_tests::{WATCHDOG, finish};

#[test]
fn r13_c18_off_erases_what_waits_counts_it_and_stops_what_is_on_its_way() {
    let sandbox = Sandbox::new();
    // What a run without a server left, and a run whose request has no answer yet.
    let left = ledger(spooler(&sandbox, "record-deliver", &[1, 20]).env(NOBODY.0, NOBODY.1));
    assert_eq!(left.of_word("waiting"), 20);
    sandbox.server.reply(Reply::hold());
    let mut running = spooler(&sandbox, "in-flight", &[2]).stdin(Stdio::piped()).spawn().unwrap();
    let before = sandbox.server.wait_for(1, WATCHDOG).len();
    assert_eq!(before, 1, "one request at a time");
    assert_eq!(said(&mut spooler(&sandbox, "off", &[])), "");
    assert!(!sdk_folder(&sandbox).join("spool").exists());
    // The other process learns it by itself, while the server says nothing.
    drop(running.stdin.take());
    let output = finish(running);
    sandbox.server.release();
    assert!(output.status.success(), "{output:?}");
    let ledger = Ledger::of(&serde_json::from_slice(&output.stdout).unwrap());
    assert_eq!((ledger.of_word("sent"), ledger.of_word("waiting")), (0, 0), "{ledger:?}");
    assert_eq!(sandbox.server.requests().len(), before, "nothing was sent after it");
    assert!(!sdk_folder(&sandbox).join("spool").exists(), "and no folder came back");
    let total = total(&sandbox);
    assert_eq!((total.of_word("waiting"), total.of_word("sent")), (0, 0), "{total:?}");
    assert!(total.of_word("opted_out") >= 20, "{total:?}");
    let files: Vec<_> =
        sandbox.files().into_keys().filter(|path| path.starts_with("telemetry/spooler/ledger")).collect();
    assert!(files.iter().all(|path| path.ends_with("lock")), "no process writes its row again: {files:?}");
    // And a run after it does nothing at all.
    let files = sandbox.files();
    run(&mut spooler(&sandbox, "record-deliver", &[3, 10]));
    assert_eq!((sandbox.files(), sandbox.server.requests().len()), (files, before));
}

#[test]
fn c18_consent_that_cannot_be_read_is_off_and_what_waits_stays_for_a_decision() {
    let sandbox = Sandbox::new();
    ledger(spooler(&sandbox, "record", &[1, 5]).env(NOBODY.0, NOBODY.1));
    let (waiting, file) = (spooled(&sandbox), sdk_folder(&sandbox).join("consent.json"));
    for text in ["", "\0\0\0\0", "{\"version\":1,\"consent\":\"o"] {
        std::fs::write(&file, text).unwrap();
        run(&mut spooler(&sandbox, "record-deliver", &[2, 10]));
        assert!(sandbox.server.requests().is_empty(), "{text:?}");
        assert_eq!(spooled(&sandbox), waiting, "{text:?}");
    }
    std::fs::remove_file(&file).unwrap();
    assert_eq!(ledger(&mut spooler(&sandbox, "deliver", &[])).of_word("sent"), 5);
}
