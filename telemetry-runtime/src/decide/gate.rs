//! The one place that decides whether anything may be recorded or sent.
//!
//! The gate has eleven layers. Each can only reduce what the ones before it allow, save the last two: stored consent
//! turns an opt-in SDK on, and the default speaks where the user did not. Layers 1–4, 7 and 8 are decided here on the
//! caller's thread, from memory and environment alone; 9 and 10 need files and are decided by the writer
//! (`write/writer.rs`), on the worker or on a thread that records a command. Layers 5 and 6 have their place in the
//! order and in `status`, and no reader yet.

mod build;
mod env;
mod environment;
#[cfg(feature = "http")]
mod proxy;
mod stored;

pub(crate) use env::{EnvReading, says_off};
pub(crate) use environment::{Surroundings, actor, is_agent, is_ci};
#[cfg(feature = "http")]
pub(crate) use proxy::malformed as malformed_proxy_variable;
pub(crate) use stored::{StoredConsent, StoredDecision, decide as decide_stored};

pub(crate) use crate::decide::layer::{Layer, Verdict};
use crate::{
    decide::{
        options::Options,
        settings::{self, Settings},
    },
    declare::sdk::{Mode, Sdk},
};

/// What the layers in memory say, in the order of the layers.
pub(crate) struct MemoryDecision {
    pub(crate) layers: Vec<Layer>,
    pub(crate) debug: bool,
}

impl MemoryDecision {
    /// The first layer that says no.
    pub(crate) fn off(&self) -> Option<&Layer> {
        self.layers.iter().find(|layer| layer.verdict == Verdict::Off)
    }

    pub(crate) fn mode(&self) -> Mode {
        // Debug mode shows what would be recorded, also where development or environment layers hold it back; it never
        // shows anything to somebody who opted out (layers 1 to 4).
        match self.off() {
            Some(layer) if !self.debug || layer.number <= 4 => Mode::Off,
            _ if self.debug => Mode::Debug,
            _ => Mode::Pending,
        }
    }
}

/// Asks the layers that need no file.
pub(crate) fn decide_in_memory(sdk: Sdk, settings: &mut Settings) -> MemoryDecision {
    let env = settings.env.get_or_insert_with(|| EnvReading::of(sdk)).clone();
    let options = &settings.options;
    let lifted = loopback_lifts(sdk, options);
    let layers = vec![
        build::compiled(sdk),
        build::vetoed(options, settings.refused),
        env.do_not_track.clone(),
        env.disabled.clone(),
        environment::layer(sdk, &env, lifted),
        build::development(sdk, settings, lifted),
    ];
    MemoryDecision { layers, debug: options.debug.unwrap_or(false) || env.debug }
}

/// Whether [`Options::loopback`] applies: it does for loopback endpoints only.
pub(crate) fn loopback_lifts(sdk: Sdk, options: &Options) -> bool {
    options.loopback == Some(true) && is_loopback(sdk.info.endpoint)
}

/// Where batches of `sdk` go: its endpoint, with the port of [`Options::loopback_port`] if it is a loopback address.
pub(crate) fn endpoint(sdk: Sdk, options: &Options) -> String {
    let endpoint = sdk.info.endpoint;
    let Some(port) = options.loopback_port.filter(|_| is_loopback(endpoint)) else {
        return endpoint.to_owned();
    };
    let Some((scheme, rest)) = endpoint.split_once("://") else { return endpoint.to_owned() };
    let (authority, path) = rest.find('/').and_then(|at| rest.split_at_checked(at)).unwrap_or((rest, ""));
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    format!("{scheme}://{host}:{port}{path}")
}

/// The variable that keeps everything of `sdk` here, because it should name a proxy and does not.
pub(crate) fn malformed_proxy(sdk: Sdk) -> Option<&'static str> {
    if sdk.info.transport.is_some() || is_loopback(sdk.info.endpoint) {
        return None; // No proxy has anything to do with it.
    }
    settings::of(sdk).env.get_or_insert_with(|| EnvReading::of(sdk)).malformed_proxy
}

/// Whether a URL's host is this machine: `127.0.0.0/8`, `[::1]` or `localhost`.
pub(crate) fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for url in ["http://127.0.0.1", "http://127.9.9.9:80/x", "http://localhost:1", "http://[::1]:8080/y"] {
            assert!(is_loopback(url), "{url}");
        }
        for url in [
            "https://example.com",
            "http://127.0.0.1.example.com",
            "http://localhost.example.com",
            "http://127.0.0.1@example.com",
            "http://[::2]",
            "",
        ] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
