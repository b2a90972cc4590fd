//! The TLS that the features have chosen.

use std::error::Error;

#[cfg(all(feature = "rustls-tls", not(feature = "native-tls")))]
pub(super) use hyper_rustls::{HttpsConnector as Secured, MaybeHttpsStream as Stream};
#[cfg(feature = "native-tls")]
pub(super) use hyper_tls::{HttpsConnector as Secured, MaybeHttpsStream as Stream};

use super::Route;

type Failure = Box<dyn Error + Send + Sync>;

/// What a connection is secured with.
#[derive(Clone)]
pub(super) struct Tls {
    #[cfg(feature = "native-tls")]
    connector: tokio_native_tls::TlsConnector,
    #[cfg(all(feature = "rustls-tls", not(feature = "native-tls")))]
    config: std::sync::Arc<rustls::ClientConfig>,
}

/// The platform's TLS, where somebody asked for it.
#[cfg(feature = "native-tls")]
impl Tls {
    pub(super) fn new(_route: Route) -> Result<Self, Failure> {
        Ok(Self { connector: tokio_native_tls::native_tls::TlsConnector::new()?.into() })
    }

    pub(super) fn over<C>(&self, connector: C) -> Secured<C> {
        (connector, self.connector.clone()).into()
    }
}

/// Rustls with ring and the platform's trust store. The provider is handed over, never installed: a process-wide default
/// is the host's to choose.
#[cfg(all(feature = "rustls-tls", not(feature = "native-tls")))]
impl Tls {
    pub(super) fn new(route: Route) -> Result<Self, Failure> {
        use rustls::{ClientConfig, RootCertStore, client::Resumption};
        use rustls_platform_verifier::BuilderVerifierExt as _;

        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
        let config = match route {
            // No certificate is trusted here, and none is asked for.
            Route::Loopback { tls: false } => config.with_root_certificates(RootCertStore::empty()),
            Route::Loopback { tls: true } | Route::Secure => config.with_platform_verifier()?,
        };
        let mut config = config.with_no_client_auth();
        // A ticket of an earlier upload would tell the server that this is the same program.
        config.resumption = Resumption::disabled();
        Ok(Self { config: config.into() })
    }

    pub(super) fn over<C>(&self, connector: C) -> Secured<C> {
        (connector, self.config.clone()).into()
    }
}

/// A connection that is not secured at this place.
#[cfg(any(feature = "native-tls", feature = "rustls-tls"))]
pub(super) fn plain<T: hyper::rt::Read + hyper::rt::Write + Unpin>(stream: T) -> Stream<T> {
    Stream::Http(stream)
}

/// Without TLS only plain text to this machine works.
#[cfg(not(any(feature = "native-tls", feature = "rustls-tls")))]
mod none {
    use super::{Failure, Route, Tls};

    pub(in super::super) type Secured<C> = C;
    pub(in super::super) type Stream<T> = T;

    impl Tls {
        pub(in super::super) fn new(route: Route) -> Result<Self, Failure> {
            if route == (Route::Loopback { tls: false }) { Ok(Self {}) } else { Err("no TLS in this build".into()) }
        }

        pub(in super::super) fn over<C>(&self, connector: C) -> C {
            connector
        }
    }

    pub(in super::super) fn plain<T>(stream: T) -> T {
        stream
    }
}
#[cfg(not(any(feature = "native-tls", feature = "rustls-tls")))]
pub(super) use none::{Secured, Stream, plain};
