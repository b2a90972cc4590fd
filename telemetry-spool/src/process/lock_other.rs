//! Exclusive locks on open files, on Windows; the same names as in `lock.rs`.
#![allow(unsafe_code, reason = "two functions of Windows that the standard library offers since Rust 1.89 only")]

use std::{
    ffi::c_void,
    fs::File,
    io,
    os::windows::io::{AsRawHandle as _, RawHandle},
    ptr,
};

const LOCKFILE_FAIL_IMMEDIATELY: u32 = 1;
const LOCKFILE_EXCLUSIVE_LOCK: u32 = 2;

/// Somebody else has the lock.
const ERROR_LOCK_VIOLATION: i32 = 33;

/// Where in the file; all zeros is its beginning.
#[repr(C)]
struct Overlapped {
    internal: usize,
    internal_high: usize,
    offset: u32,
    offset_high: u32,
    event: *mut c_void,
}

#[link(name = "kernel32")]
unsafe extern "system" {
    fn LockFileEx(file: RawHandle, flags: u32, reserved: u32, low: u32, high: u32, at: *mut Overlapped) -> i32;
    fn UnlockFile(file: RawHandle, offset: u32, offset_high: u32, low: u32, high: u32) -> i32;
}

/// Locks an open file, without waiting.
///
/// # Errors
///
/// [`io::ErrorKind::WouldBlock`] if another open file has the lock, in this process or another.
pub(crate) fn try_lock(file: &File) -> io::Result<()> {
    let flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    let mut start = Overlapped { internal: 0, internal_high: 0, offset: 0, offset_high: 0, event: ptr::null_mut() };
    // SAFETY: the handle is open for the call, and so is `start`: a call that fails immediately leaves nothing behind.
    match unsafe { LockFileEx(file.as_raw_handle(), flags, 0, u32::MAX, u32::MAX, &mut start) } {
        0 => Err(refusal(io::Error::last_os_error())),
        _ => Ok(()),
    }
}

/// Gives the lock back. Closing all copies of the open file does so too.
pub(crate) fn unlock(file: &File) -> io::Result<()> {
    // SAFETY: the handle is open for the call.
    match unsafe { UnlockFile(file.as_raw_handle(), 0, 0, u32::MAX, u32::MAX) } {
        0 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// The kind of error that the other systems have for a lock of somebody else.
fn refusal(error: io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(ERROR_LOCK_VIOLATION) => io::ErrorKind::WouldBlock.into(),
        _ => error,
    }
}
