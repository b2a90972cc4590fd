//! C15: the system refuses threads, sockets or open files. Nothing panics, nothing is said, and every event is on disk or
//! counted.

use telemetry_tests::{Sandbox, run, run_ok};

use crate::{ALL, arrived, deliver, numbers};

#[test]
fn r10_without_sockets_everything_is_kept() {
    for answer in ["EPERM", "EACCES", "kill-thread"] {
        let sandbox = Sandbox::new();
        let output =
            run(sandbox.probe("no-socket").arg(answer).env("PROBE_STRICT_GATE", "1").env("PROBE_NOTICE_SHOWN", "1"));
        assert!(output.status.success() && output.stderr.is_empty(), "{answer}: {output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let (delivered, ledger) = said.split_once('\n').unwrap();
        let ledger: serde_json::Value = serde_json::from_str(ledger).unwrap();
        assert_eq!(
            (delivered, &ledger["waiting"], &ledger["sent"]),
            ("false", &(ALL + 1).into(), &0.into()),
            "{answer}"
        );
        let rest = deliver(&sandbox);
        assert_eq!((&rest["recovered"], &rest["sent"]), (&(ALL + 1).into(), &(ALL + 1).into()), "{answer}: {rest}");
        assert_eq!(arrived(&sandbox.server) as u64, ALL + 1, "{answer}");
    }
}

#[test]
fn r10_without_threads_everything_is_spooled() {
    for answer in ["EAGAIN", "ENOMEM", "EPERM"] {
        let sandbox = Sandbox::new();
        let output =
            run(sandbox.probe("no-threads").arg(answer).env("PROBE_STRICT_GATE", "1").env("PROBE_NOTICE_SHOWN", "1"));
        assert!(output.status.success() && output.stderr.is_empty(), "{answer}: {output:?}");
        let ledger: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!((&ledger["offered"], &ledger["waiting"]), (&3001.into(), &3001.into()), "{answer}: {ledger}");
        assert!(sandbox.server.requests().is_empty(), "{answer}");
        let rest = deliver(&sandbox);
        assert_eq!((&rest["recovered"], &rest["sent"]), (&3001.into(), &3001.into()), "{answer}: {rest}");
        assert_eq!(numbers(&sandbox.server, "happened"), (0..3000).collect::<Vec<_>>(), "{answer}");
    }
}

#[test]
fn r10_threads_that_can_be_had_later_are_started_later() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("threads-later"));
    let ledger: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&ledger["sent"], &ledger["waiting"]), (&ledger["offered"], &0.into()), "{ledger}");
    let sent = ledger["sent"].as_u64().unwrap();
    assert_eq!(numbers(&sandbox.server, "happened"), (1..=sent).collect::<Vec<_>>());
}

#[test]
fn r10_without_descriptors_every_event_is_counted() {
    // From the start, so that there is no place to keep anything; or later, when the segment is open already.
    for (when, kept) in [("", 0), ("later", 1)] {
        let sandbox = Sandbox::new();
        let output =
            run(sandbox.probe("no-descriptors").arg(when).env("PROBE_STRICT_GATE", "1").env("PROBE_NOTICE_SHOWN", "1"));
        assert!(output.status.success() && output.stderr.is_empty(), "{when}: {output:?}");
        let said = String::from_utf8(output.stdout).unwrap();
        let (_, ledger) = said.split_once('\n').unwrap();
        let ledger: serde_json::Value = serde_json::from_str(ledger).unwrap();
        let of = |key: &str| ledger[key].as_u64().unwrap();
        // `vetoed`: the worker may find the rest of the queue when the program has shut telemetry down.
        let counted = ["sent", "unknown", "disk", "gate_closed", "before_notice", "vetoed"].map(of).iter().sum::<u64>();
        assert_eq!(of("offered"), counted + of("waiting") + of("throttled"), "{when}: {said}");
        let rest = deliver(&sandbox);
        assert_eq!(rest["recovered"], of("waiting"), "what waits is on disk, {when}: {said} {rest}");
        // Later ones are appended, too, until consent is looked up again: what cannot be read is off.
        assert!((kept..=kept * (ALL + 2)).contains(&of("waiting")), "{when}: {said}");
        assert_eq!(arrived(&sandbox.server) as u64, of("waiting") + of("sent"), "{when}");
    }
}

#[test]
fn r10_shutdown_leaves_no_thread_and_no_descriptor() {
    let sandbox = Sandbox::new();
    let said = run_ok(&mut sandbox.probe("shutdown-leaves"));
    assert_eq!(said, format!("Ok(Flushed {{ sent: {ALL}, waiting: 0 }})\nalone, left: []\n"));
}
