//! HTTPS by reqwest, on a runtime of our own.
//!
//! Everything is made at the first request, on the thread that sends it: reading the platform's trust store takes time.
//! The client lives on; connections and the runtime end with each upload.

mod resolver;
mod upload;

use std::{error::Error, io, pin::pin, sync::Arc};

use bytes::Bytes;
use reqwest::{Client, ClientBuilder, Url, redirect, retry};
use tokio::runtime::Handle;

use self::upload::Upload;
use crate::{
    base::{
        environment,
        limits::{CANCEL_POLL, CONNECT_TIMEOUT, REQUEST_TIMEOUT, RESPONSE_BYTES, RESPONSE_HEADERS},
    },
    declare::transport::{Cancel, Method, Request, Response, Transport, TransportError},
    send::{
        http::{Route, names, route},
        rejected::rejected,
    },
};

/// The transport by reqwest.
#[derive(Debug, Default)]
pub(crate) struct HttpTransport {
    upload: Option<Upload>,
    /// The server keeps connections between requests, as far as is known: also an upload that begins need not find out.
    keeps: bool,
    client: Option<(Route, Client)>,
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
        let url = Url::parse(request.url()).map_err(|_| TransportError::NotSent)?;
        let route = url.host_str().and_then(|host| route(url.scheme(), host)).ok_or(TransportError::NotSent)?;
        if self.upload.as_mut().is_some_and(|upload| !upload.goes_on(&mut self.keeps)) {
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
                let client = client(route).ok_or(TransportError::NotSent)?;
                &mut other.insert((route, client)).1
            }
        };
        let answer = upload.block_on(exchange(client, url, request, cancel));
        // It may have closed the connection in that moment.
        self.keeps &= answer.as_ref().err() != Some(&TransportError::Unknown);
        answer
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

fn client(route: Route) -> Option<Client> {
    let mut builder = Client::builder()
        .redirect(redirect::Policy::none())
        .retry(retry::never()) // Retries are counted and paced by the delivery.
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(REQUEST_TIMEOUT)
        .http1_only()
        .http1_max_headers(RESPONSE_HEADERS)
        // `Upload` says when a connection is used again; a limit here would also start a task, which it does not expect.
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(None)
        // Other crates of the host's graph may turn these on for everybody.
        .no_gzip()
        .no_brotli()
        .no_zstd()
        .no_deflate();
    if route == Route::Secure && environment::malformed_proxy_variable().is_some() {
        return None; // It was changed since the sender has asked.
    }
    // Names are looked up by us, on threads of ours: so one that leads nowhere can be told from a network that is down.
    builder = builder.dns_resolver(Arc::new(resolver::Resolver::default()));
    if let Route::Loopback { .. } = route {
        builder = builder.no_proxy();
    }
    with_tls(builder, route)?.build().ok()
}

/// The platform's TLS, where somebody asked for it.
#[cfg(feature = "native-tls")]
fn with_tls(builder: ClientBuilder, _route: Route) -> Option<ClientBuilder> {
    Some(builder.tls_backend_native())
}

#[cfg(all(feature = "rustls-tls", not(feature = "native-tls")))]
fn with_tls(builder: ClientBuilder, route: Route) -> Option<ClientBuilder> {
    Some(builder.tls_backend_preconfigured(super::tls::config(route)?))
}

/// Without TLS only plain text to this machine works.
#[cfg(not(any(feature = "native-tls", feature = "rustls-tls")))]
fn with_tls(builder: ClientBuilder, route: Route) -> Option<ClientBuilder> {
    (route == Route::Loopback { tls: false }).then_some(builder)
}

async fn exchange(client: &Client, url: Url, request: &Request, cancel: &Cancel) -> Result<Response, TransportError> {
    let mut builder = match request.method() {
        Method::Get => client.get(url),
        Method::Post => client.post(url).body(Bytes::from_owner(request.shared_body())),
    };
    for (name, value) in request.headers() {
        builder = builder.header(name, value);
    }
    let sent = wanted(cancel, builder.send()).await.ok_or(TransportError::Cancelled)?;
    let mut answer = sent.map_err(|error| failure(&error))?;
    let mut response = Response::new(answer.status().as_u16());
    if let Some(value) = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()) {
        response = response.with_retry_after(value);
    }
    // The rest is read so that the connection can be used again; the status counts, however the body ends.
    let mut body = Vec::new();
    while body.len() <= RESPONSE_BYTES {
        match wanted(cancel, answer.chunk()).await {
            Some(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
            Some(Ok(None)) if answer.status().is_success() => return Ok(response.with_rejected(rejected(&body))),
            Some(Ok(None) | Err(_)) | None => break,
        }
    }
    Ok(response)
}

/// What became of a request that has no answer.
fn failure(error: &reqwest::Error) -> TransportError {
    // `is_connect` covers name, connection and TLS: nothing of the request has left by then.
    if !error.is_builder() && !error.is_connect() {
        return TransportError::Unknown;
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(io) = cause.downcast_ref::<io::Error>()
            && names::is_blocked(io)
        {
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
