//! Several SDKs in one program: none waits for another, whatever the other's server or transport does.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::Stdio,
};

use telemetry_runtime::testing::{LoopbackServer, Reply};
use telemetry_tests::{Sandbox, WATCHDOG, finish, sibling};

#[test]
fn o11_sdks_do_not_wait_for_each_other() {
    let sandbox = Sandbox::new();
    let [well, sound, held] = [(); 3].map(|()| LoopbackServer::start().unwrap());
    held.always(Reply::hold());
    let mut command = sandbox.command(sibling("neighbours"));
    command.args([&well, &sound, &held].map(|server| server.port().to_string())).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);

    let mut trouble = [lines.next().unwrap(), lines.next().unwrap()];
    trouble.sort();
    assert_eq!(trouble, ["blocked", "panics"]);
    assert_eq!(held.wait_for(1, WATCHDOG).len(), 1);
    // The one that blocks does so until the end, and a second flush begins while the first one waits for it.
    writeln!(stdin).unwrap();
    assert_eq!(well.wait_for(1, WATCHDOG).len(), 1, "behind a transport that blocks and one that has panicked");
    writeln!(stdin).unwrap();
    assert_eq!(well.wait_for(2, WATCHDOG).len(), 2, "and again");
    assert_eq!(sound.wait_for(1, WATCHDOG).len(), 1);
    // A thread that opens a connection is called the same, for a moment.
    #[cfg(target_os = "linux")]
    until(
        || (4..=5).contains(&senders(child.id())),
        || format!("a thread for each that sends: {}", senders(child.id())),
    );
    writeln!(stdin).unwrap();
    assert_eq!(lines.next().unwrap(), "waiting: 1 1 1");
    // What the server holds fails after its five seconds, and the one whose transport panicked is not tried again.
    assert_eq!(lines.next().unwrap(), "Ok(2)", "held and broken");
    assert_eq!(lines.next().unwrap(), "sent by the one that blocked: 1");
    // They have said that they end; the system takes a moment more to forget them.
    #[cfg(target_os = "linux")]
    until(|| senders(child.id()) == 0, || format!("a shutdown ends all of them: {}", senders(child.id())));
    drop(stdin);
    assert!(finish(child).status.success());
    for server in [&well, &sound, &held] {
        assert_eq!(server.most_in_flight(), 1, "one request at a time");
    }
}

/// Waits until it is so.
#[cfg(target_os = "linux")]
fn until(is_so: impl Fn() -> bool, otherwise: impl Fn() -> String) {
    let begun = std::time::Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < WATCHDOG, "{}", otherwise());
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}

/// How many threads of a process send.
#[cfg(target_os = "linux")]
fn senders(process: u32) -> usize {
    let threads = std::fs::read_dir(format!("/proc/{process}/task")).unwrap();
    let name = |thread: std::fs::DirEntry| std::fs::read_to_string(thread.path().join("comm")).unwrap_or_default();
    threads
        .flatten()
        .filter(|thread| thread.path().exists())
        .map(name)
        .filter(|name| name.trim() == "telemetry-send")
        .count()
}
