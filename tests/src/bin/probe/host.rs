//! Hosts with signals, limits and terminals of their own: what they had set is as it was when telemetry is done.

use std::{io::Write as _, time::Duration};

use rustix::{
    process::{Resource, Rlimit, setrlimit},
    termios::{LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr},
};
use telemetry_runtime::{Consent, flush, record};
use telemetry_spool::process::without_signals;
use telemetry_tests::native;

use crate::{CommandRun, Happened, TELEMETRY, endings::print_ledger, record_all};

/// SIGPIPE, SIGTTOU and SIGXFSZ on Linux: what a `write` can raise.
const RAISED: [i32; 3] = [13, 22, 25];

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    match action {
        // narrow <bytes> <signals> <what>: no file of this process may be larger.
        "narrow" => {
            let before = prepare(argument(2));
            limit_files(Some(argument(1).parse().expect("a number of bytes")));
            act(argument(3));
            report(&before, argument(2));
            print_ledger();
        }
        // narrowed-meanwhile <signals>: another thread lowers and lifts the limit all the time.
        "narrowed-meanwhile" => {
            let before = prepare(argument(1));
            let done = std::sync::atomic::AtomicBool::new(false);
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    while !done.load(std::sync::atomic::Ordering::Relaxed) {
                        limit_files(Some(100));
                        limit_files(None);
                    }
                });
                (0..300).for_each(|number| record!(CommandRun { number }));
                // A decision is written whenever it is made; events leave a disk alone that has just failed.
                (0..200).for_each(|_| drop(TELEMETRY.set_consent(Consent::Local)));
                done.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            report(&before, argument(1));
            print_ledger();
        }
        // write-in-vain <signals>: a file that another thread has limited after the look, a pipe that nobody reads.
        "write-in-vain" => {
            let before = prepare(argument(1));
            let file = tempfile::tempfile().expect("a temporary folder");
            limit_files(Some(0));
            let written = without_signals(|| (&file).write(b"x"));
            limit_files(None);
            println!("file: {:?}", written.map_err(|error| error.raw_os_error()));
            let (reader, writer) = std::io::pipe().expect("a pipe");
            drop(reader);
            let written = without_signals(|| (&writer).write(b"x"));
            println!("pipe: {:?}", written.map_err(|error| error.raw_os_error()));
            report(&before, argument(1));
        }
        // say <signals> <what>: as it is.
        "say" => {
            let before = prepare(argument(1));
            act(argument(2));
            report(&before, argument(1));
            print_ledger();
        }
        // background <what>: in a background group of a terminal that stops those who write from there.
        "background" => {
            let mut terminal = tcgetattr(std::io::stderr()).expect("standard error is a terminal");
            terminal.local_modes |= LocalModes::TOSTOP;
            tcsetattr(std::io::stderr(), OptionalActions::Now, &terminal).expect("a terminal can be set");
            if let Some(child) = native::fork() {
                println!("ended: {}", native::wait_or_stopped(child));
            } else {
                native::go_to_the_background();
                RAISED.into_iter().for_each(native::answer_by_default);
                act(argument(1));
                print_ledger();
            }
        }
        // close-all <what>: closes what it has not opened, takes the numbers for files and folders of its own, and goes on.
        "close-all" => {
            record_all();
            record!(CommandRun { number: 1 });
            println!("flushed: {}", flush(Duration::from_secs(20)).is_ok());
            record!(CommandRun { number: 2 });
            let own = OwnFiles::in_place_of_ours();
            for number in 3..6 {
                match argument(1) {
                    "command" => record!(CommandRun { number }),
                    "consent" => println!("stored: {}", TELEMETRY.set_consent(Consent::On).is_ok()),
                    "fork" => match native::fork() {
                        Some(child) => assert_eq!(native::wait(child), 0),
                        None => {
                            own.check();
                            native::exit_at_once(0);
                        }
                    },
                    "status" => println!("{}", TELEMETRY.status().mode),
                    _ => record!(Happened { number }),
                }
                println!("flushed: {}", flush(Duration::from_secs(20)).is_ok());
            }
            let _ = telemetry_runtime::shutdown(Duration::from_secs(20));
            own.check();
            print_ledger();
        }
        // full-screen <what>: one of everything while the terminal is in raw mode on its other screen, then in line mode.
        "full-screen" => {
            let guard = (argument(2) == "guard").then(telemetry_runtime::exit_guard);
            let line_mode = enter_full_screen();
            act(argument(1));
            act(argument(1));
            eprint!("\x1b[?1049l<main screen>");
            tcsetattr(std::io::stderr(), OptionalActions::Now, &line_mode).expect("a terminal can be set");
            if argument(2) == "stay" {
                // As long as it takes to tell.
                crate::endings::wait_for_the_test();
            }
            drop(guard);
            print_ledger();
        }
        _ => return false,
    }
    true
}

/// Files and folders of a host, under numbers that were others' before.
struct OwnFiles {
    files: Vec<std::fs::File>,
    folders: Vec<(std::fs::File, std::path::PathBuf)>,
}

const OWN: &[u8] = b"of the host";

impl OwnFiles {
    fn in_place_of_ours() -> Self {
        let below = std::path::PathBuf::from(std::env::var_os("HOME").expect("tests set it")).join("own");
        native::close_all_others();
        std::fs::create_dir_all(&below).expect("the home can be written");
        let (mut files, mut folders) = (Vec::new(), Vec::new());
        for number in 0..20 {
            let (path, folder) = (below.join(format!("file-{number}")), below.join(format!("folder-{number}")));
            std::fs::create_dir(&folder).expect("the home can be written");
            folders.push((std::fs::File::open(&folder).expect("a folder can be opened"), folder));
            let mut file =
                std::fs::File::options().read(true).append(true).create_new(true).open(path).expect("it is new");
            std::io::Write::write_all(&mut file, OWN).expect("it can be written");
            files.push(file);
        }
        Self { files, folders }
    }

    /// That they are open, and as they were.
    fn check(&self) {
        use std::io::{Read as _, Seek as _, SeekFrom};

        for file in &self.files {
            let mut bytes = Vec::new();
            assert_eq!((&*file).stream_position().expect("it is open"), OWN.len() as u64, "nobody has read in it");
            (&*file).seek(SeekFrom::Start(0)).expect("it is open");
            (&*file).read_to_end(&mut bytes).expect("it is open");
            assert_eq!(bytes, OWN);
            let again = std::fs::File::open(format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(file)));
            assert!(again.expect("it is open").try_lock().is_ok(), "nobody has locked it");
        }
        for (folder, path) in &self.folders {
            assert!(folder.metadata().expect("it is open").is_dir());
            assert_eq!(std::fs::read_dir(path).expect("it is there").count(), 0, "{}", path.display());
        }
    }
}

/// As full-screen programs do; answers with the mode the terminal had.
fn enter_full_screen() -> rustix::termios::Termios {
    let line_mode = tcgetattr(std::io::stderr()).expect("standard error is a terminal");
    let mut raw = line_mode.clone();
    raw.local_modes -= LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
    raw.output_modes -= OutputModes::OPOST;
    tcsetattr(std::io::stderr(), OptionalActions::Now, &raw).expect("a terminal can be set");
    eprint!("\x1b[?1049h<full screen>");
    line_mode
}

/// What the program does with its telemetry.
fn act(what: &str) {
    match what {
        "command" => (0..5).for_each(|number| record!(CommandRun { number })),
        "consent" => {
            for consent in [Consent::On, Consent::Off, Consent::Local] {
                println!("stored: {}", TELEMETRY.set_consent(consent).is_ok());
            }
        }
        _ => {
            record_all();
            println!("{:?}", flush(Duration::from_secs(20)).is_ok());
        }
    }
}

/// Sets up the signals of this host as `signals` says; answers with what the system knows of them.
fn prepare(signals: &str) -> String {
    for signal in RAISED {
        match signals {
            // Rust's own answers.
            "rust" => {}
            "default" => native::answer_by_default(signal),
            "counted" => native::count(signal),
            "pending-here" => {
                native::count(signal);
                native::block(signal, true);
                native::send_to_this_thread(signal);
            }
            "pending-for-all" => {
                native::count(signal);
                native::block(signal, true);
                native::send_to_us(signal);
            }
            _ => panic!("no such signals: {signals}"),
        }
    }
    signal_state()
}

/// Compares with what was before; then takes what was pending on purpose.
fn report(before: &str, signals: &str) {
    let after = signal_state();
    println!("handled: {}", native::counted());
    println!("same: {}", if *before == after { "true".to_owned() } else { format!("{before} -> {after}") });
    if signals.starts_with("pending") {
        RAISED.into_iter().for_each(|signal| native::block(signal, false));
        println!("taken later: {}", native::counted());
    }
}

/// What is pending, blocked, ignored and caught on this thread.
fn signal_state() -> String {
    let status = std::fs::read_to_string("/proc/thread-self/status").expect("/proc can be read");
    let lines = status.lines().filter_map(|line| {
        let (name, mask) = line.split_once(':')?;
        let mask = u64::from_str_radix(mask.trim(), 16).ok()?;
        // The C library catches two signals of its own as soon as there is a second thread.
        ["SigPnd", "ShdPnd", "SigBlk", "SigIgn", "SigCgt"]
            .contains(&name)
            .then(|| format!("{name}:{:x}", mask & !(3 << 31)))
    });
    lines.collect::<Vec<_>>().join(" ")
}

/// Limits the size of files that this process may write.
fn limit_files(bytes: Option<u64>) {
    setrlimit(Resource::Fsize, Rlimit { current: bytes, maximum: None }).expect("a limit may be lowered");
}
