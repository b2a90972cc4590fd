//! OTLP/HTTP logs, written by another implementation of the format.

use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsServiceRequest, ExportLogsServiceResponse},
    common::v1::{AnyValue, ArrayValue, InstrumentationScope, KeyValue, KeyValueList, any_value::Value as Any},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    resource::v1::Resource,
};
use prost::Message as _;
use serde_json::{Value, json};

use crate::harness::{Answer, NOON, Running, id, manifest};

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

fn post_json(running: &Running, request: &ExportLogsServiceRequest) -> Answer {
    let body = serde_json::to_vec(request).unwrap();
    running.request("POST", "/v1/logs", &[("content-type", "application/json")], &body)
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
        let expected =
            json!({ "partialSuccess": { "rejectedLogRecords": "1", "errorMessage": format!("{reason}: 1") } });
        assert_eq!((answer.status, answer.json()), (200, expected), "{record:?}");
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
