//! OTLP/HTTP logs in JSON: an event is a record of a log.
//!
//! On disk each event is a whole `ResourceLogs`, so that it says by itself which version recorded it. In a request, events of
//! the same source stand behind each other in one.

use telemetry_schema::{json::push_string, otlp};

use crate::{
    base::{float, needs},
    wire::beside::EventEnvelope,
};

/// What the other formats do not do.
pub(crate) struct Otlp {
    pub(super) before: fn(&EventEnvelope<'_>) -> Vec<u8>,
    pub(super) end_payload: fn(&mut Vec<u8>, usize),
    pub(super) after: fn(&EventEnvelope<'_>) -> Vec<u8>,
    pub(super) push_list: fn(&mut Vec<u8>, &[&[u8]]),
}

needs::part!(&'static Otlp = &Otlp { before, end_payload, after, push_list });

/// What stands around a request's events, whose end closes what a source has opened.
pub(super) const BEGIN: &[u8] = b"{\"resourceLogs\":[";
pub(super) const END: &[u8] = b"]}";

/// What stands before the records of one source, and behind them.
const RECORDS: &[u8] = b"\"logRecords\":[";
const RECORDS_END: &[u8] = b"]}]}";

/// Nanoseconds of an hour.
const HOUR_NANOS: u64 = 3_600_000_000_000;

/// What stands before the attributes of the payload.
fn before(event: &EventEnvelope<'_>) -> Vec<u8> {
    let mut out = b"{\"resource\":{\"attributes\":[".to_vec();
    push_text(&mut out, "service.name", event.sdk);
    out.push(b',');
    push_text(&mut out, "service.version", event.sdkv);
    out.extend_from_slice(b"]},\"scopeLogs\":[{\"scope\":{\"name\":");
    push_string(&mut out, event.declared);
    out.extend_from_slice(b",\"version\":");
    push_string(&mut out, event.cv);
    out.extend_from_slice(b"},");
    out.extend_from_slice(RECORDS);
    let nanos = event.ts_hour.saturating_mul(HOUR_NANOS);
    out.extend_from_slice(format!("{{\"timeUnixNano\":\"{nanos}\",\"eventName\":").as_bytes());
    push_string(&mut out, event.event);
    out.extend_from_slice(b",\"attributes\":[");
    out
}

/// Makes the payload that begins at `payload` its attributes, and begins that of the id.
fn end_payload(out: &mut Vec<u8>, payload: usize) {
    let json = out.get(payload..).unwrap_or_default().to_vec();
    out.truncate(payload);
    // What is rendered here is an object.
    let _ = otlp::push_attributes(out, &json);
    if out.len() > payload {
        out.push(b',');
    }
    out.extend_from_slice(b"{\"key\":\"log.record.uid\",\"value\":{\"stringValue\":\"");
}

/// What stands behind the id.
fn after(event: &EventEnvelope<'_>) -> Vec<u8> {
    let mut out = b"\"}},".to_vec();
    if let Some(rate) = event.shown_rate() {
        let rate = float(rate);
        out.extend_from_slice(
            format!("{{\"key\":\"telemetry.rate\",\"value\":{{\"doubleValue\":{rate}}}}},").as_bytes(),
        );
    }
    push_text(&mut out, "telemetry.actor", event.actor);
    let ephemeral = event.ephemeral;
    out.extend_from_slice(
        format!(",{{\"key\":\"telemetry.ephemeral\",\"value\":{{\"boolValue\":{ephemeral}}}}}").as_bytes(),
    );
    if let Some(pk) = event.pk {
        out.push(b',');
        push_text(&mut out, otlp::INSTANCE, pk);
    }
    if let Some(installation) = event.installation {
        out.push(b',');
        push_text(&mut out, otlp::INSTALLATION, installation);
    }
    out.extend_from_slice(b"]}");
    out.extend_from_slice(RECORDS_END);
    out
}

/// The events of a request: those of one source, one behind the other, have its resource and scope once.
fn push_list(out: &mut Vec<u8>, events: &[&[u8]]) {
    let mut source = None;
    for event in events {
        let (of, record) = taken_apart(event);
        if source == Some(of) {
            out.push(b',');
        } else {
            if source.is_some() {
                out.extend_from_slice(RECORDS_END);
                out.push(b',');
            }
            out.extend_from_slice(of);
            source = Some(of);
        }
        out.extend_from_slice(record);
    }
    out.extend_from_slice(RECORDS_END);
}

/// What stands before the record of an event, and the record. In a text a quote has a backslash before it, so the first that is
/// found is the list.
fn taken_apart(event: &[u8]) -> (&[u8], &[u8]) {
    let begin = event.windows(RECORDS.len()).position(|bytes| bytes == RECORDS).map_or(0, |at| at + RECORDS.len());
    let (of, record) = event.split_at_checked(begin).unwrap_or((&[], event));
    (of, record.strip_suffix(RECORDS_END).unwrap_or(record))
}

fn push_text(out: &mut Vec<u8>, key: &str, text: &str) {
    out.extend_from_slice(b"{\"key\":");
    push_string(out, key);
    out.extend_from_slice(b",\"value\":{\"stringValue\":");
    push_string(out, text);
    out.extend_from_slice(b"}}");
}
