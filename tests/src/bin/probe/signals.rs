//! Who takes the signals that are sent to this process.

use std::time::Duration;

use telemetry_runtime::{flush, record};
use telemetry_tests::native;

use crate::{Happened, endings::wait_for_the_test, record_all};

/// `SIGUSR1` on Linux.
const USR1: i32 = 10;

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str) -> bool {
    match action {
        // What our threads block, and whether the process catches what it caught before.
        "signal-masks" => {
            let before = field("/proc/self/status", "SigCgt:");
            record_all();
            println!("{:?}", flush(Duration::from_secs(20)));
            println!("caught {before} {}", field("/proc/self/status", "SigCgt:"));
            for task in std::fs::read_dir("/proc/self/task").expect("/proc lists threads").flatten() {
                let status = task.path().join("status").display().to_string();
                let (name, blocked) = (field(&status, "Name:"), field(&status, "SigBlk:"));
                println!("{name} {blocked}");
            }
        }
        // A signal that the host's only thread has blocked stays pending: ours do not take it.
        "signal-handler" => {
            native::note_threads_of(USR1);
            record_all();
            println!("{:?}", flush(Duration::from_secs(20)));
            native::block(USR1, true);
            native::send_to_us(USR1);
            for number in 0..10 {
                record!(Happened { number });
            }
            println!("{:?}", flush(Duration::from_secs(20)));
            println!("pending: {}", field("/proc/self/status", "ShdPnd:"));
            println!("handled while blocked: {}", native::noted_thread() != 0);
            native::block(USR1, false);
            println!("then by us: {}", native::noted_thread() == native::thread_id());
        }
        // One of everything, appended by the worker; then whatever the test does to us.
        "appended-wait" => {
            record_all();
            while spooled_bytes() == 0 {
                std::thread::sleep(Duration::from_millis(1));
            }
            println!("appended");
            wait_for_the_test();
        }
        _ => return false,
    }
    true
}

fn field(file: &str, name: &str) -> String {
    let text = std::fs::read_to_string(file).expect("/proc can be read");
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.expect("/proc says it").trim().to_owned()
}

/// Bytes in the segments of the state folder.
pub(crate) fn spooled_bytes() -> u64 {
    fn below(folder: &std::path::Path) -> u64 {
        std::fs::read_dir(folder)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| match entry.metadata() {
                Ok(metadata) if metadata.is_dir() => below(&entry.path()),
                Ok(metadata) if entry.path().extension().is_some_and(|kind| kind == "part" || kind == "ready") => {
                    metadata.len()
                }
                _ => 0,
            })
            .sum()
    }
    below(std::path::Path::new(&std::env::var_os("XDG_STATE_HOME").unwrap_or_default()))
}
