//! How much waits in a folder.

use crate::{
    folder::{dir::File, private::PrivateFolder},
    format::{
        frame::{Digest, Head, head},
        frame_reader::{Placed, contents},
        names::{self, Kind, Name},
    },
    limits::FOLDERS,
    spool_folder::{SPOOL, read},
    standing::Standing,
};

/// How many frames of a destination wait in the spools of all programs, damaged ones included, whose destination nobody
/// knows. `None` if that cannot be said.
pub fn spooled_frames(parent: &PrivateFolder, destination: &Digest) -> Option<u64> {
    spooled(parent, |of| of == destination)
}

/// As [`spooled_frames`], for whatever destination.
pub fn spooled_for_anyone(parent: &PrivateFolder) -> Option<u64> {
    spooled(parent, |_| true)
}

fn spooled(parent: &PrivateFolder, wanted: impl Fn(&Digest) -> bool) -> Option<u64> {
    let Some(spool) = parent.dir().child(SPOOL, false).ok()? else { return Some(0) };
    let (hosts, all_hosts) = spool.folders(FOLDERS, names::host).ok()?;
    let (mut events, mut files) = (0, 0);
    for host in hosts {
        let dir = spool.child(&host, false).ok()??;
        let found = Standing::read(&dir).ok()?;
        files += found.all.len();
        if !found.complete || files > FOLDERS {
            return None;
        }
        for name in found.all.iter().filter(|name| matches!(name.kind(), Kind::Segment | Kind::Earlier)) {
            events += waiting_in(name, &dir.open_file(name.as_str()).ok()?, &found, &wanted);
        }
    }
    all_hosts.then_some(events)
}

/// How many frames of a file have not ended, damaged ones included.
fn waiting_in(name: &Name, file: &File, standing: &Standing, wanted: &dyn Fn(&Digest) -> bool) -> u64 {
    match read(file) {
        None => 1,
        Some(bytes) => match head(&bytes) {
            Head::Foreign => 1,
            Head::Empty | Head::Ours | Head::Damaged => {
                let (frames, damaged) = contents(&bytes);
                let waits = |frame: &&Placed<'_>| {
                    wanted(&frame.frame.destination) && !standing.ended.has(name.stem(), frame.at)
                };
                frames.iter().filter(waits).count() as u64 + damaged
            }
        },
    }
}
