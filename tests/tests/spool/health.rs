//! `telemetry_health`, and the ledger that it speaks from.

use super::*;

/// Flips the last byte of the last event in the only segment that waits; eight bytes stand behind it.
fn damage(sandbox: &Sandbox) {
    let [path] = &spooled(sandbox)[..] else { panic!("{:?}", spooled(sandbox)) };
    let mut bytes = std::fs::read(path).unwrap();
    let last = bytes.len() - 9;
    bytes[last] ^= 1;
    std::fs::write(path, bytes).unwrap();
}

/// As if today's look for losses had been yesterday's.
fn tomorrow(sandbox: &Sandbox) {
    let path = PathBuf::from(format!("{}.json", ledger_of(sandbox).display()));
    let mut sum: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let day = sum["told"]["day"].as_u64().unwrap();
    assert!(day > 20_000, "{sum}");
    sum["told"]["day"] = (day - 1).into();
    std::fs::write(&path, sum.to_string()).unwrap();
}

/// The folder of the rows; the sum is the file beside it.
fn ledger_of(sandbox: &Sandbox) -> PathBuf {
    let entries = std::fs::read_dir(sdk_folder(sandbox)).unwrap().map(|entry| entry.unwrap().path());
    let is_ledger =
        |path: &PathBuf| path.is_dir() && path.file_name().unwrap().to_str().unwrap().starts_with("ledger.");
    let found: Vec<_> = entries.filter(is_ledger).collect();
    let [folder] = &found[..] else { panic!("one destination has one ledger: {found:?}") };
    folder.clone()
}

fn told(sandbox: &Sandbox) -> Vec<Value> {
    events(sandbox, "telemetry_health").into_iter().map(|event| event["payload"].clone()).collect()
}

#[test]
fn losses_are_told_once_by_a_listed_event_and_only_if_there_are_any() {
    let sandbox = Sandbox::new();
    ledger(spooler(&sandbox, "record", &[1, 3]).env(NOBODY.0, NOBODY.1));
    assert_eq!(spooled(&sandbox).len(), 1, "nothing to tell, so no event beside the three");
    damage(&sandbox);
    let second = ledger(&mut spooler(&sandbox, "deliver", &[]));
    assert_eq!((second.of_word("recovered"), second.of_word("sent"), second.of_word("corrupt")), (3, 2, 1));
    ledger(&mut spooler(&sandbox, "record-deliver", &[2, 1]));
    assert_eq!(told(&sandbox), [] as [Value; 0], "the day's look was before the loss");
    tomorrow(&sandbox);
    let third = ledger(&mut spooler(&sandbox, "record-deliver", &[3, 1]));
    let expected = serde_json::json!({
        "unknown": 0, "queue_full": 0, "oversize": 0, "disk": 0, "evicted": 0, "expired": 0, "corrupt": 1, "rejected": 0
    });
    assert_eq!(told(&sandbox), [expected]);
    assert_eq!((third.of_word("offered"), third.of_word("sent")), (2, 2), "it is an event as any other");
    for run in 4..6 {
        ledger(&mut spooler(&sandbox, "record-deliver", &[run, 1]));
        tomorrow(&sandbox);
    }
    assert_eq!(told(&sandbox).len(), 1, "never again");
    // And it is listed: the loss is in the open, and so is what is told of it.
    let total = total(&sandbox);
    assert_eq!((total.of_word("corrupt"), total.of_word("waiting")), (1, 0), "{total:?}");
}

#[test]
fn status_tells_of_this_process_and_of_all() {
    let sandbox = Sandbox::new();
    let before: Value = serde_json::from_slice(&run(&mut spooler(&sandbox, "status", &[])).stdout).unwrap();
    assert_eq!(before["total"], Value::Null, "nothing was ever written");
    ledger(&mut spooler(&sandbox, "record-deliver", &[1, 4]));
    let status: Value = serde_json::from_slice(&run(&mut spooler(&sandbox, "status", &[])).stdout).unwrap();
    assert_eq!(status["ledger"]["offered"], 0, "this process recorded nothing");
    assert_eq!((&status["total"]["counts"]["offered"], &status["total"]["counts"]["sent"]), (&4.into(), &4.into()));
    let since = status["total"]["since"].as_str().unwrap();
    let text = String::from_utf8(run(&mut spooler(&sandbox, "status-text", &[])).stdout).unwrap();
    assert!(
        text.ends_with(&format!("this process: no events\n  since {since}: 4 offered, 4 accepted, 4 sent\n")),
        "{text}"
    );
}

/// The ledgers of processes that are gone are one file, however many there were.
#[test]
fn the_ledger_of_many_short_programs_is_small() {
    let sandbox = Sandbox::new();
    for run in 0..80 {
        ledger(spooler(&sandbox, "record", &[run, 1]).env(NOBODY.0, NOBODY.1));
    }
    let rows = std::fs::read_dir(ledger_of(&sandbox)).unwrap().count();
    assert!(rows <= 66, "{rows}");
    assert_eq!(ledger(&mut spooler(&sandbox, "deliver", &[])).of_word("sent"), 80);
    let total = total(&sandbox);
    assert_eq!((total.of_word("sent"), total.of_word("waiting")), (80, 0), "{total:?}");
    // A program that ends between its append and the next look at the ledger has left an event that nobody has written
    // down; what is found is written down by whoever finds it.
    assert_eq!(total.of_word("accepted") + total.of_word("recovered"), 80, "{total:?}");
    assert!(total.of_word("accepted") > 0, "{total:?}");
}
