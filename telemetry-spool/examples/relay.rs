//! Appends its arguments to a spool in the folder `relay-spool`, then prints what waits there, whoever has appended it. Run it
//! in several terminals at once, or kill it: nothing is lost, and nothing is printed twice.
//!
//! ```text
//! cargo run --example relay -- one two three
//! ```

use std::{
    env,
    error::Error,
    io::{Write as _, stdout},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use telemetry_spool::{Frame, KindLimits, Limits, Outcome, PrivateFolder, Tally, day_of};

static LIMITS: Limits = Limits {
    kinds: &[KindLimits { kind: 0, batch_frames: 10, kept_days: 7, by_day: false }],
    batch_bytes: 64 * 1024,
    attempts: 3,
    attempts_renewed: Duration::from_secs(60 * 60),
    all_bytes: 8 * 1024 * 1024,
    free_bytes: 64 * 1024 * 1024,
};

/// Where all frames of this program go.
const DESTINATION: [u8; 16] = [1; 16];

/// Says what becomes of frames.
struct Report;

impl Tally for Report {
    fn count(&self, outcome: Outcome, frames: u64) {
        let _ = writeln!(stdout(), "{frames} frames: {outcome:?}");
    }

    fn recover(&self, frames: u64) {
        let _ = writeln!(stdout(), "{frames} frames of another process");
    }

    fn end_elsewhere(&self, _frames: u64) {}
}

fn main() -> Result<(), Box<dyn Error>> {
    let now_ms = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
    let folder = PrivateFolder::open(Path::new("relay-spool"), &["relay"], true)?.ok_or("it was made")?;
    let (mut spool, mut backlog) = telemetry_spool::open(Arc::new(folder), "relay", DESTINATION, &LIMITS);
    for text in env::args().skip(1) {
        let body = text.as_bytes();
        let frame = Frame { day: day_of(now_ms), digest: [0; 16], destination: DESTINATION, kind: 0, body };
        spool.append(&frame, now_ms, &Report)?;
    }
    backlog.start(now_ms, &Report);
    backlog.begin_upload();
    while let Some(batch) = backlog.next(now_ms, &|_| true, &Report) {
        let mut frames = 0;
        for frame in batch.frames() {
            writeln!(stdout(), "{}: {}", batch.key(), String::from_utf8_lossy(frame.body))?;
            frames += 1;
        }
        backlog.finish(batch, Outcome::Sent, frames, &Report);
    }
    Ok(())
}
