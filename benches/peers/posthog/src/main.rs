//! posthog-rs, as its page advises under "Getting started" (<https://docs.rs/posthog-rs/0.30/posthog_rs/#getting-started>): the client
//! is made inside a runtime, `capture` is called with an event and its properties, `shutdown` ends it.

use harness::{Arguments, Peer};
use posthog_rs::{Client, ClientOptionsBuilder, Event};
use tokio::runtime::Runtime;

struct PostHog {
    runtime: Runtime,
    client: Client,
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            fn $record(peer: &PostHog, number: u64) {
                let mut event = Event::new("accepted", "user-123");
                $(let _ = event.insert_prop(stringify!($field), number);)*
                peer.client.capture(event);
            }
        )*

        fn wide(fields: usize) -> Option<fn(&PostHog, u64)> {
            match fields {
                $($count => Some($record),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

impl Peer for PostHog {
    fn record(&self, overrides: u16) {
        let mut event = Event::new("accepted", "user-123");
        let _ = event.insert_prop("component", "sign_up");
        let _ = event.insert_prop("appearance", true);
        let _ = event.insert_prop("overrides", overrides);
        self.client.capture(event);
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        wide(fields)
    }

    fn flush(&self) {
        self.runtime.block_on(self.client.flush());
    }

    fn end(self) {
        self.runtime.block_on(self.client.shutdown());
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let runtime = Runtime::new().expect("threads can be started");
        let options = ClientOptionsBuilder::default()
            .api_key("phc_project_key".to_owned())
            .host(arguments.url(""))
            .build()
            .expect("all options are set");
        let client = runtime.block_on(posthog_rs::client(options));
        PostHog { runtime, client }
    });
}
