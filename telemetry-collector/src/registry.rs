//! What may come in: the SDKs that the operator has added, each with the manifests of its versions.
//!
//! They lie as one JSON file per SDK in `DATA/sdks/`, apart from the store: where a damaged store is set aside, the list stays.
//! [`edit`] changes the files, [`Registry`] is what ingest asks.

pub mod edit;
mod files;
mod known;
pub mod source;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
    sync::Arc,
};

use telemetry_schema::{Carries, Wire};

pub(crate) use files::replace;
pub use files::{Added, Entry, ReadError};
pub use known::{Known, KnownEvent};

/// The paths that clients send to, behind the prefix of the SDK.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Route {
    /// `POST /v1/event`
    Event,
    /// `GET /telemetry?payload=…`
    Beacon,
    /// `POST /cli`
    Report,
    /// `POST /v1/logs`, OTLP/HTTP
    Logs,
    /// `POST /v1/erase`: an installation wants deleted what came with its id
    Erase,
}

impl Route {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Event, Self::Beacon, Self::Report, Self::Logs, Self::Erase];

    /// The path behind the prefix.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Event => "/v1/event",
            Self::Beacon => "/telemetry",
            Self::Report => "/cli",
            Self::Logs => "/v1/logs",
            Self::Erase => "/v1/erase",
        }
    }

    /// The method that the path takes.
    pub const fn method(self) -> &'static str {
        match self {
            Self::Beacon => "GET",
            Self::Event | Self::Report | Self::Logs | Self::Erase => "POST",
        }
    }

    /// The routes of an SDK that speaks so. What comes in batches may come as OTLP too.
    pub const fn of(wire: Wire) -> &'static [Self] {
        match wire.carries() {
            Carries::Events => &[Self::Event, Self::Logs],
            Carries::Records => &[Self::Logs],
            Carries::Address => &[Self::Beacon],
            Carries::Payload => &[Self::Report],
        }
    }
}

/// One SDK, with all that its versions can send.
#[derive(Debug)]
pub struct Sdk {
    /// Its name.
    pub name: Arc<str>,
    /// Whether it, in all versions, is answered 410.
    pub is_retired: bool,
    /// Versions that are retired alone.
    pub retired_versions: BTreeSet<String>,
    /// What each version can send; manifests of one version are united.
    pub versions: BTreeMap<String, Known>,
    /// What any version can send: for versions that nobody has added, and for formats without a version.
    pub union: Known,
}

/// All SDKs, by the paths that they are reached at. It never changes; a change of the files is another one.
#[derive(Debug, Default)]
pub struct Registry {
    routes: HashMap<String, (Route, Arc<Sdk>)>,
    sdks: BTreeMap<String, Arc<Sdk>>,
}

impl Registry {
    /// Reads the SDKs in the data folder `data`; none if it has no list.
    ///
    /// # Errors
    ///
    /// [`ReadError`] names the file. A list that cannot be read is no empty list: it would refuse everything.
    pub fn read(data: &Path) -> Result<Self, ReadError> {
        Ok(Self::of(&files::read_all(data)?))
    }

    /// The registry of these entries.
    pub fn of(entries: &[Entry]) -> Self {
        let mut registry = Self::default();
        for entry in entries {
            let sdk = Arc::new(known::sdk(entry));
            for path in entry.paths() {
                registry.routes.insert(path.0, (path.1, Arc::clone(&sdk)));
            }
            registry.sdks.insert(entry.sdk.clone(), sdk);
        }
        registry
    }

    /// The SDK that is reached at a path, and how it speaks there.
    pub fn at(&self, path: &str) -> Option<(Route, &Arc<Sdk>)> {
        self.routes.get(path).map(|(route, sdk)| (*route, sdk))
    }

    /// The SDK of this name.
    pub fn sdk(&self, name: &str) -> Option<&Arc<Sdk>> {
        self.sdks.get(name)
    }

    /// All SDKs, by name.
    pub fn sdks(&self) -> impl Iterator<Item = &Arc<Sdk>> {
        self.sdks.values()
    }
}

/// A text that differs after every change of the list, for whoever looks from time to time.
pub fn stamp(data: &Path) -> String {
    files::stamp(data)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_those_of_the_table_of_formats() {
        for wire in Wire::ALL {
            let format = wire.format();
            let path = format.path.split('?').next().unwrap();
            let route = Route::of(wire)[0];
            assert_eq!((route.method(), route.path()), (format.method, path), "{}", wire.words().name);
        }
    }
}
