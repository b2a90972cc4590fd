//! A process that delivers what another one has left.
//!
//! It is the same program with one constant argument. What it sends, it finds in the spool; nothing secret stands in its
//! arguments or its environment. It knows when the other one has ended by a pipe that carries nothing.

use std::{
    env,
    io::Read as _,
    path::PathBuf,
    process::{ChildStdin, Command, Stdio},
    sync::{Mutex, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

use crate::{
    base::{
        effects::{self, Effect},
        limits::{DETACHED_FLUSH, DETACHED_LIFE, DETACHED_PAUSE, PARENT_WAIT},
        process::{self, PerProcess},
    },
    decide::{options::Options, settings},
    declare::{registry::all_sdks, sdk::Sdk},
    host::lifecycle,
    record::mode,
    write::{silence, writer},
};

/// The one argument.
const ARGUMENT: &str = "--telemetry-deliver";

/// Says in the environment which SDKs may deliver, by name and identity, as two of one name may have been asked differently,
/// and behind `=` what a test has set of the loopback options: `acme-ui@0123456789abcdef tool@00112233445566aa=4318`. A
/// process that has it starts no further one.
const MARK: &str = "TELEMETRY_RUNTIME_DELIVER";

/// All that such a process gets of the environment: what finding the state folder, the server, a proxy and the trusted
/// certificates takes, and what some systems need to start a program.
const PASSED: [&str; 22] = [
    "HOME",
    "XDG_STATE_HOME",
    "LOCALAPPDATA",
    "USERPROFILE",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
    "SystemRoot",
    "SystemDrive",
    "TEMP",
    "TMP",
    "TMPDIR",
    "PATH",
];

/// The end of the pipe that closes when this process is gone.
static ALIVE: PerProcess<Mutex<Option<ChildStdin>>> = PerProcess::new(Mutex::new(None), |_| Mutex::new(None));

/// Whether this process was started to deliver.
pub(super) fn is_child() -> bool {
    env::var_os(MARK).is_some()
}

/// Starts a process that delivers for these SDKs. It is waited for by nobody; if it cannot be started, a later run
/// delivers.
pub(super) fn start(sdks: &[Sdk]) {
    let Ok(program) = env::current_exe() else { return };
    effects::note(Effect::Threads);
    let mut command = Command::new(program);
    command
        .arg(ARGUMENT)
        .env_clear()
        .envs(PASSED.iter().filter_map(|name| Some((name, env::var_os(name)?))))
        .env(MARK, mark(sdks))
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    apart(&mut command);
    if let Ok(mut child) = command.spawn() {
        *ALIVE.lock().unwrap_or_else(PoisonError::into_inner) = child.stdin.take();
    }
}

/// Where the process works, so that no folder of the user's is kept from being deleted. It is always there: `TMPDIR` may
/// name a folder that is gone.
#[cfg(unix)]
fn folder() -> PathBuf {
    PathBuf::from("/")
}

/// The same. Where the folder for temporary files is gone, the program's own is there.
#[cfg(not(unix))]
fn folder() -> PathBuf {
    let temporary = env::temp_dir();
    if temporary.is_dir() { temporary } else { PathBuf::from(".") }
}

/// What a person does to this program at its terminal does not reach the other one.
#[cfg(unix)]
fn apart(command: &mut Command) {
    use std::os::unix::process::CommandExt as _;
    command.process_group(0);
}

/// The same, and no window flashes: `DETACHED_PROCESS` would give the process a console of its own later.
#[cfg(windows)]
fn apart(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    const CREATE_NEW_PROCESS_GROUP: u32 = 0x0000_0200;
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;
    command.creation_flags(CREATE_NEW_PROCESS_GROUP | CREATE_NO_WINDOW);
}

#[cfg(not(any(unix, windows)))]
fn apart(_command: &mut Command) {}

fn mark(sdks: &[Sdk]) -> String {
    let words = sdks.iter().map(|sdk| {
        let options = settings::of(*sdk).options.clone();
        match (options.loopback_port, options.loopback) {
            (Some(port), _) => format!("{}={port}", word(*sdk)),
            (None, Some(true)) => format!("{}=", word(*sdk)),
            (None, _) => word(*sdk),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What an SDK is known by in both processes.
fn word(sdk: Sdk) -> String {
    format!("{}@{}", sdk.info.name, crate::pipeline::threads::identity(sdk))
}

/// In a process that was started to deliver, does so and ends it; in any other, nothing.
pub(super) fn deliver_if_child() {
    let mut arguments = env::args_os().skip(1);
    let alone = arguments.next().is_some_and(|argument| argument == ARGUMENT) && arguments.next().is_none();
    // Whoever starts a program with raised rights must not choose what it does.
    let asked = alone && process::raised_by().is_none();
    let Some(mark) = env::var(MARK).ok().filter(|_| asked) else { return };
    process::stay_inside(); // This process is ours alone.
    let begun = Instant::now();
    #[cfg(unix)]
    super::handles::close_inherited();
    // Without somebody to end this process it must not go on.
    if thread::Builder::new()
        .spawn(move || {
            process::stay_inside();
            end_at(begun + DETACHED_LIFE);
        })
        .is_ok()
    {
        deliver(&mark);
    }
    std::process::exit(0);
}

fn deliver(mark: &str) {
    let words: Vec<(&str, Option<&str>)> = mark
        .split(' ')
        .map(|word| word.split_once('=').map_or((word, None), |(word, port)| (word, Some(port))))
        .collect();
    let mut locks = Vec::new();
    for sdk in all_sdks() {
        let known_by = word(sdk);
        let Some((_, loopback)) = words.iter().find(|(word, _)| *word == known_by) else {
            // Not asked for: off in this process, and what is on disk stays there.
            silence::switch_off(sdk);
            continue;
        };
        configure(sdk, *loopback);
        match writer::of(sdk).deliver_alone(sdk) {
            Some(lock) => locks.push(lock),
            None => silence::switch_off(sdk),
        }
    }
    if locks.is_empty() {
        return; // There is nothing, another process is at it, or the user has opted out since.
    }
    wait_for_parent();
    let begun = Instant::now();
    // Another run of the program may hold what there is at this moment, without the time to send it.
    while let Some(left) = DETACHED_FLUSH.checked_sub(begun.elapsed()) {
        match lifecycle::flush_all(left) {
            Ok(flushed) if flushed.sent == 0 => thread::sleep(DETACHED_PAUSE),
            _ => break,
        }
    }
    crate::send::ending::end_of_program();
}

/// The process that started this one has asked the layers of the gate that look at the program and its surroundings, with
/// settings that are not made here. What the user has stored is asked again.
fn configure(sdk: Sdk, loopback: Option<&str>) {
    settings::of(sdk).delivers = true;
    if let Some(port) = loopback {
        let options = Options::new().loopback();
        sdk.configure(match port.parse() {
            Ok(port) => options.loopback_port(port),
            Err(_) => options,
        });
    }
    mode::decide(sdk);
}

/// Until the process that started this one is gone, and with it its locks on the spool, or until that has taken too long.
fn wait_for_parent() {
    let (gone, heard) = mpsc::channel();
    let reader = thread::Builder::new().spawn(move || {
        process::stay_inside();
        let _ = std::io::stdin().read(&mut [0]);
        let _ = gone.send(());
    });
    if reader.is_ok() {
        let _ = heard.recv_timeout(PARENT_WAIT);
    }
}

/// Ends this process at `deadline`, whatever its other threads are doing.
fn end_at(deadline: Instant) {
    loop {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        thread::sleep(left.max(Duration::from_millis(1)));
    }
    #[cfg(unix)]
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    // Where that is no way to end, and where it failed.
    std::process::abort();
}
