//! A program under `strace`, which makes chosen system calls fail, or kills at them.
//!
//! The program says when it is ready, and is traced from there on: what loaders do before `main` is not ours to break.
//! `strace` counts the calls of each thread for itself.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    process::{Child, Command, Output, Stdio},
    thread,
    time::{Duration, Instant},
};

use telemetry_tests::{WATCHDOG, finish};

/// Every call by which files are found, made, read, written, locked, moved and removed, as far as this platform has it.
pub const FILE_CALLS: [&str; 18] = [
    "openat",
    "read",
    "write",
    "pread64",
    "lseek",
    "fstat",
    "newfstatat",
    "statx",
    "fstatfs",
    "getdents64",
    "mkdirat",
    "renameat",
    "renameat2",
    "unlinkat",
    "flock",
    "ftruncate",
    "fsync",
    "fdatasync",
];

/// How a traced program ended, and what it asked of the system.
pub struct Traced {
    pub output: Output,
    /// One system call a line.
    pub log: String,
}

impl Traced {
    /// How many calls were broken.
    pub fn injected(&self) -> usize {
        self.log.matches("(INJECTED)").count()
    }

    /// Whether a call was broken on something that is no file, but looks like one: the handle by which threads wake each
    /// other. Where another thread calls in between, `strace` writes a call as two lines: the first has the handle
    /// (`… <unfinished ...>`), the second the outcome (`<... write resumed>`).
    pub fn broke_more_than_files(&self) -> bool {
        let mut unfinished = HashMap::new();
        self.log.lines().any(|line| {
            let thread = line.split_whitespace().next().unwrap_or_default();
            if line.ends_with("<unfinished ...>") {
                unfinished.insert(thread, line);
                return false;
            }
            let begin = if line.contains(" resumed>") { unfinished.remove(thread).unwrap_or_default() } else { line };
            line.contains("(INJECTED)") && begin.contains("<anon_inode:")
        })
    }

    /// How many calls of this name were made.
    pub fn calls(&self, name: &str) -> usize {
        let begin = format!("{name}(");
        self.log
            .lines()
            .filter(|line| line.split_whitespace().nth(1).is_some_and(|call| call.starts_with(&begin)))
            .count()
    }
}

/// Runs a program that waits for its tracer, with these options of `strace`.
#[track_caller]
pub fn traced(command: &mut Command, options: &[&str]) -> Traced {
    let log = tempfile::NamedTempFile::new().expect("the temporary folder can be written");
    let mut child = command.env("PROBE_WAIT", "1").stdin(Stdio::piped()).spawn().expect("the program starts");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut ready = String::new();
    out.read_line(&mut ready).expect("its output can be read");
    assert_eq!(ready, "ready\n");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-y", "-s", "0"]).arg("-o").arg(log.path()).args(options);
    strace.args(["-p", &child.id().to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut strace = strace.spawn().expect("strace starts");
    await_tracer(&child, &mut strace);
    let mut stdin = child.stdin.take().expect("it is piped");
    let _ = stdin.write_all(b"\n"); // It may be dead already.
    let reader = thread::spawn(move || {
        let mut rest = Vec::new();
        let _ = out.read_to_end(&mut rest);
        rest
    });
    let mut output = finish(child);
    drop(stdin);
    output.stdout = reader.join().expect("it only reads");
    finish(strace);
    Traced { output, log: String::from_utf8_lossy(&std::fs::read(log.path()).expect("strace wrote it")).into_owned() }
}

#[track_caller]
fn await_tracer(child: &Child, strace: &mut Child) {
    let begun = Instant::now();
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it runs");
        let tracer = status.lines().find_map(|line| line.strip_prefix("TracerPid:"));
        if tracer.is_some_and(|pid| pid.trim() != "0") {
            return;
        }
        if let Ok(Some(ended)) = strace.try_wait() {
            if ended.success() {
                return; // The call in which the program waits was the one to kill it at.
            }
            let mut said = String::new();
            let _ = strace.stderr.take().map(|mut stderr| stderr.read_to_string(&mut said));
            panic!("strace cannot trace: {ended}: {said}");
        }
        assert!(begun.elapsed() < WATCHDOG, "strace does nothing");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_broken_handle_is_seen_where_its_call_is_two_lines() {
    let broke = |log: &str| {
        let output = Output { status: std::process::ExitStatus::default(), stdout: Vec::new(), stderr: Vec::new() };
        Traced { output, log: log.to_owned() }.broke_more_than_files()
    };
    let resumed = "7 <... write resumed>) = -1 EIO (Input/output error) (INJECTED)\n";
    assert!(broke("7 write(5<anon_inode:[eventfd]>, \"\"..., 8) = -1 EIO (Input/output error) (INJECTED)\n"));
    assert!(broke(&format!(
        "7 write(5<anon_inode:[eventfd]>, \"\"..., 8 <unfinished ...>\n8 close(3</a>) = 0\n{resumed}"
    )));
    // Another thread's handle, and a file.
    assert!(!broke(&format!(
        "8 write(5<anon_inode:[eventfd]>, \"\"..., 8 <unfinished ...>\n7 write(3</a>, <unfinished ...>\n{resumed}"
    )));
}
