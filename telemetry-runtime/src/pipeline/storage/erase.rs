//! Removes everything that is spooled for one SDK.

use super::{
    Tally,
    dir::{Dir, File},
    names::{self, Kind, LOCK},
    place::{Place, SPOOL, list_among, lock_file, take_over, wait_for},
    room,
};
use crate::ledger::Outcome;

/// Passes over one folder: another process may have been at its last file while we were at ours.
const PASSES: usize = 10;

/// Removes the spools of all host programs. Foreign files stay, and so do the folders that hold them.
pub(super) fn all(place: &Place, tally: &dyn Tally) {
    if let Ok(Some(spool)) = place.sdk().dir().child(SPOOL, false) {
        for host in spool.folders(usize::MAX, names::host).unwrap_or_default().0 {
            if let Ok(Some(dir)) = spool.child(&host, false) {
                one(place, &dir, host == place.host(), tally);
                let _ = spool.remove_dir(&host);
            }
        }
        let _ = place.sdk().dir().remove_dir(SPOOL);
    }
    // Whatever is still on the shelf was removed by somebody else.
    room::drop_all(place, tally);
    place.forget_dir();
}

fn one(place: &Place, dir: &Dir, own: bool, tally: &dyn Tally) {
    let _lock = exclude_writers(dir);
    for _ in 0..PASSES {
        let mut removed = false;
        // All entries, however many others have put there: the user's word counts more than their time.
        for name in list_among(dir, usize::MAX).unwrap_or_default().all {
            let ours = if own { place.lend(|held| held.name == name) } else { None };
            let counts = !matches!(name.kind(), Kind::Journal | Kind::Staged | Kind::Damaged);
            removed |= match ours
                .or_else(|| take_over(dir, &name).filter(|_| counts).inspect(|held| room::recover(held, tally)))
            {
                Some(held) => room::discard(place, dir, &held, Outcome::OptedOut, tally),
                // It belongs to a process that is alive, perhaps to another part of this one: the owner counts it when
                // it finds it gone.
                None => dir.remove(name.as_str()).is_ok(),
            };
        }
        if !removed {
            break;
        }
    }
    let _ = dir.remove(LOCK);
}

/// Waits until nobody is making batches: they would bring back in memory what was removed from disk. Goes on without
/// the lock when somebody keeps it, because the user's word counts more.
fn exclude_writers(dir: &Dir) -> Option<File> {
    wait_for(lock_file(dir).ok()?)
}
