//! The folder as `docs/spool.md` describes it, read by a program that knows nothing but that page; and the rights on it.

use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _, PermissionsExt as _, symlink};

use super::*;
use telemetry_tests::fixture::workspace;

#[test]
fn a_reader_that_knows_only_the_page_agrees() {
    let sandbox = Sandbox::new();
    ledger(spooler(&sandbox, "record", &[1, 1_050]).env(NOBODY.0, NOBODY.1));
    // A request that has its end, one that the server wants later, and what is in none.
    sandbox.server.reply(telemetry_runtime::testing::Reply::status(200));
    sandbox.server.reply(telemetry_runtime::testing::Reply::status(503));
    ledger(&mut spooler(&sandbox, "deliver", &[]));
    ledger(spooler(&sandbox, "record", &[2, 3]).env(NOBODY.0, NOBODY.1));
    let mut python = sandbox.command("python3");
    python.arg(workspace().join("tests/tests/spool/read_spool.py")).arg(sdk_folder(&sandbox));
    let read: Value = serde_json::from_str(&telemetry_tests::run_ok(&mut python)).unwrap();
    let numbers = |events: &Value| {
        let mut numbers: Vec<_> = events.as_array().unwrap().iter().map(|event| event["payload"].clone()).collect();
        numbers.sort_by_key(|payload| (payload["run"].as_u64(), payload["number"].as_u64()));
        numbers
    };
    let on_disk = numbers(&read["events"]);
    assert_eq!(on_disk.len(), 53, "{read}");
    assert_eq!(read["damaged"], 0, "{read}");
    let kinds: BTreeSet<_> = read["files"].as_array().unwrap().iter().map(|kind| kind.as_str().unwrap()).collect();
    assert_eq!(kinds, BTreeSet::from(["done", "part", "plan"]));
    let total = total(&sandbox);
    assert_eq!(read["ledger"]["waiting"], total.of_word("waiting"), "{read}");
    assert_eq!(read["ledger"]["offered"], total.of_word("offered"), "{read}");
    let _ = std::fs::remove_file(sdk_folder(&sandbox).join("breaker.json"));
    ledger(&mut spooler(&sandbox, "deliver", &[]));
    // What it read is what arrives, beside the thousand before; of these fifty came twice, under one key.
    let mut arrived = numbers(&Value::from(events(&sandbox, "numbered")));
    assert_eq!(arrived.len(), 1_000 + 50 + 53);
    arrived.dedup();
    assert_eq!(arrived[1_000..], on_disk);
}

#[test]
fn r33_everything_is_for_its_owner_alone_and_below_one_folder() {
    let sandbox = Sandbox::new();
    ledger(&mut spooler(&sandbox, "record-deliver", &[1, 5]));
    ledger(spooler(&sandbox, "record", &[2, 5]).env(NOBODY.0, NOBODY.1));
    let root = sandbox.state().join("telemetry");
    let mut folders = vec![root.clone()];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        assert_eq!(std::fs::metadata(&folder).unwrap().mode() & 0o777, 0o700, "{}", folder.display());
        for entry in std::fs::read_dir(&folder).unwrap().flatten() {
            seen += 1;
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{}", entry.path().display());
            }
        }
    }
    assert!(seen > 6, "{seen}");
    assert!(sandbox.files().keys().all(|path| path.starts_with("telemetry/spooler")), "{:?}", sandbox.files());
}

/// A folder that others may write to, or that belongs to somebody else, is no place; the program does not notice.
#[test]
fn r10_c09_a_folder_that_others_could_change_is_not_used() {
    let sandbox = Sandbox::new();
    ledger(spooler(&sandbox, "record", &[1, 5]).env(NOBODY.0, NOBODY.1));
    let spool = sdk_folder(&sandbox).join("spool");
    let files = || spooled(&sandbox).len();
    for folder in [spool.clone(), spool_folder(&sandbox), sdk_folder(&sandbox)] {
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o777)).unwrap();
        let before = files();
        let ledger = ledger(&mut spooler(&sandbox, "record-deliver", &[2, 3]));
        assert_eq!(
            (ledger.of_word("sent"), ledger.of_word("waiting"), files()),
            (0, 0, before),
            "{}",
            folder.display()
        );
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).unwrap();
        // Only root can give a folder away.
        if std::os::unix::fs::chown(&folder, Some(12_345), None).is_ok() {
            let ledger = self::ledger(&mut spooler(&sandbox, "record-deliver", &[2, 3]));
            assert_eq!((ledger.of_word("sent"), files()), (0, before), "{}", folder.display());
            std::os::unix::fs::chown(&folder, Some(rustix::process::geteuid().as_raw()), None).unwrap();
        }
    }
    assert!(sandbox.server.requests().is_empty());
    assert_eq!(ledger(&mut spooler(&sandbox, "deliver", &[])).of_word("sent"), 5, "what was there is as it was");
}

/// C10: whatever else lies in the folder under names like ours stays, unread.
#[test]
fn c10_links_pipes_and_folders_in_place_of_files_are_left_alone() {
    let sandbox = Sandbox::new();
    ledger(spooler(&sandbox, "record", &[1, 5]).env(NOBODY.0, NOBODY.1));
    let folder = spool_folder(&sandbox);
    let victim = sandbox.home().join("victim");
    std::fs::write(&victim, "mine").unwrap();
    let name =
        |number: u8, ending: &str| folder.join(format!("0198c0de-0000-7000-8000-0000000000{number:02x}.{ending}"));
    let mut odd = Vec::new();
    for (number, ending) in (0..).zip(["part", "plan", "done", "ready", "batch", "freeze", "batch.new", "damaged"]) {
        let (link, pipe, dir, socket) = (
            name(number * 4, ending),
            name(number * 4 + 1, ending),
            name(number * 4 + 2, ending),
            name(number * 4 + 3, ending),
        );
        symlink(&victim, &link).unwrap();
        telemetry_tests::run_ok(sandbox.command("mkfifo").arg(&pipe));
        std::fs::create_dir(&dir).unwrap();
        // The name of a socket has little room: it is made elsewhere.
        let short = std::path::Path::new("/tmp").join(format!("telemetry-{}-{number}", std::process::id()));
        drop(std::os::unix::net::UnixListener::bind(&short).unwrap());
        let _ = std::fs::rename(&short, &socket).or_else(|_| std::fs::remove_file(&short));
        odd.extend([link, pipe, dir].into_iter().chain(socket.symlink_metadata().is_ok().then_some(socket)));
    }
    let before = || -> Vec<_> {
        let kind = |path: &PathBuf| path.symlink_metadata().map(|metadata| (metadata.file_type(), metadata.ino()));
        odd.iter().map(|path| (path.clone(), kind(path).unwrap())).collect()
    };
    let was = before();
    assert!(was.iter().any(|(_, (kind, _))| kind.is_fifo()));
    // A pipe that is opened to be read stops the program for ever: the watchdog would find it.
    let later = ledger(&mut spooler(&sandbox, "record-deliver", &[2, 5]));
    assert_eq!((later.of_word("sent"), later.of_word("corrupt")), (10, 0), "{later:?}");
    assert_eq!(before(), was);
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "mine");
}
