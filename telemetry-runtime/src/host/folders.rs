//! The folders in which SDKs keep what they know of this user, also those of SDKs that are not in this program.

use std::{
    env, io,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use serde_json::value::RawValue;
use telemetry_schema::Level;

use crate::{
    base::{
        environment::{DO_NOT_TRACK, is_signal},
        process::Inside,
    },
    decide::{answer::Verdict, policy},
    host::{at_vendor::InstallationId, erased::Erased, stored_decision::StoredDecision},
    send::sent_log,
    write::{
        files::{
            consent_file::{self, ConsentState},
            installation_file::{self, UsedId},
            policy_file, state_dir,
        },
        removal,
    },
};

/// The state folder of one SDK of this user.
///
/// For tools that serve the user and know no SDK: what a program would record next is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SdkFolder {
    base: PathBuf,
    name: String,
}

/// The folders of all SDKs of this user, by name; none where there is no state directory.
pub fn sdk_folders() -> Vec<SdkFolder> {
    let _inside = Inside::enter();
    let Ok(base) = base() else { return Vec::new() };
    let Ok(Some(all)) = telemetry_spool::PrivateFolder::open(&base, &["telemetry"], false) else { return Vec::new() };
    let mut names = all.dir().folders(usize::MAX, |name| Some(name.to_owned())).unwrap_or_default().0;
    names.retain(|name| matches!(state_dir::open(&base, name, false), Ok(Some(_))));
    names.sort();
    names.dedup();
    names.into_iter().map(|name| SdkFolder { base: base.clone(), name }).collect()
}

impl SdkFolder {
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(Self { base: base().ok()?, name: name.to_owned() })
    }

    /// The SDK's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the folder is.
    pub fn path(&self) -> PathBuf {
        path(&self.base, &self.name)
    }

    /// What the user decided.
    pub fn decision(&self) -> StoredDecision {
        let _inside = Inside::enter();
        match state_dir::open(&self.base, &self.name, false) {
            Ok(Some(dir)) => match consent_file::load(&dir) {
                ConsentState::Absent => StoredDecision::Undecided,
                ConsentState::Unreadable(reason) => StoredDecision::Unreadable(reason),
                ConsentState::Loaded(file) => file.consent.map_or(StoredDecision::Undecided, StoredDecision::Decided),
            },
            Ok(None) => StoredDecision::Undecided,
            Err(reason) => StoredDecision::Unreadable(reason.to_string()),
        }
    }

    /// How much the user lets be recorded, where they have chosen that.
    pub fn level(&self) -> Option<Level> {
        let _inside = Inside::enter();
        match state_dir::open(&self.base, &self.name, false) {
            Ok(Some(dir)) => match consent_file::load(&dir) {
                ConsentState::Loaded(file) => file.level,
                ConsentState::Absent | ConsentState::Unreadable(_) => None,
            },
            Ok(None) | Err(_) => None,
        }
    }

    /// How many events wait to be sent, of all programs. `None` if that cannot be read.
    pub fn waiting(&self) -> Option<u64> {
        let _inside = Inside::enter();
        let dir = state_dir::open(&self.base, &self.name, false).ok()?;
        dir.map_or(Some(0), |dir| telemetry_spool::spooled_for_anyone(&dir))
    }

    /// The ids of this machine under which events were sent, of SDKs with `identity`, the oldest first.
    pub fn installation_ids(&self) -> Vec<InstallationId> {
        let _inside = Inside::enter();
        self.used_ids().iter().map(InstallationId::of).collect()
    }

    /// The ids that may still be asked for, by whomever.
    pub(crate) fn used_ids(&self) -> Vec<UsedId> {
        match state_dir::open(&self.base, &self.name, false) {
            Ok(Some(dir)) => installation_file::kept(&dir),
            _ => Vec::new(),
        }
    }

    /// What was sent lately and how it ended: a line of JSON for each request, the oldest first.
    pub fn sent_log(&self) -> String {
        let _inside = Inside::enter();
        match state_dir::open(&self.base, &self.name, false) {
            Ok(Some(dir)) => sent_log::read(&dir),
            _ => String::new(),
        }
    }

    /// As [`SdkFolder::sent_log`], for people: [`sent_request`] of each line, or a sentence that there is none.
    pub fn sent_requests(&self) -> String {
        match self.sent_log() {
            log if log.is_empty() => NOTHING_SENT.to_owned(),
            log => log.lines().filter_map(sent_request).collect(),
        }
    }

    /// What keeps every program of this SDK from recording or sending besides the decision, as far as this process can see:
    /// `DO_NOT_TRACK`, or the policy of this machine.
    pub fn kept_off_by(&self) -> Option<String> {
        let _inside = Inside::enter();
        if let Some(value) = env::var_os(DO_NOT_TRACK).filter(|value| is_signal(value)) {
            return Some(format!("{DO_NOT_TRACK}={} (environment)", value.to_string_lossy()));
        }
        let answer = policy::strictest(&policy_file::read().machine, &self.name)?;
        (answer.verdict != Verdict::Allows).then(|| format!("{} ({})", answer.value, answer.source))
    }

    /// Stores the decision `off` and deletes what waits; programs that run stop within a second. Answers with the number of
    /// events that were deleted.
    ///
    /// # Errors
    ///
    /// If the decision cannot be stored.
    pub fn turn_off(&self) -> io::Result<u64> {
        let _inside = Inside::enter();
        removal::turn_off(&self.base, &self.name)
    }

    /// Removes everything that this framework has put into the folder, and nothing else, while programs may be running: see
    /// [`Sdk::erase`](crate::Sdk::erase).
    ///
    /// # Errors
    ///
    /// If the folder cannot be written.
    pub fn erase(&self, forget: bool) -> io::Result<Erased> {
        let _inside = Inside::enter();
        self.erase_decided(&self.decision(), forget)
    }

    /// As [`SdkFolder::erase`], where this was the decision before it was replaced by `off`.
    pub(crate) fn erase_decided(&self, before: &StoredDecision, forget: bool) -> io::Result<Erased> {
        let removal = removal::remove(&self.base, &self.name, before.counts_as(), forget)?;
        let Some(removal) = removal else { return Ok(Erased::default()) };
        let removal::Removal { events, removed, left, off_stays } = removal;
        Ok(Erased { folder: Some(self.path()), events, removed, left, off_stays })
    }
}

/// What a log without a line says.
pub(crate) const NOTHING_SENT: &str = "Nothing was sent yet, as far as the log goes back.\n";

/// A line of `sent.log`. Events are shown as they were sent.
#[derive(Deserialize)]
struct Entry<'a> {
    at: &'a str,
    url: String,
    end: &'a str,
    status: Option<u16>,
    count: u64,
    #[serde(borrow, default)]
    events: Vec<&'a RawValue>,
    /// In place of events that are larger than the log.
    #[serde(default)]
    names: Vec<String>,
}

/// One line of [`SdkFolder::sent_log`] for people: when, how it ended, where to, and each event in a line below it, byte for
/// byte. The time is the hour in which it ended. `None` if it is no such line.
pub fn sent_request(line: &str) -> Option<String> {
    let Entry { at, url, end, status, count, events, names } = serde_json::from_str(line).ok()?;
    let ended = match end {
        "confirmed" => "taken by the server",
        "refused" => "refused by the server, and deleted here",
        "too_large" => "too large for the server; sent again in smaller requests",
        "later" => "not taken now; sent again later",
        "unknown" => "no answer; sent again under the same key",
        other => other,
    };
    let status = status.map(|status| format!(" (HTTP {status})")).unwrap_or_default();
    let of = if count == 1 { "1 event".to_owned() } else { format!("{count} events") };
    let mut shown = format!("{at}  {of} to {url}: {ended}{status}\n");
    for event in events.iter().map(|event| event.get()).chain(names.iter().map(String::as_str)) {
        shown.push_str("    ");
        shown.push_str(event);
        shown.push('\n');
    }
    Some(shown)
}

fn base() -> Result<PathBuf, state_dir::NoState> {
    state_dir::locate(|name| env::var_os(name))
}

fn path(base: &Path, name: &str) -> PathBuf {
    base.join("telemetry").join(name)
}
