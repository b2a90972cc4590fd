//! `installation.json`: the ids of this installation that events have carried, so that whoever used the program can have the vendor
//! delete what came with them. Only SDKs that declare `identity` have it.

use std::io;

use serde::{Deserialize, Serialize};

use crate::{
    base::{clock, limits::USED_IDS},
    write::files::{memory_file, state_dir::SdkDir},
};

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "installation.json";

/// Held while the file is read and replaced, and while the secret is made that ids come from.
pub(crate) const LOCK: &str = "installation.lock";

/// The one version that is read and written.
const VERSION: u32 = 1;

/// One id, and where it was used. Days are UTC days since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsedId {
    /// 32 hexadecimal digits.
    pub(crate) id: String,
    /// By the [`identity`](telemetry_spool::identity) of where events with it go.
    pub(crate) destination: String,
    /// The first day of its epoch.
    pub(crate) first: u32,
    /// The last one.
    pub(crate) last: u32,
    /// The folder was erased and the vendor could not be asked: the last day on which that is still tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) until: Option<u32>,
}

impl UsedId {
    /// Whether it may still be asked for: always, but for one that was kept for some days only.
    pub(crate) fn is_kept(&self, today: u32) -> bool {
        self.until.is_none_or(|until| until >= today)
    }
}

#[derive(Serialize, Deserialize)]
struct Document {
    version: u32,
    ids: Vec<UsedId>,
}

/// The ids, the oldest first; none if the file cannot be read.
pub(crate) fn load(dir: &SdkDir) -> Vec<UsedId> {
    dir.read_small(NAME).ok().flatten().map(|bytes| parse(&bytes)).unwrap_or_default()
}

/// Those that may still be asked for. What was kept for some days only is removed after that, by whoever looks.
pub(crate) fn kept(dir: &SdkDir) -> Vec<UsedId> {
    let today = clock::today();
    let mut ids = load(dir);
    if ids.iter().any(|used| !used.is_kept(today))
        && let Some(_turn) = memory_file::turn_named(dir, LOCK)
    {
        let mut left = load(dir);
        left.retain(|used| used.is_kept(today));
        let _ = store(dir, left);
    }
    ids.retain(|used| used.is_kept(today));
    ids
}

/// What the bytes of a file say.
pub(crate) fn parse(bytes: &[u8]) -> Vec<UsedId> {
    let is_id = |used: &UsedId| used.id.len() == 32 && used.id.bytes().all(|byte| byte.is_ascii_hexdigit());
    match serde_json::from_slice(bytes) {
        Ok(Document { version: VERSION, mut ids }) => {
            ids.retain(is_id);
            ids
        }
        _ => Vec::new(),
    }
}

/// Adds one, unless it is there. Whoever does so has the lock.
///
/// # Errors
///
/// If it could not be written.
pub(crate) fn add(dir: &SdkDir, used: UsedId) -> io::Result<()> {
    let mut ids = load(dir);
    if ids.iter().any(|there| there.id == used.id) {
        return Ok(());
    }
    ids.retain(|id| id.is_kept(clock::today()));
    ids.push(used);
    ids.drain(..ids.len().saturating_sub(USED_IDS));
    store(dir, ids)
}

/// Replaces the file.
///
/// # Errors
///
/// If it could not be written; the file is as it was.
pub(crate) fn store(dir: &SdkDir, ids: Vec<UsedId>) -> io::Result<()> {
    let mut json = serde_json::to_vec(&Document { version: VERSION, ids })?;
    json.push(b'\n');
    dir.replace_small(NAME, &json, true)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::write::test_kit::Home;

    fn used(number: u32) -> UsedId {
        let (first, last) = (20_000 + number, 20_000 + number);
        UsedId { id: format!("{number:032x}"), destination: "0123456789abcdef".to_owned(), first, last, until: None }
    }

    #[test]
    fn ids_are_kept_once_each_and_the_oldest_go_first() {
        let home = Home::new();
        let dir = home.sdk();
        assert_eq!(load(&dir), []);
        for number in [1, 2, 1] {
            add(&dir, used(number)).unwrap();
        }
        assert_eq!(load(&dir), [used(1), used(2)]);
        for number in 3..=USED_IDS as u32 + 2 {
            add(&dir, used(number)).unwrap();
        }
        let ids = load(&dir);
        assert_eq!((ids.len(), &ids[0]), (USED_IDS, &used(3)));
        for text in [
            "",
            "{}",
            r#"{"version":2,"ids":[]}"#,
            r#"{"version":1,"ids":[{"id":"../x","destination":"","first":1,"last":1}]}"#,
        ] {
            assert_eq!(parse(text.as_bytes()), []);
        }
    }
}
