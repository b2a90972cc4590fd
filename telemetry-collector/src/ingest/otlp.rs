//! OTLP/HTTP logs: a record of a log is an event, its attributes are the payload.
//!
//! `event_name` (or the attribute `event.name`) names the event, the instrumentation scope's version is that of the SDK. A repeat is
//! known by `log.record.uid`, a UUIDv7, or by the key of the request. An SDK that declares this format says as much as one with
//! extended batches, and all of it has to be there. What other clients say in resource attributes, and severity, trace and span, is
//! what no manifest declares: it is not looked at, and not kept.

mod count;

use opentelemetry_proto::tonic::{
    collector::logs::v1::{ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse},
    common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value},
    logs::v1::LogRecord,
    resource::v1::Resource,
};
use prost::Message as _;
use serde_json::{Map, Value};
use telemetry_schema::otlp;

use super::{
    answer::{Answer, Told},
    event::{self, Context, Read},
    json::{self, Bounds},
    text,
};
use crate::{
    clock::Day,
    config::Limits,
    reason::Reason,
    registry::Known,
    store::{Actor, Event},
};

/// How deep a value may lie in an attribute; as in the other formats.
const DEPTH: usize = 12;

/// Messages of a request in protobuf, on all levels: an attribute is two, so a hundred records may have 150 each. In memory some
/// 15 MiB, where each holds one other.
const MESSAGES: usize = 32_768;

/// Nanoseconds of a second.
const NANOS: u64 = 1_000_000_000;

/// Of an hour.
const HOUR_NANOS: u64 = 3_600 * NANOS;

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
        Encoding::Json => of_json(body)?,
        Encoding::Protobuf => {
            if count::holds_more(body, MESSAGES) {
                return Err(Answer::TooLarge);
            }
            ExportLogsServiceRequest::decode(body).map_err(|_| Answer::Refused(Reason::BadEncoding))?
        }
    };
    let ExportLogsServiceRequest { resource_logs } = request;
    let scopes = || resource_logs.iter().flat_map(|resource| &resource.scope_logs);
    if scopes().map(|scope| scope.log_records.len()).sum::<usize>() > limits.batch_events {
        return Err(Answer::TooLarge);
    }
    let mut read = Read::default();
    for resource in &resource_logs {
        for scope in &resource.scope_logs {
            let source = Source::of(context, resource.resource.as_ref(), scope.scope.as_ref());
            for record in &scope.log_records {
                let is_too_large = body.len() > limits.event_bytes && record.encoded_len() > limits.event_bytes;
                let event = match &source {
                    _ if is_too_large => Err(Reason::TooLarge),
                    Ok(source) => of_record(context, source, record),
                    Err(reason) => Err(*reason),
                };
                read.add(event);
            }
        }
    }
    Ok(read)
}

/// The message in JSON. What has no list of logs is another format.
fn of_json(body: &[u8]) -> Result<ExportLogsServiceRequest, Answer> {
    let value = json::parse(body, Bounds::OTLP)?;
    let has_logs = value.get("resourceLogs").is_some();
    let request = has_logs.then(|| serde_json::from_value(value).ok()).flatten();
    request.ok_or(Answer::Refused(Reason::BadJson))
}

/// Where records come from: what stands around them, as far as it is looked at.
struct Source<'a> {
    known: &'a Known,
    version: &'a str,
    wrapper: (String, String),
}

impl<'a> Source<'a> {
    fn of(
        context: &'a Context<'_>,
        resource: Option<&Resource>,
        scope: Option<&'a InstrumentationScope>,
    ) -> Result<Self, Reason> {
        let (name, version) = scope.map_or(("", ""), |scope| (scope.name.as_str(), scope.version.as_str()));
        if !version.is_empty() && !text::is_crate_version(version) {
            return Err(Reason::BadKey);
        }
        if context.sdk.retired_versions.contains(version) {
            return Err(Reason::Retired);
        }
        let (known, _) = context.known(version);
        let mut wrapper = Default::default();
        // Of other clients nobody has declared what a resource is called.
        if known.speaks_otlp {
            if name.is_empty() || version.is_empty() {
                return Err(Reason::MissingKey);
            }
            if name != &*context.sdk.name {
                return Err(Reason::BadKey);
            }
            let attributes = map(resource.map_or(&[], |resource| &resource.attributes), DEPTH)?;
            let said = |key| event::string(&attributes, key)?.ok_or(Reason::MissingKey);
            let said = event::checked_wrapper(said("service.name")?, said("service.version")?)?;
            wrapper = event::wrapper_of(context, said);
        }
        Ok(Self { known, version, wrapper })
    }
}

fn of_record(context: &Context<'_>, source: &Source<'_>, record: &LogRecord) -> Result<Event, Reason> {
    // A text beside the attributes is what no record declares.
    if record.body.as_ref().is_some_and(|body| body.value.is_some()) {
        return Err(Reason::UnknownKey);
    }
    let is_declared = source.known.speaks_otlp;
    let mut payload = map(&record.attributes, DEPTH)?;
    let mut beside = Map::new();
    for key in BESIDE {
        beside.extend(payload.remove_entry(key));
    }
    let text = |key| event::string(&beside, key);
    let id = text("log.record.uid")?.map(|id| text::uuid7(id).ok_or(Reason::BadKey)).transpose()?;
    let actor = text("telemetry.actor")?.map(event::actor).transpose()?;
    let instance = text(otlp::INSTANCE)?.map(event::checked_instance).transpose()?;
    let rate = beside.get("telemetry.rate").map(|rate| rate.as_f64().ok_or(Reason::BadKey)).transpose()?;
    let is_ephemeral = beside.get("telemetry.ephemeral");
    let is_ephemeral = is_ephemeral.map(|word| word.as_bool().ok_or(Reason::BadKey)).transpose()?;
    if is_declared && (id.is_none() || actor.is_none() || is_ephemeral.is_none()) {
        return Err(Reason::MissingKey);
    }
    let installation = text(otlp::INSTALLATION)?.map(event::checked_installation).transpose()?;
    let is_unknown = (instance.is_some() && !source.known.knows_instances)
        || (installation.is_some() && !source.known.knows_installations);
    if is_unknown {
        return Err(Reason::UnknownKey);
    }
    let day = day(record, is_declared)?;
    let name = if record.event_name.is_empty() { text("event.name")? } else { Some(record.event_name.as_str()) };
    let name = name.ok_or(Reason::MissingKey)?;
    let event = event::named(context, source.version, name, &payload, rate, is_declared)?;
    Ok(Event {
        id,
        when: context.when(Some(day)),
        wrapper: source.wrapper.clone(),
        instance: instance.map(str::to_owned),
        installation,
        actor: actor.unwrap_or(Actor::Unsaid),
        is_ephemeral,
        ..event
    })
}

/// Attributes beside the payload. No field is called so.
const BESIDE: [&str; 7] = [
    "event.name",
    "log.record.uid",
    "telemetry.rate",
    "telemetry.actor",
    "telemetry.ephemeral",
    otlp::INSTANCE,
    otlp::INSTALLATION,
];

/// The day of a record; of a client of ours its time is cut to the hour.
fn day(record: &LogRecord, is_declared: bool) -> Result<Day, Reason> {
    let nanos = match record.time_unix_nano {
        0 if !is_declared => record.observed_time_unix_nano,
        nanos => nanos,
    };
    match nanos {
        0 => Err(Reason::MissingKey),
        nanos if is_declared && nanos % HOUR_NANOS != 0 => Err(Reason::BadKey),
        nanos => Ok(Day::of_seconds(i64::try_from(nanos / NANOS).unwrap_or(i64::MAX))),
    }
}

/// Attributes as an object. A key twice is refused: two readers would take different ones.
fn map(attributes: &[KeyValue], depth: usize) -> Result<Map<String, Value>, Reason> {
    let mut map = Map::new();
    for KeyValue { key, value, .. } in attributes {
        if map.insert(key.clone(), plain(value.as_ref(), depth)?).is_some() {
            return Err(Reason::BadKey);
        }
    }
    Ok(map)
}

/// The value as JSON; bytes are what no record declares.
fn plain(value: Option<&AnyValue>, depth: usize) -> Result<Value, Reason> {
    let below = depth.checked_sub(1).ok_or(Reason::WrongType)?;
    Ok(match value.and_then(|value| value.value.as_ref()) {
        None => Value::Null,
        Some(any_value::Value::StringValue(text)) => text.as_str().into(),
        Some(any_value::Value::BoolValue(value)) => (*value).into(),
        Some(any_value::Value::IntValue(value)) => (*value).into(),
        Some(any_value::Value::DoubleValue(value)) => (*value).into(),
        Some(any_value::Value::ArrayValue(list)) => {
            Value::Array(list.values.iter().map(|value| plain(Some(value), below)).collect::<Result<_, _>>()?)
        }
        Some(any_value::Value::KvlistValue(list)) => Value::Object(map(&list.values, below)?),
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
