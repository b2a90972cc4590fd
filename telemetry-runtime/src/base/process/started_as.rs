//! The file name that this program was started under.

use std::{env, ffi::OsString};

/// The file name of this program, as it was started; `None` if the system does not say.
///
/// A program that replaces itself may move its own file aside while it runs. On Linux the path that was given to `execve`
/// (`AT_EXECFN`) still has the old name then, and [`env::current_exe`] has the new one. A program that was started through a
/// symbolic link goes by the name of the file that the link leads to, so that it has one name however it is started.
pub(crate) fn started_as() -> Option<OsString> {
    #[cfg(target_os = "linux")]
    if let Some(name) = moved_aside() {
        return Some(name);
    }
    Some(env::current_exe().ok()?.file_name()?.to_owned())
}

/// The name in the path that was given to `execve`, unless that path cannot be told from a link.
#[cfg(target_os = "linux")]
fn moved_aside() -> Option<OsString> {
    use std::{ffi::OsStr, fs, io, os::unix::ffi::OsStrExt as _, path::Path};

    let path = Path::new(OsStr::from_bytes(rustix::param::linux_execfn().to_bytes()));
    // A relative path may lead elsewhere by now. `fexecve` gives a path below these two folders.
    if !path.is_absolute() || path.starts_with("/proc") || path.starts_with("/dev/fd") {
        return None;
    }
    let is_link = match fs::symlink_metadata(path) {
        Ok(found) => found.is_symlink(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => false,
        Err(_) => return None,
    };
    if is_link { None } else { path.file_name().map(OsStr::to_owned) }
}
