//! The folder of an SDK is removed: everything that this framework has put there, and nothing else.
//!
//! First the decision `off` is stored, so that programs that run at this moment stop within a second and nobody spools while
//! files go. At the end it goes as well, or stays alone where the user had said no. A program that sees its folder removed records
//! nothing for the rest of its life, so it does not come back by itself.

use std::{
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use telemetry_spool::{Digest, PrivateFolder, SPOOL, Tally, folder::dir::Dir};

use crate::{
    base::{
        clock,
        limits::{ERASE_PATIENCE, ERASE_PAUSE},
    },
    decide::consent::Consent,
    write::{
        files::{
            consent_file::{self, ConsentFile},
            installation_file, ledger_file, memory_file,
            state_dir::{self, SdkDir},
        },
        spooled,
    },
};

/// What a removal did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removal {
    /// Events that were waiting to be sent.
    pub(crate) events: u64,
    /// The names of files and folders that were removed, in order; those of the spool and of ledgers as one each.
    pub(crate) removed: Vec<String>,
    /// What is in the folder and is not ours, or could not be removed.
    pub(crate) left: Vec<String>,
    /// Only the decision `off` is left.
    pub(crate) off_stays: bool,
}

/// Removes the folder of an SDK; `None` if there is none. `decided` is what the user had decided: a decision for `off` stays,
/// unless it is to be forgotten.
///
/// # Errors
///
/// If the decision cannot be written: then nothing was removed, since programs that run would go on.
pub(crate) fn remove(base: &Path, name: &str, decided: Option<Consent>, forget: bool) -> io::Result<Option<Removal>> {
    let Some(dir) = open(base, name)? else { return Ok(None) };
    let off = ConsentFile { consent: Some(Consent::Off), ..ConsentFile::default() };
    consent_file::store(&dir, &off, true)?;
    let events = Counted::default();
    let mut removed = Vec::new();
    let off_stays = decided == Some(Consent::Off) && !forget;
    let begun = Instant::now();
    loop {
        remove_what_is_there(&dir, &mut removed, &events);
        if !off_stays {
            let _ = dir.dir().remove(consent_file::NAME);
        }
        let left = left(dir.dir(), off_stays);
        // What is left of ours was made meanwhile: those who make it look at the decision soon.
        let ours = left.iter().any(|name| state_dir::is_ours(name) || is_folder_of_ours(name));
        if !ours || begun.elapsed() > ERASE_PATIENCE {
            // The last of all: whoever kills this before can still name the ids, and have deleted what came with them.
            if dir.dir().remove(installation_file::NAME).is_ok() {
                removed.push(installation_file::NAME.to_owned());
            }
            if left.is_empty() && !off_stays {
                remove_folders(base, name);
            }
            if decided.is_some() && !off_stays {
                removed.push(consent_file::NAME.to_owned());
            }
            removed.sort();
            removed.dedup();
            let events = events.0.load(Ordering::Relaxed);
            return Ok(Some(Removal { events, removed, left, off_stays }));
        }
        if !off_stays {
            consent_file::store(&dir, &off, false)?;
        }
        std::thread::sleep(ERASE_PAUSE);
    }
}

/// The folder of an SDK; `None` if there is none.
fn open(base: &Path, name: &str) -> io::Result<Option<Arc<SdkDir>>> {
    let dir = state_dir::open(base, name, false).map_err(|reason| io::Error::other(reason.to_string()))?;
    Ok(dir.map(Arc::new))
}

/// Stores the decision `off` and deletes what waits; the number of events that were deleted.
///
/// # Errors
///
/// If there is no such folder, or it cannot be written.
pub(crate) fn turn_off(base: &Path, name: &str) -> io::Result<u64> {
    let dir = open(base, name)?.ok_or(io::ErrorKind::NotFound)?;
    let events = Counted::default();
    let file = consent_file::decided(&dir, Consent::Off, None);
    store_less(&dir, &file, true, || {
        erase_spool(&dir, &events);
        memory_file::forget_counts(&dir);
        ledger_file::close(&dir, clock::today());
    })?;
    Ok(events.0.load(Ordering::Relaxed))
}

/// Stores a decision for less than the one before, and lets `erase` delete what waits, if the decision ends that.
///
/// Where it cannot be stored, what waits goes in any case, and a full disk may have room for the decision then. If it has not, the one before
/// goes as well: a file of no byte needs no room, and is a no.
///
/// # Errors
///
/// If the decision cannot be stored.
pub(crate) fn store_less(dir: &SdkDir, file: &ConsentFile, ends_what_waits: bool, erase: impl Fn()) -> io::Result<()> {
    // First the decision, so that nobody spools meanwhile.
    let stored = consent_file::store(dir, file, true);
    if stored.is_ok() {
        if ends_what_waits {
            erase();
        }
        return stored;
    }
    erase();
    let stored = consent_file::store(dir, file, true);
    if stored.is_err() {
        let _ = dir.empty(consent_file::NAME);
    }
    erase(); // Until now others may have read the decision before, and spooled.
    stored
}

/// Deletes the spools of all host programs, whatever the destination.
fn erase_spool(dir: &Arc<SdkDir>, tally: &Counted) {
    let (mut spool, _) = spooled::open(Arc::clone(dir), "erase", Digest::default(), None);
    spool.erase(tally);
}

fn remove_what_is_there(dir: &Arc<SdkDir>, removed: &mut Vec<String>, events: &Counted) {
    let there = |name: &str| (is_folder_of_ours(name)).then(|| name.to_owned());
    let folders = dir.dir().folders(usize::MAX, there).unwrap_or_default().0;
    for name in folders {
        let gone = if name == SPOOL {
            erase_spool(dir, events);
            matches!(dir.dir().child(SPOOL, false), Ok(None))
        } else {
            ledger_file::remove_rows(dir, &name)
        };
        if gone {
            removed.push(name + "/");
        }
    }
    let stays = |name: &str| name == consent_file::NAME || name == installation_file::NAME;
    let file = |name: &str| (!stays(name) && state_dir::is_ours(name)).then(|| name.to_owned());
    for name in dir.dir().files(usize::MAX, file).unwrap_or_default().0 {
        if dir.dir().remove(&name).is_ok() {
            removed.push(name);
        }
    }
}

fn is_folder_of_ours(name: &str) -> bool {
    name == SPOOL || state_dir::is_ledger_folder(name)
}

/// What is in the folder besides the decision that stays and the ids that go last.
fn left(dir: &Dir, off_stays: bool) -> Vec<String> {
    let stays = |name: &str| (off_stays && name == consent_file::NAME) || name == installation_file::NAME;
    let other = |name: &str| (!stays(name)).then(|| name.to_owned());
    let mut left = dir.files(usize::MAX, other).unwrap_or_default().0;
    left.extend(dir.folders(usize::MAX, |name| Some(name.to_owned())).unwrap_or_default().0);
    left.sort();
    left.dedup();
    left
}

/// The folder of the SDK, and the one of all SDKs if it was the last.
fn remove_folders(base: &Path, name: &str) {
    if let Ok(Some(all)) = PrivateFolder::open(base, &["telemetry"], false) {
        let _ = all.dir().remove_dir(name);
    }
    if let Ok(Some(base)) = Dir::open_base(base, false) {
        let _ = base.remove_dir("telemetry");
    }
}

/// Counts what is removed.
#[derive(Debug, Default)]
struct Counted(AtomicU64);

impl Tally for Counted {
    fn count(&self, _: telemetry_spool::Outcome, events: u64) {
        self.0.fetch_add(events, Ordering::Relaxed);
    }

    fn recover(&self, _: u64) {}

    fn end_elsewhere(&self, _: u64) {}
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;

    use super::*;
    use crate::write::{files::consent_file::ConsentState, test_kit::Home};

    #[test]
    fn what_is_ours_goes_and_what_is_not_stays() {
        let home = Home::new();
        let id = "019a0000-0000-7000-8000-000000000000";
        for name in [
            "README.txt",
            "told",
            "memory.json",
            "memory.lock",
            "breaker.json",
            "breaker.lock",
            "detached.0123456789abcdef.lock",
            "sent.log",
            "sent.log.1",
            "secret",
            "ledger.0123456789abcdef.json",
            &format!("told.{id}.tmp"),
        ] {
            fs::write(home.file(name), "x").unwrap();
        }
        let on = ConsentFile { consent: Some(Consent::On), ..ConsentFile::default() };
        consent_file::store(&home.sdk(), &on, false).unwrap();
        let rows = home.file("ledger.0123456789abcdef");
        fs::create_dir(&rows).unwrap();
        for name in [format!("{id}.json"), format!("{id}.json.new"), "lock".to_owned()] {
            fs::write(rows.join(name), "x").unwrap();
        }
        let spool = home.file("spool");
        fs::create_dir_all(spool.join("acme")).unwrap();
        fs::write(spool.join("acme/lock"), "").unwrap();
        for name in ["mine.txt", "ledger.json", "told.tmp", "consent.json.bak"] {
            fs::write(home.file(name), "x").unwrap();
        }
        let removal = remove(home.path(), "acme-ui", Some(Consent::On), false).unwrap().unwrap();
        assert_eq!(removal.left, ["consent.json.bak", "ledger.json", "mine.txt", "told.tmp"]);
        assert_eq!(removal.removed.len(), 15, "{:?}", removal.removed);
        let mut there: Vec<_> = fs::read_dir(home.folder())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        there.sort();
        assert_eq!(there, removal.left);
        for name in &removal.left {
            fs::remove_file(home.file(name)).unwrap();
        }
        let again = remove(home.path(), "acme-ui", None, false).unwrap().unwrap();
        assert_eq!((again.removed.len(), again.left.len()), (0, 0));
        assert!(!home.path().join("telemetry").exists(), "empty folders of ours go as well");
        assert_eq!(remove(home.path(), "acme-ui", None, false).unwrap(), None);
    }

    #[test]
    fn a_decision_for_off_stays_unless_it_is_to_be_forgotten() {
        let home = Home::new();
        let dir = home.sdk();
        let off = ConsentFile { consent: Some(Consent::Off), ..ConsentFile::default() };
        consent_file::store(&dir, &off, true).unwrap();
        fs::write(home.file("told"), "x").unwrap();
        let removal = remove(home.path(), "acme-ui", Some(Consent::Off), false).unwrap().unwrap();
        assert!(removal.off_stays && removal.left.is_empty(), "{removal:?}");
        assert_eq!(consent_file::load(&home.sdk()), ConsentState::Loaded(off));
        let removal = remove(home.path(), "acme-ui", Some(Consent::Off), true).unwrap().unwrap();
        assert!(!removal.off_stays && !home.path().join("telemetry").exists(), "{removal:?}");
    }
}
