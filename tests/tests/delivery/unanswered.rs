//! C4: no connection, or one that leads to no answer. The program ends while the request is under way, everything stays on
//! disk and arrives later. By order: the breaker's file says whether anybody lived to hear the end of an upload.

use std::{fs, net::TcpListener, process::Stdio, thread, time::Duration};

use serde_json::Value;
use telemetry_runtime::testing::{LoopbackServer, Reply};
use telemetry_tests::{Sandbox, WATCHDOG, finish, run_ok, transport};

use super::{breaker::Stored, hostile::deliver_and_check};

/// How often a round may be lost because this machine stood still for the 5 s of a request.
const ROUNDS: u32 = 5;

/// The uploads that were begun, and those that did not end before their program.
fn uploads(sandbox: &Sandbox) -> Option<(u64, u64)> {
    let text = fs::read(sandbox.state().join("telemetry/probe/breaker.json")).ok()?;
    let stored: Value = serde_json::from_slice(&text).ok()?;
    let endpoint = &stored["endpoints"][0];
    Some((endpoint["upload_at"].as_u64()?, endpoint["unfinished"].as_u64()?))
}

/// Runs a program that offers what it recorded to this port, and ends it when `under_way` says so. Answers whether its
/// request was still under way then.
fn ends_while(sandbox: &Sandbox, port: u16, under_way: impl Fn()) -> bool {
    let mut command = sandbox.probe("hold");
    command
        .arg("return")
        .env("PROBE_PORT", port.to_string())
        .env("PROBE_STRICT_GATE", "1")
        .env("PROBE_NOTICE_SHOWN", "1");
    let mut child = command.env("PROBE_ALLOW_RELEASE", "1").stdin(Stdio::piped()).spawn().unwrap();
    while uploads(sandbox).is_none_or(|(begun, _)| begun == 0) {
        assert!(child.try_wait().unwrap().is_none(), "it waits for us");
        thread::sleep(Duration::from_millis(2));
    }
    under_way();
    drop(child.stdin.take());
    let output = finish(child);
    assert!(output.status.success() && output.stdout.is_empty() && output.stderr.is_empty(), "{output:?}");
    uploads(sandbox).is_some_and(|(_, unfinished)| unfinished == 1)
}

/// What must be seen in one round of a few. A program that waits for its request does so in every round.
pub fn one_of(name: &str, mut round: impl FnMut() -> bool) {
    assert!((0..ROUNDS).any(|_| round()), "{name}: not in one of {ROUNDS} rounds");
}

#[test]
fn c04_a_program_ends_while_the_server_drips_resets_or_says_nothing() {
    let slowly = || Reply::status(200).body("{}").drip(Duration::from_secs(1));
    let hour = Duration::from_secs(3600);
    thread::scope(|scope| {
        for (name, reply) in [
            ("says nothing", Reply::hold()),
            ("one byte a second", slowly()),
            ("one byte an hour", Reply::status(200).drip(hour)),
            ("a reset after an hour", Reply::reset().delay(hour)),
        ] {
            scope.spawn(move || {
                one_of(name, || {
                    let (sandbox, hostile) = (Sandbox::new(), LoopbackServer::start().unwrap());
                    hostile.always(reply.clone());
                    let in_time = ends_while(&sandbox, hostile.port(), || {
                        assert_eq!(hostile.wait_for(1, WATCHDOG).len(), 1, "{name}");
                    });
                    deliver_and_check(&sandbox, &[], 0);
                    let [first, again] = [&hostile.requests()[0], &sandbox.server.requests()[0]]
                        .map(|sent| (sent.header("idempotency-key").map(str::to_owned), sent.body.clone()));
                    assert!(first.0.is_some() && first == again, "{name}: the same batch again");
                    in_time
                });
            });
        }
    });
}

#[test]
fn c04_an_answer_that_breaks_off_leaves_everything_for_later() {
    let half = |status: u16| Reply::status(status).body("{\"rejected\": 5}").reset_in_body();
    for (name, reply) in [("a reset", Reply::reset()), ("closed", Reply::close()), ("a reset within", half(503))] {
        let sandbox = Sandbox::new();
        sandbox.server.reply(reply);
        assert_eq!(run_ok(&mut sandbox.probe("flush")), "Ok(Flushed { sent: 0, waiting: 5 })\n", "{name}");
        deliver_and_check(&sandbox, &[], 0);
    }
}

#[test]
fn c04_nobody_listens_and_everything_arrives_when_somebody_does() {
    let sandbox = Sandbox::new();
    sandbox.server.refuse();
    assert_eq!(run_ok(&mut sandbox.probe("flush")), "Ok(Flushed { sent: 0, waiting: 5 })\n");
    assert_eq!(Stored::read(&sandbox, "probe").text("reason"), "blocked");
    sandbox.server.listen().unwrap();
    run_ok(&mut sandbox.probe("deliver"));
    assert_eq!(sandbox.server.connections(), 0, "not before its time");
    deliver_and_check(&sandbox, &[], 0);
}

/// A listener that accepts nobody: when its queue is full, the kernel drops what asks for a connection, as a firewall does.
#[test]
#[cfg(target_os = "linux")]
fn c04_a_program_ends_while_its_connection_leads_into_a_black_hole() {
    use std::net::TcpStream;

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    let queue: Vec<TcpStream> = std::iter::from_fn(connect).take(10_000).collect();
    assert!(!queue.is_empty() && connect().is_none(), "the queue is full: {}", queue.len());
    one_of("a black hole", || {
        let sandbox = Sandbox::new();
        let in_time = ends_while(&sandbox, address.port(), || {});
        deliver_and_check(&sandbox, &[], 0);
        in_time
    });
}

#[test]
fn c04_a_flush_and_a_shutdown_keep_their_time_while_the_server_says_nothing() {
    for action in ["flush-briefly", "shutdown-briefly"] {
        let sandbox = Sandbox::new();
        sandbox.server.reply(Reply::hold());
        // Whoever waits for the request hears how it ended, and says how many wait.
        assert_eq!(run_ok(sandbox.probe(action).arg("100")), "Err(Timeout)\n", "{action}");
        deliver_and_check(&sandbox, &[], 0);
    }
}

/// These floods last as long as the request, and in plain text, unoptimized, longer. Nobody waits for that but the sender.
#[test]
fn o09_a_flush_and_a_shutdown_keep_their_time_while_the_server_floods() {
    let lasting =
        ["100 Continue without an end", "103 with large headers without an end", "a chunk size without an end"];
    let floods: Vec<_> = Reply::floods().into_iter().filter(|(name, _)| lasting.contains(name)).collect();
    assert_eq!(floods.len(), lasting.len());
    if transport() == "ureq" {
        return; // There, each of them ends by its bytes, long before anybody's time: `floods.rs`.
    }
    for (name, flood) in floods {
        for action in ["flush-briefly", "shutdown-briefly"] {
            let sandbox = Sandbox::new();
            sandbox.server.reply(flood.clone());
            // Whoever waits for the request hears how it ended.
            assert_eq!(run_ok(sandbox.probe(action).arg("100")), "Err(Timeout)\n", "{action}: {name}");
            assert!(sandbox.server.wait_until_closed(WATCHDOG), "{action}: {name}: the end of the program closes all");
            deliver_and_check(&sandbox, &[], 0);
        }
    }
}
