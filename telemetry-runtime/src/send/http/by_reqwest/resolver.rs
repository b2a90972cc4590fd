//! Looks the server's name up and tells three cases apart: an address, a network that is down, and a name that leads
//! nowhere because it does not exist or because somebody on this network made a sinkhole of it.

use std::{
    error::Error,
    fmt, io,
    net::{SocketAddr, ToSocketAddrs as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tokio::sync::oneshot;

use crate::base::{limits::LOOKUPS, process};

/// The system's resolver, which may take seconds and cannot be interrupted: on threads of its own, for which nobody waits.
#[derive(Debug, Default)]
pub(crate) struct Resolver {
    busy: Arc<AtomicUsize>,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let found = self.look_up(name);
        Box::pin(async move {
            let addresses: Vec<SocketAddr> = match found?.await? {
                Ok(addresses) => addresses,
                Err(error) if is_passing(&error) => return Err(error.into()),
                Err(_) => return Err(LeadsNowhere.into()),
            };
            match leading_somewhere(addresses) {
                Some(addresses) => Ok(Box::new(addresses.into_iter()) as Addrs),
                None => Err(LeadsNowhere.into()),
            }
        })
    }
}

impl Resolver {
    /// # Errors
    ///
    /// If so many lookups are without an answer, or the system has no thread to give: another attempt is made later.
    fn look_up(&self, name: Name) -> io::Result<oneshot::Receiver<io::Result<Vec<SocketAddr>>>> {
        let (told, found) = oneshot::channel();
        let place = Busy(Arc::clone(&self.busy));
        if self.busy.fetch_add(1, Ordering::AcqRel) >= LOOKUPS {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        process::spawn("telemetry-send", move || {
            let _place = place;
            let _ = told.send((name.as_str(), 0).to_socket_addrs().map(Iterator::collect));
        })?;
        Ok(found)
    }
}

/// A lookup in progress.
struct Busy(Arc<AtomicUsize>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Without the addresses that are none: `0.0.0.0` and `::`, with which blockers answer. Connecting to them would reach
/// this machine. `None` if nothing is left.
fn leading_somewhere(addresses: Vec<SocketAddr>) -> Option<Vec<SocketAddr>> {
    let real: Vec<_> = addresses.into_iter().filter(|address| !address.ip().to_canonical().is_unspecified()).collect();
    (!real.is_empty()).then_some(real)
}

/// Whether the resolver could not say. The standard library keeps its code to itself, so the text has to do; systems
/// write it in English unless the program has set a locale. Where it says something else, the next attempt is made later.
fn is_passing(error: &io::Error) -> bool {
    let text = error.to_string();
    ["emporary", "ry again", "too many open files"].iter().any(|passing| text.contains(passing))
}

/// The name does not exist, or has no address.
#[derive(Debug)]
pub(crate) struct LeadsNowhere;

impl fmt::Display for LeadsNowhere {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name leads nowhere")
    }
}

impl Error for LeadsNowhere {}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn r03_a_sinkhole_leads_nowhere() {
        for sinkhole in [&["0.0.0.0:0"][..], &["[::]:0"], &["[::ffff:0.0.0.0]:0", "0.0.0.0:0"], &[]] {
            assert_eq!(leading_somewhere(addresses(sinkhole)), None, "{sinkhole:?}");
        }
        let real = leading_somewhere(addresses(&["0.0.0.0:0", "192.0.2.1:0", "127.0.0.1:0"])).unwrap();
        assert_eq!(real, addresses(&["192.0.2.1:0", "127.0.0.1:0"]));
    }

    #[test]
    fn r03_a_name_that_does_not_exist_is_told_from_a_network_that_is_down() {
        let said = |text: &str| io::Error::other(format!("failed to lookup address information: {text}"));
        assert!(is_passing(&said("Temporary failure in name resolution")));
        assert!(is_passing(&said("Try again")));
        for nowhere in ["Name or service not known", "Name does not resolve", "No address associated with hostname"] {
            assert!(!is_passing(&said(nowhere)), "{nowhere}");
        }
    }
}
