use serde::{Deserialize, Serialize};

use crate::{EventDescriptor, SdkDescriptor};

/// The version of the manifest's JSON. Raised when a reader of the old version would misread the new one.
pub const MANIFEST_VERSION: u32 = 1;

/// Everything a program can record, as one document: the registry as JSON.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`] of the writer.
    pub manifest_version: u32,
    /// The SDKs, by name.
    pub sdks: Vec<SdkDescriptor>,
    /// The events, by key.
    pub events: Vec<EventDescriptor>,
}

impl Manifest {
    /// Puts descriptors into the one order that does not depend on linkers: SDKs by name, events by key, then by place.
    ///
    /// Those that are equal in everything are listed once. A crate lies in every library that holds it, and whoever
    /// unites libraries meets its records again; so the number of entries does not depend on how a program is cut up.
    pub fn new(mut sdks: Vec<SdkDescriptor>, mut events: Vec<EventDescriptor>) -> Self {
        // The text comes last and brings equal ones side by side.
        sdks.sort_by_cached_key(|sdk| {
            let place = (sdk.sdk.clone(), sdk.at.clone(), sdk.crate_name.clone(), sdk.version.clone());
            (place, sdk.endpoint.clone(), serde_json::to_string(sdk).unwrap_or_default())
        });
        sdks.dedup();
        events.sort_by_cached_key(|event| {
            let place = (event.key(), event.at.clone(), event.crate_name.clone(), event.version.clone());
            (place, serde_json::to_string(event).unwrap_or_default())
        });
        events.dedup();
        Self { manifest_version: MANIFEST_VERSION, sdks, events }
    }

    /// The manifest as JSON with two spaces of indentation and a line end.
    pub fn to_json(&self) -> String {
        // The types hold nothing that JSON cannot express; an empty document would only hide a fault of serde.
        let mut json = serde_json::to_string_pretty(self).unwrap_or_default();
        json.push('\n');
        json
    }
}
