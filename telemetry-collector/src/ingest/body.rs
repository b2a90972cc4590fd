//! The body, within bounds: as it arrives, and unpacked. What is too large is read on for a while, so that the client reads the
//! answer and not a broken connection; a slow one is left.

use std::{io::Read as _, time::Duration};

use axum::http::{HeaderMap, header};
use bytes::Bytes;
use flate2::read::MultiGzDecoder;
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};
use tokio::time::{Instant, timeout, timeout_at};

use super::answer::Answer;
use crate::{config::Limits, reason::Reason};

/// How a body is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Identity,
    Gzip,
}

/// The one coding of the body. Several, in one header or in two, are refused: to undo them one after the other is work that a
/// stranger could multiply.
pub(super) fn coding(headers: &HeaderMap) -> Result<Coding, Answer> {
    let mut values = headers.get_all(header::CONTENT_ENCODING).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(Coding::Identity),
        (Some(value), None) => match value.as_bytes().to_ascii_lowercase().as_slice() {
            b"identity" => Ok(Coding::Identity),
            b"gzip" | b"x-gzip" => Ok(Coding::Gzip),
            _ => Err(Answer::Coding),
        },
        _ => Err(Answer::Coding),
    }
}

/// Whether the length that the request declares is over the limit.
pub(super) fn declares_too_much(body: &Incoming, limits: &Limits) -> bool {
    body.size_hint().lower() > limits.body_bytes as u64
}

/// The whole body as it arrives.
pub(super) async fn read(body: &mut Incoming, limits: &Limits) -> Result<Bytes, Answer> {
    let end = Instant::now() + limits.body_time();
    let mut bytes = Vec::new();
    while let Some(data) = next(body, end, limits.body_pause()).await? {
        if bytes.len() + data.len() > limits.body_bytes {
            return Err(Answer::TooLarge);
        }
        bytes.extend_from_slice(&data);
    }
    Ok(bytes.into())
}

/// Reads on, without keeping it, until the end or twice as much as a body may have; whether the end came.
pub(super) async fn drain(body: &mut Incoming, limits: &Limits) -> bool {
    let end = Instant::now() + limits.body_time();
    let mut left = limits.body_bytes.saturating_mul(2);
    if body.size_hint().lower() > left as u64 {
        return false;
    }
    loop {
        match next(body, end, limits.body_pause()).await {
            Ok(None) => return true,
            Ok(Some(data)) if data.len() <= left => left -= data.len(),
            _ => return false,
        }
    }
}

/// The next bytes; `None` at the end.
async fn next(body: &mut Incoming, end: Instant, pause: Duration) -> Result<Option<Bytes>, Answer> {
    loop {
        let frame = match timeout_at(end, timeout(pause, body.frame())).await {
            Ok(Ok(frame)) => frame,
            _ => return Err(Answer::Stalled),
        };
        match frame {
            None => return Ok(None),
            // The client has gone, or sends no HTTP.
            Some(Err(_)) => return Err(Answer::Stalled),
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Ok(Some(data));
                }
            }
        }
    }
}

/// The body without its packing. Stops at the limit, however much would follow.
pub(super) fn unpack(bytes: Bytes, coding: Coding, limits: &Limits) -> Result<Bytes, Answer> {
    if coding == Coding::Identity {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let most = limits.unpacked_bytes as u64;
    MultiGzDecoder::new(&*bytes)
        .take(most + 1)
        .read_to_end(&mut unpacked)
        .map_err(|_| Answer::Refused(Reason::BadEncoding))?;
    if unpacked.len() as u64 > most { Err(Answer::TooLarge) } else { Ok(unpacked.into()) }
}
