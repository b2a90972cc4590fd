//! Changes of the list: add, retire. Each holds the list's lock, so that two at once do not lose one another's.

use std::{collections::BTreeSet, io, path::Path};

use serde::{Deserialize, Serialize};
use telemetry_schema::{Manifest, SdkDescriptor};

use super::{
    files::{self, Added, Entry},
    source,
};
use crate::{exit_code::ExitCode, failure::Failure};

/// What `sdk add` may say beside the file; over HTTP, the query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AddOptions {
    /// Only this SDK of the manifest.
    pub sdk: Option<String>,
    /// The version, where the manifest says none: a lock file has none.
    pub version: Option<String>,
    /// The path before that of the format, in place of that of the endpoint: behind a proxy it may be another one.
    pub prefix: Option<String>,
}

/// What became of one SDK of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddedSdk {
    /// Its name.
    pub sdk: String,
    /// Its version.
    pub version: String,
    /// The path before that of the format.
    pub prefix: String,
    /// How many events it has.
    pub events: usize,
    /// Whether the list has changed: `false` where it knew all of it.
    pub is_new: bool,
}

/// All entries of the list, by name.
///
/// # Errors
///
/// [`ExitCode::CannotTell`] if it cannot be read.
pub fn list(data: &Path) -> Result<Vec<Entry>, Failure> {
    files::read_all(data).map_err(|error| {
        let cause = std::error::Error::source(&error).map(|cause| format!(": {cause}")).unwrap_or_default();
        Failure::new(ExitCode::CannotTell, format!("{error}{cause}"))
    })
}

/// Adds what a file describes: see [`add`].
///
/// # Errors
///
/// As [`source::read`] and [`add`].
pub fn add_file(data: &Path, file: &Path, options: &AddOptions) -> Result<Vec<AddedSdk>, Failure> {
    add(data, &source::read(file)?, options)
}

/// Adds the SDKs of a manifest to the list in `data`. All of them or, on failure, none.
///
/// # Errors
///
/// [`ExitCode::Found`] if another SDK is reached at the same path, so that a request would not tell whose it is;
/// [`ExitCode::Usage`] if there is no such SDK or no version; [`ExitCode::CannotWrite`] if the list cannot be written.
pub fn add(data: &Path, manifest: &Manifest, options: &AddOptions) -> Result<Vec<AddedSdk>, Failure> {
    let additions = additions(manifest, options)?;
    let _held = files::hold(data).map_err(|error| cannot_write(&error))?;
    let mut entries = list(data)?;
    let mut done = Vec::new();
    let mut changed = BTreeSet::new();
    for (name, added) in additions {
        let place = match entries.iter().position(|entry| entry.sdk == name) {
            Some(place) => place,
            None => {
                entries.push(Entry::new(&name));
                entries.len() - 1
            }
        };
        let Some(entry) = entries.get_mut(place) else { continue };
        let is_new = !entry.manifests.contains(&added);
        done.push(AddedSdk {
            sdk: name,
            version: added.version.clone(),
            prefix: added.prefix.clone(),
            events: added.manifest.events.len(),
            is_new,
        });
        if is_new {
            entry.manifests.push(added);
            changed.insert(place);
        }
    }
    refuse_ambiguity(&entries)?;
    for entry in changed.into_iter().filter_map(|place| entries.get(place)) {
        files::write(data, entry).map_err(|error| cannot_write(&error))?;
    }
    Ok(done)
}

/// The names of the SDKs that [`add`] would change.
///
/// # Errors
///
/// As [`add`], as far as the manifest itself is wrong.
pub fn names(manifest: &Manifest, options: &AddOptions) -> Result<Vec<String>, Failure> {
    Ok(additions(manifest, options)?.into_iter().map(|(name, _)| name).collect())
}

/// Answers 410 from now on to an SDK, or to one version of it; with `undo`, no longer.
///
/// # Errors
///
/// [`ExitCode::Usage`] if the list has no such SDK or version.
pub fn retire(data: &Path, sdk: &str, version: Option<&str>, undo: bool) -> Result<(), Failure> {
    let _held = files::hold(data).map_err(|error| cannot_write(&error))?;
    let mut entries = list(data)?;
    let Some(entry) = entries.iter_mut().find(|entry| entry.sdk == sdk) else {
        return Err(
            Failure::new(ExitCode::Usage, format!("the list has no SDK `{sdk}`")).with_hint("`sdk list` shows all")
        );
    };
    match version {
        None => entry.retired = !undo,
        Some(version) if !entry.manifests.iter().any(|added| added.version == version) => {
            return Err(Failure::new(ExitCode::Usage, format!("the list has no version {version} of `{sdk}`")));
        }
        Some(version) if undo => {
            entry.retired_versions.remove(version);
        }
        Some(version) => {
            entry.retired_versions.insert(version.to_owned());
        }
    }
    files::write(data, entry).map_err(|error| cannot_write(&error))
}

/// Copies the list in `data` to another folder, as of one moment.
///
/// # Errors
///
/// As [`list`]; [`ExitCode::CannotWrite`] if the copy cannot be written.
pub fn copy(data: &Path, to: &Path) -> Result<(), Failure> {
    let _held = files::hold(data).map_err(|error| cannot_write(&error))?;
    for entry in list(data)? {
        files::write(to, &entry).map_err(|error| cannot_write(&error))?;
    }
    Ok(())
}

fn additions(manifest: &Manifest, options: &AddOptions) -> Result<Vec<(String, Added)>, Failure> {
    let wanted = |sdk: &&SdkDescriptor| options.sdk.as_ref().is_none_or(|name| *name == sdk.sdk);
    let sdks: Vec<_> = manifest.sdks.iter().filter(wanted).collect();
    if sdks.is_empty() {
        let names: Vec<_> = manifest.sdks.iter().map(|sdk| sdk.sdk.as_str()).collect();
        let name = options.sdk.as_deref().unwrap_or_default();
        return Err(Failure::new(ExitCode::Usage, format!("there is no SDK `{name}` in it"))
            .with_hint(format!("it has: {}", names.join(", "))));
    }
    sdks.into_iter().map(|sdk| Ok((sdk.sdk.clone(), addition(manifest, sdk, options)?))).collect()
}

fn addition(manifest: &Manifest, sdk: &SdkDescriptor, options: &AddOptions) -> Result<Added, Failure> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    // It becomes the name of a file.
    if !(1..=64).contains(&sdk.sdk.len()) || !sdk.sdk.bytes().all(is_name) {
        return Err(Failure::new(ExitCode::CannotTell, "the name of an SDK has other characters than a-z, 0-9 and -"));
    }
    let version = match (&options.version, sdk.version.as_str()) {
        (Some(version), _) => version.clone(),
        (None, "") => {
            let message = format!("it does not say which version of `{}` it describes", sdk.sdk);
            return Err(Failure::new(ExitCode::Usage, message)
                .with_hint("a lock file holds no versions: name it by `--version`, or give the program itself"));
        }
        (None, version) => version.to_owned(),
    };
    let prefix = match &options.prefix {
        Some(prefix) => normal_prefix(prefix)?,
        None => normal_prefix(path_of(&sdk.endpoint))?,
    };
    let events = manifest.events_of(sdk).cloned().collect();
    Ok(Added { version, prefix, manifest: Manifest::new(vec![sdk.clone()], events) })
}

/// The path of an endpoint: `/acme` of `https://telemetry.example/acme`.
fn path_of(endpoint: &str) -> &str {
    let behind_scheme = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    behind_scheme.find('/').and_then(|slash| behind_scheme.get(slash..)).unwrap_or_default()
}

/// Empty, or with a slash before and none behind.
fn normal_prefix(prefix: &str) -> Result<String, Failure> {
    let trimmed = prefix.trim_matches('/');
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if !trimmed.bytes().all(is_path) || trimmed.contains("//") || trimmed.split('/').any(|part| part == "..") {
        return Err(Failure::new(ExitCode::Usage, format!("`{prefix}` is no path prefix"))
            .with_hint("letters, digits and -._~ between slashes"));
    }
    Ok(if trimmed.is_empty() { String::new() } else { format!("/{trimmed}") })
}

fn refuse_ambiguity(entries: &[Entry]) -> Result<(), Failure> {
    let mut taken: Vec<(String, &str)> = Vec::new();
    for entry in entries {
        for (path, _) in entry.paths() {
            if let Some((_, other)) = taken.iter().find(|(known, other)| *known == path && *other != entry.sdk) {
                let message = format!("`{}` and `{other}` would both be reached at {path}", entry.sdk);
                return Err(Failure::new(ExitCode::Found, message).with_hint(
                    "give one of them a path of its own by `--prefix`, and the same path in its `endpoint`",
                ));
            }
            taken.push((path, &entry.sdk));
        }
    }
    Ok(())
}

fn cannot_write(error: &io::Error) -> Failure {
    Failure::new(ExitCode::CannotWrite, format!("cannot write the list of SDKs: {error}"))
}
