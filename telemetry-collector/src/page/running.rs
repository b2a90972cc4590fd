//! The running collector, as the page sees it.

use std::{sync::Arc, time::Instant};

use super::access::Access;
use crate::{clock::Clock, commit::Committer, config::Config, ingest::Ingest, metrics::Metrics, store::Outside};

/// What the page needs of the running collector.
#[derive(Debug)]
pub struct Page {
    /// Its settings.
    pub config: Config,
    /// Who may see what.
    pub access: Vec<Access>,
    /// What answers clients; it has the list of SDKs.
    pub ingest: Arc<Ingest>,
    /// Its counters.
    pub metrics: Arc<Metrics>,
    /// What writes.
    pub committer: Committer,
    /// Today.
    pub clock: Clock,
    /// What waits for an engine beyond this machine, if there is one.
    pub outside: Option<Outside>,
    /// When it was started.
    pub started: Instant,
}
