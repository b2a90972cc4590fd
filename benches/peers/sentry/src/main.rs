//! sentry, by its structured logs, which are what it batches: <https://docs.sentry.io/platforms/rust/logs/>. Its events are for
//! errors: each is an envelope, and a request, of its own. The guard of `init` waits two seconds at the end.

use std::time::Duration;

use harness::{Arguments, Peer};
use sentry::ClientInitGuard;

struct Sentry {
    guard: ClientInitGuard,
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            fn $record(_: &Sentry, number: u64) {
                sentry::logger_info!($($field = number,)* "accepted");
            }
        )*

        fn wide(fields: usize) -> Option<fn(&Sentry, u64)> {
            match fields {
                $($count => Some($record),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

impl Peer for Sentry {
    fn record(&self, overrides: u16) {
        sentry::logger_info!(component = "sign_up", appearance = true, overrides = overrides, "accepted");
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        wide(fields)
    }

    fn flush(&self) {
        self.guard.flush(Some(Duration::from_secs(30)));
    }

    fn end(self) {
        drop(self.guard);
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let dsn = format!("http://key@127.0.0.1:{}/42", arguments.port);
        let options = sentry::ClientOptions::new().maybe_release(sentry::release_name!());
        Sentry { guard: sentry::init((dsn, options)) }
    });
}
