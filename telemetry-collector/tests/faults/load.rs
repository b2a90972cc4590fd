//! S9: many events from many clients. What was accepted is what is stored.

use std::{thread, time::Instant};

use crate::process::{Process, is_long, kept, prepare, send};

#[test]
fn s09_what_is_accepted_from_64_clients_is_what_is_stored() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let address = process.listen;
    let (clients, batches) = if is_long() { (64, 157) } else { (64, 4) };
    let begin = Instant::now();
    let threads: Vec<_> = (0..clients)
        .map(|client: u64| {
            thread::spawn(move || {
                let mut connection = None;
                let (mut accepted, mut later) = (0, 0);
                for number in 0..batches {
                    let first = (client * batches + number) * 100;
                    let numbers: Vec<_> = (first..first + 100).collect();
                    loop {
                        match send(&mut connection, address, &numbers) {
                            Some(answer) if answer.status == 200 => {
                                let answer = answer.json();
                                assert_eq!(answer["rejected"], 0, "{answer}");
                                accepted += answer["accepted"].as_u64().unwrap();
                                break;
                            }
                            Some(answer) => {
                                assert!([429, 503].contains(&answer.status), "{answer:?}");
                                later += 1;
                                thread::sleep(std::time::Duration::from_millis(10));
                            }
                            None => panic!("no answer"),
                        }
                    }
                }
                (accepted, later)
            })
        })
        .collect();
    let (mut accepted, mut later) = (0, 0);
    for thread in threads {
        let (one, other) = thread.join().unwrap();
        (accepted, later) = (accepted + one, later + other);
    }
    let seconds = begin.elapsed().as_secs_f64();
    assert_eq!(accepted, clients * batches * 100);
    process.kill();
    let kept = kept(data.path());
    assert_eq!(kept.len() as u64, accepted);
    assert!(kept.values().all(|n| *n == 1));
    eprintln!(
        "{accepted} events in {seconds:.1} s, {:.0}/s; {later} requests were told to come later",
        accepted as f64 / seconds
    );
}
