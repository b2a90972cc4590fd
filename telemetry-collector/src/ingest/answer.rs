//! What a client is told: one status, one JSON body, and the headers that browsers need.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{HeaderValue, Response, StatusCode, header},
};

use super::json::Unread;
use crate::{reason::Reason, store::Written};

/// What became of a request.
#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    /// It was read; this became of its events.
    Taken { written: Written, refused: BTreeMap<Reason, u64> },
    /// So many events that came with the id of an installation are gone.
    Deleted(u64),
    /// None of it was read, or can be kept.
    Refused(Reason),
    /// Every event is of what the operator has retired.
    Gone,
    /// There is nothing at this path.
    NotFound,
    /// The path takes another method, this one.
    Method(&'static str),
    /// The body did not come in time.
    Stalled,
    /// The body, or the number of events, is over its limit.
    TooLarge,
    /// The address of the request is over its limit.
    UrlTooLong,
    /// The body is packed in a way that is not accepted.
    Coding,
    /// The address has asked too often; seconds to wait.
    TooOften(u64),
    /// It cannot be kept now; seconds to wait.
    Later(u64),
    /// What a browser asks before it sends.
    Preflight,
}

impl From<Unread> for Answer {
    fn from(why: Unread) -> Self {
        match why {
            Unread::NotJson => Self::Refused(Reason::BadJson),
            Unread::TooMuch => Self::TooLarge,
        }
    }
}

/// The body of an answer in other words than ours.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) content_type: &'static str,
    pub(super) body: Vec<u8>,
}

/// What a browser may send, and for how long it may believe that; seconds.
const PREFLIGHT: [(&str, &str); 3] = [
    ("access-control-allow-methods", "GET, POST"),
    ("access-control-allow-headers", "content-type, content-encoding, idempotency-key, telemetry-day"),
    ("access-control-max-age", "7200"),
];

impl Answer {
    /// A refusal of the whole request.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Taken { .. } | Self::Deleted(_) => StatusCode::OK,
            Self::Refused(_) => StatusCode::BAD_REQUEST,
            Self::Gone => StatusCode::GONE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Stalled => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UrlTooLong => StatusCode::URI_TOO_LONG,
            Self::Coding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Preflight => StatusCode::NO_CONTENT,
        }
    }

    /// The word for a request of which no event was read.
    pub(super) fn error(&self) -> &'static str {
        match self {
            Self::Taken { .. } | Self::Deleted(_) | Self::Preflight => "",
            Self::Refused(reason) => reason.word(),
            Self::Gone => "retired",
            Self::NotFound => "unknown_path",
            Self::Method(_) => "wrong_method",
            Self::Stalled => "stalled",
            Self::TooLarge => "too_large",
            Self::UrlTooLong => "url_too_long",
            Self::Coding => "unknown_coding",
            Self::TooOften(_) => "too_often",
            Self::Later(_) => "later",
        }
    }

    /// The body in our words.
    fn text(&self) -> String {
        match self {
            Self::Preflight => String::new(),
            Self::Taken { written, refused } => taken(*written, refused),
            Self::Deleted(events) => format!("{{\"deleted\":{events}}}"),
            other => format!("{{\"error\":\"{}\"}}", other.error()),
        }
    }

    /// The answer as it is sent, in other words than ours where there are some. After one to a request that was not read to its end the connection is closed.
    pub(super) fn response(&self, told: Option<Told>, is_read: bool) -> Response<Body> {
        let ours = || Told { content_type: "application/json", body: self.text().into_bytes() };
        let Told { content_type, body } = told.unwrap_or_else(ours);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        // Anybody may send, from any page; no cookie ever counts.
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        match self {
            Self::Preflight => {
                PREFLIGHT.iter().for_each(|(name, value)| _ = headers.insert(*name, HeaderValue::from_static(value)));
            }
            Self::Method(allowed) => _ = headers.insert(header::ALLOW, HeaderValue::from_static(allowed)),
            Self::TooOften(seconds) | Self::Later(seconds) => {
                _ = headers.insert(header::RETRY_AFTER, (*seconds).into())
            }
            _ => {}
        }
        if *self != Self::Preflight {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        }
        if !is_read {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

fn taken(written: Written, refused: &BTreeMap<Reason, u64>) -> String {
    let Written { accepted, duplicate, deleted: _ } = written;
    let rejected: u64 = refused.values().sum();
    let reasons: Vec<_> = refused.iter().map(|(reason, n)| format!("\"{}\":{n}", reason.word())).collect();
    format!(
        "{{\"accepted\":{accepted},\"duplicate\":{duplicate},\"rejected\":{rejected},\"refused\":{{{}}}}}",
        reasons.join(",")
    )
}
