//! The program around each peer: it reads arguments, records the same events in the same bursts whoever the peer is, and prints
//! one JSON object on one line. It depends on nothing, so a peer's graph, binary and build hold the peer's own cost.
//!
//! A peer implements [`Peer`] and calls [`run`].

mod arguments;
mod measure;
mod widths;

use std::{
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

pub use arguments::{Arguments, Mode};
pub use measure::{children_cpu_us, peak_kib, process_cpu_us};

/// A client, set up as its documentation advises.
pub trait Peer: Sync + Sized {
    /// Records the event of three fields: `component` is "sign_up", `appearance` is true, `overrides` is the number.
    fn record(&self, overrides: u16);

    /// What records an event of this many numbers, each the given one; `None` if the client cannot.
    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)>;

    /// Waits until all that was recorded is delivered, or given up, as far as the client offers that.
    fn flush(&self);

    /// What the documentation says a program does at its end.
    fn end(self);
}

/// Does what the arguments say and prints what it cost. Nothing of what came before the call is measured, but for the CPU time
/// and the memory of the beginning.
pub fn run<P: Peer>(start: impl FnOnce(&Arguments) -> P) {
    let arguments = match Arguments::read() {
        Ok(arguments) => arguments,
        Err(message) => {
            eprintln!("{message}");
            std::process::exit(2);
        }
    };
    let peer = start(&arguments);
    let wide = match arguments.fields {
        None => None,
        Some(fields) => match peer.wide(fields) {
            Some(record) => Some(record),
            None => {
                println!("{{\"unable\":\"{fields} fields\"}}");
                return;
            }
        },
    };
    let record = |number: u64| match wide {
        Some(record) => record(&peer, number),
        None => peer.record(number as u16),
    };
    // What happens once: threads, files, connections, tables. A run that asks for no flush makes none here either.
    record(black_box(0));
    if arguments.flush_every > 0 {
        peer.flush();
    }
    let begin_cpu = process_cpu_us();
    let begin_kib = peak_kib();
    measure::count_allocations(arguments.allocations);
    let began = Instant::now();
    let recorded = match arguments.mode {
        Mode::Deliver => deliver(&arguments, &record, || peer.flush()),
        Mode::Burst => {
            let recorded = threads(&arguments, &record);
            if arguments.flush_every > 0 {
                peer.flush();
            }
            recorded
        }
        Mode::Record => {
            let mut spent = Duration::ZERO;
            let mut left = arguments.events;
            while left > 0 {
                let now = left.min(arguments.burst);
                let start = Instant::now();
                peers_measured(&record, now);
                spent += start.elapsed();
                left -= now;
                thread::sleep(arguments.pause);
            }
            spent
        }
    };
    let wall = began.elapsed();
    measure::count_allocations(false);
    let cpu = process_cpu_us() - begin_cpu;
    let (allocations, allocated_bytes) = measure::allocated();
    let kib = peak_kib();
    let ending = Instant::now();
    peer.end();
    println!(
        "{{\"recorded\":{},\"cpu_us\":{cpu:.1},\"begin_cpu_us\":{begin_cpu:.1},\"total_cpu_us\":{:.1},\"wall_us\":{},\
         \"record_us\":{},\"end_us\":{},\"allocations\":{allocations},\"allocated_bytes\":{allocated_bytes},\
         \"begin_kib\":{begin_kib},\"peak_kib\":{}}}",
        arguments.events + 1,
        process_cpu_us(),
        wall.as_micros(),
        recorded.as_nanos() as f64 / 1e3,
        ending.elapsed().as_micros(),
        kib.max(peak_kib()),
    );
}

/// Bursts with a pause after each, and a flush after every few of them; how long the recording alone took. Several threads share
/// each burst, and begin and end it together.
fn deliver(arguments: &Arguments, record: &(impl Fn(u64) + Sync), flush: impl Fn()) -> Duration {
    let bursts = arguments.events.div_ceil(arguments.burst);
    let of_burst = |burst: u64| arguments.burst.min(arguments.events - burst * arguments.burst);
    let after = |burst: u64| {
        thread::sleep(arguments.pause);
        let due = arguments.flush_every > 0 && (burst + 1).is_multiple_of(arguments.flush_every);
        if due || (arguments.flush_every > 0 && burst + 1 == bursts) {
            flush();
        }
    };
    let mut spent = Duration::ZERO;
    if arguments.threads == 1 {
        for burst in 0..bursts {
            let start = Instant::now();
            (0..of_burst(burst)).for_each(|number| record(black_box(number)));
            spent += start.elapsed();
            after(burst);
        }
        return spent;
    }
    let barrier = Barrier::new(arguments.threads as usize + 1);
    thread::scope(|scope| {
        for thread in 0..arguments.threads {
            let (barrier, of_burst) = (&barrier, &of_burst);
            scope.spawn(move || {
                for burst in 0..bursts {
                    barrier.wait();
                    let events = share(of_burst(burst), thread, arguments.threads);
                    (0..events).for_each(|number| record(black_box(number)));
                    barrier.wait();
                }
            });
        }
        for burst in 0..bursts {
            barrier.wait();
            let start = Instant::now();
            barrier.wait();
            spent += start.elapsed();
            after(burst);
        }
    });
    spent
}

/// The first threads take what does not divide.
fn share(events: u64, thread: u64, threads: u64) -> u64 {
    (events + threads - 1 - thread) / threads
}

/// All events as fast as so many threads can record them; how long that took.
fn threads(arguments: &Arguments, record: &(impl Fn(u64) + Sync)) -> Duration {
    let start = Instant::now();
    thread::scope(|scope| {
        for thread in 0..arguments.threads {
            let events = share(arguments.events, thread, arguments.threads);
            scope.spawn(move || (0..events).for_each(|number| record(black_box(number))));
        }
    });
    start.elapsed()
}

/// What callgrind counts in mode `record`: instructions of the calling thread between entering and leaving this function.
#[unsafe(no_mangle)]
#[inline(never)]
extern "Rust" fn peers_measured(record: &dyn Fn(u64), events: u64) {
    (0..events).for_each(|number| record(black_box(number)));
}
