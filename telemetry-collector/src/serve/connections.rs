//! Connections within limits: how many, how many of one address, how long one may take to say what it wants.

use std::{
    collections::HashMap,
    convert::Infallible,
    net::{IpAddr, SocketAddr},
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Request, Response},
};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

use crate::{config::Config, metrics::Metrics};

/// What a connection beyond the limits is told, in place of an answer to a request that nobody reads.
const TOO_MANY: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 30\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// The largest head of a request, in bytes.
const HEAD_BYTES: usize = 16 * 1024;

/// How long it waits after a failed accept: the process has no file left for it.
const AFTER_FAILED_ACCEPT: Duration = Duration::from_millis(100);

/// Takes connections until `stopped` says so, then waits for the requests in flight.
pub(super) async fn accept<H, F>(
    listener: TcpListener,
    config: Config,
    metrics: Arc<Metrics>,
    mut stopped: watch::Receiver<bool>,
    handler: H,
) where
    H: Fn(IpAddr, Request<Incoming>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let all = Arc::new(Semaphore::new(config.limits.connections));
    let per_address = Arc::new(PerAddress::default());
    let config = Arc::new(config);
    loop {
        let accepted = tokio::select! {
            _ = stopped.wait_for(|stopped| *stopped) => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            tokio::time::sleep(AFTER_FAILED_ACCEPT).await;
            continue;
        };
        let seat = Arc::clone(&all).try_acquire_owned().ok();
        let place = per_address.enter(peer, &config);
        match (seat, place) {
            (Some(seat), Some(place)) => {
                let connection = serve(stream, peer.ip(), Arc::clone(&config), stopped.clone(), handler.clone());
                tokio::spawn(async move {
                    connection.await;
                    drop((seat, place));
                });
            }
            _ => {
                metrics.connections_refused.add(1);
                // It fits the empty buffer of a new socket, or is lost with the connection.
                let _ = stream.try_write(TOO_MANY);
            }
        }
    }
    drop(listener);
    let everyone = u32::try_from(config.limits.connections).unwrap_or(u32::MAX);
    let ended: Result<Result<OwnedSemaphorePermit, _>, _> =
        timeout(Duration::from_secs(config.server.shutdown_seconds), all.acquire_many_owned(everyone)).await;
    drop(ended);
}

async fn serve<H, F>(
    stream: TcpStream,
    peer: IpAddr,
    config: Arc<Config>,
    mut stopped: watch::Receiver<bool>,
    handler: H,
) where
    H: Fn(IpAddr, Request<Incoming>) -> F,
    F: Future<Output = Response<Body>>,
{
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let answer = handler(peer, request);
        async move { Ok::<_, Infallible>(answer.await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(config.limits.header_time())
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    tokio::select! {
        // However it ends, there is nobody to tell.
        _ = connection.as_mut() => return,
        _ = stopped.wait_for(|stopped| *stopped) => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = connection.await;
}

/// How many connections each address has.
#[derive(Default)]
struct PerAddress(Mutex<HashMap<IpAddr, usize>>);

/// One connection of an address; it is given back when this goes.
struct Seat(Option<(IpAddr, Arc<PerAddress>)>);

impl PerAddress {
    fn enter(self: &Arc<Self>, peer: SocketAddr, config: &Config) -> Option<Seat> {
        let address = peer.ip();
        if config.server.trusted_proxies.contains(&address) {
            return Some(Seat(None));
        }
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= config.limits.connections_per_address {
            return None;
        }
        *count += 1;
        Some(Seat(Some((address, Arc::clone(self)))))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((address, per_address)) = self.0.take() else { return };
        let mut open = per_address.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&address) {
            *count -= 1;
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}
