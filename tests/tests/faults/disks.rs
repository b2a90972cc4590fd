//! C7 and C9: disks that are full, before the start or from some moment on, or that cannot be written; files that a full
//! disk has left without a byte.

use std::{
    fs::File,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    os::unix::ffi::OsStringExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use telemetry_tests::{Sandbox, finish, run_ok};

use crate::{
    NOBODY,
    check::{Story, deliver_rest, delivered, ledger_check, spooled, total, well},
    steps, tools,
};

/// Mounts a file system in memory of so many KiB as the state folder of a sandbox.
fn on_a_disk_of(kib: u32, sandbox: &Sandbox) {
    let state = sandbox.state();
    std::fs::create_dir_all(&state).unwrap();
    run_ok(sandbox.command("mount").args(["-t", "tmpfs", "-o", &format!("size={kib}k,mode=700"), "none"]).arg(&state));
}

/// Takes all that is left on a disk.
struct Filler(PathBuf);

impl Filler {
    fn of(disk: &Path) -> Self {
        let path = disk.join("filler");
        let mut file = File::create(&path).unwrap();
        let zeros = vec![0; 64 * 1024];
        for size in [zeros.len(), 1] {
            while file.write(&zeros[..size]).is_ok_and(|written| written > 0) {}
        }
        Self(path)
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn r10_c07_a_disk_that_is_full_from_the_start_harms_nobody() {
    if !tools::in_own_mounts("disks::r10_c07_a_disk_that_is_full_from_the_start_harms_nobody") {
        return;
    }
    let sandbox = Sandbox::new();
    on_a_disk_of(256, &sandbox);
    let what = ["command:3", "event:3", "settle", "flush"];
    for run in 1..=2 {
        let full = Filler::of(&sandbox.state());
        let story = well(run, &mut steps(&sandbox, run, &what));
        assert_eq!((story.count("offered"), story.count("waiting"), story.count("sent")), (6, 0, 0), "{story:?}");
        assert_eq!(story.count("evicted") + story.count("disk") + story.count("opted_out"), 6, "{story:?}");
        drop(full);
        // A disk as small as this one has no room for us either: somebody else needs the last 64 MiB.
        let story = well(run, &mut steps(&sandbox, run, &what));
        assert_eq!((story.count("offered") - story.count("evicted"), spooled(&sandbox).len()), (0, 0), "{story:?}");
    }
    assert!(sandbox.server.requests().is_empty());
    run_ok(sandbox.command("umount").arg(sandbox.state()));
    let story = well(3, &mut steps(&sandbox, 3, &what));
    assert_eq!(story.count("sent"), 6);
    ledger_check(&sandbox, &[&story]);
}

/// One `ENOSPC` ends spooling for the process, also when there is room again. It knows to the event what it has lost.
#[test]
fn r10_c07_a_disk_that_fills_up_costs_what_is_counted() {
    if !tools::in_own_mounts("disks::r10_c07_a_disk_that_fills_up_costs_what_is_counted") {
        return;
    }
    let sandbox = Sandbox::new();
    on_a_disk_of(96 * 1024, &sandbox);
    // After a second any other error of the disk would be forgotten.
    let filled = ["line", "command:40", "event:40", "settle"];
    let emptied = ["line", "sleep:1200", "command:3", "flush"];
    let what: Vec<_> = ["command:2", "event:2", "settle"].into_iter().chain(filled).chain(emptied).collect();
    let mut command = steps(&sandbox, 1, &what);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let (mut stdin, mut out) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
    let mut said = String::new();
    let mut until = |line: &str| {
        let from = said.len();
        while !said[from..].ends_with(&format!("{line}\n")) {
            assert!(out.read_line(&mut said).unwrap() > 0, "it ended: {said}");
        }
    };
    until("settled 4");
    let full = Filler::of(&sandbox.state());
    stdin.write_all(b"\n").unwrap();
    until("settled 84");
    drop(full);
    stdin.write_all(b"\n").unwrap();
    out.read_to_string(&mut said).unwrap();
    let mut output = finish(child);
    output.stdout = said.into_bytes();
    let story = Story::ended(1, &output);
    // Some of the 80 still fitted into the last page of the segment.
    let lost = story.count("disk");
    assert!((40..=83).contains(&lost), "{story:?}");
    assert_eq!((story.count("offered"), story.count("sent") + lost), (87, 87), "{story:?}");
    let rest = deliver_rest(&sandbox, 2);
    let next = well(3, &mut steps(&sandbox, 3, &["command:1", "flush"]));
    ledger_check(&sandbox, &[&story, &rest, &next]);
    assert!(!delivered(&sandbox).numbers[&1].contains(&86), "spooling had ended for that process");
    assert_eq!(total(&sandbox).of_word("disk"), lost, "what was counted in memory is on disk");
}

/// A delete needs no room: whoever says no on a full disk is obeyed, and the decision is on it afterwards.
#[test]
fn r13_c07_an_opt_out_works_on_a_full_disk() {
    if !tools::in_own_mounts("disks::r13_c07_an_opt_out_works_on_a_full_disk") {
        return;
    }
    let sandbox = Sandbox::new();
    on_a_disk_of(96 * 1024, &sandbox);
    let left = well(1, steps(&sandbox, 1, &["command:20", "event:20", "settle"]).env(NOBODY.0, NOBODY.1));
    assert_eq!((left.count("waiting"), spooled(&sandbox).is_empty()), (40, false));
    let _full = Filler::of(&sandbox.state());
    let off = well(2, &mut steps(&sandbox, 2, &["off"]));
    assert!(off.said("off"), "{off:?}");
    assert!(!sandbox.state().join("telemetry/spooler/spool").exists());
    let next = well(3, &mut steps(&sandbox, 3, &["command:1", "flush"]));
    assert_eq!((next.count("sent"), next.count("waiting"), sandbox.server.requests().len()), (0, 0, 0), "{next:?}");
}

/// A yes to less, for which a full disk has no room, is stored in the room of what waits. Where nothing waits it is a no, for this
/// program and for every later one: nobody can tell any more how much the user still lets go.
#[test]
fn r13_c07_a_yes_to_less_on_a_full_disk_is_never_the_yes_before() {
    if !tools::in_own_mounts("disks::r13_c07_a_yes_to_less_on_a_full_disk_is_never_the_yes_before") {
        return;
    }
    for (number, word) in (1..).zip(["local", "basic", "off"]) {
        let sandbox = Sandbox::new();
        on_a_disk_of(96 * 1024, &sandbox);
        let left = well(number, steps(&sandbox, number, &["on", "command:20"]).env(NOBODY.0, NOBODY.1));
        assert_eq!((left.count("waiting"), spooled(&sandbox).is_empty()), (20, false));
        let full = Filler::of(&sandbox.state());
        let less = well(number, &mut steps(&sandbox, number, &[word]));
        assert!(less.said(word) && spooled(&sandbox).is_empty(), "{word}: {less:?}");
        drop(full);
        let consent = || std::fs::read_to_string(sandbox.state().join("telemetry/spooler/consent.json")).unwrap();
        assert!(consent().contains(word), "{word}: {}", consent());
        // Nothing waits now.
        well(number, &mut steps(&sandbox, number, &["on"]));
        let full = Filler::of(&sandbox.state());
        let less = well(number, &mut steps(&sandbox, number, &[word, "command:1", "flush"]));
        assert!(!less.said(word), "{word}: {less:?}");
        assert_eq!((consent().as_str(), less.count("sent"), less.count("waiting")), ("", 0, 0), "{word}: {less:?}");
        drop(full);
        let next = well(number, &mut steps(&sandbox, number, &["command:1", "flush"]));
        assert_eq!((next.count("sent"), next.count("waiting")), (0, 0), "{word}: {next:?}");
        assert_eq!(sandbox.server.requests().len(), 0, "{word}");
        // Where there is room again, the user is asked nothing and may say it again.
        let again = well(number, &mut steps(&sandbox, number, &[word]));
        assert!(again.said(word) && consent().contains(word), "{word}: {again:?}");
    }
}

#[test]
fn r10_c09_a_disk_that_can_only_be_read_harms_nobody() {
    if !tools::in_own_mounts("disks::r10_c09_a_disk_that_can_only_be_read_harms_nobody") {
        return;
    }
    let sandbox = Sandbox::new();
    on_a_disk_of(96 * 1024, &sandbox);
    let left = well(1, steps(&sandbox, 1, &["command:3"]).env(NOBODY.0, NOBODY.1));
    let remount = |how: &str| run_ok(sandbox.command("mount").args(["-o", how]).arg(sandbox.state()));
    remount("remount,bind,ro");
    let files = sandbox.files();
    let story = well(2, &mut steps(&sandbox, 2, &["command:3", "event:3", "settle"]));
    assert_eq!((story.count("offered"), story.count("disk")), (6, 6), "{story:?}");
    assert_eq!(sandbox.files(), files);
    remount("remount,bind,rw");
    let rest = deliver_rest(&sandbox, 3);
    ledger_check(&sandbox, &[&left, &story, &rest]);
    assert_eq!(delivered(&sandbox).numbers[&1].len(), 3);
}

/// C7: on a full disk a new file can be made and not written. Such files count as none; only a decision that cannot be
/// read is a no.
#[test]
fn r10_c07_files_without_a_byte_count_as_none() {
    let sandbox = Sandbox::new();
    let left = well(1, steps(&sandbox, 1, &["command:3"]).env(NOBODY.0, NOBODY.1));
    let folder = sandbox.state().join("telemetry/spooler");
    let files = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path());
    let is_ledger = |path: &std::path::PathBuf| path.is_dir() && path.file_name().unwrap() != "spool";
    let ledger = files.into_iter().find(is_ledger).unwrap();
    let sum = std::path::PathBuf::from(format!("{}.json", ledger.display()));
    for name in ["memory.json", "breaker.json", "sent.log", "README.txt", "secret"].map(|name| folder.join(name)) {
        std::fs::write(name, "").unwrap();
    }
    std::fs::write(sum, "").unwrap();
    for (number, ending) in (0..).zip(["part", "ready", "batch", "freeze", "part.new", "batch.new", "freeze.new"]) {
        // Of this moment: what is old goes for its age.
        let ms = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
        let name = format!("{:08x}-{:04x}-7000-8000-00000000000{number}.{ending}", ms >> 16, ms & 0xFFFF);
        std::fs::write(folder.join("spool/spooler").join(name), "").unwrap();
    }
    std::fs::write(ledger.join("0198c0de-0000-7000-8000-000000000000.json"), "").unwrap();
    let story = well(2, &mut steps(&sandbox, 2, &["command:2", "event:1", "flush"]));
    assert_eq!((story.count("recovered"), story.count("sent")), (3, 6), "{story:?}");
    let rest = well(3, &mut steps(&sandbox, 3, &["flush"]));
    ledger_check(&sandbox, &[&left, &story, &rest]);
}

/// C9: a home whose name is no text is a home like any other.
#[test]
fn r10_c09_a_home_whose_name_is_no_text_is_a_home() {
    let sandbox = Sandbox::new();
    let home = sandbox.home().join(std::ffi::OsString::from_vec(b"h\xff\xfe".to_vec()));
    std::fs::create_dir(&home).unwrap();
    let there = |command: &mut Command, run| well(run, command.env("HOME", &home).env_remove("XDG_STATE_HOME"));
    let left = there(steps(&sandbox, 1, &["command:2"]).env(NOBODY.0, NOBODY.1), 1);
    let story = there(&mut steps(&sandbox, 2, &["event:1", "flush"]), 2);
    assert_eq!((story.count("recovered"), story.count("sent")), (2, 3), "{story:?}");
    assert!(home.join(".local/state/telemetry/spooler").is_dir());
    let sent: u64 = delivered(&sandbox).events;
    assert_eq!(sent, left.count("offered") + story.count("offered"));
}
