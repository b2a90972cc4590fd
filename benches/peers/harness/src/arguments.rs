//! What a measured program is told.

use std::{env, path::PathBuf, str::FromStr, time::Duration};

/// What a program does with its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// In bursts that every client's queue takes, with pauses and flushes, so that nothing has to be lost.
    Deliver,
    /// As fast as the threads can, then one flush.
    Burst,
    /// The calling thread's part alone.
    Record,
}

/// The arguments, each as `--name value`.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// `--mode`.
    pub mode: Mode,
    /// `--port`: of the server on the loopback interface.
    pub port: u16,
    /// `--folder`: where the program may keep files.
    pub folder: PathBuf,
    /// `--variant`: which of the clients of a package; empty for the only one.
    pub variant: String,
    /// `--events`: how many after the first one.
    pub events: u64,
    /// `--threads` that record.
    pub threads: u64,
    /// `--fields`: events of so many numbers instead of the event of three fields.
    pub fields: Option<usize>,
    /// `--burst`: events in a row.
    pub burst: u64,
    /// `--pause`: milliseconds after each burst.
    pub pause: Duration,
    /// `--flush-every`: bursts between two flushes; 0 for no flush at all.
    pub flush_every: u64,
    /// `--allocations 1`: counts them, which costs time.
    pub allocations: bool,
}

impl Arguments {
    /// Those of this process.
    pub(crate) fn read() -> Result<Self, String> {
        let mut read = Self {
            mode: Mode::Deliver,
            port: 0,
            folder: env::temp_dir(),
            variant: String::new(),
            events: 1_000,
            threads: 1,
            fields: None,
            burst: 1_000,
            pause: Duration::from_millis(40),
            flush_every: 5,
            allocations: false,
        };
        let mut given = env::args().skip(1);
        while let Some(name) = given.next() {
            let value = given.next().ok_or_else(|| format!("{name}: a value is missing"))?;
            match name.as_str() {
                "--mode" => {
                    read.mode = match value.as_str() {
                        "deliver" => Mode::Deliver,
                        "burst" => Mode::Burst,
                        "record" => Mode::Record,
                        _ => return Err(format!("--mode {value}: deliver, burst or record")),
                    }
                }
                "--port" => read.port = number(&name, &value)?,
                "--folder" => read.folder = value.into(),
                "--variant" => read.variant = value,
                "--events" => read.events = number(&name, &value)?,
                "--threads" => read.threads = number::<u64>(&name, &value)?.max(1),
                "--fields" => read.fields = Some(number(&name, &value)?),
                "--burst" => read.burst = number::<u64>(&name, &value)?.max(1),
                "--pause" => read.pause = Duration::from_millis(number(&name, &value)?),
                "--flush-every" => read.flush_every = number(&name, &value)?,
                "--allocations" => read.allocations = value == "1",
                _ => return Err(format!("{name}: no such argument")),
            }
        }
        Ok(read)
    }

    /// The address of the server with this path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }
}

fn number<T: FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} {value}: a number"))
}
