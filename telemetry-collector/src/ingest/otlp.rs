//! OTLP/HTTP logs: a record of a log is an event, its attributes are the payload.
//!
//! `event_name` (or the attribute `event.name`) names the event, the instrumentation scope's version is that of the SDK. A repeat is
//! known by `log.record.uid`, a UUIDv7, or by the key of the request. Resource attributes, the name of the scope, severity, trace and span are what no
//! manifest declares: they are not looked at, and not kept.

use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse},
    common::v1::{AnyValue, KeyValue, any_value},
    logs::v1::LogRecord,
};
use prost::Message as _;
use serde_json::{Map, Value};

use super::{
    answer::{Answer, Told},
    event::{self, Context, Read},
    text,
};
use crate::{
    clock::Day,
    config::Limits,
    reason::Reason,
    store::{Actor, Event},
};

/// How deep a value may lie in an attribute; as in the other formats.
const DEPTH: usize = 12;

/// Nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// How the messages are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    Protobuf,
}

impl Encoding {
    /// By the type of the body; `None` for others.
    pub(super) fn of(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => Some(Self::Json),
            "application/x-protobuf" => Some(Self::Protobuf),
            _ => None,
        }
    }
}

/// The events of a request.
pub(super) fn read(context: &Context<'_>, encoding: Encoding, body: &[u8], limits: &Limits) -> Result<Read, Answer> {
    let request = match encoding {
        Encoding::Json => of_json(body).ok_or(Answer::Refused(Reason::BadJson))?,
        Encoding::Protobuf => {
            ExportLogsServiceRequest::decode(body).map_err(|_| Answer::Refused(Reason::BadEncoding))?
        }
    };
    let ExportLogsServiceRequest { resource_logs } = request;
    let scopes = || resource_logs.iter().flat_map(|resource| &resource.scope_logs);
    if scopes().map(|scope| scope.log_records.len()).sum::<usize>() > limits.batch_events {
        return Err(Answer::TooLarge);
    }
    let mut read = Read::default();
    for scope in scopes() {
        let version = scope.scope.as_ref().map_or("", |scope| scope.version.as_str());
        for record in &scope.log_records {
            let is_too_large = body.len() > limits.event_bytes && record.encoded_len() > limits.event_bytes;
            read.add(if is_too_large { Err(Reason::TooLarge) } else { of_record(context, version, record) });
        }
    }
    Ok(read)
}

/// The message in JSON. What has no list of logs is another format.
fn of_json(body: &[u8]) -> Option<ExportLogsServiceRequest> {
    let value: Value = serde_json::from_slice(body).ok()?;
    value.get("resourceLogs")?;
    serde_json::from_value(value).ok()
}

/// What stands beside the payload: attributes with names of ours.
#[derive(Default)]
struct Beside {
    name: Option<String>,
    id: Option<[u8; 16]>,
    rate: Option<f64>,
    actor: Option<Actor>,
    is_ephemeral: Option<bool>,
}

fn of_record(context: &Context<'_>, version: &str, record: &LogRecord) -> Result<Event, Reason> {
    if !version.is_empty() && !text::is_crate_version(version) {
        return Err(Reason::BadKey);
    }
    // A text beside the attributes is what no record declares.
    if record.body.as_ref().is_some_and(|body| body.value.is_some()) {
        return Err(Reason::UnknownKey);
    }
    let (beside, payload) = attributes(&record.attributes)?;
    let name = if record.event_name.is_empty() { beside.name.as_deref() } else { Some(record.event_name.as_str()) };
    let nanos = if record.time_unix_nano == 0 { record.observed_time_unix_nano } else { record.time_unix_nano };
    if nanos == 0 {
        return Err(Reason::MissingKey);
    }
    let day = Day::of_seconds(i64::try_from(nanos / NANOS).unwrap_or(i64::MAX));
    let event = event::named(context, version, name.ok_or(Reason::MissingKey)?, &payload, beside.rate)?;
    Ok(Event {
        id: beside.id,
        when: context.when(Some(day)),
        actor: beside.actor.unwrap_or(Actor::Unsaid),
        is_ephemeral: beside.is_ephemeral,
        ..event
    })
}

fn attributes(attributes: &[KeyValue]) -> Result<(Beside, Map<String, Value>), Reason> {
    let (mut beside, mut payload) = (Beside::default(), Map::new());
    for attribute in attributes {
        let value = json(attribute.value.as_ref(), DEPTH)?;
        let text = || value.as_str().ok_or(Reason::BadKey);
        match attribute.key.as_str() {
            "event.name" => beside.name = Some(text()?.to_owned()),
            "log.record.uid" => beside.id = Some(text::uuid7(text()?).ok_or(Reason::BadKey)?),
            "telemetry.rate" => beside.rate = Some(value.as_f64().ok_or(Reason::BadKey)?),
            "telemetry.ephemeral" => beside.is_ephemeral = Some(value.as_bool().ok_or(Reason::BadKey)?),
            "telemetry.actor" => {
                let word = text()?;
                let actor = Actor::ALL.into_iter().find(|actor| !word.is_empty() && actor.word() == word);
                beside.actor = Some(actor.ok_or(Reason::BadKey)?);
            }
            key => {
                // A key twice: two readers would take different ones.
                if payload.insert(key.to_owned(), value).is_some() {
                    return Err(Reason::BadKey);
                }
            }
        }
    }
    Ok((beside, payload))
}

/// The value as JSON; bytes are what no record declares.
fn json(value: Option<&AnyValue>, depth: usize) -> Result<Value, Reason> {
    let below = depth.checked_sub(1).ok_or(Reason::WrongType)?;
    Ok(match value.and_then(|value| value.value.as_ref()) {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => text.as_str().into(),
        Some(any_value::Value::BoolValue(value)) => (*value).into(),
        Some(any_value::Value::IntValue(value)) => (*value).into(),
        Some(any_value::Value::DoubleValue(value)) => (*value).into(),
        Some(any_value::Value::ArrayValue(list)) => {
            Value::Array(list.values.iter().map(|value| json(Some(value), below)).collect::<Result<_, _>>()?)
        }
        Some(any_value::Value::KvlistValue(list)) => {
            let mut map = Map::new();
            for KeyValue { key, value, .. } in &list.values {
                if map.insert(key.clone(), json(value.as_ref(), below)?).is_some() {
                    return Err(Reason::BadKey);
                }
            }
            Value::Object(map)
        }
        Some(_) => return Err(Reason::WrongType),
    })
}

/// A status of `google.rpc`, as OTLP wants it where a request is refused.
#[derive(Clone, PartialEq, prost::Message)]
struct Status {
    #[prost(int32, tag = "1")]
    code: i32,
    #[prost(string, tag = "2")]
    message: String,
}

/// The answer in the words of OTLP.
pub(super) fn told(answer: &Answer, encoding: Encoding) -> Told {
    let (json, protobuf) = match answer {
        Answer::Taken { refused, .. } => {
            let rejected: u64 = refused.values().sum();
            let words: Vec<_> = refused.iter().map(|(reason, n)| format!("{}: {n}", reason.word())).collect();
            let partial = (rejected > 0).then(|| ExportLogsPartialSuccess {
                rejected_log_records: i64::try_from(rejected).unwrap_or(i64::MAX),
                error_message: words.join(", "),
            });
            // 64-bit numbers are text in the JSON of protobuf.
            let json = match &partial {
                None => serde_json::json!({}),
                Some(partial) => serde_json::json!({ "partialSuccess": {
                    "rejectedLogRecords": partial.rejected_log_records.to_string(),
                    "errorMessage": partial.error_message,
                } }),
            };
            (json, ExportLogsServiceResponse { partial_success: partial }.encode_to_vec())
        }
        refusal => {
            // INVALID_ARGUMENT, or UNAVAILABLE where the client may come again.
            let code = if matches!(refusal, Answer::Later(_) | Answer::TooOften(_)) { 14 } else { 3 };
            let status = Status { code, message: refusal.error().to_owned() };
            (serde_json::json!({ "code": code, "message": status.message }), status.encode_to_vec())
        }
    };
    match encoding {
        Encoding::Json => Told { content_type: "application/json", body: json.to_string().into_bytes() },
        Encoding::Protobuf => Told { content_type: "application/x-protobuf", body: protobuf },
    }
}
