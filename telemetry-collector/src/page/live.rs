//! What comes in, as it comes, for `watch`: a body of lines that ends with the collector.

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

use super::{frame, running::Page};

/// The path, at the operator's address.
pub(crate) const WATCH_PATH: &str = "/watch";

struct Lines(Receiver<Bytes>);

impl hyper::body::Body for Lines {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}

pub(super) fn answer(page: &Page) -> Response {
    let Some(lines) = page.ingest.watchers().subscribe() else {
        return frame::message(StatusCode::SERVICE_UNAVAILABLE, "Enough others watch already");
    };
    let mut response = ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::new(Lines(lines))).into_response();
    frame::protect(&mut response);
    response
}
