//! Terminals for programs under test: a real one each, in a session of its own, whose foreground the program is.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    io::{Read as _, Write as _},
    os::unix::ffi::OsStrExt as _,
    process::{Child, Command, Output, Stdio},
    thread::JoinHandle,
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::{finish, native};

/// The end of a terminal at which a person sits.
pub struct Terminal {
    end: File,
    name: OsString,
}

impl Terminal {
    /// A new one, in line mode.
    pub fn open() -> Self {
        let end = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("the system has terminals");
        grantpt(&end).expect("it is ours");
        unlockpt(&end).expect("it is ours");
        let name = OsStr::from_bytes(ptsname(&end, Vec::new()).expect("it has a name").as_bytes()).to_owned();
        Self { end: File::from(end), name }
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
        let reader = std::thread::spawn(move || {
            let mut shown = Vec::new();
            let _ = end.read_to_end(&mut shown); // Ends with EIO when nobody has the other end.
            shown
        });
        (child, reader)
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
