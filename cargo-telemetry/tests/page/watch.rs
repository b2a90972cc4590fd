//! `watch`: what a program records in debug mode, beside its records.

use std::{fs, process::Command};

use telemetry_schema::{FieldType, Manifest};

use crate::own_manifest;

/// Runs the sender of these tests under watch, with what is said on standard error, and the exit code.
fn watched(records: Option<&Manifest>) -> (String, String, i32) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"));
    command.args(["telemetry", "watch"]);
    if let Some(records) = records {
        let path = folder.path().join("manifest.json");
        fs::write(&path, serde_json::to_string(records).unwrap()).unwrap();
        command.arg("--records").arg(path);
    }
    command.arg("--").arg(std::env::current_exe().unwrap());
    command.args(["--exact", "sent::sender", "--ignored", "--nocapture"]).env("PAGE_TEST_PORT", "1");
    let output = command.env("PAGE_TEST_WATCHED", "1").env_remove("DO_NOT_TRACK").output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

/// The lines from that of an event on, up to the next one.
fn shown<'a>(stderr: &'a str, name: &str) -> Vec<&'a str> {
    let mut lines = stderr.lines().skip_while(|line| !line.starts_with(&format!("{name}  ")));
    let first = lines.next().unwrap_or_else(|| panic!("no {name} in {stderr}"));
    std::iter::once(first).chain(lines.take_while(|line| line.starts_with("  "))).collect()
}

#[test]
fn each_event_stands_beside_its_record_with_what_becomes_of_it() {
    let (stdout, stderr, code) = watched(None);
    assert_eq!(code, 3, "that of the program: {stderr}");
    assert!(stdout.contains("running 1 test"), "its standard output is its own: {stdout}");
    assert!(stderr.contains("\nof the program itself\n"), "{stderr}");
    assert!(!stderr.contains(" telemetry] "), "lines of debug mode are shown in its words: {stderr}");
    // In every format of requests.
    for name in [
        "page-all/everything",
        "page-all/component_mounted/SignIn",
        "page-all/method_called/get_auth",
        "page-beacon/started",
        "page-report/succeeded",
        "page-otlp/app_opened",
        "page-otlp/component_mounted/Menu",
    ] {
        let lines = shown(&stderr, name);
        assert!(lines[0].contains("sdks.rs:"), "{lines:?}");
        assert!(lines.contains(&"  collector: accepted"), "{lines:?}");
    }
    let opened = shown(&stderr, "page-otlp/app_opened");
    let has = |words: &[&str]| {
        opened
            .iter()
            .any(|line| line.split("  ").map(str::trim).filter(|word| !word.is_empty()).eq(words.iter().copied()))
    };
    assert!(has(&["theme", "\"Dark\"", "one of Dark, Light, or `other`"]), "{opened:?}");
    assert!(has(&["plugin", "(absent)", "optional: FREE TEXT of at most 8 bytes"]), "{opened:?}");
    // What would have held it.
    let rare = shown(&stderr, "page-all/rare");
    assert!(rare.contains(&"  note: sampling records it on a share of 0.25 of days only"), "{rare:?}");
    assert!(stderr.contains("  note: throttled: an identical event was recorded recently"), "{stderr}");
    let last = stderr.lines().last().unwrap();
    assert!(last.starts_with("watched: ") && last.ends_with(" 0 refused; 1 held by throttle"), "{last}");
}

#[test]
fn what_the_records_do_not_allow_is_refused_as_the_collector_would() {
    let mut manifest = own_manifest().clone();
    for event in &mut manifest.events {
        match (event.sdk.as_str(), event.event.as_str()) {
            ("page-beacon", _) => event.fields[0].field_type = FieldType::Enum(vec!["Slow".to_owned()]),
            ("page-report", _) => event.fields.clear(),
            ("page-otlp", "app_opened") => event.event = "app_closed".to_owned(),
            _ => {}
        }
    }
    let (_, stderr, code) = watched(Some(&manifest));
    assert_eq!(code, 3);
    for (name, reason) in [
        ("page-beacon/started", "unknown_variant"),
        ("page-report/succeeded", "unknown_field"),
        ("page-otlp/app_opened", "unknown_event"),
    ] {
        let lines = shown(&stderr, name);
        assert!(lines.iter().any(|line| line.starts_with(&format!("  collector: refused, {reason}: "))), "{lines:?}");
    }
    assert!(shown(&stderr, "page-report/succeeded").iter().any(|line| line.ends_with("not declared")), "{stderr}");
    assert!(stderr.lines().last().unwrap().contains(" 4 refused;"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn it_ends_as_the_program_ends() {
    let program = std::env::current_exe().unwrap();
    let watch = |script: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-telemetry-tested"))
            .args(["telemetry", "watch", "--records"])
            .arg(&program)
            .args(["--", "sh", "-c", script])
            .output()
            .unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let nothing = "watched: 0 events; 0 accepted, 0 refused; 0 held by throttle\n";
    assert_eq!(watch("printf 'mine ' >&2; printf 'alone\\n' >&2; exit 7"), (7, format!("mine alone\n{nothing}")));
    assert_eq!(watch("kill -9 $$"), (137, nothing.to_owned()));
    assert_eq!(watch("echo $PAGE_ALL_TELEMETRY_DEBUG$PAGE_OTLP_TELEMETRY_DEBUG >&2"), (0, format!("11\n{nothing}")));
    // A child that stays behind holds standard error, and nobody waits for it.
    let (code, _) = watch("sleep 20 >/dev/null & exit 5");
    assert_eq!(code, 5);
    let missing = crate::tool(&["watch", "--", "no-such-program-here"]);
    assert_eq!(missing.status.code(), Some(66));
    let without = crate::tool(&["watch", "--", "sh", "-c", "true"]);
    assert!(String::from_utf8_lossy(&without.stderr).contains("--records"), "{without:?}");
}
