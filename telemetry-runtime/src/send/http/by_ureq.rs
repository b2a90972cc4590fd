//! HTTPS by ureq, which waits on the thread that sends.
//!
//! Of ureq this takes HTTP: what a request and an answer look like. Connections are ours, so that every wait for one looks
//! whether it is still wanted: while a name is looked up, while a server says nothing, and while it says too much.

mod call;
mod connection;
mod dial;
mod upload;

use std::{io::Read as _, sync::Arc};

use rustls::ClientConfig;
use ureq::{
    Body, Error,
    http::{self, Uri},
};

use self::upload::Upload;
use crate::{
    base::{
        environment::{self, Way},
        limits::{RESPONSE_BYTES, RESPONSE_HEADERS},
    },
    declare::transport::{Cancel, Method, Request, Response, Transport, TransportError},
    send::{
        http::{Route, names::Places, route, tls},
        rejected::rejected,
    },
};

/// The transport by ureq.
#[derive(Debug, Default)]
pub(crate) struct HttpTransport {
    upload: Option<Upload>,
    /// As the other client's: the server keeps connections between requests, as far as is known.
    keeps: bool,
    places: Arc<Places>,
    /// Reading the platform's trust store takes time, so it is done once.
    tls: Option<(Route, Arc<ClientConfig>)>,
}

impl Transport for HttpTransport {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        if cancel.is_cancelled() {
            return Err(TransportError::Cancelled);
        }
        let uri: Uri = request.url().parse().map_err(|_| TransportError::NotSent)?;
        let host = uri.host().ok_or(TransportError::NotSent)?;
        let route = uri.scheme_str().and_then(|scheme| route(scheme, host)).ok_or(TransportError::NotSent)?;
        let way = match route {
            Route::Secure => environment::way_to(host),
            Route::Loopback { .. } => Way::Straight,
        };
        if way == Way::Closed {
            return Err(TransportError::NotSent);
        }
        let tls = self.tls(route)?;
        if self.upload.as_mut().is_some_and(|upload| !upload.goes_on(route, &way, &mut self.keeps)) {
            self.end_upload();
        }
        let places = &self.places;
        let upload = self.upload.get_or_insert_with(|| Upload::begin(route, way, tls, Arc::clone(places)));
        upload.call.begin(cancel);
        let answer = exchange(upload, uri, request);
        upload.used();
        // It may have closed the connection in that moment.
        self.keeps &= answer.as_ref().err() != Some(&TransportError::Unknown);
        answer
    }

    /// Closes the connection: nobody else holds it.
    fn end_upload(&mut self) {
        self.upload = None;
    }
}

impl HttpTransport {
    fn tls(&mut self, route: Route) -> Result<Option<Arc<ClientConfig>>, TransportError> {
        if route == (Route::Loopback { tls: false }) {
            return Ok(None);
        }
        if let Some((made_for, config)) = &self.tls
            && *made_for == route
        {
            return Ok(Some(Arc::clone(config)));
        }
        let config = Arc::new(tls::config(route).ok_or(TransportError::NotSent)?);
        self.tls = Some((route, Arc::clone(&config)));
        Ok(Some(config))
    }
}

fn exchange(upload: &Upload, uri: Uri, request: &Request) -> Result<Response, TransportError> {
    let mut builder = http::Request::builder().uri(uri).method(request.method().as_str());
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let sent = match request.method() {
        Method::Get => builder.body(()).map_err(Error::Http).and_then(|request| upload.agent.run(request)),
        Method::Post => builder.body(request.body()).map_err(Error::Http).and_then(|request| upload.agent.run(request)),
    };
    let Ok(answer) = sent else { return Err(upload.call.failure()) };
    if answer.headers().len() > RESPONSE_HEADERS {
        return Err(TransportError::Unknown);
    }
    let status = answer.status();
    let mut response = Response::new(status.as_u16());
    if let Some(value) = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()) {
        response = response.with_retry_after(value);
    }
    // The rest is read so that the connection can be used again; the status counts, however the body ends.
    match body(answer.into_body()) {
        Some(body) if status.is_success() => Ok(response.with_rejected(rejected(&body))),
        _ => Ok(response),
    }
}

/// The whole body; `None` if it does not end well, or is longer than anybody wants to know.
fn body(mut answer: Body) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    answer.as_reader().take(RESPONSE_BYTES as u64 + 1).read_to_end(&mut body).ok()?;
    (body.len() <= RESPONSE_BYTES).then_some(body)
}
