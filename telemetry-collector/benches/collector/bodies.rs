//! What the clients send: the same events as batches of ours and as OTLP, and the manifest that allows them.

use std::path::Path;

use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value as Any},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs},
    resource::v1::Resource,
};
use prost::Message as _;
use telemetry_collector::{
    clock::Day,
    registry::edit::{self, AddOptions},
};

/// The version that clients say.
const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "1.2.0"];
/// Components that report.
const COMPONENTS: u64 = 40;

/// How a batch is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// The extended batches of the clients.
    Batch,
    /// Logs of OpenTelemetry, as protobuf.
    Otlp,
}

/// The values of one event: as components send it, some thousand different ones.
struct Values {
    /// UUIDv7 as the client makes them, random behind the hour.
    id: String,
    version: &'static str,
    component: String,
    on: bool,
    n: u64,
}

fn values(number: u64) -> Values {
    let random = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let milliseconds = u64::from(today().0.unsigned_abs()) * 86_400_000;
    Values {
        id: format!(
            "{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}",
            milliseconds >> 16,
            milliseconds & 0xffff,
            random >> 52,
            (random >> 40) & 0xfff,
            (random << 8 | number & 0xff) & 0xffff_ffff_ffff
        ),
        version: VERSIONS[(number % 3) as usize],
        component: format!("c{}", number % COMPONENTS),
        on: number.is_multiple_of(2),
        n: number % 16,
    }
}

/// Today, as the collector sees it.
pub(crate) fn today() -> Day {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Day::of_seconds(now.as_secs() as i64)
}

/// The requests of each client, as bytes: `batches` of `events` each, all with ids of their own from `first` on.
pub(crate) fn requests(format: Format, first: u64, clients: usize, batches: usize, events: usize) -> Vec<Vec<Vec<u8>>> {
    let mut number = first;
    let mut one = || {
        let all: Vec<Values> = (0..events)
            .map(|_| {
                number += 1;
                values(number)
            })
            .collect();
        match format {
            Format::Batch => request("/v1/event", "application/json", batch(&all).as_bytes()),
            Format::Otlp => request("/otlp/v1/logs", "application/x-protobuf", &logs(&all)),
        }
    };
    (0..clients).map(|_| (0..batches).map(|_| one()).collect()).collect()
}

/// A request with this body.
pub(crate) fn request(path: &str, kind: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let head =
        format!("POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: {kind}\r\ncontent-length: {length}\r\n\r\n");
    [head.as_bytes(), body].concat()
}

fn batch(all: &[Values]) -> String {
    let day = today();
    let events: Vec<String> = all
        .iter()
        .map(|Values { id, version, component, on, n }| {
            format!(
                "{{\"event\":\"thing_used\",\"cv\":\"{version}\",\"sdk\":\"acme\",\"sdkv\":\"1.0.0\",\"payload\":{{\"component\":\"{component}\",\
                 \"on\":{on},\"n\":{n}}},\"id\":\"{id}\",\"ts\":\"{day}T00:00:00Z\",\"actor\":\"human\",\"ephemeral\":false}}"
            )
        })
        .collect();
    format!("{{\"events\":[{}]}}", events.join(","))
}

fn pair(key: &str, value: Any) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }), ..KeyValue::default() }
}

fn text(text: &str) -> Any {
    Any::StringValue(text.to_owned())
}

fn logs(all: &[Values]) -> Vec<u8> {
    let record = |Values { id, component, on, n, .. }: &Values| LogRecord {
        time_unix_nano: u64::from(today().0.unsigned_abs()) * 86_400_000_000_000,
        event_name: "thing_used".to_owned(),
        attributes: vec![
            pair("component", text(component)),
            pair("on", Any::BoolValue(*on)),
            pair("n", Any::IntValue(*n as i64)),
            pair("log.record.uid", text(id)),
            pair("telemetry.actor", text("human")),
            pair("telemetry.ephemeral", Any::BoolValue(false)),
        ],
        ..LogRecord::default()
    };
    let version = all.first().map_or(VERSIONS[0], |values| values.version);
    let scope = InstrumentationScope {
        name: "acme-otlp".to_owned(),
        version: version.to_owned(),
        ..InstrumentationScope::default()
    };
    let resource = Resource {
        attributes: vec![pair("service.name", text("acme")), pair("service.version", text("1.0.0"))],
        ..Resource::default()
    };
    let scope_logs =
        vec![ScopeLogs { scope: Some(scope), log_records: all.iter().map(record).collect(), ..ScopeLogs::default() }];
    let resource_logs = vec![ResourceLogs { resource: Some(resource), scope_logs, ..ResourceLogs::default() }];
    ExportLogsServiceRequest { resource_logs }.encode_to_vec()
}

/// Tells the collector of this folder what may come: `acme` in batches, `acme-otlp` as logs.
pub(crate) fn declare(data: &Path) {
    let words: Vec<_> = (0..COMPONENTS).map(|number| format!("c{number}")).collect();
    let fields = serde_json::json!([
        { "name": "component", "type": { "enum": words } },
        { "name": "on", "type": "bool" },
        { "name": "n", "type": { "int": { "min": 0, "max": 15 } } },
    ]);
    let batches = serde_json::json!({ "event_batch": { "strict": false } });
    for version in VERSIONS {
        add(data, manifest("acme", version, "https://t.example", &batches, &[("thing_used", "event", 1.0, &fields)]));
        let otlp = serde_json::json!("otlp");
        let endpoint = "https://t.example/otlp";
        add(data, manifest("acme-otlp", version, endpoint, &otlp, &[("thing_used", "event", 1.0, &fields)]));
    }
}

pub(crate) fn add(data: &Path, manifest: serde_json::Value) {
    edit::add(data, &serde_json::from_value(manifest).unwrap(), &AddOptions::default()).unwrap();
}

/// A manifest of one SDK: of each event its name, kind, rate and fields.
pub(crate) fn manifest(
    sdk: &str,
    version: &str,
    endpoint: &str,
    wire: &serde_json::Value,
    events: &[(&str, &str, f64, &serde_json::Value)],
) -> serde_json::Value {
    let keys: &[&str] = if wire == "otlp" {
        &[
            "service.name",
            "service.version",
            "scope.name",
            "scope.version",
            "timeUnixNano",
            "eventName",
            "attributes",
            "log.record.uid",
            "telemetry.actor",
            "telemetry.ephemeral",
        ]
    } else {
        &[]
    };
    let envelope: Vec<_> = keys.iter().map(|key| (key, "")).collect();
    let event = |(name, kind, rate, fields): &(&str, &str, f64, &serde_json::Value)| {
        serde_json::json!({
            "sdk": sdk, "crate": sdk, "version": version, "event": name, "kind": kind, "fields": fields,
            "sample": rate, "throttle": "daily", "at": "lib.rs:2",
        })
    };
    serde_json::json!({
        "manifest_version": 1,
        "sdks": [{
            "sdk": sdk, "crate": sdk, "version": version, "role": "library", "default": "on", "env": "ACME",
            "endpoint": endpoint, "wire": wire, "docs": "d", "operator": "A", "contact": "c", "region": "EU",
            "retention": "1 day", "shared_with": "nobody", "event_case": "snake_case", "notice": "next_run",
            "write_on": "worker", "sample": 1.0, "transport": "built_in", "envelope": envelope, "headers": [],
            "server_sees": [], "at": "lib.rs:1",
        }],
        "events": events.iter().map(event).collect::<Vec<_>>(),
    })
}
