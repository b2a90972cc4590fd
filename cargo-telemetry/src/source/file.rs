use std::{fs, io::Read as _, path::Path};

use telemetry_schema::{MANIFEST_VERSION, Manifest};

use super::{Resolved, lock_file, read_binary};
use crate::{exit_code::ExitCode, failure::Failure, files::text};

/// How much of a file is looked at to tell text from programs, in bytes.
const SNIFFED: u64 = 4 * 1024;

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
            let lock = lock_file::parse(&text(path, &name)?, &name)?;
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
