//! S7, S14: what may not be kept is in no byte: not in the files, not in the log, not in the metrics.

use std::{fs, io::Write as _, path::Path};

use serde_json::json;

use crate::{
    harness::{batch, connect, read_answer, request},
    process::{Process, event, prepare},
};

/// Every file below a folder, as one.
fn bytes(folder: &Path) -> Vec<u8> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all.extend(if path.is_dir() { bytes(&path) } else { fs::read(&path).unwrap() });
    }
    all
}

fn holds(all: &[u8], needle: &[u8]) -> bool {
    all.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn s07_s14_no_refused_event_no_address_and_no_header_is_in_any_byte() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    // The proxy is trusted, so that the address in the header is looked at.
    let process = Process::configured(
        data.path(),
        "[server]\ntrusted_proxies = [\"127.0.0.1\"]\n[rate]\nper_second = 1000000\nburst = 1000000\n",
    );
    let mut number = 100;
    let mut refused = |change: &dyn Fn(&mut serde_json::Value)| {
        number += 1;
        let mut event = event(number);
        change(&mut event);
        event
    };
    let bad = [
        refused(&|event| event["payload"] = json!({ "n": 1, "CANARYfield": 1 })),
        refused(&|event| event["payload"] = json!({ "n": "CANARYvalue" })),
        refused(&|event| event["event"] = json!("CANARYevent")),
        refused(&|event| event["CANARYkey"] = json!(1)),
        refused(&|event| event["cv"] = json!("CANARYversion")),
        refused(&|event| event["sdk"] = json!("CANARY sdk")),
        refused(&|event| event["pk"] = json!("CANARYinstance")),
        refused(&|event| event["id"] = json!("CANARYid")),
        refused(&|event| event["ts"] = json!("CANARYtime")),
        refused(&|event| event["actor"] = json!("CANARYactor")),
        json!("CANARYtext"),
    ];
    let headers = [
        ("user-agent", "CANARYagent/1.0"),
        ("origin", "https://CANARYorigin.example"),
        ("referer", "https://CANARYreferer.example/page"),
        ("cookie", "session=CANARYcookie"),
        ("authorization", "Bearer CANARYtoken"),
        ("accept-language", "x-CANARYlanguage"),
        ("x-forwarded-for", "203.0.113.77, 127.0.0.1"),
        ("idempotency-key", "CANARYkey-with-a-name-of-somebody"),
        ("content-type", "application/CANARYtype"),
    ];
    let ask = |method: &str, path: &str, body: &str| {
        let mut stream = connect(process.listen);
        stream.write_all(&request(method, path, &headers, body.as_bytes())).unwrap();
        read_answer(&mut stream)
    };
    let mut answers = Vec::new();
    for event in &bad {
        let answer = ask("POST", "/v1/event", &batch(std::slice::from_ref(event)));
        assert_eq!((answer.status, answer.json()["rejected"].as_u64()), (200, Some(1)), "{event}: {answer:?}");
        answers.push(answer.body);
    }
    let all: Vec<_> = bad.iter().cloned().chain([event(1)]).collect();
    let answer = ask("POST", "/v1/event", &batch(&all));
    assert_eq!(answer.json()["accepted"], 1);
    answers.push(answer.body);
    for (method, path, body) in [
        ("POST", "/v1/event?CANARYquery=1", "{\"events\":[\"CANARYbroken"),
        ("POST", "/CANARYpath", "CANARYbody"),
        ("CANARYMETHOD", "/v1/event", ""),
        ("GET", "/telemetry?payload=CANARY", ""),
    ] {
        answers.push(ask(method, path, body).body);
    }
    let metrics = process.get_admin("/metrics").body;
    // Time for what is written later, and then a look at everything while it runs and after it.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let running = bytes(data.path());
    let (_, _, log) = process.end();
    let ended = bytes(data.path());
    for (what, all) in [
        ("files of the running collector", running.as_slice()),
        ("files", &ended),
        ("log", log.as_bytes()),
        ("metrics", metrics.as_bytes()),
        ("answers", answers.concat().as_bytes()),
    ] {
        for canary in [b"CANARY".as_slice(), b"203.0.113.77", &[203, 0, 113, 77], b"127.0.0.1, ", b"Bearer"] {
            assert!(!holds(all, canary), "{what} hold {:?}", String::from_utf8_lossy(canary));
        }
    }
    assert!(holds(&ended, b"thing_used"), "the search is blunt");
}

#[cfg(target_os = "linux")]
#[test]
fn s14_the_process_leaves_no_core() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let limits = fs::read_to_string(format!("/proc/{}/limits", process.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    let words: Vec<_> = core.split_whitespace().collect();
    assert_eq!(&words[4..6], ["0", "0"], "{core}");
    process.kill();
}
