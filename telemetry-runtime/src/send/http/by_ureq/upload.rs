//! What lives as long as one upload: the connection that its requests share. See `by_reqwest/upload.rs` for why.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rustls::ClientConfig;
use ureq::{Agent, config::AutoHeaderValue};

use super::{
    call::Call,
    dial::{Dialer, Later},
};
use crate::{
    base::{
        environment::Way,
        limits::{RESPONSE_HEAD_BYTES, REUSE_IDLE, REUSE_WATCH},
    },
    send::http::{Route, names::Places},
};

/// One upload under way.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) agent: Agent,
    pub(super) call: Arc<Call>,
    made_for: (Route, Way),
    /// When the latest answer ended, and with it the work of the connection.
    idle_since: Option<Instant>,
}

impl Upload {
    pub(super) fn begin(route: Route, way: Way, tls: Option<Arc<ClientConfig>>, places: Arc<Places>) -> Self {
        let call = Call::new();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // The way is ours to find.
            .proxy(None)
            .max_response_header_size(RESPONSE_HEAD_BYTES)
            .max_idle_connections(1)
            .max_idle_connections_per_host(1)
            // Other crates of the host's graph may turn compression on for everybody.
            .accept_encoding(AutoHeaderValue::None)
            .user_agent(AutoHeaderValue::None)
            .build();
        let dialer = Dialer { call: Arc::clone(&call), way: way.clone(), tls, places };
        let agent = Agent::with_parts(config, dialer, Later);
        Self { agent, call, made_for: (route, way), idle_since: None }
    }

    /// A request has ended.
    pub(super) fn used(&mut self) {
        self.idle_since = Some(Instant::now());
    }

    /// Whether the next request may go out in this upload. If not, this one has to end, and the next one begins with a new
    /// connection. `keeps` is whether the server has kept a connection after its latest answer.
    pub(super) fn goes_on(&mut self, route: Route, way: &Way, keeps: &mut bool) -> bool {
        let Some(since) = self.idle_since.take() else { return true };
        if self.made_for.0 != route || self.made_for.1 != *way || since.elapsed() > REUSE_IDLE {
            return false;
        }
        // A server that closes after every answer does so now; one that has kept the connection before is believed.
        *keeps = self.call.stays_open(if *keeps { Duration::ZERO } else { REUSE_WATCH });
        *keeps
    }
}
