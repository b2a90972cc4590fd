//! Requests for deletion: what is answered, what goes, and what is not kept afterwards.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use serde_json::{Value, json};
use telemetry_collector::store::{Days, Read as _, Row};
use telemetry_runtime::schema::{Identity, Manifest};

use crate::harness::{Running, batch, extended, manifest, taken};

const ID: &str = "9b1f63d0c24e4a7f8d5e0a7719c3e8b2";
const OTHER: &str = "00000000000000000000000000000001";

fn acme(identity: Option<Identity>) -> Manifest {
    let fields = json!([{ "name": "on", "type": "bool" }]);
    let mut acme =
        manifest("acme", "1.0.0", "https://t.example", json!({ "event_batch": { "strict": false } }), fields);
    acme.sdks[0].identity = identity;
    acme
}

fn with_id(number: u64, id: &str) -> Value {
    let mut event = extended(number, "acme", json!({ "on": true }));
    event["installation"] = json!(id);
    event
}

fn erase(running: &Running, body: &str) -> (u16, String) {
    let answer = running.post("/v1/erase", body);
    (answer.status, answer.body)
}

fn asked(running: &Running, id: &str) -> (u16, String) {
    erase(running, &json!({ "installation": id }).to_string())
}

#[test]
fn what_came_with_an_id_is_deleted_and_what_comes_late_is_not_kept() {
    let running = Running::with(&[&acme(Some(Identity::Rotating(30)))]);
    let events = [with_id(1, ID), with_id(2, ID), with_id(3, OTHER), extended(4, "acme", json!({ "on": true }))];
    assert_eq!(running.post("/v1/event", &batch(&events)).json(), taken(4, 0));
    assert_eq!(running.rows().len(), 1, "rows have no id: equal events of a day are one");
    assert_eq!(asked(&running, ID), (200, r#"{"deleted":2}"#.to_owned()));
    assert_eq!(running.stored(), 2);
    assert_eq!(asked(&running, ID), (200, r#"{"deleted":0}"#.to_owned()), "as often as one likes");
    // A repeat of what is gone, and what was on its way.
    let late = running.post("/v1/event", &batch(&[with_id(1, ID), with_id(5, ID), with_id(6, OTHER)]));
    assert_eq!(
        (late.status, late.json()),
        (200, json!({ "accepted": 1, "duplicate": 0, "rejected": 2, "refused": { "deleted": 2 } }))
    );
    assert_eq!(running.stored(), 3);
    assert!(running.outcomes("acme").contains(&("deleted".to_owned(), 2)));
    // Nobody is told whether an id was known.
    assert_eq!(asked(&running, "ffffffffffffffffffffffffffffffff"), (200, r#"{"deleted":0}"#.to_owned()));
    // No byte of it is left, in any file.
    let data = running.stop();
    assert_eq!(with_bytes(data.path()), Vec::<PathBuf>::new());
}

/// The files in which the id is.
fn with_bytes(data: &Path) -> Vec<PathBuf> {
    let bytes = u128::from_str_radix(ID, 16).unwrap().to_be_bytes();
    let holds = |path: &PathBuf| {
        let Ok(content) = std::fs::read(path) else { return false };
        content.windows(16).any(|window| window == bytes)
            || content.windows(ID.len()).any(|window| window == ID.as_bytes())
    };
    let paths = std::fs::read_dir(data).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.is_file()).filter(holds).collect()
}

#[test]
fn who_reads_keeps_nobody_from_being_deleted() {
    let running = Running::with(&[&acme(Some(Identity::Rotating(30)))]);
    assert_eq!(running.post("/v1/event", &batch(&[with_id(1, ID), with_id(2, ID)])).json(), taken(2, 0));
    let mut n = 0;
    let mut while_it_reads = |row: Row| {
        n += row.n;
        assert_eq!(asked(&running, ID), (200, r#"{"deleted":2}"#.to_owned()));
        assert_eq!(running.get_admin("/readyz").status, 200);
        assert_eq!(running.post("/v1/event", &batch(&[with_id(3, OTHER)])).json(), taken(1, 0));
        assert!(!with_bytes(running.data.path()).is_empty());
    };
    running.reader().rows(None, Days::ALL, &mut while_it_reads).unwrap();
    assert_eq!(n, 2);
    assert_eq!(running.stored(), 1);
    let is_gone = (0..800).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        with_bytes(running.data.path()).is_empty()
    });
    assert!(is_gone, "{:?}", with_bytes(running.data.path()));
}

#[test]
fn a_request_for_deletion_holds_an_id_and_nothing_else() {
    let running = Running::with(&[&acme(Some(Identity::Rotating(30)))]);
    for (body, reason) in [
        ("", "bad_json"),
        ("[]", "bad_json"),
        ("{}", "missing_key"),
        (r#"{"installation":7}"#, "bad_key"),
        (r#"{"installation":"CANARY"}"#, "bad_key"),
        (r#"{"installation":"9B1F63D0C24E4A7F8D5E0A7719C3E8B2"}"#, "bad_key"),
        (r#"{"installation":"9b1f63d0c24e4a7f8d5e0a7719c3e8b2","user":"jane"}"#, "unknown_key"),
    ] {
        assert_eq!(erase(&running, body), (400, format!(r#"{{"error":"{reason}"}}"#)), "{body}");
    }
    assert_eq!(running.request("GET", "/v1/erase", &[], b"").status, 405);
    // Where no event carries an id there is no such path.
    let running = Running::with(&[&acme(None)]);
    assert_eq!(asked(&running, ID).0, 404);
}

#[test]
fn what_an_sdk_sent_before_it_was_retired_can_be_deleted() {
    let running = Running::with(&[&acme(Some(Identity::Rotating(30)))]);
    assert_eq!(running.post("/v1/event", &batch(&[with_id(1, ID)])).json(), taken(1, 0));
    telemetry_collector::registry::edit::retire(running.data.path(), "acme", None, false).unwrap();
    let gone = (0..200).any(|_| {
        std::thread::sleep(Duration::from_millis(25));
        running.post("/v1/event", &batch(&[with_id(2, OTHER)])).status == 410
    });
    assert!(gone);
    assert_eq!(asked(&running, ID), (200, r#"{"deleted":1}"#.to_owned()));
}
