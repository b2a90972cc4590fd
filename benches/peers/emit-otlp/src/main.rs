//! emit with its own client for OTLP, as its page advises under "Getting started" and "Configuring for HTTP+protobuf"
//! (<https://docs.rs/emit_otlp/2/emit_otlp/#getting-started>). Compression is on by default, but not over HTTPS.

use std::time::Duration;

use harness::{Arguments, Peer};

struct Emit<F: Fn() + Sync> {
    flush: F,
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            fn $record<F: Fn() + Sync>(_: &Emit<F>, number: u64) {
                emit::info!("accepted", $($field: number,)*);
            }
        )*

        fn wide<F: Fn() + Sync>(fields: usize) -> Option<fn(&Emit<F>, u64)> {
            match fields {
                $($count => Some($record::<F>),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

impl<F: Fn() + Sync> Peer for Emit<F> {
    #[inline]
    fn record(&self, overrides: u16) {
        emit::info!("accepted", component: "sign_up", appearance: true, overrides);
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        wide::<F>(fields)
    }

    fn flush(&self) {
        (self.flush)();
    }

    fn end(self) {
        (self.flush)();
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let setup = emit::setup()
            .emit_to(
                emit_otlp::new()
                    .resource(emit::props! {
                        #[emit::key("service.name")]
                        service_name: emit::pkg!(),
                    })
                    .logs(emit_otlp::logs_http_proto(arguments.url("/v1/logs")))
                    .spawn(),
            )
            .init();
        Emit {
            flush: move || {
                setup.blocking_flush(Duration::from_secs(30));
            },
        }
    });
}
