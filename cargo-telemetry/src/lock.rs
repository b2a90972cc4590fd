//! `telemetry.lock`: all that is shipped can record, as it is committed and reviewed.
//!
//! It unites several builds: other features, targets, binaries and packages. Where there is more than one, every SDK and
//! event names the builds that it is in, and one key may have several schemas, each with its builds.
//!
//! It holds no version of a crate, no line, time or path, so the same events give the same bytes on any machine. Every field of an
//! event stands on a line of its own, so that a pull request shows what users will send. `docs/audit.md` describes it.

mod build;
mod changes;
mod entry;
mod error;
mod file;
mod parse;
mod type_text;
mod write;

use std::collections::{BTreeMap, BTreeSet};

pub use build::{Build, DEFAULT_NAME};
pub use error::LockError;
use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};

pub(crate) use changes::{Change, changes};
pub(crate) use entry::{Entry, Scope};

/// The version of the file's format. Raised when a reader of the old version would misread the new one.
pub const LOCK_VERSION: u32 = 2;

/// The name of the file, beside the manifest of the package.
pub const FILE_NAME: &str = "telemetry.lock";

/// The names of the builds that something is in.
pub(crate) type Builds = BTreeSet<String>;

/// What a lock file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    builds: Vec<Build>,
    sdks: Vec<(SdkDescriptor, Builds)>,
    events: Vec<(EventDescriptor, Builds)>,
    manifest: Manifest,
}

impl Lock {
    /// The lock file of one build.
    pub fn new(build: Build, manifest: &Manifest) -> Self {
        let name = build.name.clone();
        Self::of(vec![build], [(name.as_str(), manifest)])
    }

    /// The lock file of several builds, each with what programs of it can record: without versions and places, in an order that
    /// depends on what is left only, and with equal descriptors once.
    pub fn of<'a>(builds: Vec<Build>, programs: impl IntoIterator<Item = (&'a str, &'a Manifest)>) -> Self {
        let (mut sdks, mut events) = (Vec::new(), Vec::new());
        for (name, manifest) in programs {
            let in_build = || Builds::from([name.to_owned()]);
            sdks.extend(manifest.sdks.iter().map(|sdk| (stripped_sdk(sdk), in_build())));
            events.extend(manifest.events.iter().map(|event| (stripped_event(event), in_build())));
        }
        Self::from_entries(builds, sdks, events)
    }

    fn from_entries(
        mut builds: Vec<Build>,
        sdks: Vec<(SdkDescriptor, Builds)>,
        events: Vec<(EventDescriptor, Builds)>,
    ) -> Self {
        builds.sort_by(|a, b| a.name.cmp(&b.name));
        let sdks = united(sdks, |sdk| sdk.sdk.clone());
        let events = united(events, EventDescriptor::key);
        // Not `Manifest::new`: its last criterion is the place, which is gone.
        let manifest = Manifest {
            manifest_version: telemetry_schema::MANIFEST_VERSION,
            sdks: sdks.iter().map(|(sdk, _)| sdk.clone()).collect(),
            events: events.iter().map(|(event, _)| event.clone()).collect(),
        };
        Self { builds, sdks, events, manifest }
    }

    /// The union of all builds: versions and places are empty text.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// What was built, by name.
    pub fn builds(&self) -> &[Build] {
        &self.builds
    }

    /// What programs of one build can record.
    pub fn of_build(&self, name: &str) -> Manifest {
        let sdks = self.sdks.iter().filter(|(_, builds)| builds.contains(name)).map(|(sdk, _)| sdk.clone());
        let events = self.events.iter().filter(|(_, builds)| builds.contains(name)).map(|(event, _)| event.clone());
        Manifest {
            manifest_version: telemetry_schema::MANIFEST_VERSION,
            sdks: sdks.collect(),
            events: events.collect(),
        }
    }

    /// The builds that have an event of this key, where the file tells builds apart.
    pub(crate) fn builds_of_event(&self, key: &str) -> Builds {
        let of_key = self.events.iter().filter(|(event, _)| event.key() == key);
        of_key.flat_map(|(_, builds)| builds.iter().cloned()).collect()
    }

    /// The same for the builds of these names alone, or for all others.
    #[must_use]
    pub(crate) fn restricted(&self, names: &Builds, to_them: bool) -> Self {
        let kept = |name: &String| names.contains(name) == to_them;
        let left = |builds: &Builds| builds.iter().filter(|name| kept(name)).cloned().collect::<Builds>();
        let sdks = self.sdks.iter().map(|(sdk, builds)| (sdk.clone(), left(builds)));
        let events = self.events.iter().map(|(event, builds)| (event.clone(), left(builds)));
        Self::from_entries(
            self.builds.iter().filter(|build| kept(&build.name)).cloned().collect(),
            sdks.filter(|(_, builds)| !builds.is_empty()).collect(),
            events.filter(|(_, builds)| !builds.is_empty()).collect(),
        )
    }

    /// The same with other words for its one build.
    #[must_use]
    pub(crate) fn with_builds(&self, builds: Vec<Build>) -> Self {
        let names: Builds = builds.iter().map(|build| build.name.clone()).collect();
        Self::from_entries(
            builds,
            self.sdks.iter().map(|(sdk, _)| (sdk.clone(), names.clone())).collect(),
            self.events.iter().map(|(event, _)| (event.clone(), names.clone())).collect(),
        )
    }

    /// Both together; their builds have different names.
    #[must_use]
    pub(crate) fn with(&self, other: &Self) -> Self {
        Self::from_entries(
            self.builds.iter().chain(&other.builds).cloned().collect(),
            self.sdks.iter().chain(&other.sdks).cloned().collect(),
            self.events.iter().chain(&other.events).cloned().collect(),
        )
    }

    /// Reads a lock file.
    ///
    /// # Errors
    ///
    /// See [`LockError`].
    pub fn parse(text: &str) -> Result<Self, LockError> {
        parse::parse(text)
    }

    /// The file: the same bytes for the same events on any machine.
    pub fn to_text(&self) -> String {
        write::write(self)
    }

    /// What is built, of a file that cannot be read as a whole.
    pub(crate) fn salvage(text: &str) -> Option<Vec<Build>> {
        parse::salvage(text)
    }

    /// The lines of the file, each with what it is about.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        write::entries(self)
    }
}

/// By name and content, with the builds of equal ones united.
fn united<T: serde::Serialize>(all: Vec<(T, Builds)>, name: impl Fn(&T) -> String) -> Vec<(T, Builds)> {
    let mut united: BTreeMap<(String, String), (T, Builds)> = BTreeMap::new();
    for (one, builds) in all {
        let key = (name(&one), content(&one));
        united.entry(key).or_insert_with(|| (one, Builds::new())).1.extend(builds);
    }
    united.into_values().collect()
}

/// Reads a lock file; see [`Lock::parse`].
///
/// # Errors
///
/// See [`LockError`].
pub fn parse(text: &str) -> Result<Lock, LockError> {
    Lock::parse(text)
}

/// The text of a lock file; see [`Lock::to_text`].
pub fn write(lock: &Lock) -> String {
    lock.to_text()
}

fn content(descriptor: &impl serde::Serialize) -> String {
    serde_json::to_string(descriptor).unwrap_or_default()
}

fn stripped_sdk(sdk: &SdkDescriptor) -> SdkDescriptor {
    SdkDescriptor { version: String::new(), runtime: String::new(), at: String::new(), ..sdk.clone() }
}

fn stripped_event(event: &EventDescriptor) -> EventDescriptor {
    EventDescriptor { version: String::new(), at: String::new(), ..event.clone() }
}
