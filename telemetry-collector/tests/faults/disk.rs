//! S2, S3: the disk is full, the store is held or damaged.

use std::{fs, io::Write as _, process::Command, thread, time::Duration};

use rusqlite::Connection;
use telemetry_collector::registry::edit::{self, AddOptions};
use telemetry_runtime::schema::Identity;

use crate::process::{Process, is_long, kept, numbered, post, prepare, send};

/// Asks until the status is this one, for at most a minute.
fn until(process: &Process, path: &str, status: u16) {
    let reached = (0..600).any(|_| {
        let now = process.get_admin(path).status;
        thread::sleep(Duration::from_millis(100));
        now == status
    });
    assert!(reached, "{path} never answers {status}");
}

#[test]
fn s02_a_store_that_another_process_holds_is_answered_503_and_goes_on_without_restart() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let mut connection = None;
    assert_eq!(send(&mut connection, process.listen, &[1]).unwrap().status, 200);
    let other = Connection::open(data.path().join("collector.sqlite")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let answer = send(&mut connection, process.listen, &[2]).unwrap();
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (503, Some("60")));
    assert_eq!(process.get_admin("/readyz").status, 503);
    assert_eq!(process.get_admin("/healthz").status, 200, "it lives");
    other.execute_batch("ROLLBACK").unwrap();
    // Nobody sends, and still it finds that it works again.
    until(&process, "/readyz", 200);
    assert_eq!(send(&mut connection, process.listen, &[2]).unwrap().json()["accepted"], 1);
    let log = process.kill();
    assert_eq!(log.matches("cannot write").count(), 1, "told once: {log}");
    assert_eq!(kept(data.path()).len(), 2);
}

/// On a small file system of its own. Needs root or user namespaces, so it is a part of `scripts/collector-faults`, which runs it
/// within `unshare` and names the folder.
#[test]
fn s02_a_full_disk_is_answered_503_and_recovers_by_itself() {
    let Some(folder) = std::env::var_os("TELEMETRY_COLLECTOR_SMALL_DISK") else {
        assert!(!is_long(), "the script names no small disk");
        eprintln!("NOT RUN: scripts/collector-faults makes the small disk");
        return;
    };
    let folder = std::path::PathBuf::from(folder);
    let mut manifest = numbered();
    manifest.sdks[0].identity = Some(Identity::Rotating(30));
    edit::add(&folder, &manifest, &AddOptions::default()).unwrap();
    let config = "[rate]\nper_second = 0\n[retention]\nreserve_mib = 2\n";
    let process = Process::configured(&folder, config);
    let mut connection = None;
    // The reserve is made within the first moments.
    until(&process, "/readyz", 200);
    thread::sleep(Duration::from_secs(1));
    let has_reserve = || fs::metadata(folder.join("reserve")).is_ok_and(|reserve| reserve.len() == 2 << 20);
    assert!(has_reserve());
    // Others fill the disk, and the first thing to come is a request for deletion: the room of the reserve is there for it.
    let filling = folder.join("filling");
    let mut others = fs::File::create(&filling).unwrap();
    while others.write_all(&[b'x'; 4096]).is_ok() {}
    let answer = post(process.listen, "/v1/erase", r#"{"installation":"9b1f63d0c24e4a7f8d5e0a7719c3e8b2"}"#);
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"deleted":0}"#), "{answer:?}");
    assert!(!has_reserve());
    drop(others);
    fs::remove_file(filling).unwrap();
    until(&process, "/readyz", 200);
    assert!(has_reserve());
    let (mut first, mut accepted) = (0, 0);
    let answer = loop {
        let numbers: Vec<_> = (first..first + 100).collect();
        let answer = send(&mut connection, process.listen, &numbers).unwrap();
        if answer.status != 200 {
            break answer;
        }
        first += 100;
        accepted += 100;
        assert!(first < 1_000_000, "the disk is not small");
    };
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (503, Some("60")), "{answer:?}");
    assert_eq!(process.get_admin("/readyz").status, 503);
    assert!(accepted > 0);
    // Deleting works on the full disk: the room of the reserve is there for it.
    let yesterday = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
        .args(["erase", "--all", "--data"])
        .arg(&folder)
        .output()
        .unwrap();
    assert_eq!(yesterday.status.code(), Some(0), "{}", String::from_utf8_lossy(&yesterday.stderr));
    // And it goes on by itself.
    until(&process, "/readyz", 200);
    let answer = send(&mut connection, process.listen, &(first..first + 100).collect::<Vec<_>>()).unwrap();
    assert_eq!(answer.json()["accepted"], 100, "nothing of the refused batch was kept: {answer:?}");
    process.kill();
    assert_eq!(kept(&folder).len(), 100);
}

#[test]
fn s03_a_damaged_store_is_set_aside_and_told() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let file = data.path().join("collector.sqlite");
    fs::File::create(&file).unwrap().write_all(&[b'x'; 100_000]).unwrap();
    let process = Process::start(data.path());
    assert!(process.started < Duration::from_secs(5) || !is_long(), "{:?}", process.started);
    let mut connection = None;
    assert_eq!(send(&mut connection, process.listen, &[1]).unwrap().status, 200);
    let metrics = process.get_admin("/metrics").body;
    assert!(metrics.contains("telemetry_collector_stores_set_aside_total 1"), "{metrics}");
    let log = process.kill();
    assert!(log.contains("damaged") && log.contains("collector.sqlite.damaged-"), "{log}");
    let aside: Vec<_> = fs::read_dir(data.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("collector.sqlite.damaged-"))
        .collect();
    assert_eq!(aside.len(), 1, "{aside:?}");
    assert!(fs::read(data.path().join(&aside[0])).unwrap() == [b'x'; 100_000]);
}

/// Copies, exports and erasures while events come in.
#[test]
fn a_copy_is_of_one_moment_and_a_collector_starts_on_it() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let address = process.listen;
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
            .args(arguments)
            .arg("--data")
            .arg(data.path())
            .output()
            .unwrap();
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let mut connection = None;
    for first in (0..500).step_by(10) {
        send(&mut connection, address, &(first..first + 10).collect::<Vec<_>>()).unwrap();
    }
    let sender = thread::spawn(move || {
        let mut connection = None;
        for first in (1000..1500).step_by(10) {
            send(&mut connection, address, &(first..first + 10).collect::<Vec<_>>()).unwrap();
        }
    });
    let copy = tempfile::tempdir().unwrap();
    let to = copy.path().join("copy");
    let (code, _, error) = run(&["backup", to.to_str().unwrap()]);
    assert_eq!(code, Some(0), "{error}");
    sender.join().unwrap();
    let in_copy = kept(&to);
    assert!((0..500).all(|number| in_copy.get(&number) == Some(&1)));
    assert_eq!(in_copy.len() % 10, 0, "a batch is whole or absent");
    assert_eq!(run(&["backup", to.to_str().unwrap()]).0, Some(73), "it is not empty");
    let second = Process::start(&to);
    let mut other = None;
    assert_eq!(send(&mut other, second.listen, &[0, 5_000]).unwrap().json()["duplicate"], 1);
    second.kill();

    let (code, csv, _) = run(&["export"]);
    assert_eq!((code, csv.lines().count()), (Some(0), 1001));
    assert!(csv.starts_with("sdk,day,event,"), "{csv:.100}");
    let (code, json, _) = run(&["export", "--format", "json", "--sdk", "acme"]);
    assert_eq!(code, Some(0));
    let rows: Vec<serde_json::Value> = json.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.len(), 1000);
    assert!(rows.iter().all(|row| row["n"] == 1 && row["payload"]["n"].is_u64()));
    assert_eq!(run(&["export", "--sdk", "absent"]).1.lines().count(), 1);
    assert_eq!(run(&["export", "--from", "tomorrow"]).0, Some(64));

    assert_eq!(run(&["erase"]).0, Some(64), "nothing says what");
    assert_eq!(run(&["erase", "--all", "--sdk", "acme"]).0, Some(64));
    let (code, text, error) = run(&["erase", "--sdk", "acme"]);
    assert_eq!(code, Some(0), "{error}");
    assert!(text.contains("erased 1000 events"), "{text}");
    // The running collector goes on, and gives names new numbers.
    assert_eq!(send(&mut connection, address, &[7_000]).unwrap().json()["accepted"], 1);
    assert_eq!(kept(data.path()).into_keys().collect::<Vec<_>>(), [7_000]);
    assert_eq!(run(&["check"]).0, Some(0));
    process.kill();
}
