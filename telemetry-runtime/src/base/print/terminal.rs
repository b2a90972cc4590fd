//! A terminal as standard error: whether somebody can read it now, and a way to write to it that never waits.

use std::{
    io,
    os::fd::BorrowedFd,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags},
    io::Errno,
    process::getpgrp,
    stdio::stderr,
    termios::{LocalModes, OutputModes, QueueSelector, Termios, tcflush, tcgetattr, tcgetpgrp},
};

use crate::base::process::{self, Tracked};

/// Whether a message that is printed now stays where a person reads: this program is in the foreground of its terminal,
/// the terminal is in line mode, which no full-screen program leaves it in, and nobody has stopped it by Ctrl-S.
///
/// Each of these can change in the next moment; then the message is shown in part, or in a strange place, and no more.
pub(super) fn is_watched() -> bool {
    in_line_mode(stderr()).is_some_and(|mode| mode.output_modes.contains(OutputModes::OPOST))
        && state() == PollFlags::OUT
}

/// How a terminal is set whose foreground is this program, and which is in line mode.
fn in_line_mode(terminal: BorrowedFd<'_>) -> Option<Termios> {
    // `tcgetpgrp` fails for any terminal but that of this session, a daemon's for example.
    if !tcgetpgrp(terminal).is_ok_and(|foreground| foreground == getpgrp()) {
        return None;
    }
    let mode = tcgetattr(terminal).ok()?;
    mode.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO).then_some(mode)
}

/// Writes all of `bytes`, if the terminal takes them at once.
///
/// # Errors
///
/// If it does not.
pub(super) fn show(mut bytes: &[u8]) -> io::Result<()> {
    // A handle of its own: that of the host stays one that waits. `is_watched` has seen that both are the same terminal.
    let flags = OFlags::WRONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let terminal = Tracked::new(rustix::fs::open("/dev/tty", flags, Mode::empty())?);
    process::without_signals(|| {
        while !bytes.is_empty() {
            match rustix::io::write(&terminal, bytes) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    })
}

/// Whether a person can answer at standard input: the terminal of this program, in line mode, at which no line was typed yet.
pub(super) fn may_answer() -> bool {
    in_line_mode(rustix::stdio::stdin()).is_some() && !is_typed(Duration::ZERO)
}

/// Forgets what was typed and not read. Of half a line nobody else can tell: it becomes one by the next key.
pub(super) fn forget_typed() {
    let _ = tcflush(rustix::stdio::stdin(), QueueSelector::IFlush);
}

/// The line that is typed at standard input within this time.
pub(super) fn answer(timeout: Duration) -> Option<String> {
    // The host may read the next line itself: nothing is taken but this one, which a terminal in line mode gives at once.
    let mut line = [0; 256];
    let read = is_typed(timeout).then(|| rustix::io::read(rustix::stdio::stdin(), &mut line))?.ok()?;
    let text = std::str::from_utf8(line.get(..read)?).ok()?;
    text.ends_with('\n').then(|| text.to_owned())
}

/// Whether a line stands at standard input, or does within this time.
fn is_typed(timeout: Duration) -> bool {
    let stdin = rustix::stdio::stdin();
    let begun = Instant::now();
    loop {
        // A time that is longer than the system can say has no end.
        let left = Timespec::try_from(timeout.saturating_sub(begun.elapsed())).ok();
        let mut asked = [PollFd::new(&stdin, PollFlags::IN)];
        match poll(&mut asked, left.as_ref()) {
            Err(Errno::INTR) => {}
            Ok(0) | Err(_) => return false,
            Ok(_) => return asked.first().is_some_and(|stdin| stdin.revents().contains(PollFlags::IN)),
        }
    }
}

/// Whether standard error is a pipe or a socket whose other end is gone, or not open at all.
pub(super) fn is_left() -> bool {
    state().intersects(PollFlags::ERR | PollFlags::NVAL)
}

/// What can be done with standard error without waiting.
fn state() -> PollFlags {
    let stderr = stderr();
    let mut asked = [PollFd::new(&stderr, PollFlags::OUT)];
    let _ = poll(&mut asked, Some(&Timespec { tv_sec: 0, tv_nsec: 0 }));
    asked.first().map_or(PollFlags::empty(), PollFd::revents)
}
