//! By the clock on the wall: an event every few seconds, and servers that close idle connections sooner or later.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    thread,
    time::Duration,
};

use super::*;

/// The seconds after which the servers close. The longest are those of common servers and load balancers.
fn idle_seconds() -> &'static [u64] {
    if days() > 7 { &[0, 1, 2, 5, 10, 15, 30, 60, 75] } else { &[0, 1, 2] }
}

/// How long each of them is watched: a closed connection is met by the next upload or never, as one comes every few
/// seconds.
fn watched_seconds() -> u64 {
    if days() > 7 { 180 } else { 15 }
}

#[test]
fn o08_a_server_that_closes_idle_connections_costs_nothing() {
    thread::scope(|scope| {
        for idle in idle_seconds() {
            scope.spawn(|| lives_beside(*idle));
        }
    });
}

fn lives_beside(idle: u64) {
    let life = Life::new("life-daemon");
    life.server().close_idle_after(Duration::from_secs(idle));
    let mut process = life.command(BEGIN, &["wall"]).stdin(std::process::Stdio::piped()).spawn().expect("it starts");
    let mut input = process.stdin.take().expect("it is a pipe");
    let mut lines = BufReader::new(process.stdout.take().expect("it is a pipe")).lines();
    let events = watched_seconds() / 3;
    for _ in 0..events {
        writeln!(input, "1").expect("it reads");
        lines.next().expect("it answers").expect("it answers");
        thread::sleep(Duration::from_secs(3));
    }
    drop(input);
    let said = lines.next().expect("it says so").expect("it says so");
    println!("closed after {idle} s: {said}");
    assert!(said.ends_with("pause: None"), "closed after {idle} s: {said}");
    let status: String = lines.map_while(Result::ok).collect();
    let status: Value = serde_json::from_str(&status).expect("the status is JSON");
    assert!(process.wait().expect("it ends").success());
    check(&status["total"]["counts"], life.server(), events);
    // The events of a few seconds travel together; nothing waited for a minute, which would have made one of all.
    let uploads = life.server().requests().len() as u64;
    assert!(uploads > 1, "closed after {idle} s: {uploads} uploads");
}
