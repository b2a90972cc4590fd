use std::{fs, io::Read as _, path::Path};

use telemetry_schema::{MANIFEST_VERSION, Manifest};

use super::{Resolved, read_binary};
use crate::{exit_code::ExitCode, failure::Failure, lock::Lock};

/// How much of a file is looked at to tell text from programs, in bytes.
const SNIFFED: u64 = 4 * 1024;

/// The largest text that is read, in bytes: 10,000 events of a kilobyte each are well below it.
const MAX_TEXT: u64 = 64 << 20;

pub(super) fn read(path: &Path) -> Result<Resolved, Failure> {
    let name = path.display().to_string();
    let unreadable = |error| Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}"));
    let metadata = fs::metadata(path).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(Failure::new(ExitCode::NoInput, format!("{name} is a folder"))
            .with_hint("name a program in it; without a path the current package is built; `absent` takes folders"));
    }
    if !metadata.is_file() {
        return Err(Failure::new(ExitCode::NoInput, format!("{name} is no regular file")));
    }
    let mut start = Vec::new();
    fs::File::open(path).and_then(|file| file.take(SNIFFED).read_to_end(&mut start)).map_err(unreadable)?;
    let manifest = match kind(&start) {
        TextKind::None => read_binary(path)?,
        TextKind::Json => json(&text(path, &name)?, &name)?,
        TextKind::Lock => {
            let lock = parse_lock(&text(path, &name)?, &name)?;
            return Ok(Resolved { manifest: lock.manifest().clone(), name, lock: Some(lock) });
        }
        TextKind::Other => {
            return Err(Failure::new(ExitCode::CannotTell, format!("{name} is a text file, no program")).with_hint(
                "name an executable, a shared library, an archive, a `telemetry.lock` or the JSON of a manifest",
            ));
        }
    };
    Ok(Resolved { manifest, name, lock: None })
}

enum TextKind {
    None,
    Json,
    Lock,
    Other,
}

fn kind(start: &[u8]) -> TextKind {
    // The start may end within a character.
    let text = match std::str::from_utf8(start) {
        Ok(text) => text,
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(start.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or_default()
        }
        Err(_) => return TextKind::None,
    };
    let begin = text.trim_start_matches('\u{feff}').trim_start();
    if begin.is_empty() || begin.starts_with("!<") || text.contains('\0') {
        TextKind::None // Archives start with printable text.
    } else if begin.starts_with('{') {
        TextKind::Json // A text of a manifest may hold the byte that records begin with.
    } else if text.contains('\u{7f}') {
        TextKind::None
    } else if text.lines().any(|line| line.starts_with("lock_version") || line.starts_with("[lock]")) {
        TextKind::Lock
    } else {
        TextKind::Other
    }
}

/// The file as text, within bounds.
pub(super) fn text(path: &Path, name: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_TEXT + 1).read_to_end(&mut bytes))
        .map_err(|error| Failure::new(ExitCode::NoInput, format!("cannot read {name}: {error}")))?;
    if bytes.len() as u64 > MAX_TEXT {
        return Err(Failure::new(ExitCode::CannotTell, format!("{name} is larger than {} MiB", MAX_TEXT >> 20)));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(ExitCode::CannotTell, format!("{name} is not UTF-8")))
}

/// A lock file, with an error that names the file.
pub(super) fn parse_lock(text: &str, name: &str) -> Result<Lock, Failure> {
    Lock::parse(text)
        .map_err(|error| Failure::new(ExitCode::Config, format!("{name}: {error}")).with_hint(error.hint()))
}

fn json(text: &str, name: &str) -> Result<Manifest, Failure> {
    let wrong = |why: String| {
        Failure::new(ExitCode::CannotTell, format!("{name} is JSON, but no manifest: {why}"))
            .with_hint("name a file that `cargo telemetry list --format json` has written")
    };
    let manifest: Manifest = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
    if manifest.manifest_version > MANIFEST_VERSION {
        let found = manifest.manifest_version;
        return Err(wrong(format!("manifest_version is {found}; this tool knows versions up to {MANIFEST_VERSION}")));
    }
    Ok(Manifest::new(manifest.sdks, manifest.events))
}
