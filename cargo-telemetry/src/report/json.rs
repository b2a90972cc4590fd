//! The list for programs: `docs/schemas/list.schema.json` describes it.

use serde::Serialize;

use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor, conflicts, digest};

use crate::json::document;

/// The version of the document. Raised when a reader of the old version would misread the new one.
const LIST_VERSION: u32 = 1;

#[derive(Serialize)]
struct List<'a> {
    list_version: u32,
    manifest_version: u32,
    sdks: Vec<Sdk<'a>>,
    events: Vec<Event<'a>>,
    conflicts: Vec<String>,
}

#[derive(Serialize)]
struct Sdk<'a> {
    digest: String,
    #[serde(flatten)]
    sdk: &'a SdkDescriptor,
}

#[derive(Serialize)]
struct Event<'a> {
    key: String,
    digest: String,
    #[serde(flatten)]
    event: &'a EventDescriptor,
}

/// The manifest, with key and digest of each event and the keys that conflict. A reader of manifests can read it.
pub(crate) fn list(manifest: &Manifest) -> String {
    document(&List {
        list_version: LIST_VERSION,
        manifest_version: manifest.manifest_version,
        sdks: manifest.sdks.iter().map(|sdk| Sdk { digest: digest::sdk(sdk), sdk }).collect(),
        events: manifest
            .events
            .iter()
            .map(|event| Event { key: event.key(), digest: digest::event(event), event })
            .collect(),
        conflicts: conflicts(&manifest.sdks, &manifest.events),
    })
}
