//! What comes in, as it comes: for `watch` on a terminal as lines of JSON, for a browser as a page that grows. Both end with the
//! collector.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum::{
    body::{Body, Bytes},
    http::{StatusCode, header},
    response::{IntoResponse as _, Response},
};
use hyper::body::Frame;
use tokio::sync::mpsc::Receiver;

use super::{arrivals, frame, running::Page};

/// The path, at the operator's address.
pub(crate) const WATCH_PATH: &str = "/watch";

/// How lines are told.
struct Telling {
    content_type: &'static str,
    /// What stands before the first one.
    begin: Option<Bytes>,
    each: fn(Bytes) -> Bytes,
    /// What stands behind the last one.
    end: Option<Bytes>,
}

struct Lines {
    lines: Receiver<Bytes>,
    telling: Telling,
}

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(begin) = self.telling.begin.take() {
            return Poll::Ready(Some(Ok(Frame::data(begin))));
        }
        let each = self.telling.each;
        self.lines.poll_recv(context).map(|line| {
            let bytes = line.map(each).or_else(|| self.telling.end.take());
            bytes.map(|bytes| Ok(Frame::data(bytes)))
        })
    }
}

/// Lines of JSON, for programs.
pub(super) fn lines(page: &Page) -> Response {
    let each = |line| line;
    answer(page, Telling { content_type: "application/x-ndjson", begin: None, each, end: None })
}

/// A page, for browsers.
pub(super) fn document(page: &Page) -> Response {
    let (begin, end) = arrivals::around();
    let telling = Telling {
        content_type: "text/html; charset=utf-8",
        begin: Some(begin.into()),
        each: arrivals::item,
        end: Some(end.into()),
    };
    answer(page, telling)
}

fn answer(page: &Page, telling: Telling) -> Response {
    let Some(lines) = page.ingest.watchers().subscribe() else {
        return frame::message(StatusCode::SERVICE_UNAVAILABLE, "Enough others watch already");
    };
    let kind = [(header::CONTENT_TYPE, telling.content_type)];
    let mut response = (kind, Body::new(Lines { lines, telling })).into_response();
    frame::protect(&mut response);
    response
}
