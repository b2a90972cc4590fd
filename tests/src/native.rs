//! What tests of processes need of the C library: fork, signals, plugins. The only place of this package with `unsafe` code.
#![allow(unsafe_code, reason = "each function is one call of the C library, in programs that only tests start")]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    mem::MaybeUninit,
    os::unix::{ffi::OsStrExt as _, process::CommandExt as _},
    path::Path,
    process::Command,
    ptr,
    sync::atomic::{AtomicI32, Ordering},
};

/// `fork`: the process id of the child, or `None` in the child.
pub fn fork() -> Option<i32> {
    // SAFETY: what the child may do after it is what the tests ask about.
    match unsafe { libc::fork() } {
        -1 => panic!("no child: {}", std::io::Error::last_os_error()),
        0 => None,
        pid => Some(pid),
    }
}

/// As [`fork`], by a raw system call, which runs no handler of the C library.
#[cfg(target_os = "linux")]
pub fn fork_past_the_library() -> Option<i32> {
    // SAFETY: a new process with a copy of the memory; all arguments but the signal are unused.
    match unsafe { libc::syscall(libc::SYS_clone, libc::SIGCHLD, 0, 0, 0, 0) } {
        -1 => panic!("no child: {}", std::io::Error::last_os_error()),
        0 => None,
        pid => Some(i32::try_from(pid).expect("process ids are small")),
    }
}

/// Lets any process of this user trace this one, where the system asks for that.
#[cfg(target_os = "linux")]
pub fn allow_tracers() {
    // SAFETY: sets a flag of this process; a system that does not know it refuses.
    unsafe { libc::prctl(libc::PR_SET_PTRACER, libc::PR_SET_PTRACER_ANY) };
}

/// Waits for a child: its exit code, or the negated number of the signal that ended it.
pub fn wait(pid: i32) -> i32 {
    let mut status = 0;
    // SAFETY: writes to `status`, which outlives the call.
    while unsafe { libc::waitpid(pid, &mut status, 0) } == -1 {
        assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EINTR));
    }
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) }
}

/// Ends this process by `SIGALRM` if it is still there after so many seconds: whoever waits for a lock of a thread that a
/// fork has left behind waits for ever.
pub fn end_after(seconds: u32) {
    // SAFETY: sets a timer.
    unsafe { libc::alarm(seconds) };
}

/// Starts the program with the default answer to these signals. Tests may run below something that ignores them, as
/// `nohup` does with SIGHUP, and programs inherit that.
pub fn with_default_signals(command: &mut Command, signals: &'static [i32]) {
    let reset = move || {
        for signal in signals {
            // SAFETY: sets an answer, in a child that has one thread and has not begun.
            unsafe { libc::signal(*signal, libc::SIG_DFL) };
        }
        Ok(())
    };
    // SAFETY: `signal` may be called between fork and exec.
    unsafe { command.pre_exec(reset) };
}

/// `_exit`: no destructor, no handler, no buffer.
pub fn exit_at_once(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// `execv` of a program in this very process; returns only if that fails.
pub fn exec(program: &Path, arguments: &[&str]) {
    let c_string = |bytes: &[u8]| CString::new(bytes).expect("no zero in a path or argument");
    let program = c_string(program.as_os_str().as_bytes());
    let arguments: Vec<CString> = arguments.iter().map(|argument| c_string(argument.as_bytes())).collect();
    let mut list: Vec<*const c_char> = vec![program.as_ptr()];
    list.extend(arguments.iter().map(|argument| argument.as_ptr()));
    list.push(ptr::null());
    // SAFETY: strings of C, in a list that ends with null; all of them outlive the call.
    unsafe { libc::execv(program.as_ptr(), list.as_ptr()) };
}

/// The thread on which [`note_thread`] ran last; 0 before.
static NOTED: AtomicI32 = AtomicI32::new(0);

/// This thread, as the kernel counts it.
#[cfg(target_os = "linux")]
pub fn thread_id() -> i32 {
    // SAFETY: reads a number.
    unsafe { libc::gettid() }
}

/// The handler of a host that wants to know on which of its threads it runs.
#[cfg(target_os = "linux")]
extern "C" fn note_thread(_signal: c_int) {
    NOTED.store(thread_id(), Ordering::SeqCst);
}

/// Installs a handler that notes the thread it runs on.
#[cfg(target_os = "linux")]
pub fn note_threads_of(signal: i32) {
    // SAFETY: the handler stores a number and nothing else.
    let before = unsafe { libc::signal(signal, note_thread as extern "C" fn(c_int) as libc::sighandler_t) };
    assert_ne!(before, libc::SIG_ERR);
}

/// The thread on which the handler of [`note_threads_of`] ran last; 0 before.
pub fn noted_thread() -> i32 {
    NOTED.load(Ordering::SeqCst)
}

/// How often the handler of [`count`] ran.
static COUNTED: AtomicI32 = AtomicI32::new(0);

extern "C" fn count_signal(_signal: c_int) {
    COUNTED.fetch_add(1, Ordering::SeqCst);
}

/// Installs a handler that counts.
pub fn count(signal: i32) {
    // SAFETY: the handler adds to a number and does nothing else.
    let before = unsafe { libc::signal(signal, count_signal as extern "C" fn(c_int) as libc::sighandler_t) };
    assert_ne!(before, libc::SIG_ERR);
}

/// How often the handler of [`count`] ran, for whatever signal.
pub fn counted() -> i32 {
    COUNTED.load(Ordering::SeqCst)
}

/// Gives a signal the answer that a program in C starts with. Rust ignores SIGPIPE.
pub fn answer_by_default(signal: i32) {
    // SAFETY: sets an answer.
    assert_ne!(unsafe { libc::signal(signal, libc::SIG_DFL) }, libc::SIG_ERR);
}

/// Sends this thread a signal.
pub fn send_to_this_thread(signal: i32) {
    // SAFETY: sends a signal to this thread.
    assert_eq!(unsafe { libc::pthread_kill(libc::pthread_self(), signal) }, 0);
}

/// Makes a program the leader of a session whose terminal is its standard error, and the foreground of that terminal.
pub fn in_a_session_of_its_own(command: &mut Command) {
    let begin = || {
        // A command that is started again does this once more.
        // SAFETY: all of these may be called between fork and exec.
        let alone = unsafe { libc::getsid(0) == libc::getpid() || libc::setsid() != -1 };
        // SAFETY: as above.
        if alone && unsafe { libc::ioctl(2, libc::TIOCSCTTY, 0) } != -1 {
            return Ok(());
        }
        Err(std::io::Error::last_os_error())
    };
    // SAFETY: as above.
    unsafe { command.pre_exec(begin) };
}

/// Puts this process in a group of its own, which is in the background of its terminal.
pub fn go_to_the_background() {
    // SAFETY: changes the group of this process.
    assert_eq!(unsafe { libc::setpgid(0, 0) }, 0);
}

/// Waits until a child ends or is stopped: its exit code, or the negated number of the signal.
pub fn wait_or_stopped(pid: i32) -> i32 {
    let mut status = 0;
    // SAFETY: writes to `status`, which outlives the call.
    while unsafe { libc::waitpid(pid, &mut status, libc::WUNTRACED) } == -1 {
        assert_eq!(std::io::Error::last_os_error().raw_os_error(), Some(libc::EINTR));
    }
    if libc::WIFSTOPPED(status) {
        // SAFETY: ends a child of this process.
        unsafe { libc::kill(pid, libc::SIGKILL) };
        return -libc::WSTOPSIG(status);
    }
    if libc::WIFEXITED(status) { libc::WEXITSTATUS(status) } else { -libc::WTERMSIG(status) }
}

/// Closes every descriptor but the first three, whoever has opened it.
#[cfg(target_os = "linux")]
pub fn close_all_others() {
    // SAFETY: what becomes of those who had them open is what the tests ask about.
    assert_eq!(unsafe { libc::syscall(libc::SYS_close_range, 3, libc::c_uint::MAX, 0) }, 0);
}

/// Sends this process a signal.
pub fn send_to_us(signal: i32) {
    // SAFETY: sends a signal to this process.
    assert_eq!(unsafe { libc::kill(libc::getpid(), signal) }, 0);
}

/// Sends another process a signal.
pub fn send_to(pid: u32, signal: i32) {
    let pid = i32::try_from(pid).expect("process ids are small");
    // SAFETY: sends a signal to a process that the caller has started.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0);
}

/// Blocks a signal on this thread, or unblocks it.
pub fn block(signal: i32, blocked: bool) {
    let mut set = MaybeUninit::<libc::sigset_t>::zeroed();
    let how = if blocked { libc::SIG_BLOCK } else { libc::SIG_UNBLOCK };
    // SAFETY: `sigemptyset` fills the set before it is used.
    unsafe {
        libc::sigemptyset(set.as_mut_ptr());
        libc::sigaddset(set.as_mut_ptr(), signal);
        assert_eq!(libc::pthread_sigmask(how, set.as_ptr(), ptr::null_mut()), 0);
    }
}

/// A shared library that is loaded by hand, as hosts load plugins.
pub struct Plugin(*mut c_void);

// SAFETY: the handle may be used by any thread.
unsafe impl Send for Plugin {}

impl Plugin {
    /// `dlopen`.
    pub fn open(path: &Path) -> Self {
        let path = CString::new(path.as_os_str().as_bytes()).expect("no zero in a path");
        // SAFETY: runs the initializers of a library that this package has built.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if handle.is_null() {
            // SAFETY: there was an error, so there is a text.
            panic!("{}", unsafe { CStr::from_ptr(libc::dlerror()) }.to_string_lossy());
        }
        Self(handle)
    }

    /// Calls a function of the library, all of which take a number and return one.
    pub fn call(&self, name: &str, argument: u64) -> u64 {
        let c_name = CString::new(name).expect("no zero in a name");
        // SAFETY: the library is open.
        let symbol = unsafe { libc::dlsym(self.0, c_name.as_ptr()) };
        assert!(!symbol.is_null(), "{name}");
        // SAFETY: every function of the test plugins has this type.
        let function: extern "C" fn(u64) -> u64 = unsafe { std::mem::transmute(symbol) };
        function(argument)
    }

    /// `dlclose`.
    pub fn close(self) {
        // SAFETY: open, and not used again.
        assert_eq!(unsafe { libc::dlclose(self.0) }, 0);
    }
}
