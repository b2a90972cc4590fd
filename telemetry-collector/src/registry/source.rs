//! From a file to a manifest, with the library of `cargo-telemetry`: a program, library or archive, a lock file, or the JSON
//! of a manifest. A program is never run.

use std::{fs, path::Path};

use cargo_telemetry::{lock::Lock, reader};
use telemetry_schema::{MANIFEST_VERSION, Manifest};

use crate::{exit_code::ExitCode, failure::Failure};

/// The largest text that is read, in bytes: 10,000 events of a kilobyte each are well below it.
const MAX_TEXT: u64 = 64 << 20;

/// The manifest in the file at `path`.
///
/// # Errors
///
/// [`ExitCode::NoInput`] if it cannot be read; [`ExitCode::CannotTell`] if it holds no records or is no such file.
pub fn read(path: &Path) -> Result<Manifest, Failure> {
    let name = path.display().to_string();
    let unreadable = |error| Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}"));
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(Failure::new(ExitCode::NoInput, format!("{name} is no regular file")));
    }
    if metadata.len() <= MAX_TEXT
        && let Ok(text) = String::from_utf8(fs::read(path).map_err(unreadable)?)
        && let Some(manifest) = of_text(&text, &name)
    {
        return manifest;
    }
    let wrong = |error: reader::ReadError| {
        let exit = match error {
            reader::ReadError::Io { .. } => ExitCode::NoInput,
            _ => ExitCode::CannotTell,
        };
        Failure::new(exit, error.to_string())
            .with_hint("name a program, a library, an archive, a `telemetry.lock` or the JSON of a manifest")
    };
    reader::read(path).map(|reading| reading.manifest).map_err(wrong)
}

/// The manifest in a text; `None` where it looks like neither a manifest nor a lock file.
///
/// # Errors
///
/// As [`read`].
pub fn of_text(text: &str, name: &str) -> Option<Result<Manifest, Failure>> {
    if text.trim_start_matches('\u{feff}').trim_start().starts_with('{') {
        return Some(of_json(text, name));
    }
    if text.lines().any(|line| line.starts_with("lock_version")) {
        let parsed = Lock::parse(text).map(|lock| lock.manifest().clone());
        return Some(parsed.map_err(|error| Failure::new(ExitCode::CannotTell, format!("{name}: {error}"))));
    }
    None
}

fn of_json(text: &str, name: &str) -> Result<Manifest, Failure> {
    let wrong = |why: String| Failure::new(ExitCode::CannotTell, format!("{name} is JSON, but no manifest: {why}"));
    let manifest: Manifest = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if manifest.manifest_version > MANIFEST_VERSION {
        return Err(wrong(format!("it has version {} of the format", manifest.manifest_version)));
    }
    Ok(Manifest::new(manifest.sdks, manifest.events))
}
