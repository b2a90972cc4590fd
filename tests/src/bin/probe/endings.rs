//! The ways in which a program ends.

use std::{io::Read as _, time::Duration};

use telemetry_runtime::{Layer, flush, record, record_with};

use crate::{CommandRun, TELEMETRY, record_all};

/// Does what `action` says; `false` if it is none of this file.
pub(crate) fn run(action: &str, arguments: &[String]) -> bool {
    let argument = |index: usize| arguments.get(index).map(String::as_str).unwrap_or_default();
    match action {
        // One of everything, on its way to the server when the test closes our standard input; then the end.
        "hold" => {
            record_all();
            std::thread::spawn(|| flush(Duration::from_secs(600)));
            wait_for_the_test();
            end(argument(1));
        }
        // The command of this number, then whatever the test does to us.
        "command-wait" => {
            record!(CommandRun { number: argument(1).parse().unwrap_or_default() });
            println!("recorded");
            wait_for_the_test();
        }
        // The command of this number and one of everything, then this ending.
        "end" => {
            record!(CommandRun { number: argument(1).parse().unwrap_or_default() });
            record_all();
            end(argument(2));
        }
        // One of everything, delivered if possible; says nothing.
        "flush-quietly" => {
            record_all();
            let _ = flush(Duration::from_secs(20));
        }
        // Everything that this program can record.
        "manifest" => println!("{}", telemetry_runtime::manifest().expect("an SDK is declared")),
        // Delivers what earlier runs left; then the ledger.
        "deliver-ledger" => {
            let _ = flush(Duration::from_secs(20));
            print_ledger();
        }
        // Delivers what earlier runs left; then the status, with the ledger of all runs.
        "deliver-status" => {
            let _ = flush(Duration::from_secs(20));
            println!("{}", TELEMETRY.status().to_json());
        }
        _ => return false,
    }
    true
}

pub(crate) fn print_ledger() {
    let ledger = TELEMETRY.status().ledger;
    println!("{}", serde_json::to_string(&ledger).unwrap_or_default());
}

/// Until standard input is closed.
pub(crate) fn wait_for_the_test() {
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

struct PanicsInDrop;

impl Drop for PanicsInDrop {
    fn drop(&mut self) {
        panic!("one more");
    }
}

fn end(how: &str) {
    match how {
        "return" => {}
        "exit" => std::process::exit(7),
        "abort" => std::process::abort(),
        #[cfg(unix)]
        "at-once" => telemetry_tests::native::exit_at_once(9),
        "panic" => panic!("the program's own"),
        "thread-panic" => {
            let thread = std::thread::spawn(|| {
                record!(CommandRun { number: 1_000_000 });
                panic!("a thread's own");
            });
            assert!(thread.join().is_err());
        }
        // Ends by a signal: a destructor panics while a panic unwinds.
        "double-panic" => {
            let _late = PanicsInDrop;
            panic!("the program's own");
        }
        // The host's panic in a closure that we call; what we hold at that moment is whole.
        "caught-closure-panic" => {
            let caught = std::panic::catch_unwind(|| record_with(|| -> CommandRun { panic!("the host's own") }));
            // Opted out, nobody calls the closure.
            assert_eq!(caught.is_err(), TELEMETRY.status().decided_by > Some(Layer::Variables));
            record!(CommandRun { number: 1_000_000 });
        }
        other => panic!("no such ending: {other:?}"),
    }
}
