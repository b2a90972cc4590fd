//! What a running collector counts about itself, for `/metrics`. In memory, without names, addresses or contents.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::reason::Reason;

/// The upper bounds of the buckets of commit times; seconds.
const COMMIT_BUCKETS: [f64; 8] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.0];

/// How requests end, by status.
const STATUSES: [u16; 13] = [200, 204, 400, 404, 405, 408, 410, 413, 414, 415, 429, 500, 503];

/// One number that only grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds so many.
    pub fn add(&self, n: u64) {
        self.0.fetch_add(n, Ordering::Relaxed);
    }

    /// What it is now.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// All counters of one collector.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Events that were committed.
    pub accepted: Counter,
    /// Events that were there already.
    pub duplicate: Counter,
    /// Commits.
    pub commits: Counter,
    /// Commits that failed.
    pub commits_failed: Counter,
    /// Connections that were closed because there were too many.
    pub connections_refused: Counter,
    /// Stores that were found damaged at start and set aside.
    pub set_aside: Counter,
    refused: [Counter; Reason::ALL.len()],
    statuses: [Counter; STATUSES.len()],
    commit_buckets: [Counter; COMMIT_BUCKETS.len()],
    commit_micros: Counter,
}

impl Metrics {
    /// Counts events that were refused.
    pub fn refuse(&self, reason: Reason, n: u64) {
        if let Some(place) = Reason::ALL.iter().position(|known| *known == reason)
            && let Some(counter) = self.refused.get(place)
        {
            counter.add(n);
        }
    }

    /// Events that were refused, for whatever reason.
    pub fn refused_in_all(&self) -> u64 {
        self.refused.iter().map(Counter::get).sum()
    }

    /// The time of all commits together.
    pub fn commit_time(&self) -> Duration {
        Duration::from_micros(self.commit_micros.get())
    }

    /// Counts a request by its status.
    pub fn answered(&self, status: u16) {
        if let Some(place) = STATUSES.iter().position(|known| *known == status)
            && let Some(counter) = self.statuses.get(place)
        {
            counter.add(1);
        }
    }

    /// Counts a commit by its time.
    pub fn committed(&self, time: Duration) {
        self.commits.add(1);
        self.commit_micros.add(u64::try_from(time.as_micros()).unwrap_or(u64::MAX));
        for (bound, counter) in COMMIT_BUCKETS.iter().zip(&self.commit_buckets) {
            if time.as_secs_f64() <= *bound {
                counter.add(1);
            }
        }
    }

    /// All of it in the text format of Prometheus.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        let mut one = |name: &str, help: &str, counter: &Counter| {
            let _ = write!(
                out,
                "# HELP telemetry_collector_{name} {help}\n# TYPE telemetry_collector_{name} counter\ntelemetry_collector_{name} {}\n",
                counter.get()
            );
        };
        one("events_accepted_total", "Events that were committed.", &self.accepted);
        one("events_duplicate_total", "Events that were there already.", &self.duplicate);
        one("commits_failed_total", "Commits that failed; clients were answered 503.", &self.commits_failed);
        one("connections_refused_total", "Connections beyond the limits.", &self.connections_refused);
        one("stores_set_aside_total", "Damaged stores that were set aside at start.", &self.set_aside);
        out.push_str("# HELP telemetry_collector_events_refused_total Events that were refused, by reason.\n# TYPE telemetry_collector_events_refused_total counter\n");
        for (reason, counter) in Reason::ALL.iter().zip(&self.refused) {
            let _ = writeln!(
                out,
                "telemetry_collector_events_refused_total{{reason=\"{}\"}} {}",
                reason.word(),
                counter.get()
            );
        }
        out.push_str("# HELP telemetry_collector_requests_total Requests, by status.\n# TYPE telemetry_collector_requests_total counter\n");
        for (status, counter) in STATUSES.iter().zip(&self.statuses) {
            let _ = writeln!(out, "telemetry_collector_requests_total{{status=\"{status}\"}} {}", counter.get());
        }
        out.push_str("# HELP telemetry_collector_commit_seconds Time of a commit.\n# TYPE telemetry_collector_commit_seconds histogram\n");
        for (bound, counter) in COMMIT_BUCKETS.iter().zip(&self.commit_buckets) {
            let _ = writeln!(out, "telemetry_collector_commit_seconds_bucket{{le=\"{bound}\"}} {}", counter.get());
        }
        let commits = self.commits.get();
        let seconds = self.commit_time().as_secs_f64();
        let _ = writeln!(out, "telemetry_collector_commit_seconds_bucket{{le=\"+Inf\"}} {commits}");
        let _ = writeln!(out, "telemetry_collector_commit_seconds_sum {seconds}");
        let _ = writeln!(out, "telemetry_collector_commit_seconds_count {commits}");
        out
    }
}
