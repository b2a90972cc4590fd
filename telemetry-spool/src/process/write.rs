//! Writes that raise no signal in the program: a file beyond the limit of the process (SIGXFSZ), a pipe that nobody reads
//! (SIGPIPE), a terminal that another group of processes has (SIGTTOU).
//!
//! These signals go to the thread that writes, and that may be the program's. So what would raise one is not begun, and for
//! what changes between the look and the write the thread blocks them meanwhile and takes back the one that its own write
//! has raised. The program's handlers never run for us; its masks and its pending signals are afterwards what they were.
#![allow(unsafe_code, reason = "`pthread_sigmask`, `sigpending` and `sigtimedwait` are functions of C")]

use std::{
    cell::Cell,
    fs::File,
    io::{self, IoSlice, Write as _},
    mem::MaybeUninit,
    os::fd::AsFd,
    ptr,
};

use rustix::{
    fs::{FileType, fstat},
    process::{Resource, getrlimit},
};

/// What a write can raise, and the error that comes with it. A thread that blocks SIGTTOU may write from the background.
const RAISED: [(i32, Option<i32>); 3] =
    [(libc::SIGPIPE, Some(libc::EPIPE)), (libc::SIGXFSZ, Some(libc::EFBIG)), (libc::SIGTTOU, None)];

const _: () = assert!(!std::mem::needs_drop::<Cell<bool>>());

thread_local! {
    static TAKES_NO_SIGNAL: Cell<bool> = const { Cell::new(false) };
}

/// This thread has blocked these signals, and will not take one before it ends: what a write raises here reaches nobody, and need
/// not be looked for.
pub fn takes_no_signal() {
    TAKES_NO_SIGNAL.set(true);
}

/// Appends to a file with one `write`; the number of bytes that were written. All files of ours are written here.
///
/// # Errors
///
/// If it fails, and with `EFBIG` where the file would become larger than this process may make one.
pub fn append_once(file: &File, bytes: &[u8]) -> io::Result<usize> {
    append_parts(file, [bytes])
}

/// As [`append_once`], of bytes that stand in several places.
///
/// # Errors
///
/// The same.
pub fn append_parts<const N: usize>(mut file: &File, parts: [&[u8]; N]) -> io::Result<usize> {
    may_grow(file, parts.iter().map(|part| part.len()).sum())?;
    let parts = parts.map(IoSlice::new);
    without_signals(|| {
        loop {
            match file.write_vectored(&parts) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => return written,
            }
        }
    })
}

/// Whether a file may become so much larger; one system call where there is no limit. What is no regular file may.
///
/// # Errors
///
/// `EFBIG` where it may not.
pub fn may_grow(file: impl AsFd, by: usize) -> io::Result<()> {
    let Some(limit) = getrlimit(Resource::Fsize).current else { return Ok(()) };
    let stat = fstat(file)?;
    let (len, by) = (u64::try_from(stat.st_size).unwrap_or(u64::MAX), u64::try_from(by).unwrap_or(u64::MAX));
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || len.saturating_add(by) <= limit {
        return Ok(());
    }
    Err(io::Error::from_raw_os_error(libc::EFBIG))
}

/// Does `write`, and keeps from this thread and its process the signal that it may raise.
///
/// # Errors
///
/// That of `write`.
pub fn without_signals<T>(write: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    if TAKES_NO_SIGNAL.get() {
        return write();
    }
    let all = set_of(RAISED.iter().map(|(signal, _)| *signal));
    let mut before = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the first set is whole; the second is filled if the call succeeds.
    let blocked = unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &all, before.as_mut_ptr()) };
    if blocked != 0 {
        return Err(io::Error::from_raw_os_error(blocked));
    }
    // SAFETY: filled, see above.
    let before = unsafe { before.assume_init() };
    // Only what the program had blocked can have been pending.
    let host_blocks = RAISED.iter().any(|(signal, _)| contains(&before, *signal));
    let pending = if host_blocks { pending_here() } else { set_of([]) };
    let written = write();
    if let Err(error) = &written
        && let Some((signal, _)) = RAISED.iter().find(|(_, code)| code.is_some() && *code == error.raw_os_error())
        && !contains(&pending, *signal)
    {
        take(*signal);
    }
    // SAFETY: the mask is the one that this thread had.
    unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &before, ptr::null_mut()) };
    written
}

fn set_of(signals: impl IntoIterator<Item = i32>) -> libc::sigset_t {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: `sigemptyset` fills the set, and the signals exist.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        for signal in signals {
            libc::sigaddset(set.as_mut_ptr(), signal);
        }
        set.assume_init()
    }
}

fn contains(set: &libc::sigset_t, signal: i32) -> bool {
    // SAFETY: reads a set that is whole.
    unsafe { libc::sigismember(set, signal) == 1 }
}

/// What is pending for this thread or for its process.
fn pending() -> libc::sigset_t {
    let mut set = set_of([]);
    // SAFETY: writes to a set that is whole.
    unsafe { libc::sigpending(&mut set) };
    set
}

/// What is pending for this thread alone: a signal that a write raises becomes one with it, and stays beside one that was
/// sent to the process. C does not tell the two apart; Linux does in `/proc`. Where that cannot be read, both count: then the
/// program may find a signal that it was waiting for pending twice.
fn pending_here() -> libc::sigset_t {
    let any = pending();
    if !RAISED.iter().any(|(signal, _)| contains(&any, *signal)) {
        return any;
    }
    let Some(bits) = bits_pending_here() else { return any };
    set_of(RAISED.iter().map(|(signal, _)| *signal).filter(|signal| bits & (1 << (signal - 1)) != 0))
}

/// The line `SigPnd` of this thread; its lowest bit is signal 1.
fn bits_pending_here() -> Option<u64> {
    let status = std::fs::read("/proc/thread-self/status").ok()?;
    let line = status.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"SigPnd:"))?;
    u64::from_str_radix(std::str::from_utf8(line).ok()?.trim(), 16).ok()
}

/// Takes a signal that this thread has just raised and blocks. One that was sent to the process comes after it.
fn take(signal: i32) {
    let set = set_of([signal]);
    #[cfg(not(any(target_vendor = "apple", target_os = "openbsd")))]
    {
        let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: waits for nothing; both arguments outlive the call.
        unsafe { libc::sigtimedwait(&set, ptr::null_mut(), &at_once) };
    }
    #[cfg(any(target_vendor = "apple", target_os = "openbsd"))]
    if contains(&pending(), signal) {
        let mut taken = 0;
        // SAFETY: it is pending and blocked, so this returns at once.
        unsafe { libc::sigwait(&set, &mut taken) };
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;

    use super::*;

    /// Writes to a pipe that nobody reads.
    fn write_in_vain() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let written = without_signals(|| (&writer).write(b"x"));
        assert_eq!(written.unwrap_err().raw_os_error(), Some(libc::EPIPE), "{}", writer.as_raw_fd());
    }

    fn mask() -> [bool; 3] {
        let mut mask = set_of([]);
        // SAFETY: writes to a set that is whole.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, ptr::null(), &mut mask) };
        RAISED.map(|(signal, _)| contains(&mask, signal))
    }

    #[test]
    fn o01_a_signal_of_our_own_is_taken_back_and_one_of_the_hosts_stays() {
        write_in_vain();
        assert_eq!(mask(), [false; 3], "the mask is as it was");
        // A blocked signal stays pending even where it is ignored, as tests ignore this one: so it shows.
        let pipe = set_of([libc::SIGPIPE]);
        // SAFETY: changes the mask of this thread.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &pipe, ptr::null_mut()) };
        write_in_vain();
        assert!(!contains(&pending(), libc::SIGPIPE), "ours is gone");
        assert_eq!(mask(), [true, false, false], "the mask is as it was");
        // SAFETY: sends a signal to this thread, which blocks it.
        unsafe { libc::pthread_kill(libc::pthread_self(), libc::SIGPIPE) };
        write_in_vain();
        assert!(contains(&pending(), libc::SIGPIPE), "the host's is still there");
        take(libc::SIGPIPE);
    }

    #[test]
    fn on_a_thread_that_takes_no_signal_nothing_is_asked() {
        let thread = std::thread::spawn(|| {
            let all = set_of(RAISED.map(|(signal, _)| signal));
            // SAFETY: changes the mask of this thread.
            unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &all, ptr::null_mut()) };
            takes_no_signal();
            write_in_vain();
            // It ends with the thread, which never looks at it.
            assert!(contains(&pending(), libc::SIGPIPE) && mask() == [true; 3]);
        });
        thread.join().unwrap();
        write_in_vain();
    }
}
