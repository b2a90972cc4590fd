//! Settings of the store beyond one machine.

use std::{path::PathBuf, time::Duration};

use serde::Deserialize;

/// What keeps events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// SQLite, in the data folder of the one collector.
    #[default]
    Sqlite,
    /// ClickHouse, for any number of collectors; each keeps in its data folder what the engine does not have yet.
    Clickhouse,
}

/// Where ClickHouse is, and how much may wait for it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clickhouse {
    /// Its HTTP interface.
    pub url: String,
    /// The database, which is there.
    pub database: String,
    /// The user.
    pub user: String,
    /// A file that holds the password; none where the user has none.
    pub password_file: Option<PathBuf>,
    /// The cluster, if the tables are to be replicated and spread over one.
    pub cluster: Option<String>,
    /// How much may wait in the data folder; MiB. At 80 % clients are answered 503.
    pub outbox_mib: u64,
    /// Events in one insert, at most.
    pub insert_events: usize,
    /// How long it waits for more events before an insert that is not full; milliseconds.
    pub linger_milliseconds: u64,
    /// How long one statement may take; seconds.
    pub timeout_seconds: u64,
    /// Whether bytes of deleted rows leave the disk within seconds and nothing is packed: for tests that look at all bytes.
    #[doc(hidden)]
    #[serde(skip)]
    pub leaves_no_bytes: bool,
}

impl Default for Clickhouse {
    fn default() -> Self {
        Self {
            url: "http://127.0.0.1:8123".to_owned(),
            database: "telemetry".to_owned(),
            user: "default".to_owned(),
            password_file: None,
            cluster: None,
            outbox_mib: 4096,
            insert_events: 50_000,
            linger_milliseconds: 1000,
            timeout_seconds: 30,
            leaves_no_bytes: false,
        }
    }
}

/// Of 100 parts of the outbox, so many may be filled.
const FILLED_PERCENT: u64 = 80;

impl Clickhouse {
    /// From how many waiting bytes on nothing more is taken.
    pub fn full_at(&self) -> u64 {
        self.outbox_mib.saturating_mul(1 << 20) / 100 * FILLED_PERCENT
    }

    /// How long one statement may take.
    pub fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// How long it waits for more events.
    pub fn linger(&self) -> Duration {
        Duration::from_millis(self.linger_milliseconds)
    }

    pub(super) fn check(&self) -> Result<(), String> {
        if !self.url.starts_with("http://") && !self.url.starts_with("https://") {
            return Err("clickhouse.url must begin with http:// or https://".to_owned());
        }
        let counts = [
            ("outbox_mib", self.outbox_mib),
            ("insert_events", self.insert_events as u64),
            ("linger_milliseconds", self.linger_milliseconds),
            ("timeout_seconds", self.timeout_seconds),
        ];
        if let Some((name, _)) = counts.iter().find(|(_, count)| *count == 0) {
            return Err(format!("clickhouse.{name} must not be 0"));
        }
        // It is written into statements as it stands.
        if self
            .cluster
            .as_ref()
            .is_some_and(|name| !name.chars().all(|char| char.is_ascii_alphanumeric() || "_-".contains(char)))
        {
            return Err("clickhouse.cluster must be letters, digits, `_` and `-`".to_owned());
        }
        Ok(())
    }
}
