//! Which frames on disk this process has recorded, and nobody has ended yet as far as it knows.
//!
//! Frames of several processes stand side by side in one segment, and any process of the same program may send them. The
//! ledger of a process counts a frame that it recorded as its own when it ends, and any other as recovered; [`Spool::discard_own`](crate::Spool::discard_own)
//! discards what this process appended and nothing else. So a process remembers what is its own, by segment and
//! number, until it ends.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    limits::OWN_SEGMENTS,
    process::PerProcess,
    spool_folder::Owner,
    tally::{Outcome, Tally},
};

/// First number and the one behind the last, ascending.
pub(crate) type Runs = Vec<(u32, u32)>;

/// Of one spool folder and destination: by the id of the segment, which no other segment there ever has.
type Segments = BTreeMap<String, Runs>;

/// By the spool folder with the destination, as two owners may share a folder.
static OWN: PerProcess<Mutex<BTreeMap<Owner, Segments>>> =
    PerProcess::new(Mutex::new(BTreeMap::new()), |_| Mutex::default());

fn own() -> MutexGuard<'static, BTreeMap<Owner, Segments>> {
    OWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Frames were appended: so many from this number on.
pub(crate) fn add(owner: &Owner, segment: &str, first: u32, frames: u32) {
    let mut all = own();
    if !all.contains_key(owner) {
        all.insert(owner.clone(), Segments::new());
    }
    let Some(segments) = all.get_mut(owner) else { return };
    let end = first.saturating_add(frames);
    if let Some(runs) = segments.get_mut(segment) {
        push(runs, (first, end));
        return;
    }
    // Segments that others have sent and removed are never asked for again: the oldest of them goes.
    if segments.len() >= OWN_SEGMENTS {
        segments.pop_first();
    }
    segments.insert(segment.to_owned(), vec![(first, end)]);
}

fn holds(runs: &Runs, number: u32) -> bool {
    runs.iter().any(|(first, end)| (*first..*end).contains(&number))
}

/// Whether a frame is ours and has not ended.
pub(crate) fn is_own(owner: &Owner, segment: &str, number: u32) -> bool {
    let all = own();
    all.get(owner).and_then(|segments| segments.get(segment)).is_some_and(|runs| holds(runs, number))
}

/// Whether a frame of this folder is that of another owner in this process, with another destination, and has not ended.
pub(crate) fn is_anothers(owner: &Owner, segment: &str, number: u32) -> bool {
    let all = own();
    let mut others = all.iter().filter(|(its, _)| *its != owner && its.folder == owner.folder);
    others.any(|(_, segments)| segments.get(segment).is_some_and(|runs| holds(runs, number)))
}

/// A frame ends: says whether it was ours and had not ended before.
pub(crate) fn end(owner: &Owner, segment: &str, number: u32) -> bool {
    end_all(owner, segment, [number]) == 1
}

/// Frames of one segment end: says how many of them were ours and had not ended before.
pub(crate) fn end_all(owner: &Owner, segment: &str, numbers: impl IntoIterator<Item = u32>) -> u64 {
    let mut asked = Runs::new();
    for number in numbers {
        push(&mut asked, (number, number.saturating_add(1)));
    }
    count(&take(owner, segment, &asked))
}

/// As [`end_all`], and says which: for who may give them back.
pub(crate) fn take(owner: &Owner, segment: &str, asked: &[(u32, u32)]) -> Runs {
    let mut taken = Runs::new();
    let mut all = own();
    let Some(segments) = all.get_mut(owner) else { return taken };
    let Some(runs) = segments.get_mut(segment) else { return taken };
    for (from, to) in asked.iter().copied() {
        let mut left = Runs::new();
        for (first, end) in std::mem::take(runs) {
            let (begin, behind) = (first.max(from), end.min(to));
            if begin < behind {
                push(&mut taken, (begin, behind));
                left.extend([(first, begin), (behind, end)].into_iter().filter(|(first, end)| first < end));
            } else {
                left.push((first, end));
            }
        }
        *runs = left;
    }
    if runs.is_empty() {
        segments.remove(segment);
    }
    taken
}

/// Adds numbers behind others: to the last run, if they follow it.
fn push(runs: &mut Runs, (first, end): (u32, u32)) {
    match runs.last_mut() {
        Some((_, last)) if *last == first => *last = end,
        _ => runs.push((first, end)),
    }
}

/// The segment is gone, or nothing in it can be read: how many of ours had not ended.
pub(crate) fn forget(owner: &Owner, segment: &str) -> u64 {
    own().get_mut(owner).and_then(|segments| segments.remove(segment)).map_or(0, |runs| count(&runs))
}

/// The segments of a folder with frames of ours.
pub(crate) fn segments(owner: &Owner) -> BTreeSet<String> {
    own().get(owner).map(|segments| segments.keys().cloned().collect()).unwrap_or_default()
}

/// Forgets those of `known` that are no more, because others have ended all that was in them: how many of ours. `known` are the
/// [`segments`] from before the look that `stands` tells of: one that was begun since is not in it.
pub(crate) fn forget_gone(owner: &Owner, known: &BTreeSet<String>, stands: impl Fn(&str) -> bool) -> u64 {
    let mut events = 0;
    if let Some(segments) = own().get_mut(owner) {
        segments.retain(|segment, runs| {
            let stays = !known.contains(segment) || stands(segment);
            events += if stays { 0 } else { count(runs) };
            stays
        });
    }
    events
}

/// Forgets all segments of a folder: how many of ours had not ended.
pub(crate) fn forget_all(owner: &Owner) -> u64 {
    own().remove(owner).map_or(0, |segments| segments.values().map(|runs| count(runs)).sum())
}

/// A frame of a spool folder came to an end: one that this process had not recorded counts as recovered as well.
pub(crate) fn count_ended(tally: &dyn Tally, outcome: Outcome, owner: &Owner, segment: &str, number: u32) {
    if !end(owner, segment, number) {
        tally.recover(1);
    }
    tally.count(outcome, 1);
}

pub(crate) fn count(runs: &[(u32, u32)]) -> u64 {
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
        assert_eq!(forget_gone(one, &segments(one), |segment| segment == "segment"), 0);
        assert_eq!(forget_gone(other, &BTreeSet::new(), |_| false), 0, "it was begun since");
        assert_eq!(forget_gone(other, &segments(other), |_| false), 1);
        assert_eq!((forget_all(one), forget_all(one), forget_all(other)), (2, 0, 0));
    }
}
