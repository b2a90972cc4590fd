//! A program with five SDKs: two whose servers are well, one whose server says nothing, one whose own transport blocks,
//! and one whose own transport panics. What it says and hears on standard output and input keeps test and program in step.

use std::{
    io::BufRead as _,
    sync::{Condvar, Mutex},
    thread,
    time::Duration,
};

use telemetry_runtime::{
    Options, Sdk, flush, record, sdk, shutdown, telemetry_event,
    transport::{Cancel, Request, Response, Transport, TransportError},
};

macro_rules! neighbour {
    ($(#[$doc:meta])* $sdk:ident, $name:literal, $event:ident $(, transport: $transport:ident)?) => {
        $(#[$doc])*
        pub static $sdk: Sdk = sdk! {
            name: $name,
            role: Library,
            default: On,
            env: "NEIGHBOUR",
            endpoint: "http://127.0.0.1:4318",
            wire: EventBatch { strict: false },
            docs: "https://neighbour.example/telemetry",
            operator: "Neighbour Inc.",
            contact: "privacy@neighbour.example",
            region: "EU",
            retention: "90 days",
            shared_with: "nobody",
            $(transport: $transport,)?
        };

        /// Something happened.
        #[telemetry_event(sdk = $sdk, throttle = None)]
        struct $event {
            /// Whether for the first time.
            first: bool,
        }
    };
}

neighbour!(/// Its server answers.
    WELL, "well", WellHappened);
neighbour!(/// So does this one's.
    SOUND, "sound", SoundHappened);
neighbour!(/// Its server says nothing.
    HELD, "held", HeldHappened);
neighbour!(/// Its transport blocks.
    BLOCKED, "blocked", BlockedHappened, transport: Blocks);
neighbour!(/// Its transport panics.
    BROKEN, "broken", BrokenHappened, transport: Panics);

static GO_ON: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());

/// Blocks until the end of the test, whatever anybody says.
#[derive(Default)]
struct Blocks;

impl Transport for Blocks {
    fn send(&mut self, _: &Request, _: &Cancel) -> Result<Response, TransportError> {
        println!("blocked");
        let go_on = GO_ON.0.lock().expect("nobody panics with it");
        drop(GO_ON.1.wait_while(go_on, |go_on| !*go_on));
        Ok(Response::new(200))
    }
}

/// Panics.
#[derive(Default)]
struct Panics;

impl Transport for Panics {
    fn send(&mut self, _: &Request, _: &Cancel) -> Result<Response, TransportError> {
        println!("panics");
        panic!("a fault in an author's transport");
    }
}

fn main() {
    let ports: Vec<u16> = std::env::args().skip(1).map(|port| port.parse().expect("a port")).collect();
    for (sdk, port) in [&WELL, &SOUND, &HELD].into_iter().zip(ports) {
        sdk.configure(Options::new().loopback().loopback_port(port));
    }
    BLOCKED.configure(Options::new().loopback());
    BROKEN.configure(Options::new().loopback());
    let mut lines = std::io::stdin().lock().lines().map(|line| line.expect("the test writes lines"));
    let mut word = || lines.next().unwrap_or_default();

    record!(HeldHappened { first: true });
    record!(BlockedHappened { first: true });
    record!(BrokenHappened { first: true });
    thread::spawn(|| flush(Duration::from_secs(600)));
    // All three are in trouble now; then the others have something to say, twice.
    word();
    record!(WellHappened { first: true });
    thread::spawn(|| flush(Duration::from_secs(600)));
    word();
    record!(WellHappened { first: false });
    record!(SoundHappened { first: true });
    thread::spawn(|| flush(Duration::from_secs(600)));
    // They have arrived.
    word();
    let waiting = |sdk: &Sdk| sdk.status().ledger.waiting;
    println!("waiting: {} {} {}", waiting(&HELD), waiting(&BLOCKED), waiting(&BROKEN));
    *GO_ON.0.lock().expect("nobody panics with it") = true;
    GO_ON.1.notify_all();
    println!("{:?}", shutdown(Duration::from_secs(60)).map(|flushed| flushed.waiting));
    println!("sent by the one that blocked: {}", BLOCKED.status().ledger.sent);
    word();
}
