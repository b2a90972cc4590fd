//! OTLP/HTTP logs, written by another implementation of the format.

use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse},
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value as Any},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    resource::v1::Resource,
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::{
    clients,
    harness::{Answer, NOON, Running, id, manifest},
};

fn any(value: &Value) -> AnyValue {
    let value = match value {
        Value::Null => return AnyValue { value: None },
        Value::Bool(value) => Any::BoolValue(*value),
        Value::Number(number) => {
            number.as_i64().map_or_else(|| Any::DoubleValue(number.as_f64().unwrap()), Any::IntValue)
        }
        Value::String(text) => Any::StringValue(text.clone()),
        Value::Array(values) => Any::ArrayValue(ArrayValue { values: values.iter().map(any).collect() }),
        Value::Object(map) => Any::KvlistValue(KeyValueList { values: map.iter().map(attribute).collect() }),
    };
    AnyValue { value: Some(value) }
}

fn attribute((key, value): (&String, &Value)) -> KeyValue {
    KeyValue { key: key.clone(), value: Some(any(value)), ..KeyValue::default() }
}

fn record(name: &str, attributes: Value) -> LogRecord {
    LogRecord {
        time_unix_nano: NOON as u64 * 1_000_000_000,
        event_name: name.to_owned(),
        attributes: attributes.as_object().unwrap().iter().map(attribute).collect(),
        ..LogRecord::default()
    }
}

fn logs(version: &str, log_records: Vec<LogRecord>) -> ExportLogsServiceRequest {
    let scope = InstrumentationScope {
        name: "CANARYscope".to_owned(),
        version: version.to_owned(),
        ..InstrumentationScope::default()
    };
    let host = json!({ "service.name": "CANARYservice", "host.name": "CANARYhost" });
    ExportLogsServiceRequest {
        resource_logs: vec![ResourceLogs {
            resource: Some(Resource {
                attributes: host.as_object().unwrap().iter().map(attribute).collect(),
                ..Resource::default()
            }),
            scope_logs: vec![ScopeLogs { scope: Some(scope), log_records, ..ScopeLogs::default() }],
            ..ResourceLogs::default()
        }],
    }
}

/// One record as the client of an SDK with this wire format writes it; `number` makes its id.
pub(crate) fn declared(sdk: &str, number: u64, payload: &Value) -> ExportLogsServiceRequest {
    let beside = json!({
        "log.record.uid": id(number), "telemetry.actor": "unknown", "telemetry.ephemeral": false,
    });
    let mut record = record("thing_used", payload.clone());
    record.time_unix_nano = NOON as u64 * 1_000_000_000;
    record.attributes.extend(beside.as_object().unwrap().iter().map(attribute));
    let mut request = logs("1.0.0", vec![record]);
    let source = &mut request.resource_logs[0];
    source.scope_logs[0].scope.as_mut().unwrap().name = sdk.to_owned();
    let resource = json!({ "service.name": sdk, "service.version": "1.0.0" });
    source.resource.as_mut().unwrap().attributes = resource.as_object().unwrap().iter().map(attribute).collect();
    request
}

/// The answer to one record that was refused, as OTLP has it.
pub(crate) fn rejected(reason: &str) -> Value {
    json!({ "partialSuccess": { "rejectedLogRecords": "1", "errorMessage": format!("{reason}: 1") } })
}

fn running() -> Running {
    let fields = json!([
        { "name": "on", "type": "bool" },
        { "name": "n", "type": { "int": { "min": 0, "max": 9 } } },
        { "name": "words", "type": { "list": { "max": 3, "of": { "enum": ["a", "b"] } } } },
        { "name": "inner", "type": { "struct": [{ "name": "deep", "type": "bool" }] } },
    ]);
    Running::with(&[&manifest(
        "acme",
        "1.0.0",
        "https://t.example",
        json!({ "event_batch": { "strict": false } }),
        fields,
    )])
}

fn payload() -> Value {
    json!({ "on": true, "n": 7, "words": ["a", "b"], "inner": { "deep": false } })
}

fn with(mut payload: Value, key: &str, value: Value) -> Value {
    payload[key] = value;
    payload
}

pub(crate) fn post_to(running: &Running, path: &str, request: &ExportLogsServiceRequest) -> Answer {
    let body = serde_json::to_vec(request).unwrap();
    running.request("POST", path, &[("content-type", "application/json")], &body)
}

fn post_json(running: &Running, request: &ExportLogsServiceRequest) -> Answer {
    post_to(running, "/v1/logs", request)
}

#[test]
fn records_of_logs_are_events_in_json_and_in_protobuf() {
    let running = running();
    let first = with(payload(), "log.record.uid", json!(id(1)));
    let second = with(with(payload(), "log.record.uid", json!(id(2))), "telemetry.actor", json!("ci"));
    let request = logs("1.0.0", vec![record("thing_used", first), record("thing_used", second)]);
    let answer = post_json(&running, &request);
    assert_eq!((answer.status, answer.json()), (200, json!({})));
    // The same in the other encoding is the same.
    let mut stream = running.connect();
    let body = request.encode_to_vec();
    let head = [("content-type", "application/x-protobuf")];
    std::io::Write::write_all(&mut stream, &crate::harness::request("POST", "/v1/logs", &head, &body)).unwrap();
    let answer = crate::harness::read_answer(&mut stream);
    assert_eq!((answer.status, answer.header("content-type").as_deref()), (200, Some("application/x-protobuf")));
    let rows = running.rows();
    assert_eq!(rows.iter().map(|row| row.n).sum::<u64>(), 2, "{rows:?}");
    assert_eq!(rows[0].payload, r#"{"on":true,"n":7,"words":["a","b"],"inner":{"deep":false}}"#);
    assert_eq!((rows[0].version.as_str(), rows[0].day.to_string().as_str()), ("1.0.0", "2026-11-22"));
    let outcomes = running.outcomes("acme");
    assert!(outcomes.contains(&("duplicate".to_owned(), 2)), "{outcomes:?}");
    let file = std::fs::read(running.stop().path().join("collector.sqlite")).unwrap();
    assert!(!file.windows(6).any(|bytes| bytes == b"CANARY"), "resource and scope are kept");
}

/// As the specification writes it, by hand.
#[test]
fn json_by_hand_is_taken() {
    let running = running();
    let body = json!({ "resourceLogs": [{ "resource": { "attributes": [] }, "scopeLogs": [{
        "scope": { "name": "acme", "version": "1.0.0" },
        "logRecords": [{
            "timeUnixNano": (NOON as u64 * 1_000_000_000).to_string(), "severityNumber": 9, "eventName": "thing_used",
            "attributes": [
                { "key": "on", "value": { "boolValue": true } },
                { "key": "n", "value": { "intValue": "7" } },
                { "key": "words", "value": { "arrayValue": { "values": [{ "stringValue": "a" }] } } },
                { "key": "inner", "value": { "kvlistValue": { "values": [{ "key": "deep", "value": { "boolValue": true } }] } } },
            ],
        }],
    }] }] });
    let headers = [("content-type", "application/json"), ("idempotency-key", "a-key")];
    for kept in [1, 1] {
        let answer = running.request("POST", "/v1/logs", &headers, body.to_string().as_bytes());
        assert_eq!((answer.status, answer.json()), (200, json!({})));
        assert_eq!(running.stored(), kept, "a repeat is known by the key of the request");
    }
}

#[test]
fn what_was_not_declared_is_rejected_and_the_rest_is_kept() {
    let running = running();
    let changed = |change: &dyn Fn(&mut LogRecord)| {
        let mut record = record("thing_used", payload());
        change(&mut record);
        record
    };
    let cases: Vec<(LogRecord, &str)> = vec![
        (record("other", payload()), "unknown_event"),
        (record("", payload()), "missing_key"),
        (record("thing_used", with(payload(), "CANARY", json!(1))), "unknown_field"),
        (record("thing_used", with(payload(), "n", json!(10))), "out_of_range"),
        (record("thing_used", with(payload(), "n", json!("7"))), "wrong_type"),
        (record("thing_used", with(payload(), "words", json!(["c"]))), "unknown_variant"),
        (record("thing_used", with(payload(), "log.record.uid", json!("jane"))), "bad_key"),
        (record("thing_used", with(payload(), "telemetry.actor", json!("jane"))), "bad_key"),
        (record("thing_used", with(payload(), "telemetry.rate", json!(2.0))), "bad_key"),
        (changed(&|record| record.body = Some(any(&json!("CANARY text")))), "unknown_key"),
        (changed(&|record| record.time_unix_nano = 0), "missing_key"),
        (changed(&|record| record.attributes.push(record.attributes[0].clone())), "bad_key"),
        (changed(&|record| _ = record.attributes.pop()), "missing_field"),
        (
            changed(&|record| {
                record.attributes[0].value = Some(AnyValue { value: Some(Any::BytesValue(b"CANARY".to_vec())) });
            }),
            "wrong_type",
        ),
    ];
    for (record, reason) in &cases {
        let answer = post_json(&running, &logs("1.0.0", vec![record.clone()]));
        assert_eq!((answer.status, answer.json()), (200, rejected(reason)), "{record:?}");
    }
    assert_eq!(running.stored(), 0);
    let all: Vec<_> = cases.iter().map(|(record, _)| record.clone()).chain([record("thing_used", payload())]).collect();
    let body = logs("1.0.0", all).encode_to_vec();
    let answer = running.request("POST", "/v1/logs", &[("content-type", "application/x-protobuf")], &body);
    assert_eq!(answer.status, 200);
    let response = ExportLogsServiceResponse::decode(answer.bytes.as_slice()).unwrap();
    assert_eq!(response.partial_success.unwrap().rejected_log_records, cases.len() as i64);
    assert_eq!(running.stored(), 1);
}

#[test]
fn what_is_no_otlp_is_refused() {
    let running = running();
    let ask =
        |content_type: &str, body: &[u8]| running.request("POST", "/v1/logs", &[("content-type", content_type)], body);
    assert_eq!(ask("text/plain", b"{}").status, 415);
    assert_eq!(running.post("/v1/logs", "{}").status, 415);
    assert_eq!(ask("application/json", b"no json").json(), json!({ "code": 3, "message": "bad_json" }));
    assert_eq!(ask("application/x-protobuf", b"\xff\xff\xff").status, 400);
    assert_eq!(ask("application/json", br#"{"resourceLogs":[]}"#).json(), json!({}), "no records are no mistake");
    let deep = format!(
        "{}{}",
        "{\"kvlistValue\":{\"values\":[{\"key\":\"k\",\"value\":".repeat(10_000),
        "}]}}".repeat(10_000)
    );
    let deep = format!(
        r#"{{"resourceLogs":[{{"scopeLogs":[{{"logRecords":[{{"eventName":"thing_used","attributes":[{{"key":"k","value":{deep}}}]}}]}}]}}]}}"#
    );
    assert!([400, 413].contains(&ask("application/json", deep.as_bytes()).status));
    assert_eq!(running.request("GET", "/v1/logs", &[], b"").status, 405);
    assert_eq!(running.stored(), 0);
    // The first SDKs with these batches send log lines to this path: no manifest can declare them.
    let lines = br#"{"logs":[{"sdk":"@clerk/nextjs","lvl":"info","msg":"CANARY"}]}"#;
    assert_eq!(ask("application/json", lines).status, 400);
    assert_eq!(running.stored(), 0);
}

/// An SDK that declares this format says all that an extended batch says, and is answered as one is.
#[test]
fn each_change_of_what_goes_with_a_record_is_refused_with_its_reason() {
    let fields = json!([{ "name": "on", "type": "bool" }]);
    let mut acme = manifest("acme", "1.0.0", "https://t.example", json!("otlp"), fields.clone());
    let mut rare = acme.events[0].clone();
    rare.event = "rare".to_owned();
    rare.sample = 0.5;
    acme.events.push(rare);
    let plain = manifest("plain", "1.0.0", "https://t.example/p", json!("otlp"), fields);
    acme.sdks[0].instance = Some(telemetry_runtime::schema::Instance::Optional);
    let running = Running::with(&[&acme, &plain]);
    let mut numbers = 1..;
    let mut ask = |sdk: &str, change: &dyn Fn(&mut ExportLogsServiceRequest)| {
        let mut request = declared(sdk, numbers.next().unwrap(), &json!({ "on": true }));
        change(&mut request);
        post_to(&running, if sdk == "acme" { "/v1/logs" } else { "/p/v1/logs" }, &request).json()
    };
    // What may be there.
    let pk = json!("pk_test_ZGVtby5hY21lLmV4YW1wbGUk");
    let set = |key: &'static str, value: Value| {
        move |request: &mut ExportLogsServiceRequest| {
            let attributes = &mut record_of(request).attributes;
            attributes.retain(|attribute| attribute.key != key);
            attributes.push(attribute((&key.to_owned(), &value)));
        }
    };
    let without = |key: &'static str| {
        move |request: &mut ExportLogsServiceRequest| record_of(request).attributes.retain(|one| one.key != key)
    };
    let source = |key: &'static str, value: Value| {
        move |request: &mut ExportLogsServiceRequest| {
            let attributes = &mut request.resource_logs[0].resource.as_mut().unwrap().attributes;
            attributes.retain(|attribute| attribute.key != key);
            if !value.is_null() {
                attributes.push(attribute((&key.to_owned(), &value)));
            }
        }
    };
    let scope = |change: &'static dyn Fn(&mut InstrumentationScope)| {
        move |request: &mut ExportLogsServiceRequest| {
            change(request.resource_logs[0].scope_logs[0].scope.as_mut().unwrap());
        }
    };
    let taken = json!({});
    assert_eq!(ask("acme", &|_| {}), taken);
    assert_eq!(ask("acme", &set("telemetry.instance", pk.clone())), taken);
    assert_eq!(ask("acme", &set("telemetry.rate", json!(0.5))), taken);
    assert_eq!(ask("acme", &source("service.name", json!("@acme/next"))), taken);
    assert_eq!(ask("acme", &source("host.name", json!("CANARY"))), taken, "a relay may have added it");
    assert_eq!(running.stored(), 5);
    assert!(running.rows().iter().any(|row| row.wrapper.0 == "@acme/next"));
    // A repeat is known by its id.
    assert_eq!(ask("acme", &set("log.record.uid", json!(id(1)))), taken);
    assert_eq!(running.stored(), 5);
    // What has to be there.
    for key in ["log.record.uid", "telemetry.actor", "telemetry.ephemeral"] {
        assert_eq!(ask("acme", &without(key)), rejected("missing_key"), "{key}");
    }
    for key in ["service.name", "service.version"] {
        assert_eq!(ask("acme", &source(key, Value::Null)), rejected("missing_key"), "{key}");
    }
    assert_eq!(ask("acme", &|request| request.resource_logs[0].resource = None), rejected("missing_key"));
    assert_eq!(ask("acme", &|request| request.resource_logs[0].scope_logs[0].scope = None), rejected("missing_key"));
    assert_eq!(ask("acme", &scope(&|scope| scope.version.clear())), rejected("missing_key"));
    assert_eq!(ask("acme", &|request| record_of(request).time_unix_nano = 0), rejected("missing_key"));
    assert_eq!(ask("acme", &|request| record_of(request).event_name.clear()), rejected("missing_key"));
    // What it may not be.
    for (key, wrong) in [
        ("log.record.uid", vec![json!(""), json!("01a20169-2e00-4620-8dad-684fa772674a"), json!("CANARY")]),
        ("telemetry.actor", vec![json!(""), json!("Human"), json!("CANARY")]),
        ("telemetry.ephemeral", vec![json!("false")]),
        ("telemetry.rate", vec![json!(0), json!(1), json!(-0.5), json!(1.5), json!("0.5")]),
        ("telemetry.instance", vec![json!(""), json!("pk_live_ZGVtbw"), json!("sk_test_ABCDEFGH")]),
    ] {
        for value in wrong.into_iter().chain([json!(null), json!([]), json!({})]) {
            assert_eq!(ask("acme", &set(key, value.clone())), rejected("bad_key"), "{key}: {value}");
        }
    }
    for (key, value) in [("service.name", json!("a b")), ("service.version", json!("one")), ("service.name", json!(7))]
    {
        assert_eq!(ask("acme", &source(key, value.clone())), rejected("bad_key"), "{key}: {value}");
    }
    assert_eq!(ask("acme", &scope(&|scope| scope.version = "1.0".to_owned())), rejected("bad_key"));
    assert_eq!(ask("acme", &scope(&|scope| scope.name = "CANARY".to_owned())), rejected("bad_key"));
    assert_eq!(ask("acme", &|request| record_of(request).time_unix_nano += 1), rejected("bad_key"), "cut to the hour");
    let twice = |request: &mut ExportLogsServiceRequest| {
        let record = record_of(request);
        let last = record.attributes.last().unwrap().clone();
        record.attributes.push(last);
    };
    assert_eq!(ask("acme", &twice), rejected("bad_key"));
    assert_eq!(ask("acme", &|request| record_of(request).event_name = "CANARY".to_owned()), rejected("unknown_event"));
    assert_eq!(ask("acme", &set("telemetry.canary", json!(1))), rejected("unknown_field"));
    assert_eq!(ask("plain", &set("telemetry.instance", pk)), rejected("unknown_key"), "its service has no instances");
    // An event that is sampled says its rate, and no higher one.
    let rare = |rate: Option<f64>| {
        move |request: &mut ExportLogsServiceRequest| {
            let record = record_of(request);
            record.event_name = "rare".to_owned();
            record.attributes.extend(rate.map(|rate| attribute((&"telemetry.rate".to_owned(), &json!(rate)))));
        }
    };
    assert_eq!(ask("acme", &rare(Some(0.25))), taken);
    assert_eq!(ask("acme", &rare(Some(0.6))), rejected("bad_key"));
    assert_eq!(ask("acme", &rare(None)), rejected("missing_key"));
    assert_eq!(running.stored(), 6);
    let file = std::fs::read(running.stop().path().join("collector.sqlite")).unwrap();
    assert!(!file.windows(6).any(|bytes| bytes == b"CANARY"));
}

fn record_of(request: &mut ExportLogsServiceRequest) -> &mut LogRecord {
    &mut request.resource_logs[0].scope_logs[0].log_records[0]
}

/// The bytes of the real client, read by another implementation of the format.
#[test]
fn what_the_client_writes_is_what_others_read() {
    let server = telemetry_runtime::testing::LoopbackServer::start().unwrap();
    clients::run_client(server.port(), &tempfile::tempdir().unwrap(), "7");
    let mut requests = server.requests();
    requests.retain(|request| request.path == "/otlp/v1/logs");
    let (mut names, mut ids) = (Vec::new(), std::collections::BTreeSet::new());
    for received in &requests {
        assert_eq!((received.method.as_str(), received.header("content-type")), ("POST", Some("application/json")));
        let request: ExportLogsServiceRequest = serde_json::from_slice(&received.body).unwrap();
        // As text and as protobuf it is the same message.
        let again = ExportLogsServiceRequest::decode(request.encode_to_vec().as_slice()).unwrap();
        assert_eq!(again, request);
        let [source] = request.resource_logs.as_slice() else { panic!("one source: {request:?}") };
        let text = |value: &str| Some(Any::StringValue(value.to_owned()));
        let resource: Vec<_> = source.resource.as_ref().unwrap().attributes.iter().map(told).collect();
        let expected = [("service.name", text("@acme/editor")), ("service.version", text(env!("CARGO_PKG_VERSION")))];
        assert_eq!(resource, expected);
        let scope = source.scope_logs[0].scope.as_ref().unwrap();
        assert_eq!((scope.name.as_str(), scope.version.as_str()), ("acme-otlp", env!("CARGO_PKG_VERSION")));
        for record in &source.scope_logs[0].log_records {
            names.push(record.event_name.clone());
            assert!(record.time_unix_nano > 0 && record.time_unix_nano % 3_600_000_000_000 == 0);
            let attributes: Vec<_> = record.attributes.iter().map(told).collect();
            let beside = attributes.iter().position(|(key, _)| *key == "log.record.uid").unwrap();
            let (fields, beside) = attributes.split_at(beside);
            let keys: Vec<_> = beside.iter().map(|(key, _)| *key).collect();
            let [uid, others @ ..] = keys.as_slice() else { panic!("{keys:?}") };
            assert_eq!(*uid, "log.record.uid");
            let of_ours = ["actor", "ephemeral", "instance", "installation"].map(|key| format!("telemetry.{key}"));
            assert_eq!(others, of_ours);
            ids.insert(format!("{:?}", beside[0].1));
            if record.event_name == "file_opened" && fields[0].1 == Some(Any::IntValue(5)) {
                let Some(Any::ArrayValue(panels)) = &fields[2].1 else { panic!("{fields:?}") };
                assert_eq!(
                    panels.values.iter().map(|one| one.value.clone()).collect::<Vec<_>>(),
                    [text("Outline"), text("Changes")]
                );
            }
        }
    }
    names.sort();
    assert_eq!(names.len(), ids.len(), "each has an id of its own");
    assert_eq!(names, [vec!["active"; 1], vec!["file_opened"; 7]].concat());
}

fn told(attribute: &KeyValue) -> (&str, Option<Any>) {
    (attribute.key.as_str(), attribute.value.as_ref().and_then(|value| value.value.clone()))
}
