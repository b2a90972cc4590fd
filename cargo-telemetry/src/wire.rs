//! What pages and schemas say of a wire format, by what its requests carry.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use telemetry_schema::{Carries, SdkDescriptor, Wire, WireFormat, otlp};

use crate::limits::{BATCH_EVENTS, BATCH_KIB, BEACON_KIB, EVENT_KIB, STRICT_BATCH_EVENTS};

/// One event as a request carries it.
pub(crate) enum Example {
    /// The body of this request.
    Body { request: String, json: String },
    /// An address that holds the payload.
    Address { request: String, json: String },
}

/// The request with one event; `enveloped` puts around the payload what goes with every event.
pub(crate) fn example(sdk: &SdkDescriptor, payload: String, enveloped: impl FnOnce(&str) -> String) -> Example {
    let WireFormat { method, path, carries, .. } = *sdk.wire.format();
    let request = format!("{method} {}{path}", sdk.endpoint);
    match carries {
        Carries::Events => Example::Body { request, json: format!("{{\"events\":[{}]}}", enveloped(&payload)) },
        Carries::Records => {
            let json = format!("{{\"resourceLogs\":[{}]}}", enveloped(&attributes(&payload)));
            Example::Body { request, json }
        }
        Carries::Payload => Example::Body { request, json: payload },
        Carries::Address => {
            let encoded = STANDARD.encode(latin1(&payload));
            Example::Address { request: format!("{request}{encoded}"), json: payload }
        }
    }
}

/// A payload as OTLP's attributes, with a comma between two.
fn attributes(payload: &str) -> String {
    let mut out = Vec::new();
    // Examples are JSON without white space.
    let _ = otlp::push_attributes(&mut out, payload.as_bytes());
    String::from_utf8(out).unwrap_or_default()
}

/// How events travel, for the page.
pub(crate) fn travels(sdk: &SdkDescriptor) -> String {
    let WireFormat { path, carries, .. } = *sdk.wire.format();
    let to = format!("`{}{}`", sdk.endpoint, path.split('?').next().unwrap_or(path));
    match carries {
        Carries::Events => format!(
            "Events travel together, up to {} of them or {BATCH_KIB} KiB, as the body of one request to {to}. \
             An event has at most {EVENT_KIB} KiB.",
            batch_events(sdk.wire)
        ),
        Carries::Records => format!(
            "Events travel together as records of a log of OpenTelemetry, up to {} of them or {BATCH_KIB} KiB, as the body of one \
             request to {to}. The fields of an event are attributes of its record. An event has at most {EVENT_KIB} KiB.",
            batch_events(sdk.wire)
        ),
        Carries::Payload => format!("One event is the body of one request to {to}. It has at most {EVENT_KIB} KiB."),
        Carries::Address => format!(
            "One event travels in the address of one request to {to}, encoded as Base64. It has at most {BEACON_KIB} KiB."
        ),
    }
}

/// The most events of one request in a format that carries several.
pub(crate) fn batch_events(wire: Wire) -> u64 {
    if wire.has_ids() { BATCH_EVENTS } else { STRICT_BATCH_EVENTS }
}

/// Which document a JSON schema is of.
pub(crate) fn document(wire: Wire) -> String {
    let WireFormat { method, path, carries, .. } = *wire.format();
    match carries {
        Carries::Events | Carries::Payload => format!("the body of {method} {{endpoint}}{path}"),
        Carries::Records => {
            format!(
                "a record of the body of {method} {{endpoint}}{path}, decoded: what goes with it by name, its fields as `attributes`"
            )
        }
        Carries::Address => format!("the payload of {method} {{endpoint}}{path}…, decoded from Base64"),
    }
}

/// The keys by which a schema tells the events of a batch apart.
pub(crate) struct Keys {
    pub(crate) name: &'static str,
    pub(crate) payload: &'static str,
    pub(crate) rate: &'static str,
}

/// Those of this format, where it carries several events.
pub(crate) fn keys(wire: Wire) -> Keys {
    match wire.carries() {
        Carries::Records => Keys { name: "eventName", payload: "attributes", rate: "telemetry.rate" },
        Carries::Events | Carries::Payload | Carries::Address => {
            Keys { name: "event", payload: "payload", rate: "rate" }
        }
    }
}

/// How long such a document may be.
pub(crate) fn bounds(wire: Wire) -> String {
    match wire.carries() {
        Carries::Events | Carries::Records => {
            format!("An event has at most {EVENT_KIB} KiB, a body at most {BATCH_KIB} KiB.")
        }
        Carries::Payload => format!("The body has at most {EVENT_KIB} KiB."),
        Carries::Address => format!("The decoded payload has at most {BEACON_KIB} KiB."),
    }
}

/// One byte per character where that is possible, as the runtime encodes it.
fn latin1(payload: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = payload.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
    bytes.unwrap_or_else(|| payload.as_bytes().to_vec())
}
