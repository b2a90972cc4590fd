//! `breaker.json`: when the next attempt may be made and how large a request may be, for all processes of this user.
//!
//! Versions of one SDK that send to different endpoints share the file, each with an entry of its own; the entry that was
//! written longest ago is forgotten first. It only ever delays. What cannot be read is as good as no file, and the next attempt writes it anew; a time that lies
//! too far ahead is void, see `delivery/breaker.rs`.

#[cfg_attr(in_page, path = "breaker_file/entries_page.rs")]
mod entries;
#[cfg(all(test, native))]
#[expect(dead_code, reason = "pages use it; tested where tests run")]
#[path = "breaker_file/entries_page.rs"]
mod page_entries;

use std::{fs::File, io};

use telemetry_schema::{cut, digest};
use telemetry_spool::{Digest, process::Tracked};

use self::entries::Entries;
pub(crate) use self::entries::NAME;
use crate::write::files::{lock_file, state_dir::SdkDir};

/// Held exclusively while the file is read and replaced.
pub(crate) const LOCK: &str = "breaker.lock";

/// What the file says of one endpoint. Times are seconds since 1970-01-01, UTC; 0 is never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct BreakerFile {
    /// Failures in a row, as they count for the pause; 0 while the breaker is closed.
    pub(crate) failures: u32,
    /// No process tries before this.
    pub(crate) not_before: u64,
    /// What the last failure was.
    pub(crate) reason: Option<Reason>,
    /// When the last upload was begun, and when a program that has just started may begin the next one.
    pub(crate) upload_at: u64,
    pub(crate) upload_after: u64,
    /// Uploads in a row that were begun and not ended: the programs ended first.
    pub(crate) unfinished: u32,
    /// What the server has found too large.
    pub(crate) fits: Option<Fits>,
    /// When the end of a program may next wait for a delivery, or start a process for one.
    pub(crate) exit_after: u64,
}

/// The server has answered 413.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fits {
    /// No request of several events holds more bytes of them than this.
    pub(crate) bytes: u64,
    /// Until then; after that, the server may have changed its mind.
    pub(crate) until: u64,
}

/// What a failure was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    /// No connection, or no answer.
    Network,
    /// The connection was refused, or the name leads nowhere.
    Blocked,
    /// The server could not take it.
    Server,
    /// The server asked for this pause.
    Asked,
    /// The server took nothing of a whole upload.
    Refused,
}

/// What an SDK is known by in the file: where its requests go, and the identity of its events, so that SDKs of one name have
/// each their own.
pub(crate) fn entry(endpoint: &str, destination: &Digest) -> String {
    let digits = digest::hex(u128::from_be_bytes(*destination));
    cut::joined(&[endpoint, " ", digits.get(..16).unwrap_or_default()])
}

/// Reads the file; nothing is held against `endpoint` if that cannot be done, or if it does not speak of it.
pub(crate) fn load(dir: &SdkDir, endpoint: &str) -> BreakerFile {
    read(dir).of(endpoint)
}

fn read(dir: &SdkDir) -> Entries {
    dir.read_small(NAME).ok().flatten().and_then(|bytes| Entries::parse(&bytes)).unwrap_or_default()
}

/// Reads the bytes of a file, whatever they are.
#[cfg(any(test, fuzzing))]
pub(crate) fn parse(bytes: &[u8], endpoint: &str) -> Option<BreakerFile> {
    Entries::parse(bytes).map(|there| there.of(endpoint))
}

/// Changes what the file says of `endpoint`, as the only process that does so at this moment. `unsaved` is what this
/// process knows instead of the file after it could not be written.
pub(crate) fn update<T>(
    dir: &SdkDir,
    endpoint: &str,
    unsaved: &mut Option<BreakerFile>,
    change: impl FnOnce(&mut BreakerFile) -> T,
) -> T {
    let open = open(dir, endpoint, *unsaved);
    let mut after = open.before;
    let result = change(&mut after);
    keep(dir, endpoint, after, open, unsaved);
    result
}

/// What stands in the file, for as long as no other process changes it.
struct Open {
    _lock: Option<Tracked<File>>,
    there: Entries,
    before: BreakerFile,
}

#[inline(never)]
fn open(dir: &SdkDir, endpoint: &str, unsaved: Option<BreakerFile>) -> Open {
    // Where it cannot be had, that is no reason to stop.
    let lock = lock_file::lock_named(dir, LOCK).ok();
    let there = read(dir);
    let before = unsaved.unwrap_or_else(|| there.of(endpoint));
    Open { _lock: lock, there, before }
}

/// Keeps what has changed, in the file or, where that cannot be written, in `unsaved`.
fn keep(dir: &SdkDir, endpoint: &str, after: BreakerFile, open: Open, unsaved: &mut Option<BreakerFile>) {
    if after != open.before {
        *unsaved = store(dir, endpoint, after, open.there).is_err().then_some(after);
    }
}

/// Writes the file anew; `there` is what stands in it.
fn store(dir: &SdkDir, endpoint: &str, file: BreakerFile, there: Entries) -> io::Result<()> {
    dir.replace_small(NAME, &there.with(endpoint, file), false)
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::{base::limits::ENDPOINTS, write::test_kit::Home};

    const HERE: &str = "https://t.example";

    fn open() -> BreakerFile {
        BreakerFile {
            failures: 3,
            not_before: 1_800_000_000,
            reason: Some(Reason::Blocked),
            upload_at: 1,
            upload_after: 2,
            unfinished: 4,
            fits: Some(Fits { bytes: 6, until: 7 }),
            exit_after: 5,
        }
    }

    fn write(dir: &SdkDir, file: &BreakerFile) {
        update(dir, HERE, &mut None, |there| *there = *file);
    }

    #[test]
    fn it_reads_back_as_documented_for_its_owner_alone() {
        let home = Home::new();
        let dir = home.sdk();
        assert_eq!(load(&dir, HERE), BreakerFile::default());
        write(&dir, &open());
        assert_eq!(load(&dir, HERE), open());
        assert_eq!(load(&dir, "https://other.example"), BreakerFile::default(), "of another endpoint");
        assert_eq!(
            fs::read_to_string(home.file(NAME)).unwrap(),
            "{\"version\":3,\"endpoints\":[{\"endpoint\":\"https://t.example\",\"failures\":3,\
             \"not_before\":1800000000,\"reason\":\"blocked\",\"upload_at\":1,\"upload_after\":2,\"unfinished\":4,\
             \"fits\":{\"bytes\":6,\"until\":7},\"exit_after\":5}]}"
        );
        assert_eq!(fs::metadata(home.file(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn whatever_stands_in_its_place_is_no_breaker_and_is_replaced() {
        let home = Home::new();
        let dir = home.sdk();
        write(&dir, &open());
        let whole = fs::read(home.file(NAME)).unwrap();
        let mut damaged: Vec<Vec<u8>> = (0..whole.len()).map(|end| whole[..end].to_vec()).collect();
        damaged.extend(["[]", "null", "{\"version\":3}", "\0\0\0"].map(|text| text.as_bytes().to_vec()));
        damaged.push(whole.repeat(2_000)); // Larger than is read.
        damaged.push(br#"{"version":1,"endpoint":"https://t.example","failures":1}"#.to_vec());
        damaged.push(br#"{"version":2,"exit_after":-1,"endpoints":[]}"#.to_vec());
        for bytes in damaged {
            fs::write(home.file(NAME), &bytes).unwrap();
            assert_eq!(load(&dir, HERE), BreakerFile::default(), "{:.60?}", String::from_utf8_lossy(&bytes));
        }
        write(&dir, &open());
        assert_eq!(load(&dir, HERE), open());

        let elsewhere = home.file("elsewhere");
        fs::write(&elsewhere, &whole).unwrap();
        fs::remove_file(home.file(NAME)).unwrap();
        std::os::unix::fs::symlink(&elsewhere, home.file(NAME)).unwrap();
        assert_eq!(load(&dir, HERE), BreakerFile::default(), "a symbolic link is not followed");
        write(&dir, &BreakerFile { failures: 9, ..open() });
        assert_eq!(load(&dir, HERE).failures, 9);
        assert_eq!(fs::read(&elsewhere).unwrap(), whole, "nor written through");
        assert!(fs::symlink_metadata(home.file(NAME)).unwrap().is_file());
    }

    #[test]
    fn o13_endpoints_of_one_sdk_are_kept_apart_and_the_oldest_entry_goes_first() {
        let home = Home::new();
        let dir = home.sdk();
        let endpoint = |number: usize| format!("https://t{number}.example");
        let fail = |number: usize, failures| {
            update(&dir, &endpoint(number), &mut None, |file| file.failures = failures);
        };
        (0..ENDPOINTS).for_each(|number| fail(number, 1));
        fail(0, 2);
        (0..ENDPOINTS).for_each(|number| {
            assert_eq!(load(&dir, &endpoint(number)).failures, if number == 0 { 2 } else { 1 }, "{number}");
        });
        fail(ENDPOINTS, 1);
        assert_eq!([0, 1, 2, ENDPOINTS].map(|number| load(&dir, &endpoint(number)).failures), [2, 0, 1, 1]);
        update(&dir, &endpoint(3), &mut None, |file| file.exit_after = 9);
        assert_eq!([3, 4].map(|number| load(&dir, &endpoint(number)).exit_after), [9, 0], "the end of a program too");
    }

    #[test]
    fn flipped_bytes_never_panic_and_at_worst_are_another_number() {
        let home = Home::new();
        write(&home.sdk(), &open());
        let whole = fs::read(home.file(NAME)).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x11;
            let _ = parse(&bytes, HERE);
        }
    }

    #[test]
    fn what_cannot_be_written_is_known_to_this_process() {
        let home = Home::new();
        let dir = home.sdk();
        fs::create_dir(home.file(NAME)).unwrap();
        fs::write(home.file(NAME).join("x"), "").unwrap();
        let mut unsaved = None;
        update(&dir, HERE, &mut unsaved, |file| file.failures += 1);
        update(&dir, HERE, &mut unsaved, |file| file.failures += 1);
        assert_eq!(unsaved.unwrap().failures, 2);
    }

    #[test]
    fn processes_that_write_together_lose_nothing_while_the_lock_works() {
        let home = Home::new();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let dir = home.sdk();
                    for _ in 0..25 {
                        // Waits longer than any machine is busy: what is tested is the lock, not its patience.
                        let _lock = loop {
                            match lock_file::lock_named(&dir, LOCK).ok() {
                                Some(lock) => break lock,
                                None => continue,
                            }
                        };
                        let mut file = load(&dir, HERE);
                        file.failures += 1;
                        store(&dir, HERE, file, Entries::default()).unwrap();
                    }
                });
            }
        });
        assert_eq!(load(&home.sdk(), HERE).failures, 100);
    }
}
