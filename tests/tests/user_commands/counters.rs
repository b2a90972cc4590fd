//! Counters: what a user did, what is on this machine, and what the server holds.

use std::process::Stdio;

use telemetry_tests::ledger::Ledger;

use super::*;

/// What a program says of its ledger; both sums hold.
#[track_caller]
fn searched(sandbox: &Sandbox, days: u64, arguments: &[&str]) -> Ledger {
    let output = run(acme(sandbox, arguments).env("PROBE_DAYS", days.to_string()));
    assert!(output.status.success(), "{output:?}");
    Ledger::of(&serde_json::from_slice(&output.stdout).unwrap())
}

fn send(sandbox: &Sandbox, days: u64) {
    run_ok(acme(sandbox, &["send"]).env("PROBE_DAYS", days.to_string()));
}

/// The counts that the server has.
fn held(sandbox: &Sandbox) -> Vec<serde_json::Value> {
    let mut held: Vec<_> =
        sandbox.events().into_iter().filter(|(name, _)| name == "searched").map(|(_, payload)| payload).collect();
    held.sort_by_key(|payload| (payload["found"].as_bool(), payload["count"].as_u64()));
    held
}

fn of(found: bool, count: u64) -> serde_json::Value {
    serde_json::json!({"found": found, "count": count})
}

fn memory(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.state().join("telemetry/acme-cli/memory.json")).unwrap_or_default()
}

#[test]
fn a_day_of_a_counter_is_one_event_for_each_payload() {
    let sandbox = Sandbox::new();
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    // Three runs on one day: 5 + 100 that found something, 3 that did not.
    let first = searched(&sandbox, 0, &["search", "5"]);
    assert_eq!((first.of_word("offered"), first.of_word("accepted"), first.of_word("counted")), (5, 5, 5));
    searched(&sandbox, 0, &["search", "100"]);
    searched(&sandbox, 0, &["search", "3", "--in-vain"]);
    send(&sandbox, 0);
    assert_eq!(held(&sandbox), [] as [serde_json::Value; 0], "the day is not over");
    // Whoever looks sees what is counted, as it will be sent.
    let previewed = telemetry(&sandbox, &["preview"]);
    assert!(previewed.starts_with("Nothing waits to be sent.\n\nCounted so far; each is sent once"), "{previewed}");
    let shown: Vec<_> = previewed.lines().filter(|line| line.starts_with("{\"event\":\"searched\"")).collect();
    assert_eq!(shown.len(), 2, "{previewed}");
    assert!(telemetry(&sandbox, &["status"]).contains("108 counted"), "{}", telemetry(&sandbox, &["status"]));
    // The next day, with two more runs that come first at the same time.
    let runs: Vec<_> = (0..2).map(|_| acme(&sandbox, &["send"]).env("PROBE_DAYS", "1").spawn().unwrap()).collect();
    runs.into_iter().for_each(|run| assert!(finish(run).status.success()));
    send(&sandbox, 1);
    assert_eq!(held(&sandbox), [of(false, 2), of(true, 64)], "once, and rounded down to a power of two");
    assert!(!memory(&sandbox).contains("counts"), "{}", memory(&sandbox));
    let bodies: String =
        sandbox.server.requests().iter().map(|request| String::from_utf8_lossy(&request.body).into_owned()).collect();
    for event in shown {
        assert!(bodies.contains(event), "the preview had these very bytes: {event}");
    }
    assert!(!telemetry(&sandbox, &["preview"]).contains("Counted so far"));
    // Days are apart, and one without a search has no event.
    searched(&sandbox, 1, &["search", "1"]);
    searched(&sandbox, 2, &["search", "2"]);
    send(&sandbox, 9);
    assert_eq!(held(&sandbox), [of(false, 2), of(true, 1), of(true, 2), of(true, 64)]);
    // Each says the day, and not when on it.
    let requests = sandbox.server.requests();
    let bodies = requests.iter().map(|request| serde_json::from_slice::<serde_json::Value>(&request.body).unwrap());
    let events: Vec<_> = bodies.flat_map(|body| body["events"].as_array().unwrap().clone()).collect();
    for event in events.iter().filter(|event| event["event"] == "searched") {
        assert!(event["ts"].as_str().unwrap().ends_with("T00:00:00Z"), "{event}");
    }
}

#[test]
fn a_kill_costs_what_was_not_written_and_nothing_that_was_counted() {
    let sandbox = Sandbox::new();
    at_a_terminal(&sandbox, &["telemetry", "on"]);
    let mut program = acme(&sandbox, &["search-on"]).stdin(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let counted = Ledger::of(&serde_json::from_str(&line).unwrap()).of_word("counted");
    program.kill().unwrap();
    program.wait().unwrap();
    send(&sandbox, 1);
    let [event] = &held(&sandbox)[..] else { panic!("{:?}", held(&sandbox)) };
    let bucket = event["count"].as_u64().unwrap();
    assert!(bucket * 2 > counted && bucket <= 100, "{counted} were counted: {event}");
}

#[test]
fn r13_off_erase_and_veto_remove_the_counts() {
    for no in [
        &["telemetry", "off"][..],
        &["telemetry", "erase"],
        &["ctl", "off", "acme-cli"],
        &["search-until-veto"],
        &["search-until-late-veto"],
        &["by hand"],
    ] {
        let sandbox = Sandbox::new();
        at_a_terminal(&sandbox, &["telemetry", "on"]);
        let is_veto = no.iter().any(|word| word.ends_with("veto"));
        if is_veto {
            run_ok(&mut acme(&sandbox, no));
        } else {
            searched(&sandbox, 0, &["search", "7"]);
            assert!(memory(&sandbox).contains("searched"));
        }
        let decision = sandbox.state().join("telemetry/acme-cli/consent.json");
        match no {
            _ if is_veto => {}
            ["ctl", rest @ ..] => drop(ctl(&sandbox, rest)),
            ["by hand"] => {
                std::fs::write(&decision, "{\"version\":1,\"consent\":\"off\",\"agreed\":{},\"sdk\":null}").unwrap();
                // The next run sees it.
                run_ok(&mut acme(&sandbox, &["search", "1"]));
            }
            _ => drop(telemetry(&sandbox, no.get(1..).unwrap())),
        }
        assert!(!memory(&sandbox).contains("searched"), "{no:?}: {}", memory(&sandbox));
        // And a later yes brings none of them back.
        at_a_terminal(&sandbox, &["telemetry", "on"]);
        send(&sandbox, 1);
        assert_eq!(held(&sandbox), [] as [serde_json::Value; 0], "{no:?}");
    }
}

#[test]
fn r13_what_is_counted_in_memory_goes_with_the_users_word_as_well() {
    for word in ["off", "less"] {
        let sandbox = Sandbox::new();
        at_a_terminal(&sandbox, &["telemetry", "on"]);
        let lock = sandbox.state().join("telemetry/acme-cli/memory.lock");
        let output = run(acme(&sandbox, &["search-until", word]).env("PROBE_LOCK", lock));
        assert!(output.status.success(), "{word}: {output:?}");
        let ledger = Ledger::of(&serde_json::from_slice(&output.stdout).unwrap());
        assert_eq!((ledger.of_word("offered"), ledger.of_word("opted_out")), (100, 100), "{word}");
        assert!(!memory(&sandbox).contains("searched"), "{word}: {}", memory(&sandbox));
        send(&sandbox, 1);
        assert_eq!(held(&sandbox), [] as [serde_json::Value; 0], "{word}");
    }
}

/// A function that is called ten thousand times a day is one event a day, and its values are not in it.
#[test]
fn calls_and_mounts_are_counted_as_events_are() {
    let sandbox = Sandbox::new();
    let other = |days: &str, arguments: &[&str]| {
        run_ok(sandbox.command(sibling("identity")).args(arguments).env("PROBE_DAYS", days));
    };
    other("0", &["look", "40"]);
    other("0", &["look", "8"]);
    assert!(sandbox.events().iter().all(|(name, _)| !name.ends_with("called") && !name.ends_with("mounted")));
    other("1", &["work"]);
    let mut held: Vec<_> = sandbox.events();
    held.retain(|(name, _)| name.ends_with("called") || name.ends_with("mounted"));
    held.sort_by_key(|(_, payload)| payload.to_string());
    let of = |name: &str, payload: serde_json::Value| (name.to_owned(), payload);
    assert_eq!(
        held,
        [
            of("component_mounted", serde_json::json!({"component": "Row", "count": 32})),
            of("method_called", serde_json::json!({"count": 32, "fast": false, "method": "look_up"})),
            of("method_called", serde_json::json!({"count": 8, "fast": true, "method": "look_up"})),
        ]
    );
}
