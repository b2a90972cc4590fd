//! A program of an SDK with as many events as its argument says, and two more when it says `new`. Prints its status.

use std::time::Duration;

use telemetry_runtime::{__private as private, Options, Sdk, allow_release, flush, record, sdk, telemetry_event};

/// Its notice is shown by the runtime.
pub static TELEMETRY: Sdk = sdk! {
    name: "many",
    role: Library,
    default: On,
    env: "MANY",
    endpoint: "http://127.0.0.1:4318",
    wire: EventBatch { strict: false },
    docs: "https://many.example/telemetry",
    operator: "Many Inc.",
    contact: "privacy@many.example",
    region: "EU",
    retention: "90 days",
    shared_with: "nobody",
};

/// The one that is recorded.
#[telemetry_event(throttle = None)]
pub struct Happened {
    /// Whether it did.
    really: bool,
}

/// Adds an event that nobody wrote: a compiler would take a minute for thousands.
fn add(name: &str, number: usize) {
    let record = format!(
        "\x7fTLM2{{\"record\":\"event\",\"sdk\":\"many\",\"crate\":\"many\",\"version\":\"1.0.0\",\"event\":\"{name}_{number}\",\
         \"kind\":\"event\",\"doc\":\"Nothing.\",\"fields\":[],\"sample\":1.0,\"throttle\":\"none\",\"at\":\"src/lib.rs:1\"}}\n"
    );
    // Without parts, the digest of an event is its key.
    let key = u128::try_from(number + 1).unwrap_or_default() << (u32::from(name == "added") * 64);
    let meta = private::EventMeta::new(
        TELEMETRY,
        record.into_bytes().leak(),
        private::Kind::Event,
        private::Throttle::None,
        1.0,
        u32::MAX,
        key,
        &[],
    );
    private::admits(&private::Handle { state: TELEMETRY.state, meta: Box::leak(Box::new(meta)) });
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let count: usize = arguments.next().and_then(|count| count.parse().ok()).expect("a number of events");
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or_default();
    TELEMETRY.configure(Options::new().loopback_port(port));
    allow_release(&TELEMETRY);
    (0..count).for_each(|number| add("listed", number));
    if arguments.next().is_some() {
        (0..count).for_each(|number| add("added", number));
    }
    record!(Happened { really: true });
    let _ = flush(Duration::from_secs(20));
    println!("{}", TELEMETRY.status().to_json().replace('\n', ""));
}
