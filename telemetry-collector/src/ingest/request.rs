//! From the bytes of a request to events: one function per format.

use axum::http::{HeaderMap, header, request::Parts};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use telemetry_schema::Identity;

use super::{
    answer::Answer,
    event::{self, Context, Read},
    json::{self, Bounds},
    otlp::{self, Encoding},
    text::{self, uuid7},
};
use crate::{clock::Day, config::Limits, reason::Reason, registry::Route};

/// The longest key of a batch, in bytes: a UUID, and `-0` or `-1` for each time that it was halved.
const KEY_BYTES: usize = 128;

/// Base64 with and without padding, as browsers and others write it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The key of the batch, as bytes that lead to no text: its time if it is a UUIDv7, so that keys of a day lie together, and a
/// hash of all of it.
pub(super) fn key(headers: &HeaderMap) -> Result<Option<[u8; 16]>, Answer> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().map_err(|_| Answer::Refused(Reason::BadHeader))?;
    folded(text).map(Some).ok_or(Answer::Refused(Reason::BadHeader))
}

/// A key as it is kept; `None` if no client of ours can have made it.
fn folded(text: &str) -> Option<[u8; 16]> {
    if text.is_empty() || text.len() > KEY_BYTES {
        return None;
    }
    let time = text.get(..36).and_then(uuid7).unwrap_or_default();
    let digest = Sha256::digest(text.as_bytes());
    let mut key = [0; 16];
    for (byte, from) in key.iter_mut().zip(time.iter().take(6).chain(digest.iter())) {
        *byte = *from;
    }
    Some(key)
}

/// The day that the request says its events have.
pub(super) fn day(headers: &HeaderMap) -> Result<Option<Day>, Answer> {
    let Some(value) = headers.get("telemetry-day") else { return Ok(None) };
    let day = value.to_str().ok().and_then(Day::parse);
    day.map(Some).ok_or(Answer::Refused(Reason::BadHeader))
}

/// How the messages of OTLP are written in a request with these headers.
pub(super) fn encoding(headers: &HeaderMap) -> Option<Encoding> {
    Encoding::of(headers.get(header::CONTENT_TYPE)?.to_str().ok()?)
}

/// The events of a request.
pub(super) fn read(
    route: Route,
    context: &Context<'_>,
    head: &Parts,
    body: &[u8],
    limits: &Limits,
) -> Result<Read, Answer> {
    match route {
        Route::Event => batch(context, body, limits),
        Route::Beacon => beacon(context, head.uri.query().unwrap_or_default()),
        Route::Logs => otlp::read(context, encoding(&head.headers).ok_or(Answer::Coding)?, body, limits),
        // It holds no events, and was answered.
        Route::Erase => Err(Answer::NotFound),
        Route::Report => {
            let value = json(body)?;
            let mut read = Read::default();
            read.add(if body.len() > limits.event_bytes {
                Err(Reason::TooLarge)
            } else {
                event::of_payload(context, |known| &known.reports, &value)
            });
            Ok(read)
        }
    }
}

/// The id in a request for deletion: it, and nothing else.
pub(super) fn installation(body: &[u8]) -> Result<[u8; 16], Answer> {
    let value = json(body)?;
    let keys = value.as_object().ok_or(Answer::Refused(Reason::BadJson))?;
    if keys.keys().any(|key| key != Identity::KEY) {
        return Err(Answer::Refused(Reason::UnknownKey));
    }
    let id = keys.get(Identity::KEY).ok_or(Answer::Refused(Reason::MissingKey))?;
    id.as_str().and_then(text::installation).ok_or(Answer::Refused(Reason::BadKey))
}

fn batch(context: &Context<'_>, body: &[u8], limits: &Limits) -> Result<Read, Answer> {
    let value = json(body)?;
    let keys = value.as_object().ok_or(Answer::Refused(Reason::BadJson))?;
    if keys.keys().any(|key| key != "events" && key != "key") {
        return Err(Answer::Refused(Reason::UnknownKey));
    }
    // A page says it here: a header of ours would have the browser ask first.
    let key = keys.get("key").map(|key| key.as_str().and_then(folded).ok_or(Answer::Refused(Reason::BadKey)));
    let key = key.transpose()?;
    let events = keys.get("events").and_then(Value::as_array).ok_or(Answer::Refused(Reason::BadJson))?;
    if events.is_empty() {
        return Err(Answer::Refused(Reason::BadJson));
    }
    if events.len() > limits.batch_events {
        return Err(Answer::TooLarge);
    }
    // Only a body that is larger than one event can hold one that is too large.
    let is_too_large = |event: &Value| body.len() > limits.event_bytes && event.to_string().len() > limits.event_bytes;
    let mut read = Read { key, ..Read::default() };
    for value in events {
        read.add(if is_too_large(value) { Err(Reason::TooLarge) } else { event::of_batch(context, value) });
    }
    Ok(read)
}

fn beacon(context: &Context<'_>, query: &str) -> Result<Read, Answer> {
    let coded = query.split('&').find_map(|pair| pair.strip_prefix("payload="));
    let coded = coded.ok_or(Answer::Refused(Reason::MissingKey))?;
    let bytes = percent_decoded(coded).and_then(|text| BASE64.decode(text).ok());
    let bytes = bytes.ok_or(Answer::Refused(Reason::BadEncoding))?;
    // Browsers encode one byte per character where every character has one, and UTF-8 otherwise.
    let value = match std::str::from_utf8(&bytes) {
        Ok(text) => json(text.as_bytes())?,
        Err(_) => json(bytes.iter().map(|byte| char::from(*byte)).collect::<String>().as_bytes())?,
    };
    let mut read = Read::default();
    read.add(event::of_payload(context, |known| &known.beacons, &value));
    Ok(read)
}

fn json(bytes: &[u8]) -> Result<Value, Answer> {
    json::parse(bytes, Bounds::OURS).map_err(Answer::from)
}

/// The text of a query's value. A space can only be a `+` that somebody has taken for one.
fn percent_decoded(text: &str) -> Option<Vec<u8>> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => (digit(bytes.next())? << 4) | digit(bytes.next())?,
            other => other,
        });
    }
    decoded.iter_mut().filter(|byte| **byte == b' ').for_each(|byte| *byte = b'+');
    Some(decoded)
}
