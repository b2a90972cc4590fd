//! Programs with more rights than whoever started them: setuid, setgid, capabilities of the file.
//!
//! Their environment is a stranger's. `HOME` and `XDG_STATE_HOME` would have us write there with the program's rights.
#![allow(unsafe_code, reason = "`getauxval` and `issetugid` are functions of C")]

/// What says so, if this is such a program. Makes no system call where the kernel has left a word in memory. It holds for as
/// long as the process lives, also after it has given its rights up.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) fn raised_by() -> Option<&'static str> {
    // SAFETY: reads a word that the kernel left to every process.
    (unsafe { libc::getauxval(libc::AT_SECURE) } != 0).then_some("AT_SECURE")
}

/// As on Linux.
#[cfg(any(target_vendor = "apple", target_os = "freebsd", target_os = "openbsd", target_os = "netbsd"))]
pub(crate) fn raised_by() -> Option<&'static str> {
    unsafe extern "C" {
        safe fn issetugid() -> libc::c_int;
    }
    (issetugid() != 0).then_some("issetugid")
}

/// As on Linux, as far as the ids tell.
#[cfg(not(any(
    target_os = "linux",
    target_os = "android",
    target_vendor = "apple",
    target_os = "freebsd",
    target_os = "openbsd",
    target_os = "netbsd"
)))]
pub(crate) fn raised_by() -> Option<&'static str> {
    #[cfg(unix)]
    {
        use rustix::process::{getegid, geteuid, getgid, getuid};
        return (getuid() != geteuid() || getgid() != getegid()).then_some("effective user");
    }
    #[cfg(not(unix))]
    None
}
