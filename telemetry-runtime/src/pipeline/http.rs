//! HTTPS by hyper, on a runtime of our own.
//!
//! Everything is made at the first request, on the thread that sends it: reading the platform's trust store takes time.
//! The client lives on; connections and the runtime end with each upload.

mod connector;
mod meter;
mod resolver;
mod tls;
mod upload;

use std::{error::Error, fmt, hint::black_box, io, pin::pin};

use http_body_util::{BodyExt as _, Full};
use hyper::{Uri, body::Bytes};
use hyper_util::{client::legacy, rt::TokioExecutor};
use tokio::{
    runtime::Handle,
    time::{Instant, timeout_at},
};

use self::{connector::Connector, meter::Meter, upload::Upload};
use crate::gate;
use crate::pipeline::limits::{CANCEL_POLL, REQUEST_TIMEOUT, RESPONSE_BYTES, RESPONSE_HEAD_BYTES, RESPONSE_HEADERS};
use crate::transport::{Cancel, Request, Response, Transport, TransportError};

type Client = legacy::Client<Connector, Full<Bytes>>;

/// What tools look for when they say that a binary holds no transport of this framework.
static MARKER: [u8; 16] = *b"\x7fTLM-transport-1";

/// The built-in transport.
#[derive(Default)]
pub(crate) struct HttpTransport {
    upload: Option<Upload>,
    client: Option<(Route, Client)>,
    meter: Meter,
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport")
            .field("upload", &self.upload)
            .field("meter", &self.meter)
            .finish_non_exhaustive()
    }
}

/// What a client has to be made for; an SDK's endpoint, and with it the route, hardly ever changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Route {
    /// TLS, through the system's proxies.
    Secure,
    /// This machine, never through a proxy.
    Loopback { tls: bool },
}

impl HttpTransport {
    pub(crate) fn new() -> Self {
        black_box(&MARKER);
        Self::default()
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
        if cancel.is_cancelled() {
            return Err(TransportError::Cancelled);
        }
        // Runtimes do not nest; on a thread of another one, entering ours would panic.
        if Handle::try_current().is_ok() {
            return Err(TransportError::NotSent);
        }
        let url: Uri = request.url().parse().map_err(|_| TransportError::NotSent)?;
        let route = route(&url).ok_or(TransportError::NotSent)?;
        if self.upload.as_mut().is_some_and(|upload| !upload.goes_on()) {
            self.end_upload();
        }
        let upload = match &mut self.upload {
            Some(upload) => upload,
            none => none.insert(Upload::begin().map_err(|_| TransportError::NotSent)?),
        };
        let client = match &mut self.client {
            Some((made_for, client)) if *made_for == route => client,
            other => {
                // Building a client does not enter the runtime, but dropping the old one may want to.
                let _entered = upload.enter();
                let client = client(route, self.meter.clone()).ok_or(TransportError::NotSent)?;
                &mut other.insert((route, client)).1
            }
        };
        self.meter.begin();
        upload.block_on(exchange(client, url, request, cancel))
    }

    fn end_upload(&mut self) {
        if let Some(upload) = self.upload.take() {
            upload.end();
        }
    }
}

impl Drop for HttpTransport {
    fn drop(&mut self) {
        self.client = None;
        self.end_upload();
    }
}

/// Plain text goes to this machine only, whatever the address says.
fn route(url: &Uri) -> Option<Route> {
    let loopback = match url.host()? {
        "localhost" => true,
        host => host
            .trim_start_matches('[')
            .trim_end_matches(']')
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback()),
    };
    match (url.scheme_str()?, loopback) {
        ("https", false) => Some(Route::Secure),
        ("https", true) => Some(Route::Loopback { tls: true }),
        ("http", true) => Some(Route::Loopback { tls: false }),
        _ => None,
    }
}

fn client(route: Route, meter: Meter) -> Option<Client> {
    if route == Route::Secure && gate::malformed_proxy_variable().is_some() {
        return None; // It was changed since the sender has asked.
    }
    let connector = Connector::new(route, meter).ok()?;
    let client = legacy::Client::builder(TokioExecutor::new())
        .http1_max_headers(RESPONSE_HEADERS)
        .http1_max_buf_size(RESPONSE_HEAD_BYTES)
        // `Upload` says when a connection is used again; a limit here would also start a task, which it does not expect.
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(None)
        .build(connector);
    Some(client)
}

async fn exchange(client: &Client, url: Uri, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
    let ends = Instant::now() + REQUEST_TIMEOUT;
    let mut builder = hyper::Request::builder().method(request.method().as_str()).uri(url).header("accept", "*/*");
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let sent = builder.body(Full::from(request.body().to_vec())).map_err(|_| TransportError::NotSent)?;
    let sent = wanted(cancel, timeout_at(ends, client.request(sent))).await.ok_or(TransportError::Cancelled)?;
    let answer = sent.map_err(|_| TransportError::Unknown)?.map_err(|error| failure(&error))?;
    let mut response = Response::new(answer.status().as_u16());
    if let Some(value) = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()) {
        response = response.with_retry_after(value);
    }
    // The rest is read so that the connection can be used again; the status counts, however the body ends.
    let (is_success, mut rest, mut body) = (answer.status().is_success(), answer.into_body(), Vec::new());
    while body.len() <= RESPONSE_BYTES {
        match wanted(cancel, timeout_at(ends, rest.frame())).await {
            Some(Ok(Some(Ok(frame)))) => body.extend_from_slice(frame.data_ref().map_or(&[], |data| data)),
            Some(Ok(None)) if is_success => return Ok(response.with_rejected(rejected(&body))),
            Some(Ok(Some(Err(_)) | None) | Err(_)) | None => break,
        }
    }
    Ok(response)
}

/// `{"rejected": 3}`: the server took the request, but not all of its events. Anything else says nothing.
fn rejected(body: &[u8]) -> u64 {
    #[derive(serde::Deserialize)]
    struct Partly {
        rejected: u64,
    }
    serde_json::from_slice::<Partly>(body).map_or(0, |partly| partly.rejected)
}

/// What became of a request that has no answer.
fn failure(error: &legacy::Error) -> TransportError {
    // It covers name, connection and TLS: nothing of the request has left by then.
    if !error.is_connect() {
        return TransportError::Unknown;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        let refused = cause.downcast_ref::<io::Error>().is_some_and(|io| io.kind() == io::ErrorKind::ConnectionRefused);
        if refused || cause.is::<resolver::LeadsNowhere>() {
            return TransportError::Blocked;
        }
        source = cause.source();
    }
    TransportError::NotSent
}

/// Waits for `future` as long as it is wanted; `None` if it no longer is, and then it is dropped.
async fn wanted<F: Future>(cancel: &Cancel, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    loop {
        match tokio::time::timeout(CANCEL_POLL, future.as_mut()).await {
            Ok(output) => return Some(output),
            Err(_) if cancel.is_cancelled() => return None,
            Err(_) => {}
        }
    }
}

#[cfg(all(test, feature = "testing"))]
mod tests;
