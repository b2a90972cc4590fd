//! Removes everything that is spooled in one folder.

use crate::{
    folder::dir::{Dir, File},
    format::{
        frame::{Head, head},
        frame_reader::Placed,
        names::{self, Kind, LOCK, Name},
    },
    known, own,
    spool_folder::{Owner, SPOOL, SpoolFolder, list_among, lock_file, read, wait_for},
    standing::Standing,
    tally::{Outcome, Tally},
    upkeep::tidy::end_segment,
};

/// Passes over one folder: another process may have been at its last file while we were at ours.
const PASSES: usize = 10;

/// Removes the spools of all programs. Foreign files stay, and so do the folders that hold them.
pub(crate) fn all(folder: &SpoolFolder, tally: &dyn Tally) {
    if let Ok(Some(spool)) = folder.parent().dir().child(SPOOL, false) {
        for host in spool.folders(usize::MAX, names::host).unwrap_or_default().0 {
            if let Ok(Some(dir)) = spool.child(&host, false) {
                one(&folder.owner_of(&host), &dir, tally);
                let _ = spool.remove_dir(&host);
            }
            vanished(&folder.owner_of(&host), tally);
        }
        let _ = spool.remove(super::sweep::NEXT);
        let _ = folder.parent().dir().remove_dir(SPOOL);
    }
    // Whatever we still know of was removed by somebody else.
    vanished(folder.owner(), tally);
    folder.forget_dir();
}

/// Counts what this process recorded and somebody else removed because the user said no.
pub(crate) fn vanished(owner: &Owner, tally: &dyn Tally) {
    let events = own::forget_all(owner);
    if events > 0 {
        tally.count(Outcome::Erased, events);
    }
}

/// Removes all files of ours in one folder. Nobody's lock counts here: the user's word does.
fn one(owner: &Owner, dir: &Dir, tally: &dyn Tally) {
    let _lock = exclude_planners(dir);
    let own_before = own::segments(owner);
    let standing = Standing::read_what_can_be(dir);
    if standing.complete && !standing.unread {
        // Whoever removed these segments before has counted what was in them: nothing of it is erased here.
        tally.end_elsewhere(own::forget_gone(owner, &own_before, |segment| standing.has_segment(segment)));
    }
    for _ in 0..PASSES {
        let mut removed = false;
        // All entries, however many others have put there: the user's word counts more than their time.
        for name in list_among(dir, usize::MAX).unwrap_or_default().all {
            let file = if name.kind() == Kind::Segment { dir.open_file(name.as_str()).ok() } else { None };
            let bytes = file.and_then(|file| read(&file)).filter(|bytes| head(bytes) != Head::Foreign);
            removed |= match bytes {
                Some(bytes) => remove_segment(owner, dir, &name, &bytes, &standing, tally),
                None => dir.remove(name.as_str()).is_ok(),
            };
        }
        if !removed {
            break;
        }
    }
    let _ = dir.remove(LOCK);
}

/// Removes a segment under the user's word: it is not set aside, however damaged.
fn remove_segment(owner: &Owner, dir: &Dir, name: &Name, bytes: &[u8], standing: &Standing, tally: &dyn Tally) -> bool {
    // What may have arrived is not known to be erased.
    let may_have_arrived = |at: u64| {
        let plan = standing.plans.iter().find(|(_, plan)| plan.has(name.stem(), at));
        plan.is_some_and(|(plan, _)| known::may_have_arrived(&owner.folder, plan.stem()))
    };
    let how = |placed: &Placed<'_>| {
        // Counted by who sends it, or by the other owner, which learns of the decision as another process does.
        let elsewhere = known::is_flying(&owner.folder, name.stem(), placed.at)
            || own::is_anothers(owner, name.stem(), placed.number);
        if elsewhere {
            return None;
        }
        if standing.unread {
            // Another process may have sent it, and counted it then: that stood in a file that cannot be read.
            return own::is_own(owner, name.stem(), placed.number).then_some(Outcome::Unknown);
        }
        Some(if may_have_arrived(placed.at) { Outcome::Unknown } else { Outcome::Erased })
    };
    let gone = end_segment(owner, dir, name, bytes, &standing.ended, how, tally);
    let _ = dir.remove(&name.damaged());
    gone
}

/// Waits until nobody is making plans. Goes on without the lock when somebody keeps it, because the user's word counts
/// more.
fn exclude_planners(dir: &Dir) -> Option<File> {
    wait_for(lock_file(dir).ok()?)
}
