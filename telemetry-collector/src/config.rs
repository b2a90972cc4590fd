//! The settings of a collector: a TOML file in which every key may be left out. `docs/samples/collector.toml` has all of them
//! with unit, default and reason; a test holds it against this file.

mod clickhouse;

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

pub use self::clickhouse::{Clickhouse, Engine};
use crate::{exit_code::ExitCode, failure::Failure};

/// All settings.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What keeps events.
    pub store: Engine,
    /// Where it listens and where it keeps its data.
    pub server: Server,
    /// How much one request may be.
    pub limits: Limits,
    /// How often one address may ask.
    pub rate: Rate,
    /// How events are committed.
    pub commit: Commit,
    /// Which days an event may have.
    pub days: Days,
    /// For how long what is kept.
    pub retention: Retention,
    /// Where ClickHouse is, if it is what keeps events.
    pub clickhouse: Clickhouse,
    /// What everybody may see.
    pub public: Public,
    /// Who may see and change what, beside the operator.
    pub tokens: Vec<Token>,
}

/// What everybody may see: closed weeks of some SDKs, rounded and frozen.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Public {
    /// The address at which it is shown; nowhere where there is none.
    pub listen: Option<SocketAddr>,
    /// The SDKs of which it is shown.
    pub sdks: Vec<String>,
}

/// What somebody with a token may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See the page and its numbers.
    Read,
    /// Say `sdk add` over HTTP.
    Add,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Read, Self::Add];

    /// The word for it, in the file and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Add => "add",
        }
    }
}

/// One token, for a team or a job of CI. `telemetry-collector token` makes one.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Token {
    /// Whose it is, for people.
    pub name: String,
    /// Its SHA-256, as 64 hexadecimal digits. The token itself is nowhere.
    pub sha256: String,
    /// The SDKs that it holds for; all where there are none.
    #[serde(default)]
    pub sdks: Vec<String>,
    /// What it allows.
    #[serde(default = "read_alone")]
    pub rights: Vec<Right>,
}

fn read_alone() -> Vec<Right> {
    vec![Right::Read]
}

impl Token {
    /// The digest as bytes; `None` where it is none.
    pub fn digest(&self) -> Option<[u8; 32]> {
        let (pairs, []) = self.sha256.as_bytes().as_chunks::<2>() else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let bytes: Vec<u8> =
            pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect::<Option<_>>()?;
        bytes.try_into().ok()
    }
}

/// Where it listens and where it keeps its data.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address that clients send to.
    pub listen: SocketAddr,
    /// The address of the operator: health, metrics, page.
    pub admin: SocketAddr,
    /// The folder of the store and of the list of SDKs.
    pub data: PathBuf,
    /// Proxies whose `X-Forwarded-For` is believed; addresses.
    pub trusted_proxies: Vec<IpAddr>,
    /// How long requests in flight may take to end after a signal; seconds.
    pub shutdown_seconds: u64,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8321)),
            admin: SocketAddr::from(([127, 0, 0, 1], 8322)),
            data: PathBuf::from("telemetry-data"),
            trusted_proxies: Vec::new(),
            shutdown_seconds: 8,
        }
    }
}

/// How much one request, and all together, may be.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// The body as it arrives; bytes.
    pub body_bytes: usize,
    /// The body unpacked; bytes.
    pub unpacked_bytes: usize,
    /// The address of a request with its query; bytes.
    pub url_bytes: usize,
    /// Events in one request.
    pub batch_events: usize,
    /// One event as JSON; bytes.
    pub event_bytes: usize,
    /// Connections at one time.
    pub connections: usize,
    /// Connections of one address at one time; proxies that are trusted have no such limit.
    pub connections_per_address: usize,
    /// Time for the head of a request, idle time before it included; seconds.
    pub header_seconds: u64,
    /// Longest pause within a body; seconds.
    pub body_pause_seconds: u64,
    /// Time for a whole body; seconds.
    pub body_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 512 * 1024,
            unpacked_bytes: 2 * 1024 * 1024,
            url_bytes: 8 * 1024,
            batch_events: telemetry_schema::limits::BATCH_EVENTS,
            event_bytes: 32 * 1024,
            connections: 1024,
            connections_per_address: 128,
            header_seconds: 5,
            body_pause_seconds: 5,
            body_seconds: 15,
        }
    }
}

/// How often one address may ask. Addresses are kept as keyed hashes in memory, never on disk.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Rate {
    /// Requests of one address in a second, on average; 0 means no limit.
    pub per_second: u32,
    /// Requests of one address at once, after a pause.
    pub burst: u32,
}

impl Default for Rate {
    fn default() -> Self {
        Self { per_second: 20, burst: 40 }
    }
}

/// How events are committed: one thread writes, and requests that wait share a commit.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Commit {
    /// Events in one commit, at most; one request is never split.
    pub events: usize,
    /// Requests that wait for a commit; more are answered 503.
    pub waiting_requests: usize,
    /// What a client is told to wait after 503; seconds.
    pub retry_after_seconds: u64,
}

impl Default for Commit {
    fn default() -> Self {
        Self { events: 5000, waiting_requests: 1024, retry_after_seconds: 60 }
    }
}

/// Which days an event may have. Others are counted apart.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Days {
    /// How far back; days.
    pub oldest: u16,
    /// How far ahead; days.
    pub newest: u16,
}

impl Default for Days {
    fn default() -> Self {
        Self { oldest: 15, newest: 1 }
    }
}

/// For how long what is kept; each is also what `erase` and the page speak of.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retention {
    /// Rows: events as they were sent, without id and time of day; days.
    pub rows_days: u32,
    /// Counts per day, event, version and value; days.
    pub counts_days: u32,
    /// Ids of events and keys of batches, by which repeats are known; days, at least 16.
    pub ids_days: u32,
    /// Rows that are deleted in one transaction.
    pub slice_rows: u32,
    /// A file that is kept only to be freed when the disk is full; MiB. 0 means none.
    pub reserve_mib: u64,
}

impl Default for Retention {
    fn default() -> Self {
        Self { rows_days: 90, counts_days: 5 * 366, ids_days: 16, slice_rows: 20_000, reserve_mib: 16 }
    }
}

/// The shortest memory of ids: the client keeps an event for 14 days, and its clock may be a day ahead or behind.
const LEAST_IDS_DAYS: u32 = 16;

impl Config {
    /// Reads the file at `path`.
    ///
    /// # Errors
    ///
    /// [`ExitCode::NoInput`] if it cannot be read, [`ExitCode::Config`] if it is wrong; the message names the line.
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}")))?;
        Self::parse(&text).map_err(|why| Failure::new(ExitCode::Config, format!("{name}: {why}")))
    }

    /// Reads the text of a configuration file.
    ///
    /// # Errors
    ///
    /// What is wrong, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        let config: Self = toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())?;
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), String> {
        let Self { store, server: _, limits, rate, commit, days, retention, clickhouse, public: _, tokens } = self;
        clickhouse.check()?;
        // A day that becomes counts is not looked at again: nothing of it may be on its way, neither from clients nor from an outbox.
        if *store == Engine::Clickhouse && retention.rows_days < u32::from(days.oldest) + LEAST_IDS_DAYS {
            return Err(format!(
                "retention.rows_days must be at least days.oldest + {LEAST_IDS_DAYS} with store = \"clickhouse\""
            ));
        }
        if retention.ids_days < LEAST_IDS_DAYS {
            return Err(format!("retention.ids_days must be at least {LEAST_IDS_DAYS}: a client repeats for 14 days"));
        }
        // An event that is taken must be remembered for as long as it can come again.
        if u32::from(days.oldest) >= retention.ids_days {
            return Err("days.oldest must be below retention.ids_days".to_owned());
        }
        for (name, value) in [
            ("limits.body_bytes", limits.body_bytes),
            ("limits.unpacked_bytes", limits.unpacked_bytes),
            ("limits.url_bytes", limits.url_bytes),
            ("limits.batch_events", limits.batch_events),
            ("limits.event_bytes", limits.event_bytes),
            ("limits.connections", limits.connections),
            ("limits.connections_per_address", limits.connections_per_address),
            ("commit.events", commit.events),
            ("commit.waiting_requests", commit.waiting_requests),
            ("retention.slice_rows", usize::try_from(retention.slice_rows).unwrap_or(usize::MAX)),
        ] {
            if value == 0 {
                return Err(format!("{name} must not be 0"));
            }
        }
        if rate.per_second > 0 && rate.burst == 0 {
            return Err("rate.burst must not be 0 where rate.per_second is not".to_owned());
        }
        if let Some(token) = tokens.iter().find(|token| token.digest().is_none()) {
            return Err(format!("tokens.sha256 of `{}` must be 64 hexadecimal digits", token.name));
        }
        Ok(())
    }
}

impl Limits {
    /// Time for the head of a request.
    pub fn header_time(&self) -> Duration {
        Duration::from_secs(self.header_seconds)
    }

    /// Longest pause within a body.
    pub fn body_pause(&self) -> Duration {
        Duration::from_secs(self.body_pause_seconds)
    }

    /// Time for a whole body.
    pub fn body_time(&self) -> Duration {
        Duration::from_secs(self.body_seconds)
    }
}

#[cfg(test)]
mod tests;
