//! The files of the list: `sdks/NAME.json`, replaced as a whole, and a stamp that changes with them.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use telemetry_schema::Manifest;

use super::Route;

/// The version of the files' format. Raised when a reader of the old version would misread the new one.
const FORMAT: u32 = 1;

/// One SDK, as its file has it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    format: u32,
    /// Its name.
    pub sdk: String,
    /// Whether all of it is retired.
    #[serde(default)]
    pub retired: bool,
    /// Versions that are retired alone.
    #[serde(default)]
    pub retired_versions: BTreeSet<String>,
    /// What was added, in that order.
    pub manifests: Vec<Added>,
}

/// One manifest of one SDK: others are not in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// The version of the SDK that it describes.
    pub version: String,
    /// The path before that of the format: empty, or `/acme`.
    pub prefix: String,
    /// The SDK and its events.
    pub manifest: Manifest,
}

impl Entry {
    /// An SDK of which nothing was added yet.
    pub fn new(sdk: &str) -> Self {
        Self {
            format: FORMAT,
            sdk: sdk.to_owned(),
            retired: false,
            retired_versions: BTreeSet::new(),
            manifests: Vec::new(),
        }
    }

    /// Its versions, each once.
    pub fn versions(&self) -> BTreeSet<String> {
        self.manifests.iter().map(|added| added.version.clone()).collect()
    }

    /// All paths that it is reached at.
    pub fn paths(&self) -> BTreeSet<(String, Route)> {
        let mut paths = BTreeSet::new();
        for added in &self.manifests {
            for sdk in &added.manifest.sdks {
                let erase = sdk.identity.map(|_| Route::Erase);
                let routes = Route::of(sdk.wire).iter().copied().chain(erase);
                paths.extend(routes.map(|route| (format!("{}{}", added.prefix, route.path()), route)));
            }
        }
        paths
    }
}

/// Why the list cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The folder or a file cannot be read.
    #[error("cannot read {path}")]
    Io {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file is no entry of the list. It was edited or damaged; `sdk add` with the same program writes it anew once it is gone.
    #[error("{path} is no entry of the list of SDKs")]
    Format {
        /// Which one.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
    /// A file was written by a later version of the collector.
    #[error("{path} was written by a later version of the collector")]
    Later {
        /// Which one.
        path: PathBuf,
    },
}

pub(super) fn folder(data: &Path) -> PathBuf {
    data.join("sdks")
}

/// All entries, by name.
pub(super) fn read_all(data: &Path) -> Result<Vec<Entry>, ReadError> {
    let folder = folder(data);
    let failed = |source| ReadError::Io { path: folder.clone(), source };
    let listed = match fs::read_dir(&folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut entries = Vec::new();
    for file in listed {
        let path = file.map_err(failed)?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            entries.push(read(&path)?);
        }
    }
    entries.sort_by(|a, b| a.sdk.cmp(&b.sdk));
    Ok(entries)
}

fn read(path: &Path) -> Result<Entry, ReadError> {
    let text = fs::read_to_string(path).map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
    let entry: Entry =
        serde_json::from_str(&text).map_err(|source| ReadError::Format { path: path.to_owned(), source })?;
    if entry.format > FORMAT {
        return Err(ReadError::Later { path: path.to_owned() });
    }
    Ok(entry)
}

/// Replaces the file of one SDK. Whoever reads meanwhile sees the old one or the new one.
pub(super) fn write(data: &Path, entry: &Entry) -> io::Result<()> {
    let folder = folder(data);
    fs::create_dir_all(&folder)?;
    let mut text = serde_json::to_string_pretty(entry)?;
    text.push('\n');
    replace(&folder.join(format!("{}.json", entry.sdk)), text.as_bytes())?;
    let mut random = [0; 8];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    replace(&folder.join("stamp"), u64::from_le_bytes(random).to_string().as_bytes())
}

/// Writes beside the file and renames, with both on disk before it returns.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let file = fs::File::create(&beside)?;
    io::Write::write_all(&mut &file, bytes)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    // The name is on disk when the folder is.
    match path.parent() {
        Some(folder) if cfg!(unix) => fs::File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

pub(super) fn stamp(data: &Path) -> String {
    fs::read_to_string(folder(data).join("stamp")).unwrap_or_default()
}

/// Holds the list for as long as the answer lives; waits for whoever else holds it.
pub(super) fn hold(data: &Path) -> io::Result<fs::File> {
    let folder = folder(data);
    fs::create_dir_all(&folder)?;
    let file = fs::File::create(folder.join("lock"))?;
    file.lock()?;
    Ok(file)
}
