//! How a connection is made: a name looked up, a socket, a proxy, TLS, all within one time, and every byte counted.

use std::{
    error::Error,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use hyper::Uri;
use hyper_util::{
    client::{
        legacy::connect::{HttpConnector, proxy::Tunnel},
        proxy::matcher::Matcher,
    },
    rt::TokioIo,
};
use tower_service::Service;

use super::{
    Route,
    meter::{Meter, Metered},
    resolver::Resolver,
    tls::{self, Secured, Stream, Tls},
};
use crate::pipeline::limits::{CONNECT_TIMEOUT, RECEIVE_BUFFER};

type Failure = Box<dyn Error + Send + Sync>;
type Connecting<T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send>>;

/// A socket.
type Socket = TokioIo<Metered>;

/// Calls a connector when it is ready.
async fn connect<S: Service<Uri>>(mut connector: S, to: Uri) -> Result<S::Response, S::Error> {
    poll_fn(|cx| connector.poll_ready(cx)).await?;
    connector.call(to).await
}

/// Connects to a name or an address.
#[derive(Clone)]
struct Direct {
    tcp: HttpConnector<Resolver>,
    meter: Meter,
}

impl Service<Uri> for Direct {
    type Response = Socket;
    type Error = Failure;
    type Future = Connecting<Socket>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Self { tcp, meter } = self.clone();
        Box::pin(async move {
            let stream = connect(tcp, to).await?.into_inner();
            Ok(TokioIo::new(Metered::new(stream, meter)))
        })
    }
}

/// Connects directly or through the proxy that the environment or the system names.
#[derive(Clone)]
pub(super) struct Proxied {
    direct: Direct,
    tls: Tls,
    /// `None` for this machine.
    proxies: Option<Arc<Matcher>>,
}

impl Service<Uri> for Proxied {
    type Response = Stream<Socket>;
    type Error = Failure;
    type Future = Connecting<Stream<Socket>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let Self { direct, tls, proxies } = self.clone();
        Box::pin(async move {
            let Some(proxy) = proxies.as_ref().and_then(|proxies| proxies.intercept(&to)) else {
                return Ok(tls::plain(connect(direct, to).await?));
            };
            if !matches!(proxy.uri().scheme_str(), Some("http" | "https")) {
                return Err("a proxy of a kind that is not spoken".into());
            }
            // A proxy may itself be reached by TLS.
            let mut tunnel = Tunnel::new(proxy.uri().clone(), tls.over(direct));
            if let Some(user) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(user.clone());
            }
            Ok(connect(tunnel, to).await?)
        })
    }
}

/// Connects as an address says, within [`CONNECT_TIMEOUT`].
#[derive(Clone)]
pub(super) struct Connector(Secured<Proxied>);

impl Connector {
    /// # Errors
    ///
    /// If the platform's certificates cannot be read, or this build has no TLS and it is needed.
    pub(super) fn new(route: Route, meter: Meter) -> Result<Self, Failure> {
        let tls = Tls::new(route)?;
        // Names are looked up by us, on threads of ours: so one that leads nowhere can be told from a network that is down.
        let mut tcp = HttpConnector::new_with_resolver(Resolver::default());
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_recv_buffer_size(Some(RECEIVE_BUFFER));
        let proxies = (route == Route::Secure).then(|| Arc::new(Matcher::from_system()));
        let proxied = Proxied { direct: Direct { tcp, meter }, tls: tls.clone(), proxies };
        Ok(Self(tls.over(proxied)))
    }
}

impl Service<Uri> for Connector {
    type Response = <Secured<Proxied> as Service<Uri>>::Response;
    type Error = Failure;
    type Future = Connecting<Self::Response>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let connecting = connect(self.0.clone(), to);
        Box::pin(async move { tokio::time::timeout(CONNECT_TIMEOUT, connecting).await? })
    }
}
