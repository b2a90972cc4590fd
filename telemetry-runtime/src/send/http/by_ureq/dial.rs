//! Makes connections: a name, an address, a proxy, TLS.

use std::{
    io::{self, Read as _, Write as _},
    net::TcpStream,
    sync::{Arc, Weak, mpsc},
    time::{Duration, Instant},
};

use rustls::{ClientConfig, ClientConnection, StreamOwned, pki_types::ServerName};
use ureq::{
    Error,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{ConnectionDetails, Connector, NextTimeout},
    },
};

use super::{
    call::Call,
    connection::{Connection, Socket, Stream},
};
use crate::{
    base::{
        environment::{Proxy, Way},
        limits::{CANCEL_POLL, PROXY_BYTES},
        process,
    },
    declare::transport::TransportError,
    send::http::names::{self, Places},
};

/// Makes the connections of one upload.
#[derive(Debug)]
pub(super) struct Dialer {
    pub(super) call: Arc<Call>,
    pub(super) way: Way,
    pub(super) tls: Option<Arc<ClientConfig>>,
    pub(super) places: Arc<Places>,
}

impl Connector for Dialer {
    type Out = Connection;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Connection>, Error> {
        match self.dial(details.uri) {
            Ok(stream) => Ok(Some(Connection::new(stream))),
            Err(error) => {
                let blocked = names::is_blocked(&error);
                self.call.failed(if blocked { TransportError::Blocked } else { TransportError::NotSent });
                Err(Error::ConnectionFailed)
            }
        }
    }
}

impl Dialer {
    fn dial(&self, uri: &Uri) -> io::Result<Stream> {
        let time = self.call.connects();
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
        let port = uri.port_u16().unwrap_or(if self.tls.is_some() { 443 } else { 80 });
        let (name, at) = match &self.way {
            Way::Through(proxy) => (proxy.host.as_str(), proxy.port),
            Way::Straight | Way::Closed => (host, port),
        };
        let stream = Arc::new(self.reach(name.to_owned(), at, time)?);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(CANCEL_POLL))?;
        stream.set_write_timeout(Some(CANCEL_POLL))?;
        let mut socket = Socket { stream: Arc::clone(&stream), call: Arc::clone(&self.call) };
        if let Way::Through(proxy) = &self.way {
            tunnel(&mut socket, proxy, uri.host().unwrap_or_default(), port)?;
        }
        let stream_for_ureq = match &self.tls {
            None => Stream::Plain(socket),
            Some(config) => {
                let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
                let mut tls = ClientConnection::new(Arc::clone(config), name).map_err(io::Error::other)?;
                while tls.is_handshaking() {
                    tls.complete_io(&mut socket)?;
                }
                Stream::Tls(Box::new(StreamOwned::new(tls, socket)))
            }
        };
        self.call.connected(&stream);
        Ok(stream_for_ureq)
    }

    /// A connection to this host. The system's calls for it cannot be interrupted, so a thread makes them for which nobody
    /// waits; it closes what it gets when nobody wants it any more.
    fn reach(&self, host: String, port: u16, time: Duration) -> io::Result<TcpStream> {
        let place = self.places.take()?;
        let (told, found) = mpsc::sync_channel(1);
        let wanted = Arc::new(());
        let still = Arc::downgrade(&wanted);
        process::spawn("telemetry-send", move || {
            let _place = place;
            let _ = told.send(connect(&host, port, time, &still));
        })?;
        loop {
            match found.recv_timeout(CANCEL_POLL) {
                Ok(connection) => return connection,
                Err(mpsc::RecvTimeoutError::Timeout) => self.call.goes_on()?,
                Err(mpsc::RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            }
        }
    }
}

/// Tries one address after the other; each gets its share of the time that is left.
fn connect(host: &str, port: u16, time: Duration, wanted: &Weak<()>) -> io::Result<TcpStream> {
    let begun = Instant::now();
    let addresses = names::look_up(host, port)?;
    let mut left = addresses.len();
    let mut last = io::ErrorKind::TimedOut.into();
    for address in &addresses {
        let share = time.saturating_sub(begun.elapsed()).checked_div(u32::try_from(left).unwrap_or(u32::MAX));
        let Some(share) = share.filter(|share| !share.is_zero() && wanted.strong_count() > 0) else { break };
        match TcpStream::connect_timeout(address, share) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
        left -= 1;
    }
    Err(last)
}

/// Has a proxy connect to the server. It hears the server's name and nothing else.
fn tunnel(socket: &mut Socket, proxy: &Proxy, host: &str, port: u16) -> io::Result<()> {
    let mut head = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(authorization) = &proxy.authorization {
        head.push_str("Proxy-Authorization: ");
        head.push_str(authorization);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    socket.write_all(head.as_bytes())?;
    // A byte at a time: what follows the answer belongs to TLS.
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        if socket.read(&mut byte)? == 0 || answer.len() >= PROXY_BYTES {
            return Err(io::ErrorKind::InvalidData.into());
        }
        answer.extend_from_slice(&byte);
    }
    let connected = answer.starts_with(b"HTTP/1.1 2") || answer.starts_with(b"HTTP/1.0 2");
    connected.then_some(()).ok_or_else(|| io::ErrorKind::PermissionDenied.into())
}

/// Names are looked up where connections are made: ureq would ask for those of connections that it has.
#[derive(Debug)]
pub(super) struct Later;

impl Resolver for Later {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}
