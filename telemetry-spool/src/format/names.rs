//! The file names of the spool. What does not look like one of these is never opened, renamed or removed.

use std::ffi::OsStr;

use crate::{day::day_of, format::frame::Digest, uuid};

/// The file that is locked while plans are made and files removed.
pub const LOCK: &str = "lock";

/// What a file of the spool is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Frames, appended by whoever holds the lock on it.
    Segment,
    /// The frames of one request that has no end yet.
    Plan,
    /// The frames of the requests of one upload, of which some may have ended.
    Upload,
    /// Frames that have ended.
    Done,
    /// A damaged file that was set aside.
    Damaged,
    /// Of an earlier version, which knows what to do with it: nothing is done with it before it is too old.
    Earlier,
    /// As that, but it was only needed while that version was at work, and never counts.
    EarlierTemporary,
}

impl Kind {
    /// Whether it is left alone as long as there is room and time.
    pub(crate) fn is_earlier(self) -> bool {
        matches!(self, Self::Earlier | Self::EarlierTemporary)
    }

    /// Whether its bytes count to what a spool may have.
    pub(crate) fn counts(self) -> bool {
        matches!(self, Self::Segment | Self::Damaged | Self::Earlier)
    }
}

/// A name that passed the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    text: String,
    kind: Kind,
    unix_ms: u64,
}

impl Name {
    /// `<uuid v7>`, up to ten `-0` or `-1` of halved batches, which lead from 1,000 frames to one, and an ending.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (stem, ending) = text.split_once('.')?;
        let kind = match ending {
            "part" => Kind::Segment,
            "plan" => Kind::Plan,
            "upload" => Kind::Upload,
            "done" => Kind::Done,
            "damaged" => Kind::Damaged,
            "ready" | "batch" => Kind::Earlier,
            "freeze" | "ready.new" | "batch.new" | "freeze.new" => Kind::EarlierTemporary,
            _ => return None,
        };
        let unix_ms = uuid::unix_ms_of(stem.get(..36)?)?;
        let halves = stem.get(36..)?;
        let halved = halves.len() <= 20
            && halves.bytes().enumerate().all(|(place, byte)| match place % 2 {
                0 => byte == b'-',
                _ => matches!(byte, b'0' | b'1'),
            })
            && halves.len().is_multiple_of(2);
        (halved && (halves.is_empty() || !matches!(ending, "part" | "upload" | "ready" | "freeze"))).then(|| Self {
            text: text.to_owned(),
            kind,
            unix_ms,
        })
    }

    /// The file that is locked.
    pub(crate) fn lock() -> Option<Self> {
        Some(Self { text: LOCK.to_owned(), kind: Kind::EarlierTemporary, unix_ms: 0 })
    }

    /// The name as it stands in the directory.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// What the file is.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// The name without its ending: the id of a segment, the key of a plan.
    pub(crate) fn stem(&self) -> &str {
        self.text.split_once('.').map_or("", |(stem, _)| stem)
    }

    /// The name of a plan once it has its end.
    pub(crate) fn done(&self) -> String {
        format!("{}.done", self.stem())
    }

    /// The key of the plan that this one is a half of.
    pub(crate) fn whole(&self) -> Option<&str> {
        self.stem().strip_suffix("-0").or_else(|| self.stem().strip_suffix("-1")).filter(|whole| whole.len() >= 36)
    }

    /// Its name once it is set aside.
    pub(crate) fn damaged(&self) -> String {
        format!("{}.damaged", self.stem())
    }

    /// When the file was begun, in milliseconds since 1970.
    pub(crate) fn unix_ms(&self) -> u64 {
        self.unix_ms
    }

    /// The UTC day on which the file was begun.
    pub(crate) fn day(&self) -> u32 {
        day_of(self.unix_ms)
    }

    /// How old the file is in milliseconds. A name from the future is new: clocks are set back.
    pub(crate) fn age_ms(&self, unix_ms: u64) -> u64 {
        unix_ms.saturating_sub(self.unix_ms)
    }
}

/// What tells destinations apart in the names and texts of files: the first 16 hexadecimal digits.
pub fn identity(destination: &Digest) -> String {
    format!("{:032x}", u128::from_be_bytes(*destination)).get(..16).unwrap_or_default().to_owned()
}

/// A folder name for a program: its file name with everything but letters, digits, `.`, `_` and `-` replaced, at
/// most 64 characters, and never empty, hidden or a way out of the folder.
///
/// Linux adds ` (deleted)` to the name of a program whose file was replaced while it runs; it is the same program.
pub fn host_name(program: Option<&OsStr>) -> String {
    let name = program.map(|program| program.to_string_lossy()).unwrap_or_default();
    let name = name.strip_suffix(" (deleted)").unwrap_or(&name);
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-') { c } else { '_' };
    let name: String = name.chars().take(64).map(safe).collect();
    if name.is_empty() || name.starts_with('.') { format!("_{}", name.trim_start_matches('.')) } else { name }
}

/// Whether `host` may be a folder of ours.
pub(crate) fn is_host(host: &str) -> bool {
    host_name(Some(OsStr::new(host))) == host
}

/// The name of a folder of ours.
pub(crate) fn host(name: &str) -> Option<String> {
    is_host(name).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0198c0de-0000-7000-8000-000000000000";

    #[test]
    fn only_our_own_names_pass() {
        for ending in ["part", "plan", "done", "ready", "batch", "freeze", "batch.new", "damaged"] {
            assert!(Name::parse(&format!("{ID}.{ending}")).is_some(), "{ending}");
        }
        let halved = Name::parse(&format!("{ID}-0-1.plan")).unwrap();
        assert_eq!(halved.stem(), format!("{ID}-0-1"));
        assert_eq!((halved.kind(), halved.whole()), (Kind::Plan, Some(&*format!("{ID}-0"))));
        let one_of_a_thousand = format!("{ID}{}.plan", "-1".repeat(10));
        assert!(Name::parse(&one_of_a_thousand).is_some());
        assert_eq!(Name::parse(&format!("{ID}.plan")).unwrap().whole(), None);
        for name in [
            "notes.txt".to_owned(),
            ID.to_owned(),
            format!("{ID}.part.bak"),
            format!("{ID}-2.plan"),
            format!("{ID}-.plan"),
            format!("{ID}-0-1-0-1-0-1-0-1-0-1-0.plan"),
            format!("{ID}-0.part"),
            format!("{ID}/../x.part"),
            format!(" {ID}.part"),
            format!("é{ID}.part"),
        ] {
            assert_eq!(Name::parse(&name), None, "{name}");
        }
    }

    #[test]
    fn host_names_stay_inside_their_folder() {
        for (program, folder) in [
            ("my-app", "my-app"),
            ("..", "_"),
            (".hidden", "_hidden"),
            ("", "_"),
            ("my-app (deleted)", "my-app"),
            ("a/b c\0é", "a_b_c__"),
        ] {
            assert_eq!(host_name(Some(OsStr::new(program))), folder);
            assert!(is_host(folder), "{folder}");
        }
        assert_eq!(host_name(None), "_");
        assert_eq!(host_name(Some(OsStr::new(&"x".repeat(200)))).len(), 64);
        assert!(!is_host(".."));
        assert!(!is_host("a/b"));
    }

    #[test]
    fn a_name_from_the_future_is_new() {
        let name = Name::parse(&format!("{ID}.part")).unwrap();
        assert_eq!(name.age_ms(0), 0);
    }
}
