//! tracing with JSON lines in a file, as the page of tracing-appender advises under "Non-Blocking Rolling File Appender"
//! (<https://docs.rs/tracing-appender/0.2/tracing_appender/#non-blocking-rolling-file-appender>), without rotation, and with the
//! JSON format of <https://docs.rs/tracing-subscriber/0.3/tracing_subscriber/fmt/format/struct.Json.html>. It delivers to no
//! server. The guard that ends the writer is all that there is to wait for what was recorded.

use std::{sync::Mutex, thread, time::Duration};

use harness::{Arguments, Peer};
use tracing_appender::non_blocking::WorkerGuard;

struct TracingFile {
    guard: Mutex<WorkerGuard>,
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            fn $record(_: &TracingFile, number: u64) {
                tracing::info!(name: "accepted", $($field = number,)*);
            }
        )*

        fn wide(fields: usize) -> Option<fn(&TracingFile, u64)> {
            match fields {
                $($count => Some($record),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

impl Peer for TracingFile {
    #[inline]
    fn record(&self, overrides: u16) {
        tracing::info!(name: "accepted", component = "sign_up", appearance = true, overrides);
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        wide(fields)
    }

    fn flush(&self) {
        // There is no flush; the writer's thread takes what waits within this time.
        thread::sleep(Duration::from_millis(50));
    }

    fn end(self) {
        drop(self.guard);
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let file = tracing_appender::rolling::never(&arguments.folder, "tracing.jsonl");
        let (writer, guard) = tracing_appender::non_blocking(file);
        tracing_subscriber::fmt().json().with_writer(writer).init();
        TracingFile { guard: Mutex::new(guard) }
    });
}
