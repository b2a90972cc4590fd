//! Real clients: a program with SDKs of every format, and what the npm packages of others were seen to send.

use std::{collections::BTreeMap, fs, path::PathBuf, process::Command, sync::OnceLock};

use serde_json::{Value, json};
use telemetry_collector::registry::edit::{self, AddOptions};
use telemetry_runtime::schema::Manifest;

use crate::harness::Running;

/// The example `client`, which cargo builds with the tests.
fn client() -> PathBuf {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    path.join(format!("examples/client{}", std::env::consts::EXE_SUFFIX))
}

/// Runs the client against a server on this port, as a user with this state folder.
pub(crate) fn run_client(port: u16, state: &tempfile::TempDir, events: &str) {
    let output = Command::new(client())
        .args([&port.to_string(), events])
        .env("XDG_STATE_HOME", state.path())
        .env("LOCALAPPDATA", state.path())
        .env("HOME", state.path())
        .env_remove("DO_NOT_TRACK")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn everything_that_a_real_client_sends_is_accepted_and_counted_once() {
    let running = Running::with(&[]);
    let added = edit::add_file(running.data.path(), &client(), &AddOptions::default()).unwrap();
    assert_eq!(added.len(), 5, "{added:?}");
    // The real client has the real time.
    running.clock.set(std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() as i64);
    for path in ["/ui/v1/event", "/strict/v1/event", "/otlp/v1/logs"] {
        let known = (0..100).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(50));
            running.request("POST", path, &[("content-type", "application/json")], b"{}").status == 400
        });
        assert!(known, "{path}");
    }
    let state = tempfile::tempdir().unwrap();
    run_client(running.listen().port(), &state, "20");
    let mut by_sdk: BTreeMap<(String, String), u64> = BTreeMap::new();
    for row in running.rows() {
        let name = row.discriminant.unwrap_or(row.event);
        *by_sdk.entry((row.sdk, name)).or_default() += row.n;
    }
    let expected = [
        ("acme-beacon", "mounted", 1),
        ("acme-otlp", "active", 1),
        ("acme-otlp", "file_opened", 20),
        ("acme-report", "command_run", 1),
        ("acme-strict", "METHOD_CALLED", 3),
        ("acme-ui", "ACTIVE", 1),
        ("acme-ui", "DIALOG_OPENED", 20),
        ("acme-ui", "SignIn", 1),
        ("acme-ui", "SignUp", 1),
    ];
    let expected: BTreeMap<_, _> =
        expected.into_iter().map(|(sdk, name, n)| ((sdk.to_owned(), name.to_owned()), n)).collect();
    assert_eq!(by_sdk, expected);
    for sdk in ["acme-ui", "acme-strict", "acme-beacon", "acme-report", "acme-otlp"] {
        let outcomes = running.outcomes(sdk);
        let words: Vec<_> = outcomes.iter().map(|(word, _)| word.as_str()).collect();
        // The probes above were refused; of what the client sent nothing was.
        assert!(
            words.iter().all(|word| ["accepted", "bad_json", "unknown_version"].contains(word)),
            "{sdk}: {outcomes:?}"
        );
    }
    for sdk in ["acme-ui", "acme-otlp"] {
        let outcomes = running.outcomes(sdk);
        assert!(outcomes.iter().all(|(word, _)| word != "unknown_version"), "{outcomes:?}");
    }
    // What goes with an event arrives in OTLP as it does in batches.
    let of_otlp: Vec<_> = running.rows().into_iter().filter(|row| row.sdk == "acme-otlp").collect();
    for row in &of_otlp {
        assert_eq!(row.wrapper, ("@acme/editor".to_owned(), env!("CARGO_PKG_VERSION").to_owned()), "{row:?}");
        assert_eq!(row.instance.as_deref(), Some("pk_test_ZGVtby5hY21lLmV4YW1wbGUk"));
        assert!(row.actor.word() != "" && row.is_ephemeral.is_some(), "{row:?}");
    }
    let shown = r#"{"lines":5,"place":{"left":false},"beside":["Outline","Changes"]}"#;
    assert!(of_otlp.iter().any(|row| row.payload == shown), "{of_otlp:?}");
    // Its user has it deleted; somebody else's, and what came without an id, stays.
    let theirs = tempfile::tempdir().unwrap();
    run_client(running.listen().port(), &theirs, "3");
    let all = running.stored();
    run_client(running.listen().port(), &state, "erase");
    assert_eq!(running.stored(), all - (1 + 20 + 2) - (1 + 20));
    let left = |sdk: &str| running.rows().iter().filter(|row| row.sdk == sdk).map(|row| row.n).sum::<u64>();
    assert_eq!((left("acme-ui"), left("acme-otlp"), left("acme-strict")), (1 + 3 + 2, 1 + 3, 6));
    assert!(!state.path().join("telemetry/acme-ui").exists());
}

/// The SDKs of the goldens, which this program has in it.
fn own_manifest() -> &'static Manifest {
    static OWN: OnceLock<Manifest> = OnceLock::new();
    OWN.get_or_init(|| {
        // Named, so that the linker keeps them.
        let linked = [&golden_clerk_core::TELEMETRY, &golden_refine_cli::TELEMETRY, &golden_refine_core::TELEMETRY];
        assert_eq!(linked.len() + golden_clerk_raw::sdks().count().min(1), 4);
        telemetry_collector::registry::source::read(&std::env::current_exe().unwrap()).unwrap()
    })
}

/// What a case of this kind needs: the events of the helpers, and those that the case itself declares, as one SDK.
fn clerk(case: &str, name: &str) -> Manifest {
    let own = own_manifest();
    let mut sdk = own.sdks.iter().find(|sdk| sdk.sdk == "clerk-core").unwrap().clone();
    sdk.sdk = name.to_owned();
    // With these goldens the real rates of the model apply, and it says none: they are no part of this format.
    let raw = golden_clerk_raw::case(case).map(|case| case.sdk.info.name);
    let is_of = |event_sdk: &str| event_sdk == "clerk-core" || Some(event_sdk) == raw;
    let mut events: Vec<_> = own.events.iter().filter(|event| is_of(&event.sdk)).cloned().collect();
    for event in &mut events {
        event.sdk = name.to_owned();
        event.crate_name = sdk.crate_name.clone();
        event.version = sdk.version.clone();
        // Two declarations of one event are one event with two shapes here.
        event.discriminant = event.discriminant.take().or_else(|| Some(event.at.clone()));
    }
    Manifest::new(vec![sdk], events)
}

/// Every request of every case, as it was captured: with its path, its headers and its body. What is accepted is what the
/// schema of the same manifest allows.
#[test]
fn captured_requests_of_other_clients_are_taken_as_they_are() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/data");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    cases.sort();
    let only = |name: &str| {
        let own = own_manifest();
        let sdks = own.sdks.iter().filter(|sdk| sdk.sdk == name).cloned().collect();
        Manifest::new(sdks, own.events.iter().filter(|event| event.sdk == name).cloned().collect())
    };
    let data = tempfile::tempdir().unwrap();
    for name in ["refine-core", "refine-cli"] {
        edit::add(data.path(), &only(name), &AddOptions::default()).unwrap();
    }
    let mut clerks = Vec::new();
    for (number, path) in cases.iter().enumerate() {
        let case = path.file_stem().unwrap().to_str().unwrap();
        let golden: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        let name = format!("clerk-{number}");
        let manifest = case.starts_with("clerk").then(|| clerk(case, &name));
        if let Some(manifest) = &manifest {
            let options = AddOptions { prefix: Some(format!("/{name}")), ..AddOptions::default() };
            edit::add(data.path(), manifest, &options).unwrap();
        }
        clerks.push((case.to_owned(), golden, manifest.map(|manifest| (name, manifest))));
    }
    let mut config = telemetry_collector::config::Config::default();
    config.rate.per_second = 0;
    config.limits.body_bytes = 16 << 20;
    config.limits.unpacked_bytes = 16 << 20;
    let running = Running::start(data, config, telemetry_collector::clock::Clock::manual(crate::harness::NOON));
    let (mut requests, mut accepted, mut refused) = (0, 0, Vec::new());
    for (case, golden, clerk) in &clerks {
        let mut schema = None;
        for request in golden["requests"].as_array().into_iter().flatten() {
            let (Some(method), Some(path)) = (request["method"].as_str(), request["path"].as_str()) else { continue };
            let body = request["body"].as_str().unwrap_or_default();
            let headers: Vec<(&str, &str)> = request["headers"]
                .as_object()
                .into_iter()
                .flatten()
                .filter(|(name, _)| !["host", "content-length", "connection"].contains(&name.to_lowercase().as_str()))
                .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
                .collect();
            let prefix = clerk.as_ref().map(|(name, _)| format!("/{name}")).unwrap_or_default();
            let answer = running.request(method, &format!("{prefix}{path}"), &headers, body.as_bytes());
            requests += 1;
            let route = path.split('?').next().unwrap_or_default();
            if !["/v1/event", "/telemetry", "/cli"].contains(&route) {
                // Log lines and encrypted bodies are what no manifest can declare; and what a redirect led to.
                assert!([404, 400].contains(&answer.status), "{case}: {path}: {answer:?}");
                continue;
            }
            if path == "/v1/event" && serde_json::from_str::<Value>(body).is_err() {
                // Half of a surrogate pair, which JavaScript writes and JSON does not know.
                assert!(answer.status == 400 && body.contains("\\ud800"), "{case}: {answer:?}");
                continue;
            }
            assert_eq!(answer.status, 200, "{case}: {answer:?}");
            let answer = answer.json();
            let events = events_of(body);
            assert_eq!(
                answer["accepted"].as_u64().unwrap() + answer["rejected"].as_u64().unwrap(),
                events.len() as u64,
                "{case}"
            );
            accepted += answer["accepted"].as_u64().unwrap();
            match clerk {
                Some((name, manifest)) => {
                    let allowed = events
                        .iter()
                        .filter(|event| is_allowed(schema.get_or_insert_with(|| validator(manifest, name)), event))
                        .count() as u64;
                    assert_eq!(answer["accepted"], allowed, "{case}: {answer} {body}");
                    if answer["rejected"] != 0 {
                        refused.push(case.clone());
                    }
                }
                None => assert_eq!(
                    (&answer["accepted"], &answer["rejected"]),
                    (&json!(1), &json!(0)),
                    "{case}: {answer} {path} {body}"
                ),
            }
        }
    }
    assert!(requests > 200, "{requests}");
    assert!(accepted > 150, "{accepted} accepted; refused some of {refused:?}");
    assert_eq!(running.stored(), accepted);
    // Parts of secret keys were in what came, and are nowhere in what is kept.
    let file = fs::read(running.stop().path().join("collector.sqlite")).unwrap();
    assert!(!file.windows(8).any(|bytes| bytes == b"sk_test_"));
}

/// The events of a body; a payload alone is one.
fn events_of(body: &str) -> Vec<Value> {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    body["events"].as_array().cloned().unwrap_or_else(|| vec![body])
}

fn validator(manifest: &Manifest, sdk: &str) -> jsonschema::Validator {
    jsonschema::validator_for(&cargo_telemetry::json_schema::of(manifest, sdk).unwrap()).unwrap()
}

/// Whether the schema of the manifest allows the event, with what this client leaves out of the envelope put in.
fn is_allowed(schema: &jsonschema::Validator, event: &Value) -> bool {
    let mut event = event.clone();
    let Some(keys) = event.as_object_mut() else { return false };
    keys.remove("sk");
    for (key, value) in [("cv", "0.1.0"), ("sdk", "acme"), ("sdkv", "0.1.0")] {
        let said = keys.entry(key).or_insert_with(|| json!(value));
        if *said == "" {
            *said = json!(value);
        }
    }
    keys.entry("payload").or_insert_with(|| json!({}));
    schema.is_valid(&json!({ "events": [event] }))
}
