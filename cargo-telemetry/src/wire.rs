//! What pages and schemas say of a wire format, by what its requests carry.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use telemetry_schema::{Carries, SdkDescriptor, Wire, WireFormat};

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
    let WireFormat { method, path, carries, .. } = sdk.wire.format();
    let request = format!("{method} {}{path}", sdk.endpoint);
    match carries {
        Carries::Events => Example::Body { request, json: format!("{{\"events\":[{}]}}", enveloped(&payload)) },
        Carries::Payload => Example::Body { request, json: payload },
        Carries::Address => {
            let encoded = STANDARD.encode(latin1(&payload));
            Example::Address { request: format!("{request}{encoded}"), json: payload }
        }
    }
}

/// How events travel, for the page.
pub(crate) fn travels(sdk: &SdkDescriptor) -> String {
    let WireFormat { path, carries, .. } = sdk.wire.format();
    let to = format!("`{}{}`", sdk.endpoint, path.split('?').next().unwrap_or(path));
    match carries {
        Carries::Events => format!(
            "Events travel together, up to {} of them or {BATCH_KIB} KiB, as the body of one request to {to}. \
             An event has at most {EVENT_KIB} KiB.",
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
    let WireFormat { method, path, carries, .. } = wire.format();
    match carries {
        Carries::Events | Carries::Payload => format!("the body of {method} {{endpoint}}{path}"),
        Carries::Address => format!("the payload of {method} {{endpoint}}{path}…, decoded from Base64"),
    }
}

/// How long such a document may be.
pub(crate) fn bounds(wire: Wire) -> String {
    match wire.carries() {
        Carries::Events => format!("An event has at most {EVENT_KIB} KiB, a body at most {BATCH_KIB} KiB."),
        Carries::Payload => format!("The body has at most {EVENT_KIB} KiB."),
        Carries::Address => format!("The decoded payload has at most {BEACON_KIB} KiB."),
    }
}

/// One byte per character where that is possible, as the runtime encodes it.
fn latin1(payload: &str) -> Vec<u8> {
    let bytes: Option<Vec<u8>> = payload.chars().map(|char| u8::try_from(u32::from(char)).ok()).collect();
    bytes.unwrap_or_else(|| payload.as_bytes().to_vec())
}
