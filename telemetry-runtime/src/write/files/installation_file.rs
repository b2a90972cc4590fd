//! `installation`: the ids of this installation that events have carried, so that whoever used the program can have the vendor
//! delete what came with them. Only SDKs that declare `identity` have it. A line for each: id, destination, first and last day, and the
//! day until which it is kept where that is limited.

use std::io;

use crate::{
    base::{clock, limits::USED_IDS},
    write::files::{memory_file, state_dir::SdkDir},
};

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "installation";

/// Held while the file is read and replaced, and while the secret is made that ids come from.
pub(crate) const LOCK: &str = "installation.lock";

/// One id, and where it was used. Days are UTC days since 1970-01-01.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub(crate) until: Option<u32>,
}

impl UsedId {
    /// Whether it may still be asked for: always, but for one that was kept for some days only.
    pub(crate) fn is_kept(&self, today: u32) -> bool {
        self.until.is_none_or(|until| until >= today)
    }
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

/// What the bytes of a file say: each line of ours.
pub(crate) fn parse(bytes: &[u8]) -> Vec<UsedId> {
    String::from_utf8_lossy(bytes).lines().filter_map(used).collect()
}

fn used(line: &str) -> Option<UsedId> {
    let is_hex = |text: &&str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut words = line.split(' ');
    let id = words.next().filter(|id| id.len() == 32).filter(is_hex)?.to_owned();
    let destination = words.next().filter(|text| text.len() == 16).filter(is_hex)?.to_owned();
    let (first, last) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let until = words.next().map(str::parse).transpose().ok()?;
    words.next().is_none().then_some(UsedId { id, destination, first, last, until })
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
    let mut text = String::new();
    for UsedId { id, destination, first, last, until } in ids {
        let until = until.map(|until| format!(" {until}")).unwrap_or_default();
        text.push_str(&format!("{id} {destination} {first} {last}{until}\n"));
    }
    dir.replace_small(NAME, text.as_bytes(), true)
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
        // What was kept for some days reads back as well, and a line of somebody else's is none.
        let kept = UsedId { until: Some(20_031), ..used(1) };
        store(&dir, vec![kept.clone()]).unwrap();
        assert_eq!(load(&dir), [kept]);
        let good = format!("{:032x} 0123456789abcdef 20001 20001", 1);
        for text in [
            "",
            "{}",
            "../x 0123456789abcdef 1 1",
            &good[1..],
            &format!("{good} x"),
            &format!("{good} 1 1"),
            &good[..53],
        ] {
            assert_eq!(parse(text.as_bytes()), [], "{text}");
        }
        assert_eq!(parse(good.as_bytes()), [used(1)]);
    }
}
