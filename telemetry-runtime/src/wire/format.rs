//! How events and batches look on the wire, byte for byte.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use telemetry_schema::{Carries, Identity, Wire, WireFormat, cut, json::push_string};

use crate::{
    base::{float, needs, uuid::push_uuid7_hour},
    declare::transport::{Method, Request},
    wire::{
        beside::EventEnvelope,
        date::{Date, two_digits},
        otlp::{self, Otlp},
    },
};

/// Where batches go and who says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The SDK's endpoint, without a trailing slash.
    pub(crate) endpoint: &'a str,
    /// `<sdk>/<version> telemetry-runtime/<version>`
    pub(crate) user_agent: &'a str,
}

/// What stands around the payload: rendered once for all events of one type, one configuration and one hour.
#[derive(Debug)]
pub(crate) struct Envelope {
    before: Vec<u8>,
    /// The payload becomes attributes.
    is_record: bool,
    /// The hour in the event's id; `None` in formats without ids.
    id_hour: Option<u64>,
    after: Vec<u8>,
}

impl Envelope {
    pub(crate) fn new(wire: Wire, event: &EventEnvelope<'_>) -> Self {
        let is_record = wire.carries() == Carries::Records;
        let (before, after) = match (wire.carries(), otlp::needed()) {
            (Carries::Events, _) => around_event(!wire.has_ids(), event),
            (Carries::Records, Some(otlp)) => ((otlp.before)(event), (otlp.after)(event)),
            (Carries::Records | Carries::Payload | Carries::Address, _) => (Vec::new(), Vec::new()),
        };
        Self { before, is_record, id_hour: wire.has_ids().then_some(event.ts_hour), after }
    }

    #[inline]
    fn otlp(&self) -> Option<&'static Otlp> {
        otlp::needed().filter(|_| self.is_record)
    }

    /// What stands before the payload.
    pub(crate) fn before(&self) -> &[u8] {
        &self.before
    }

    /// What stands behind the id.
    pub(crate) fn after(&self) -> &[u8] {
        &self.after
    }

    /// Adds what stands behind the payload, which begins at `payload`, with an id that no other event has: a UUIDv7 whose time is
    /// cut to the hour.
    pub(crate) fn end(&self, out: &mut Vec<u8>, payload: usize) {
        if let Some(hour) = self.id_hour {
            if let Some(otlp) = self.otlp() {
                (otlp.end_payload)(out, payload);
            } else {
                out.extend_from_slice(b",\"id\":\"");
            }
            // Without random numbers there is no id, and an event without one cannot be told from its repeat.
            push_uuid7_hour(out, hour);
        }
        out.extend_from_slice(&self.after);
    }

    /// Cuts the payload that begins at `payload` before its last field, which is the number 1. Answers with what stands between that
    /// number and [`Envelope::after`]. `None` if the payload has no such end.
    pub(crate) fn cut(&self, out: &mut Vec<u8>, payload: usize) -> Option<Vec<u8>> {
        if let Some(otlp) = self.otlp() {
            (otlp.end_payload)(out, payload);
        } else {
            out.extend_from_slice(if self.id_hour.is_some() { b",\"id\":\"" } else { b"" });
        }
        let number = out.iter().rposition(|byte| *byte == b'1').filter(|at| *at > payload)?;
        let mut behind = out.get(number + 1..)?.to_vec();
        out.truncate(number);
        if let Some(hour) = self.id_hour {
            push_uuid7_hour(&mut behind, hour);
        }
        Some(behind)
    }

    /// One event as it will be sent.
    pub(crate) fn around(&self, payload: &str) -> String {
        let mut out = Vec::with_capacity(self.before.len() + payload.len() + 48 + self.after.len());
        out.extend_from_slice(&self.before);
        out.extend_from_slice(payload.as_bytes());
        self.end(&mut out, self.before.len());
        String::from_utf8(out).unwrap_or_default()
    }
}

/// What stands before the payload of an event of a batch, and what stands behind its id.
fn around_event(strict: bool, event: &EventEnvelope<'_>) -> (Vec<u8>, Vec<u8>) {
    let EventEnvelope { event: name, declared: _, cv, sdk, sdkv, pk, ts_hour, rate: _, actor, ephemeral, installation } =
        *event;
    let mut before = b"{\"event\":".to_vec();
    push_string(&mut before, name);
    push_member(&mut before, "cv", cv);
    if strict {
        // Production instances are always off, see the gate. An extended event does not say what is always the same.
        push_member(&mut before, "it", "development");
    }
    push_member(&mut before, "sdk", sdk);
    push_member(&mut before, "sdkv", sdkv);
    if let Some(pk) = pk {
        push_member(&mut before, "pk", pk);
    }
    before.extend_from_slice(b",\"payload\":");
    let mut after = Vec::new();
    if !strict {
        after.push(b'"');
        push_member(&mut after, "ts", &hour_rfc3339(ts_hour));
        if let Some(rate) = event.shown_rate() {
            after.extend_from_slice(b",\"rate\":");
            after.extend_from_slice(float(rate).as_bytes());
        }
        push_member(&mut after, "actor", actor);
        let ephemeral: &[u8] = if ephemeral { b",\"ephemeral\":true" } else { b",\"ephemeral\":false" };
        after.extend_from_slice(ephemeral);
        if let Some(installation) = installation {
            push_member(&mut after, Identity::KEY, installation);
        }
    }
    after.push(b'}');
    (before, after)
}

fn push_member(out: &mut Vec<u8>, key: &str, text: &str) {
    out.push(b',');
    push_string(out, key);
    out.push(b':');
    push_string(out, text);
}

/// `2026-11-22T03:00:00Z`
pub(crate) fn hour_rfc3339(hour: u64) -> String {
    cut::joined(&[&Date::from_days(hour / 24).text(), "T", &two_digits(hour % 24), ":00:00Z"])
}

/// The request that carries `events`; `None` without events.
///
/// `day` is the UTC day of the events since 1970-01-01.
pub(crate) fn request(wire: Wire, target: &Target<'_>, key: &str, day: u32, events: &[&[u8]]) -> Option<Request> {
    let first = events.first()?;
    let Target { endpoint, user_agent } = *target;
    let WireFormat { method, path, content_type, carries, .. } = *wire.format();
    let (in_address, body) = match carries {
        Carries::Events | Carries::Records => (String::new(), list(carries, events)),
        Carries::Payload => (String::new(), first.to_vec()),
        Carries::Address if !needs::addresses() => return None,
        Carries::Address => (STANDARD.encode(latin1(first)), Vec::new()),
    };
    let method = if method == "GET" { Method::Get } else { Method::Post };
    let mut headers = vec![("user-agent".to_owned(), user_agent.to_owned())];
    headers.extend(content_type.map(|content_type| ("content-type".to_owned(), content_type.to_owned())));
    headers.push(("idempotency-key".to_owned(), key.to_owned()));
    if !wire.has_ids() {
        headers.push(("telemetry-day".to_owned(), Date::from_days(u64::from(day)).to_string()));
    }
    Some(Request::new(method, format!("{endpoint}{path}{in_address}"), headers, body))
}

/// What stands around the events of a request that carries several.
const fn around_list(carries: Carries) -> Option<(&'static [u8], &'static [u8])> {
    match carries {
        Carries::Events => Some((b"{\"events\":[", b"]}")),
        Carries::Records => Some((otlp::BEGIN, otlp::END)),
        Carries::Payload | Carries::Address => None,
    }
}

/// The events in a request as they stand there, with a comma between two; `None` if it carries no list.
pub(crate) fn listed(wire: Wire, request: &Request) -> Option<&[u8]> {
    let (begin, end) = around_list(wire.carries())?;
    request.body().strip_prefix(begin)?.strip_suffix(end)
}

/// `{"events":[…]}`
fn list(carries: Carries, events: &[&[u8]]) -> Vec<u8> {
    let (begin, end) = around_list(carries).unwrap_or_default();
    let len: usize = events.iter().map(|event| event.len() + 1).sum();
    let mut body = Vec::with_capacity(begin.len() + len + end.len());
    body.extend_from_slice(begin);
    if let Some(otlp) = otlp::needed().filter(|_| carries == Carries::Records) {
        (otlp.push_list)(&mut body, events);
    } else {
        for (at, event) in events.iter().enumerate() {
            if at > 0 {
                body.push(b',');
            }
            body.extend_from_slice(event);
        }
    }
    body.extend_from_slice(end);
    body
}

/// One byte per character where that is possible, as browsers' `btoa` takes them; else UTF-8, as Node's fallback does.
fn latin1(payload: &[u8]) -> Vec<u8> {
    let bytes = str::from_utf8(payload)
        .ok()
        .and_then(|text| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>());
    bytes.unwrap_or_else(|| payload.to_vec())
}

/// The name of an event as it was rendered, for lists that have no room for more.
pub(crate) fn name(event: &[u8]) -> Option<String> {
    let event: serde_json::Value = serde_json::from_slice(event).ok()?;
    let of_record = || event.pointer("/scopeLogs/0/logRecords/0/eventName");
    event.get("event").or_else(of_record)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests;
