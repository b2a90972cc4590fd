//! How events and batches look on the wire, byte for byte.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;
use telemetry_schema::{Carries, Wire, WireFormat, number};

use crate::{
    declare::transport::{Method, Request},
    wire::date::Date,
};

/// One event as the pipeline knows it, ready to be rendered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct EventEnvelope<'a> {
    /// The event's name.
    pub(crate) event: &'a str,
    /// The version of the crate that declares it.
    pub(crate) cv: &'a str,
    /// The name of the crate that registered itself as the wrapper, else of the SDK.
    pub(crate) sdk: &'a str,
    /// The version of that crate.
    pub(crate) sdkv: &'a str,
    /// The instance key that the host has set, if the SDK has instances.
    pub(crate) pk: Option<&'a str>,
    /// The payload: a JSON value.
    pub(crate) payload_json: &'a str,
    /// The event's id: a UUIDv7 whose time is cut to the hour.
    pub(crate) id: &'a str,
    /// The hour of the event since 1970-01-01, UTC.
    pub(crate) ts_hour: u64,
    /// The share of machine-days on which it is recorded, if that is not all.
    pub(crate) rate: Option<f64>,
    /// `human`, `ci`, `agent` or `unknown`.
    pub(crate) actor: &'a str,
    /// Whether the machine is likely to be thrown away: a container, a build.
    pub(crate) ephemeral: bool,
}

/// Where batches go and who says so.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    /// The SDK's endpoint, without a trailing slash.
    pub(crate) endpoint: &'a str,
    /// `<sdk>/<version> telemetry-runtime/<version>`
    pub(crate) user_agent: &'a str,
}

/// Renders one event as it will be sent.
pub(crate) fn envelope(wire: Wire, event: &EventEnvelope<'_>) -> Vec<u8> {
    match wire.carries() {
        Carries::Events => enveloped(wire, event),
        Carries::Payload | Carries::Address => event.payload_json.as_bytes().to_vec(),
    }
}

/// One member of a list of events.
fn enveloped(wire: Wire, event: &EventEnvelope<'_>) -> Vec<u8> {
    let EventEnvelope { event, cv, sdk, sdkv, pk, payload_json, id, ts_hour, rate, actor, ephemeral } = *event;
    let strict = !wire.has_ids();
    let mut out = String::with_capacity(payload_json.len() + 256);
    out.push_str("{\"event\":");
    push_text(&mut out, event);
    push_member(&mut out, "cv", cv);
    if strict {
        // Production instances are always off, see the gate. An extended event does not say what is always the same.
        push_member(&mut out, "it", "development");
    }
    push_member(&mut out, "sdk", sdk);
    push_member(&mut out, "sdkv", sdkv);
    if let Some(pk) = pk {
        push_member(&mut out, "pk", pk);
    }
    out.push_str(",\"payload\":");
    out.push_str(payload_json);
    if !strict {
        push_member(&mut out, "id", id);
        push_member(&mut out, "ts", &hour_rfc3339(ts_hour));
        if let Some(rate) = rate.filter(|rate| *rate < 1.0) {
            out.push_str(",\"rate\":");
            out.push_str(&number::float(rate));
        }
        push_member(&mut out, "actor", actor);
        out.push_str(if ephemeral { ",\"ephemeral\":true" } else { ",\"ephemeral\":false" });
    }
    out.push('}');
    out.into_bytes()
}

fn push_member(out: &mut String, key: &str, text: &str) {
    out.push_str(",\"");
    out.push_str(key);
    out.push_str("\":");
    push_text(out, text);
}

/// A JSON string, escaped as `JSON.stringify` does.
fn push_text(out: &mut String, text: &str) {
    out.push_str(&Value::from(text).to_string());
}

/// `2026-11-22T03:00:00Z`
pub(crate) fn hour_rfc3339(hour: u64) -> String {
    format!("{}T{:02}:00:00Z", Date::from_days(hour / 24), hour % 24)
}

/// The request that carries `events`; `None` without events.
///
/// `day` is the UTC day of the events since 1970-01-01.
pub(crate) fn request(wire: Wire, target: &Target<'_>, key: &str, day: u32, events: &[&[u8]]) -> Option<Request> {
    let first = events.first()?;
    let Target { endpoint, user_agent } = *target;
    let WireFormat { method, path, content_type, carries, .. } = wire.format();
    let (in_address, body) = match carries {
        Carries::Events => (String::new(), list(events)),
        Carries::Payload => (String::new(), first.to_vec()),
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

/// `{"events":[…]}`
fn list(events: &[&[u8]]) -> Vec<u8> {
    let mut body = b"{\"events\":[".to_vec();
    body.extend(events.join(&b','));
    body.extend(b"]}");
    body
}

/// One byte per character where that is possible, as browsers' `btoa` takes them; else UTF-8, as Node's fallback does.
fn latin1(payload: &[u8]) -> Vec<u8> {
    let bytes = str::from_utf8(payload)
        .ok()
        .and_then(|text| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>());
    bytes.unwrap_or_else(|| payload.to_vec())
}

#[cfg(test)]
mod tests;
