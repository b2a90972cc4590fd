//! TLS by rustls with ring and the platform's trust store.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, client::Resumption, crypto::ring};
use rustls_platform_verifier::BuilderVerifierExt as _;

use crate::send::http::Route;

/// What a connection of this kind has to keep to. The provider is handed over, never installed: a process-wide default is the
/// host's to choose.
pub(super) fn config(route: Route) -> Option<ClientConfig> {
    let provider = Arc::new(ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = match route {
        // Without a configuration of ours reqwest would look for the process-wide provider, and panic without one. No
        // certificate is trusted here, and none is asked for.
        Route::Loopback { tls: false } => config.with_root_certificates(RootCertStore::empty()),
        Route::Loopback { tls: true } | Route::Secure => config.with_platform_verifier().ok()?,
    };
    let mut config = config.with_no_client_auth();
    // A ticket of an earlier upload would tell the server that this is the same program.
    config.resumption = Resumption::disabled();
    Some(config)
}
