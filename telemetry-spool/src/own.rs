//! Which frames on disk this process has recorded, and nobody has ended yet as far as it knows.
//!
//! Frames of several processes stand side by side in one segment, and any process of the same program may send them. The
//! ledger of a process counts an event that it recorded as its own when it ends, and any other as recovered; a veto of the
//! host discards what this process recorded and nothing else. So a process remembers what is its own, by segment and
//! number, until it ends.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    limits::OWN_SEGMENTS,
    process::PerProcess,
    spool_folder::Owner,
    tally::{Outcome, Tally},
};

/// First number and the one behind the last, ascending.
type Runs = Vec<(u32, u32)>;

/// By the spool folder with the destination, as two SDKs of one name share a folder, and by the id of the segment, which no
/// other segment there ever has.
static OWN: PerProcess<Mutex<BTreeMap<(Owner, String), Runs>>> =
    PerProcess::new(Mutex::new(BTreeMap::new()), |_| Mutex::default());

fn own() -> MutexGuard<'static, BTreeMap<(Owner, String), Runs>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn key(owner: &Owner, segment: &str) -> (Owner, String) {
    (owner.clone(), segment.to_owned())
}

/// Frames were appended: so many from this number on.
pub(crate) fn add(owner: &Owner, segment: &str, first: u32, frames: u32) {
    let mut all = own();
    let key = key(owner, segment);
    // Segments that others have sent and removed are never asked for again: the oldest of them goes.
    if all.len() >= OWN_SEGMENTS && !all.contains_key(&key) {
        all.pop_first();
    }
    let runs = all.entry(key).or_default();
    match runs.last_mut() {
        Some((_, end)) if *end == first => *end = first.saturating_add(frames),
        _ => runs.push((first, first.saturating_add(frames))),
    }
}

/// Whether a frame is ours and has not ended.
pub(crate) fn is_own(owner: &Owner, segment: &str, number: u32) -> bool {
    let all = own();
    all.get(&key(owner, segment)).is_some_and(|runs| runs.iter().any(|(first, end)| (*first..*end).contains(&number)))
}

/// Whether a frame of this folder is that of another SDK of this process, with another destination, and has not ended.
pub(crate) fn is_anothers(owner: &Owner, segment: &str, number: u32) -> bool {
    let holds = |runs: &Runs| runs.iter().any(|(first, end)| (*first..*end).contains(&number));
    own().iter().any(|((its, of), runs)| its != owner && its.folder == owner.folder && of == segment && holds(runs))
}

/// A frame ends: says whether it was ours and had not ended before.
pub(crate) fn end(owner: &Owner, segment: &str, number: u32) -> bool {
    let mut all = own();
    let key = key(owner, segment);
    let Some(runs) = all.get_mut(&key) else { return false };
    let Some(folder) = runs.iter().position(|(first, end)| (*first..*end).contains(&number)) else { return false };
    let (first, end) = runs.remove(folder);
    let parts = [(first, number), (number + 1, end)];
    runs.splice(folder..folder, parts.into_iter().filter(|(first, end)| first < end));
    if runs.is_empty() {
        all.remove(&key);
    }
    true
}

/// The segment is gone, or nothing in it can be read: how many of ours had not ended.
pub(crate) fn forget(owner: &Owner, segment: &str) -> u64 {
    own().remove(&key(owner, segment)).map_or(0, |runs| count(&runs))
}

/// Forgets segments of a folder that are no more, because others have ended all that was in them: how many of ours.
pub(crate) fn forget_gone(owner: &Owner, stands: impl Fn(&str) -> bool) -> u64 {
    let mut events = 0;
    own().retain(|(its, segment), runs| {
        let is_gone = its == owner && !stands(segment);
        events += if is_gone { count(runs) } else { 0 };
        !is_gone
    });
    events
}

/// Forgets all segments of a folder: how many of ours had not ended.
pub(crate) fn forget_all(owner: &Owner) -> u64 {
    let mut events = 0;
    own().retain(|(its, _), runs| {
        events += if its == owner { count(runs) } else { 0 };
        its != owner
    });
    events
}

/// A frame of a spool folder came to an end: one that this process had not recorded counts as recovered as well.
pub(crate) fn count_ended(tally: &dyn Tally, outcome: Outcome, owner: &Owner, segment: &str, number: u32) {
    if !end(owner, segment, number) {
        tally.recover(1);
    }
    tally.count(outcome, 1);
}

fn count(runs: &[(u32, u32)]) -> u64 {
    runs.iter().map(|(first, end)| u64::from(end - first)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner(folder: &str, destination: u8) -> Owner {
        Owner { folder: folder.to_owned(), destination: [destination; 16] }
    }

    #[test]
    fn o15_sdks_of_one_folder_own_their_own_frames() {
        let (one, other) = (&owner("shared", 1), &owner("shared", 2));
        add(one, "segment", 0, 1);
        add(other, "segment", 1, 1);
        assert!(is_own(one, "segment", 0) && !is_own(one, "segment", 1));
        assert!(is_anothers(one, "segment", 1) && !is_anothers(one, "segment", 0));
        assert!(!is_anothers(&owner("elsewhere", 1), "segment", 1));
        assert!(!end(one, "segment", 1));
        assert_eq!((forget_all(one), forget_all(other)), (1, 1));
    }

    #[test]
    fn each_of_ours_ends_once() {
        let (owner, segment) = (&owner("own-test", 1), "one");
        add(owner, segment, 3, 2);
        add(owner, segment, 5, 1);
        add(owner, segment, 9, 1);
        let is_own = |number| is_own(owner, segment, number);
        assert!(!is_own(2) && is_own(3) && is_own(5) && !is_own(6));
        let end = |number| end(owner, segment, number);
        assert!(end(4) && !end(4) && !end(7));
        assert_eq!(forget(owner, segment), 3, "3, 5 and 9");
        assert_eq!((forget(owner, segment), end(3)), (0, false));
    }

    #[test]
    fn folders_are_forgotten_apart() {
        let (one, other) = (&owner("one", 1), &owner("other", 1));
        add(one, "segment", 0, 2);
        add(other, "segment", 0, 1);
        assert_eq!(forget_gone(one, |segment| segment == "segment"), 0);
        assert_eq!(forget_gone(other, |_| false), 1);
        assert_eq!((forget_all(one), forget_all(one), forget_all(other)), (2, 0, 0));
    }
}
