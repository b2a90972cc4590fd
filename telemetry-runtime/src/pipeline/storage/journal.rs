//! The step from segments to batches, made atomic.
//!
//! One segment may spread over several batches, and one batch may gather many segments, so no single rename can replace
//! the ones by the others. Therefore:
//!
//! 1. the new files are written and flushed under staged names (`….batch.new`),
//! 2. a journal, which names what comes and what goes, is written, flushed and given its name by rename: this rename is
//!    the moment at which everything has happened;
//! 3. the staged files get their names, the old ones are removed, then the journal.
//!
//! Who dies before 2 leaves staged files without a journal: they are removed, the segments still stand. Who dies after it
//! leaves a journal, and whoever finds it repeats step 3, which may be done any number of times.
//!
//! ```text
//! TLMFRZ1
//! + 0198c0de-….batch        appears, from 0198c0de-….batch.new
//! - 0198c0dd-….ready        goes
//! ! 0198c0dc-….ready        goes as well, but is damaged and set aside as 0198c0dc-….damaged
//! = 1a2b3c4d                CRC-32C of all lines before
//! ```

use std::{fmt::Write as _, io};

use super::{
    aside,
    crc32c::crc32c,
    dir::{self, Dir},
    names::{Kind, Name, STAGED},
    place::{self, Listing, list, read, take_over},
    uuid::uuid7,
};

const MAGIC: &str = "TLMFRZ1\n";

/// A journal on disk.
#[derive(Debug)]
pub(super) struct Journal {
    name: Name,
    change: Change,
}

/// Final names of the files that come, of those that go, and of damaged ones that are set aside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) come: Vec<Name>,
    pub(super) go: Vec<Name>,
    pub(super) aside: Vec<Name>,
}

/// Step 2.
pub(super) fn commit(dir: &Dir, change: Change, unix_ms: u64) -> io::Result<Journal> {
    let id = uuid7(unix_ms).ok_or(io::ErrorKind::Other)?;
    let parse = |text: String| Name::parse(&text).ok_or(io::ErrorKind::Other);
    let name = parse(format!("{id}.freeze"))?;
    let mut file = place::create(dir, parse(format!("{id}.freeze{STAGED}"))?)?;
    let committed = dir::append_all(&mut file.file, render(&change).as_bytes())
        .and_then(|()| file.file.sync_data())
        .and_then(|()| dir.rename(file.name.as_str(), name.as_str()));
    if let Err(error) = committed {
        let _ = dir.remove(file.name.as_str());
        return Err(error);
    }
    // Without this the rename might reach the disk after the removals of step 3.
    let _ = dir.sync();
    Ok(Journal { name, change })
}

/// Step 3.
///
/// # Errors
///
/// If something could not be done; the journal stays and the step is repeated by whoever finds it.
pub(super) fn apply(dir: &Dir, journal: Journal) -> io::Result<()> {
    let Journal { name: journal, change: Change { come, go, aside } } = journal;
    let gone_is_fine = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    for name in &come {
        gone_is_fine(dir.rename(&format!("{}{STAGED}", name.as_str()), name.as_str()))?;
    }
    for name in &go {
        gone_is_fine(dir.remove(name.as_str()))?;
    }
    for name in &aside {
        gone_is_fine(aside::put(dir, name))?;
    }
    gone_is_fine(dir.remove(journal.as_str()))
}

/// Whether journals are in a folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    None,
    /// Segments may stand beside batches made of them.
    Some,
    /// There are too many files to know.
    Unknown,
}

/// Ends what somebody has begun, and says what is left of it.
///
/// No lock is asked for: step 3 may be repeated by anybody, also while its writer is still at it.
///
/// # Errors
///
/// If something could not be ended because the disk failed: nobody else is at it, and to wait for them would not help.
pub(super) fn replay(dir: &Dir) -> io::Result<Left> {
    let mut failed = Ok(());
    for name in list(dir)?.all.iter().filter(|name| name.kind() == Kind::Journal) {
        let file = match dir.open_file(name.as_str()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            file => file?,
        };
        match read(&file).and_then(|bytes| parse(&String::from_utf8(bytes).ok()?)) {
            Some(change) => {
                failed = apply(dir, Journal { name: name.clone(), change }).and(failed);
            }
            // It was flushed before it got its name, so the disk has damaged it. What it spoke of is unknown: the
            // segments still stand, and events that stand in a batch as well are recognised by their ids.
            None => match aside::put(dir, name) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => failed = Err(error),
                _ => {}
            },
        }
    }
    match left(dir)? {
        Left::Some => failed.map(|()| Left::Some),
        left => Ok(left),
    }
}

/// Whether a journal is in the folder.
///
/// Who holds the lock on a segment, then sees no journal, and then still finds the segment under its name, knows that no
/// batch was made of it: a journal appears before its segments are unlocked, and goes after them.
pub(super) fn left(dir: &Dir) -> io::Result<Left> {
    let Listing { all, complete, .. } = list(dir)?;
    Ok(match all.iter().any(|name| name.kind() == Kind::Journal) {
        true => Left::Some,
        false if complete => Left::None,
        false => Left::Unknown,
    })
}

/// Ends or undoes what processes that died have begun.
pub(super) fn recover(dir: &Dir) {
    let _ = replay(dir);
    for name in list(dir).unwrap_or_default().all.iter().filter(|name| name.kind() == Kind::Staged) {
        let Some(orphan) = take_over(dir, name) else { continue };
        // Its writer is gone, so a journal of it either is in the folder by now or never will be.
        if left(dir).is_ok_and(|left| left == Left::None) {
            let _ = dir.remove(orphan.name.as_str());
        }
    }
}

pub(super) fn render(change: &Change) -> String {
    let mut text = MAGIC.to_owned();
    let Change { come, go, aside } = change;
    for (sign, names) in [('+', come), ('-', go), ('!', aside)] {
        for name in names {
            let _ = writeln!(text, "{sign} {}", name.as_str());
        }
    }
    let sum = crc32c(text.as_bytes());
    let _ = writeln!(text, "= {sum:08x}");
    text
}

/// What a journal speaks of; `None` if the text is not whole.
pub(super) fn parse(text: &str) -> Option<Change> {
    let (body, sum) = text.rsplit_once("= ")?;
    if u32::from_str_radix(sum.trim_end(), 16).ok()? != crc32c(body.as_bytes()) {
        return None;
    }
    let mut change = Change::default();
    for line in body.strip_prefix(MAGIC)?.lines() {
        match line.split_once(' ')? {
            ("+", name) => change.come.push(Name::parse(name)?),
            ("-", name) => change.go.push(Name::parse(name)?),
            ("!", name) => change.aside.push(Name::parse(name)?),
            _ => return None,
        }
    }
    Some(change)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(ending: &str) -> Name {
        Name::parse(&format!("{}.{ending}", uuid7(1).unwrap())).unwrap()
    }

    #[test]
    fn journals_read_back_and_damage_is_seen() {
        let change =
            Change { come: vec![name("batch"), name("ready")], go: vec![name("part")], aside: vec![name("ready")] };
        let text = render(&change);
        assert_eq!(parse(&text), Some(change));
        for place in 0..text.len() - 1 {
            let mut bytes = text.clone().into_bytes();
            bytes[place] ^= 1;
            let damaged = String::from_utf8(bytes).unwrap();
            assert_eq!(parse(&damaged), None, "byte {place}: {damaged}");
            assert_eq!(parse(&text[..place]), None, "cut at {place}");
        }
    }
}
