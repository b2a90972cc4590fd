//! Keeps the shared library that holds us mapped until the process ends.
//!
//! A plugin may be unloaded by `dlclose` while our threads run in it: the next instruction of theirs would be gone. Nobody
//! could join them at that moment, because `dlclose` must not wait for a network. So the library is marked as one that is
//! never unloaded, and `dlclose` becomes harmless. Programs themselves, and static ones, are never unloaded; musl unloads
//! nothing; on Windows nothing is done yet, and a DLL that records must not be freed.
#![cfg_attr(
    any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"),
    allow(unsafe_code, reason = "`dladdr` and `dlopen` are functions of C")
)]

/// Marks the image that holds this function, unless it is the program.
#[cfg(all(
    any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"),
    not(target_feature = "crt-static")
))]
pub(super) fn pin() {
    let Some(own) = image_of(pin as *const ()) else { return };
    #[cfg(target_os = "linux")]
    {
        // SAFETY: reads a word that the kernel left to every process.
        let headers = unsafe { libc::getauxval(libc::AT_PHDR) };
        if image_of(headers as *const ()).is_none_or(|program| program.dli_fbase == own.dli_fbase) {
            return;
        }
    }
    // SAFETY: the name is a C string that belongs to the loaded image. `RTLD_NOLOAD` loads nothing and runs nothing; the
    // image is loaded, because we are running in it, and stays so from here on. The handle is kept on purpose.
    let _ = unsafe { libc::dlopen(own.dli_fname, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) };
}

/// The image that holds an address.
#[cfg(all(
    any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"),
    not(target_feature = "crt-static")
))]
fn image_of(address: *const ()) -> Option<libc::Dl_info> {
    let mut info = std::mem::MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: any address may be asked for; all zeros are a valid `Dl_info`, and the call fills it or answers 0.
    let (found, info) = unsafe { (libc::dladdr(address.cast(), info.as_mut_ptr()), info.assume_init()) };
    (found != 0 && !info.dli_fname.is_null()).then_some(info)
}

#[cfg(not(all(
    any(all(target_os = "linux", target_env = "gnu"), target_vendor = "apple"),
    not(target_feature = "crt-static")
)))]
pub(super) fn pin() {}
