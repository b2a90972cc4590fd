//! Terminals for programs under test: a real one each, in a session of its own, whose foreground the program is.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{Read as _, Write as _},
    os::unix::ffi::OsStrExt as _,
    process::{Child, Command, Output, Stdio},
    sync::{Arc, Condvar, Mutex},
    thread::JoinHandle,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::{WATCHDOG, finish, native};

/// The end of a terminal at which a person sits.
pub struct Terminal {
    end: File,
    name: OsString,
    seen: Arc<(Mutex<Vec<u8>>, Condvar)>,
}

impl Terminal {
    /// A new one, in line mode.
    pub fn open() -> Self {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("the system has terminals");
        grantpt(&end).expect("it is ours");
        unlockpt(&end).expect("it is ours");
        let name = OsStr::from_bytes(ptsname(&end, Vec::new()).expect("it has a name").as_bytes()).to_owned();
        Self { end: File::from(end), name, seen: Arc::default() }
    }

    /// The end at which programs write. Whoever holds it keeps the terminal as it is.
    pub fn other_end(&self) -> File {
        let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
        rustix::fs::open(&self.name, flags, rustix::fs::Mode::empty()).expect("a terminal can be opened").into()
    }

    /// Types these keys.
    pub fn press(&self, keys: &[u8]) {
        (&self.end).write_all(keys).expect("somebody has the other end");
    }

    /// Starts a program with this terminal as its standard error, in its foreground.
    pub fn start(&self, command: &mut Command) -> (Child, JoinHandle<Vec<u8>>) {
        if !command.get_envs().any(|(name, _)| name == "TERM") {
            command.env("TERM", "xterm");
        }
        native::in_a_session_of_its_own(command.stderr(self.other_end()));
        let child = command.spawn().expect("the program starts");
        // Whoever writes keeps the terminal open: it is read until the program is gone.
        command.stderr(Stdio::null());
        let mut end = self.end.try_clone().expect("a descriptor is free");
        let seen = Arc::clone(&self.seen);
        let reader = std::thread::spawn(move || {
            let (mut shown, mut piece) = (Vec::new(), [0; 4096]);
            // Ends with EIO when nobody has the other end.
            while let Ok(read @ 1..) = end.read(&mut piece) {
                shown.extend_from_slice(&piece[..read]);
                *seen.0.lock().expect("no reader panics") = shown.clone();
                seen.1.notify_all();
            }
            shown
        });
        (child, reader)
    }

    /// Waits until this text was shown by a program that was started here.
    #[track_caller]
    pub fn wait_for(&self, text: &str) {
        let (seen, changed) = &*self.seen;
        let is_missing = |seen: &mut Vec<u8>| !String::from_utf8_lossy(seen).contains(text);
        let seen = seen.lock().expect("no reader panics");
        let (seen, waited) = changed.wait_timeout_while(seen, WATCHDOG, is_missing).expect("no reader panics");
        assert!(!waited.timed_out(), "{text:?} was not shown, but: {}", String::from_utf8_lossy(&seen));
    }

    /// Runs a program to its end: what it said, and what it showed on the terminal.
    #[track_caller]
    pub fn run(&self, command: &mut Command) -> (Output, String) {
        let (child, reader) = self.start(command);
        let output = finish(child);
        (output, shown(reader))
    }
}

/// What was shown, once nobody has the other end any more.
pub fn shown(reader: JoinHandle<Vec<u8>>) -> String {
    let shown = reader.join().expect("the reader does not panic");
    String::from_utf8(shown).expect("programs print UTF-8").replace("\r\n", "\n")
}
