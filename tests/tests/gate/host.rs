//! The host has the last word.

use super::*;

#[test]
fn r22_the_hosts_veto_reaches_every_sdk() {
    for sdk in ["library", "opt_in", "everywhere", "next_run", "release_library", "release_application"] {
        let sandbox = Sandbox::new();
        write_consent(&sandbox, sdk, json!("on"));
        for action in ["status", "record"] {
            let seen = see_nothing(&sandbox, open(&sandbox, sdk, action).env("HOST_VETOES", "1"));
            assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 2), "{sdk}");
            assert_eq!((seen.layer(2).1, seen.count("offered"), seen.threads), ("vetoed", 0, 1), "{sdk}");
        }
        // Not even what the host itself set takes the veto back.
        let mut command = open(&sandbox, sdk, "record");
        command.env("HOST_VETOES", "1").env("HOST_INSTANCE", DEVELOPMENT).env("HOST_LOOPBACK", "1");
        let seen = see(&mut command);
        assert_eq!((seen.decided_by, sandbox.server.connections()), (2, 0), "{sdk}");
    }
}

#[test]
fn r22_nothing_global_is_taken() {
    let sandbox = Sandbox::new();
    let seen = see(&mut open(&sandbox, "library", "globals"));
    assert_eq!(
        seen.answer,
        json!({
            "flushed": "Ok(Flushed { sent: 1, waiting: 0 })",
            "panicked": true,
            "host_hook_ran": 1,
            "subscriber": false,
            "logger": "Off",
            "host_can_log": true,
        })
    );
}

#[test]
fn a_veto_discards_what_is_queued() {
    let sandbox = Sandbox::new();
    let seen = see(&mut open(&sandbox, "library", "veto-queued"));
    assert_eq!(seen.answer["flushed"], "Err(Refused)");
    assert_eq!((seen.mode.as_str(), seen.decided_by), ("off", 2));
    assert_eq!((seen.count("offered"), seen.count("sent"), seen.count("waiting")), (100, 0, 0), "{}", seen.ledger);
    assert_eq!(seen.count("vetoed"), 100, "{}", seen.ledger);
    // A later run without a veto finds nothing of it.
    assert_eq!(see(&mut open(&sandbox, "library", "deliver")).count("sent"), 0);
    assert_eq!(sandbox.server.connections(), 0);
}

fn spooled(sandbox: &Sandbox) -> Vec<PathBuf> {
    let is_data = |path: &PathBuf| {
        path.components().any(|part| part.as_os_str() == "spool") && path.file_name().is_none_or(|name| name != "lock")
    };
    sandbox.files().into_iter().filter(|(path, bytes)| is_data(path) && *bytes > 0).map(|(path, _)| path).collect()
}

#[test]
fn a_veto_discards_what_is_spooled() {
    let sandbox = Sandbox::new();
    see(open(&sandbox, "library", "consent").arg("local")); // Nothing is sent before the veto.
    let seen = with_pause(&mut open(&sandbox, "library", "veto-spooled"), || {
        wait_until("the events are on disk", || !spooled(&sandbox).is_empty());
    });
    assert_eq!(seen.answer["waiting"], 10);
    assert_eq!((seen.count("waiting"), seen.count("vetoed")), (0, 10), "{}", seen.ledger);
    assert_eq!(spooled(&sandbox), Vec::<PathBuf>::new());
    see(open(&sandbox, "library", "consent").arg("on"));
    assert_eq!(see(&mut open(&sandbox, "library", "deliver")).count("sent"), 0);
    assert_eq!(sandbox.server.connections(), 0);
}

/// What another run left is the next run's business: a veto in this process discards what is this process's.
#[test]
fn a_veto_leaves_the_events_of_other_runs() {
    let sandbox = Sandbox::new();
    sandbox.server.reply(Reply::status(500));
    assert_eq!(see(open(&sandbox, "library", "record").arg("1")).count("waiting"), 1);
    let before = sandbox.server.requests().len();
    see_nothing(&sandbox, open(&sandbox, "library", "record").arg("2").env("HOST_VETOES", "1"));
    sandbox.forget_failures();
    see(open(&sandbox, "library", "record").arg("3"));
    let later = sandbox.server.requests().split_off(before);
    assert_eq!(later.iter().flat_map(telemetry_tests::events_of).count(), 2);
}

#[test]
fn a_veto_cancels_the_request_in_flight() {
    let sandbox = Sandbox::new();
    // An answer that is on its way: who still waits for it counts the event as sent.
    sandbox.server.reply(Reply::status(200).delay(Duration::from_secs(3)));
    let seen = with_pause(&mut open(&sandbox, "library", "veto-in-flight"), || {
        assert_eq!(sandbox.server.wait_for(1, LONG).len(), 1);
    });
    assert!(seen.answer["flushed"].as_str().unwrap().starts_with("Ok("), "{}", seen.answer);
    assert_eq!((seen.count("offered"), seen.count("sent"), seen.count("waiting")), (1, 0, 0), "{}", seen.ledger);
    assert_eq!(spooled(&sandbox), Vec::<PathBuf>::new());
    assert_eq!(see(&mut open(&sandbox, "library", "deliver")).count("sent"), 0);
    assert_eq!(arrived(&sandbox), [1], "the one request that had gone out");
}

#[track_caller]
fn wait_until(what: &str, done: impl Fn() -> bool) {
    let deadline = std::time::Instant::now() + LONG;
    while !done() {
        assert!(std::time::Instant::now() < deadline, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// `run_ok` for the one program that is not `golden_gate`: the probe of the other tests obeys the same gate.
#[test]
fn the_probe_is_held_by_the_gate_as_it_is() {
    let sandbox = Sandbox::new();
    let status = run_ok(sandbox.probe("record-status").env("PROBE_STRICT_GATE", "1").env("PROBE_ALLOW_RELEASE", "1"));
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["mode"], "waiting for the notice");
    assert_eq!(status["ledger"]["accepted"], 0);
    assert_eq!((sandbox.server.connections(), sandbox.files().len()), (0, 0));
}
