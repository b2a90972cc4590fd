//! What a name leads to: an address, a network that is down, or nowhere, because it does not exist or because somebody on
//! this network made a sinkhole of it.

use std::{
    error::Error,
    fmt, io,
    net::{SocketAddr, ToSocketAddrs as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use crate::base::limits::LOOKUPS;

/// Asks the system's resolver, which may take seconds and cannot be interrupted: on a thread for which nobody waits.
///
/// # Errors
///
/// [`LeadsNowhere`] inside, or what the resolver said where another attempt may end otherwise.
pub(super) fn look_up(name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    match (name, port).to_socket_addrs() {
        Ok(addresses) => leading_somewhere(addresses.collect()).ok_or_else(|| io::Error::other(LeadsNowhere)),
        Err(error) if is_passing(&error) => Err(error),
        Err(_) => Err(io::Error::other(LeadsNowhere)),
    }
}

/// The places for threads of one client that look names up.
#[derive(Debug, Default)]
pub(super) struct Places(Arc<AtomicUsize>);

/// A lookup in progress.
pub(super) struct Busy(Arc<AtomicUsize>);

impl Places {
    /// # Errors
    ///
    /// If so many lookups are without an answer: another attempt is made later.
    pub(super) fn take(&self) -> io::Result<Busy> {
        let place = Busy(Arc::clone(&self.0));
        if self.0.fetch_add(1, Ordering::AcqRel) >= LOOKUPS {
            return Err(io::ErrorKind::ResourceBusy.into());
        }
        Ok(place)
    }
}

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

/// Whether it looks as if somebody wants that there is no connection.
pub(super) fn is_blocked(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::ConnectionRefused || error.get_ref().is_some_and(|inner| inner.is::<LeadsNowhere>())
}

/// The name does not exist, or has no address.
#[derive(Debug)]
pub(super) struct LeadsNowhere;

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
