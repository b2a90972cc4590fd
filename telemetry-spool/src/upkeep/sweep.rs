//! What all programs have in the folder together: too old or too much of it goes.

use crate::{
    format::{
        frame_reader::Placed,
        names::{self, Kind, Name},
    },
    limits::{FOLDERS, LISTED_ENTRIES, SWEEP_ENTRIES},
    spool_folder::{SPOOL, SpoolFolder, list_among, read, turn},
    standing::Standing,
    tally::{Outcome, Tally},
    upkeep::{
        room::{evict, is_over},
        tidy::tidy,
    },
};

/// The file that says with which folder the next look begins, where one look could not see all.
pub(crate) const NEXT: &str = "next";

/// A file that counts, and the folder that it is in.
struct Found {
    host: String,
    name: Name,
    bytes: u64,
}

/// Looks at the folders of all programs, in turn. Removes files that are older than any frame may be: what a program
/// that is never started again has left, and what another version of this crate wrote. Then the oldest, until all
/// together are within the bound.
pub(crate) fn all(folder: &SpoolFolder, unix_ms: u64, tally: &dyn Tally) {
    let Ok(Some(spool)) = folder.parent().dir().child(SPOOL, false) else { return };
    let (mut hosts, _) = spool.folders(FOLDERS, names::host).unwrap_or_default();
    hosts.sort_unstable();
    let next = spool.open_file(NEXT).ok().and_then(|file| read(&file)).unwrap_or_default();
    let first = hosts.partition_point(|host| host.as_bytes() < next.as_slice());
    hosts.rotate_left(first);
    // One budget for all folders together: others may have filled any of them.
    let (mut entries, mut found, mut unseen) = (SWEEP_ENTRIES, Vec::new(), None);
    for host in hosts {
        if entries == 0 {
            unseen = Some(host);
            break;
        }
        entries = entries.saturating_sub(1 + one(folder, &spool, &host, entries, unix_ms, &mut found, tally));
    }
    remember(&spool, unseen.as_deref());
    let mut bytes: u64 = found.iter().map(|found| found.bytes).sum();
    found.sort_by(|one, other| one.name.as_str().cmp(other.name.as_str()));
    for Found { host, name, bytes: its } in found {
        if bytes <= folder.limits().all_bytes {
            break;
        }
        if let Ok(Some(dir)) = spool.child(&host, false)
            && let Ok(Some(_turn)) = turn(&dir)
            && let Ok(mut standing) = Standing::read(&dir)
            && evict(&folder.owner_of(&host), &dir, &name, &mut standing, |_| Outcome::Evicted, tally)
        {
            bytes = bytes.saturating_sub(its);
        }
    }
}

/// Looks at one folder; says how many entries it looked at.
fn one(
    folder: &SpoolFolder,
    spool: &crate::folder::dir::Dir,
    host: &str,
    entries: usize,
    unix_ms: u64,
    found: &mut Vec<Found>,
    tally: &dyn Tally,
) -> usize {
    let Ok(Some(dir)) = spool.child(host, false) else { return 0 };
    let Ok(listing) = list_among(&dir, entries.min(LISTED_ENTRIES)) else { return 0 };
    // Most folders have nothing that is too old, and are only looked at.
    if listing.all.iter().any(|name| is_over(folder.limits(), name, unix_ms))
        && let Ok(Some(turn)) = turn(&dir)
        && let Ok(mut standing) = Standing::read(&dir)
    {
        let destination = folder.destination();
        let how = |placed: &Placed<'_>| match placed.frame.destination == *destination {
            true => Outcome::Expired,
            false => Outcome::OtherDestination,
        };
        for name in listing.all.iter().filter(|name| is_over(folder.limits(), name, unix_ms)) {
            if matches!(name.kind(), Kind::Segment | Kind::Damaged) || name.kind().is_earlier() {
                evict(&folder.owner_of(host), &dir, name, &mut standing, how, tally);
            }
        }
        tidy(folder, &dir, &mut standing, &turn, unix_ms, tally);
    }
    for name in listing.all.into_iter().filter(|name| name.kind().counts()) {
        if let Ok(bytes) = dir.len(name.as_str()) {
            found.push(Found { host: host.to_owned(), name, bytes });
        }
    }
    listing.seen
}

/// Best effort: without it the next look begins with the first folder again.
fn remember(spool: &crate::folder::dir::Dir, unseen: Option<&str>) {
    let _ = spool.remove(NEXT);
    if let Some(host) = unseen
        && let Ok(file) = spool.create(NEXT)
    {
        let _ = crate::folder::dir::append_all(&file, host.as_bytes());
    }
}
