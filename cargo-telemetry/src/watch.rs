//! A program under watch: it runs in debug mode, and each event that it prints is shown beside its record, with what a collector
//! would answer. The records are those of a file; the answer is that of [`crate::payload`], which the collector asks too.

mod event;
mod lines;
mod show;

use std::{
    io::{self, Read, Write as _},
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use telemetry_schema::Manifest;

use self::{
    lines::{Lines, Piece},
    show::Shown,
};
use crate::{exit_code, failure::Failure, output};

/// How long the standard error of a program is read after its end: children that it has left behind may hold it for ever.
const AFTER_END: Duration = Duration::from_secs(2);

/// How much is read at once, in bytes.
const READ: usize = 8 * 1024;

/// Runs the command, and shows what it records. Ends as it ends.
pub(crate) fn run(manifest: &Manifest, mut command: Command) -> Result<ExitCode, Failure> {
    for sdk in &manifest.sdks {
        command.env(format!("{}_TELEMETRY_DEBUG", sdk.env), "1");
    }
    let mut child = command.stderr(Stdio::piped()).spawn().map_err(|error| {
        let program = command.get_program().to_string_lossy().into_owned();
        Failure::new(exit_code::ExitCode::NoInput, format!("cannot start {program}: {error}"))
    })?;
    let mut shown = Shown::default();
    let ended = follow(&mut child, manifest, &mut shown);
    output::lines(&shown.summary());
    ended.map(code).map_err(|error| {
        Failure::new(exit_code::ExitCode::CannotTell, format!("cannot tell how the program ended: {error}"))
    })
}

/// Reads its standard error to the end, and waits for the end of the program.
fn follow(child: &mut Child, manifest: &Manifest, shown: &mut Shown) -> io::Result<ExitStatus> {
    let (sender, chunks) = mpsc::channel();
    if let Some(stderr) = child.stderr.take() {
        thread::spawn(move || read(stderr, &sender));
    }
    let mut lines = Lines::new(manifest.sdks.iter().map(|sdk| sdk.sdk.as_str()));
    let mut ended: Option<(ExitStatus, Instant)> = None;
    loop {
        match chunks.recv_timeout(Duration::from_millis(50)) {
            Ok(chunk) => lines.take(&chunk, |piece| say(manifest, shown, piece)),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        match &ended {
            None => ended = child.try_wait()?.map(|status| (status, Instant::now())),
            Some((_, at)) if at.elapsed() > AFTER_END => break,
            Some(_) => {}
        }
    }
    lines.end(|piece| say(manifest, shown, piece));
    ended.map_or_else(|| child.wait(), |(status, _)| Ok(status))
}

fn read(mut from: impl Read, to: &mpsc::Sender<Vec<u8>>) {
    let mut buffer = vec![0; READ];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => {
                let chunk = buffer.get(..read).unwrap_or_default().to_vec();
                if to.send(chunk).is_err() {
                    return;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

fn say(manifest: &Manifest, shown: &mut Shown, piece: Piece<'_>) {
    match piece {
        Piece::Foreign(bytes) => {
            // As it came, without a look at it: prompts and progress are not lines.
            let mut stderr = io::stderr();
            let _ = stderr.write_all(bytes).and_then(|()| stderr.flush());
        }
        Piece::Ours { sdk, text } => output::lines(&shown.line(manifest, sdk, text)),
    }
}

fn code(status: ExitStatus) -> ExitCode {
    let code = status.code().and_then(|code| u8::try_from(code & 0xff).ok());
    ExitCode::from(code.unwrap_or_else(|| signal(status)))
}

/// As shells tell that a signal has ended a program.
#[cfg(unix)]
fn signal(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt as _;
    status.signal().and_then(|signal| u8::try_from(128 + signal).ok()).unwrap_or(u8::MAX)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> u8 {
    u8::MAX
}
