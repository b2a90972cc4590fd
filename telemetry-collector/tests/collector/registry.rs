//! The list of SDKs: what is added, refused, retired; and that a running collector takes it.

use std::{process::Command, time::Duration};

use serde_json::json;
use telemetry_collector::{
    exit_code::ExitCode,
    registry::{
        Registry, Route,
        edit::{self, AddOptions},
    },
};
use telemetry_runtime::schema::Manifest;

use crate::harness::{Running, batch, extended, manifest, taken};

fn acme(name: &str, endpoint: &str, version: &str) -> Manifest {
    manifest(
        name,
        version,
        endpoint,
        json!({ "event_batch": { "strict": false } }),
        json!([{ "name": "on", "type": "bool" }]),
    )
}

fn add(data: &tempfile::TempDir, manifest: &Manifest) -> Result<bool, ExitCode> {
    edit::add(data.path(), manifest, &AddOptions::default())
        .map(|added| added[0].is_new)
        .map_err(|failure| failure.exit)
}

#[test]
fn the_prefix_is_the_path_of_the_endpoint_and_two_sdks_at_one_path_are_refused() {
    let data = tempfile::tempdir().unwrap();
    assert_eq!(add(&data, &acme("one", "https://t.example", "1.0.0")), Ok(true));
    assert_eq!(add(&data, &acme("one", "https://t.example", "1.0.0")), Ok(false));
    assert_eq!(add(&data, &acme("one", "https://t.example/", "1.1.0")), Ok(true));
    assert_eq!(add(&data, &acme("two", "https://other.example", "1.0.0")), Err(ExitCode::Found));
    assert_eq!(add(&data, &acme("two", "https://other.example/two/", "1.0.0")), Ok(true));
    // Another format at the same prefix is another path.
    let report = manifest("cli", "1.0.0", "https://t.example", json!("report"), json!([]));
    assert_eq!(add(&data, &report), Ok(true));
    let registry = Registry::read(data.path()).unwrap();
    let at = |path: &str| registry.at(path).map(|(route, sdk)| (route, sdk.name.to_string()));
    assert_eq!(at("/v1/event"), Some((Route::Event, "one".to_owned())));
    assert_eq!(at("/two/v1/event"), Some((Route::Event, "two".to_owned())));
    assert_eq!(at("/cli"), Some((Route::Report, "cli".to_owned())));
    for path in ["", "/", "/two", "/two/v1/event/", "//v1/event", "/two/cli"] {
        assert_eq!(at(path), None, "{path}");
    }
    assert_eq!(registry.sdk("one").unwrap().versions.keys().collect::<Vec<_>>(), ["1.0.0", "1.1.0"]);
}

#[test]
fn what_cannot_be_added_leaves_the_list_as_it_was() {
    let data = tempfile::tempdir().unwrap();
    add(&data, &acme("one", "https://t.example", "1.0.0")).unwrap();
    let mut both = acme("new", "https://t.example/new", "1.0.0");
    both.sdks.extend(acme("two", "https://t.example", "1.0.0").sdks);
    assert_eq!(add(&data, &both), Err(ExitCode::Found), "one of the two is ambiguous");
    let mut wicked = acme("one", "https://t.example/x", "1.0.0");
    wicked.sdks[0].sdk = "../../etc".to_owned();
    assert_eq!(add(&data, &wicked), Err(ExitCode::CannotTell));
    let mut lock = acme("two", "https://t.example/two", "");
    assert_eq!(add(&data, &lock), Err(ExitCode::Usage), "no version");
    let names: Vec<_> = edit::list(data.path()).unwrap().into_iter().map(|entry| entry.sdk).collect();
    assert_eq!(names, ["one"]);
    let with = |options: AddOptions| {
        edit::add(data.path(), &lock, &options).map(|added| added[0].prefix.clone()).map_err(|failure| failure.exit)
    };
    let version = Some("3.0.0".to_owned());
    assert_eq!(with(AddOptions { version: version.clone(), ..AddOptions::default() }), Ok("/two".to_owned()));
    for prefix in ["/a b", "/../x", "a?b", "/a//b"] {
        let options = AddOptions { version: version.clone(), prefix: Some(prefix.to_owned()), sdk: None };
        assert_eq!(with(options), Err(ExitCode::Usage), "{prefix}");
    }
    let options = AddOptions { version: version.clone(), prefix: Some("else/where/".to_owned()), sdk: None };
    assert_eq!(with(options), Ok("/else/where".to_owned()));
    assert_eq!(with(AddOptions { version, sdk: Some("absent".to_owned()), prefix: None }), Err(ExitCode::Usage));
    lock.sdks.clear();
}

#[test]
fn manifests_of_one_version_are_united() {
    let mut other = acme("one", "https://t.example", "1.0.0");
    other.events[0].event = "other_used".to_owned();
    let running = Running::with(&[&acme("one", "https://t.example", "1.0.0"), &other]);
    let mut second = extended(2, "one", json!({ "on": true }));
    second["event"] = json!("other_used");
    let answer = running.post("/v1/event", &batch(&[extended(1, "one", json!({ "on": true })), second]));
    assert_eq!(answer.json(), taken(2, 0));
}

#[test]
fn a_running_collector_takes_what_is_added_and_what_is_retired() {
    let running = Running::with(&[]);
    let body = |number| batch(&[extended(number, "one", json!({ "on": true }))]);
    assert_eq!(running.post("/v1/event", &body(1)).status, 404);
    let until = |status: u16, number| {
        let answered = (0..100).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            running.post("/v1/event", &body(number)).status == status
        });
        assert!(answered, "never {status}");
    };
    edit::add(running.data.path(), &acme("one", "https://t.example", "1.0.0"), &AddOptions::default()).unwrap();
    until(200, 2);
    edit::retire(running.data.path(), "one", None, false).unwrap();
    until(410, 3);
    edit::retire(running.data.path(), "one", None, true).unwrap();
    until(200, 4);
    edit::retire(running.data.path(), "one", Some("1.0.0"), false).unwrap();
    until(410, 5);
    assert!(edit::retire(running.data.path(), "one", Some("9.9.9"), false).is_err());
    assert!(edit::retire(running.data.path(), "two", None, false).is_err());
}

#[test]
fn a_list_that_cannot_be_read_is_no_empty_list() {
    let data = tempfile::tempdir().unwrap();
    add(&data, &acme("one", "https://t.example", "1.0.0")).unwrap();
    let file = data.path().join("sdks/one.json");
    let text = std::fs::read_to_string(&file).unwrap();
    for damaged in [&text[..text.len() / 2], "", "{}", &text.replace("\"format\": 1", "\"format\": 2")] {
        std::fs::write(&file, damaged).unwrap();
        assert!(Registry::read(data.path()).is_err());
        assert!(add(&data, &acme("two", "https://t.example/two", "1.0.0")).is_err());
    }
}

/// The commands, with a real program, its lock file and its manifest.
#[test]
fn programs_lock_files_and_manifests_are_added_by_the_command() {
    let data = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_telemetry-collector-tested"))
            .args(arguments)
            .arg("--data")
            .arg(data.path())
            .output()
            .unwrap();
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code(), text)
    };
    let (code, text) = run(&["sdk", "list"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("no SDK may send yet"), "{text}");
    // This test program has the SDKs of the goldens in it; two of them share a path.
    let own = std::env::current_exe().unwrap();
    let (code, text) = run(&["sdk", "add", own.to_str().unwrap(), "--sdk", "clerk-core"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("clerk-core") && text.contains("added"), "{text}");
    let (code, text) = run(&["sdk", "add", own.to_str().unwrap(), "--sdk", "clerk-core"]);
    assert!(code == Some(0) && text.contains("known already"), "{text}");
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let two = acme("two", "https://t.example/two", "1.0.0");
    assert_eq!(run(&["sdk", "add", &file("manifest.json", &two.to_json())]).0, Some(0));
    let (code, text) =
        run(&["sdk", "add", &file("other.json", &acme("three", "https://t.example/two", "1.0.0").to_json())]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("/two/v1/event") && text.contains("--prefix"), "{text}");
    assert_eq!(run(&["sdk", "add", &file("empty.json", "{}")]).0, Some(2));
    assert_eq!(run(&["sdk", "add", &file("text", "nothing")]).0, Some(2));
    assert_eq!(run(&["sdk", "add", "absent"]).0, Some(66));
    assert_eq!(run(&["sdk", "add"]).0, Some(64));
    assert_eq!(run(&["sdk", "retire", "two"]).0, Some(0));
    let (code, text) = run(&["sdk", "list"]);
    assert!(code == Some(0) && text.contains("two (retired)") && text.contains("POST /two/v1/event"), "{text}");
    let (_, json) = run(&["sdk", "list", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["sdks"][1]["sdk"], "two");
    assert_eq!(json["sdks"][1]["retired"], true);
}

/// What is added right behind the start, before the collector first looks, is a change like any other.
#[test]
fn what_is_added_in_the_first_moment_is_not_missed() {
    for _ in 0..3 {
        let running = Running::with(&[]);
        edit::add(running.data.path(), &acme("one", "https://t.example", "1.0.0"), &AddOptions::default()).unwrap();
        let taken = (0..200).any(|_| {
            std::thread::sleep(Duration::from_millis(100));
            running.post("/v1/event", "{}").status == 400
        });
        assert!(taken, "it was never seen");
    }
}
