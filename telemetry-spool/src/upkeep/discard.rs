//! Discards what one process has recorded, in segments that it shares with others.

use crate::{
    format::{frame_reader::contents, names::Kind},
    known, own,
    spool_folder::{SpoolFolder, list, read, turn},
    standing::Standing,
    tally::{Outcome, Tally},
    upkeep::ended::Ended,
    upkeep::tidy::tidy,
};

/// Writes down that they have ended, so that nobody sends them any more; the bytes go with their segment, at once where
/// nobody else has frames in it. What is being sent is left to who sends it.
pub(crate) fn own(folder: &SpoolFolder, outcome: Outcome, unix_ms: u64, tally: &dyn Tally) {
    known::discard_flying(folder.owner(), outcome);
    let Ok(Some(dir)) = folder.dir(false) else { return };
    let Ok(mut standing) = Standing::read(&dir) else { return };
    let mut over = Ended::default();
    for name in list(&dir).unwrap_or_default().all.iter().filter(|name| name.kind() == Kind::Segment) {
        let Some(bytes) = dir.open_file(name.as_str()).ok().and_then(|file| read(&file)) else { continue };
        for placed in contents(&bytes).0.iter().filter(|placed| own::is_own(folder.owner(), name.stem(), placed.number))
        {
            let tried = standing.plans.iter().find(|(_, plan)| plan.has(name.stem(), placed.at));
            // What may have arrived is not known to be discarded.
            let may_have_arrived = tried.is_some_and(|(plan, _)| known::tries(folder.owner(), plan.stem()).ambiguous);
            let from = usize::try_from(placed.at).ok();
            let to = usize::try_from(placed.at + placed.len).ok();
            if let (Some(from), Some(to)) = (from, to)
                && let Some(bytes) = bytes.get(from..to)
            {
                over.push(if may_have_arrived { Outcome::Unknown } else { outcome }, name.stem(), placed, bytes);
            }
        }
    }
    if over.is_empty() {
        return;
    }
    if over.write_down(folder, &dir, unix_ms, tally).is_err() {
        // The disk is full, perhaps. A segment goes as a whole then: the program's word counts more than what others have in it.
        over.remove_segments(&dir);
        over.count(folder, tally);
    }
    if let Ok(Some(turn)) = turn(&dir)
        && let Ok(now) = Standing::read(&dir)
    {
        standing = now;
        tidy(folder, &dir, &mut standing, &turn, unix_ms, tally);
    }
}
