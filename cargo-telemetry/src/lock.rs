//! `telemetry.lock`: the manifest as it is committed and reviewed.
//!
//! It holds no version, line, time or path, so the same events give the same bytes on any machine. Every field of an
//! event stands on a line of its own, so that a pull request shows what users will send. `docs/audit.md` describes it.

mod build;
mod changes;
mod entry;
mod error;
mod file;
mod parse;
pub(crate) mod place;
mod type_text;
mod write;

pub use build::Build;
pub use error::LockError;
use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor};

pub(crate) use changes::{Change, changes};
pub(crate) use entry::{Entry, Scope};
pub(crate) use write::is_hidden;

/// The version of the file's format. Raised when a reader of the old version would misread the new one.
pub const LOCK_VERSION: u32 = 1;

/// The name of the file, beside the manifest of the package.
pub const FILE_NAME: &str = "telemetry.lock";

/// What a lock file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Lock {
    /// What was built to write it, and is built again to check it.
    pub build: Build,
    manifest: Manifest,
}

impl Lock {
    /// The lock file of a manifest: without versions and places, in an order that depends on what is left only, and
    /// with equal descriptors once.
    pub fn new(build: Build, manifest: &Manifest) -> Self {
        let mut sdks: Vec<_> = manifest.sdks.iter().map(stripped_sdk).collect();
        let mut events: Vec<_> = manifest.events.iter().map(stripped_event).collect();
        sdks.sort_by_cached_key(|sdk| (sdk.sdk.clone(), content(sdk)));
        events.sort_by_cached_key(|event| (event.key(), content(event)));
        sdks.dedup();
        events.dedup();
        // Not `Manifest::new`: its last criterion is the place, which is gone.
        Self { build, manifest: Manifest { manifest_version: telemetry_schema::MANIFEST_VERSION, sdks, events } }
    }

    /// The manifest: versions and places are empty text.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
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
    pub(crate) fn salvage(text: &str) -> Option<Build> {
        parse::salvage(text)
    }

    /// The lines of the file, each with what it is about.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        write::entries(self)
    }
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
    SdkDescriptor { version: String::new(), at: String::new(), ..sdk.clone() }
}

fn stripped_event(event: &EventDescriptor) -> EventDescriptor {
    EventDescriptor { version: String::new(), at: String::new(), ..event.clone() }
}
