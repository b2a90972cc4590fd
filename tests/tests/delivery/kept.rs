//! Connections: shared within an upload, gone after it. A server that closes idle ones costs nothing.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, ChildStdin, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::Value;
use telemetry_tests::{Sandbox, WATCHDOG, finish, run_ok, sibling};

/// Starts `control`, with a hand on its standard input.
fn start(sandbox: &Sandbox, action: &str, port: u16) -> (Child, ChildStdin) {
    let mut command = sandbox.command(sibling("control"));
    command.arg(action).env("PROBE_PORT", port.to_string()).stdin(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let stdin = child.stdin.take().unwrap();
    (child, stdin)
}

#[test]
fn o08_a_server_that_closes_idle_connections_costs_a_program_nothing() {
    // The longest is nginx's: there, the client closes.
    for idle in [0, 1_000, 75_000].map(Duration::from_millis) {
        let sandbox = Sandbox::new();
        sandbox.server.close_idle_after(idle);
        let (mut child, mut stdin) = start(&sandbox, "uploads", sandbox.server.port());
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        for upload in 1..=3 {
            writeln!(stdin).unwrap();
            let flushed = lines.next().unwrap();
            assert!(flushed.starts_with("Ok(Flushed { sent: "), "{idle:?}: {flushed}");
            assert!(flushed.ends_with("waiting: 0 })"), "{idle:?}, upload {upload}: {flushed}");
            assert!(sandbox.server.wait_until_closed(WATCHDOG), "{idle:?}: no connection outlives its upload");
            // So that it is the server who would have closed one that was kept.
            thread::sleep(idle.min(Duration::from_secs(1)) + Duration::from_millis(100));
        }
        drop(stdin);
        let status: Value = serde_json::from_str(&lines.collect::<String>()).unwrap();
        assert!(finish(child).status.success());
        assert_eq!((&status["paused"], &status["paused_by"]), (&Value::Null, &Value::Null), "{idle:?}");
        let count = |word: &str| status["ledger"][word].as_u64().unwrap();
        assert_eq!((count("sent"), count("unknown"), count("waiting")), (4, 0, 0), "{idle:?}: {status}");
        let ends = std::fs::read_to_string(sandbox.state().join("telemetry/control/sent.log")).unwrap();
        assert!(ends.lines().all(|line| line.contains("\"end\":\"confirmed\"")), "{idle:?}: {ends}");
    }
}

#[test]
fn o08_the_batches_of_one_upload_share_a_connection() {
    let sandbox = Sandbox::new();
    run_ok(sandbox.probe("count").arg("2250"));
    assert_eq!(sandbox.server.requests().len(), 3);
    assert_eq!(sandbox.server.connections(), 1);
}

/// A server that reads one request and says nothing; the sender hears of the request, and then of the end of the connection.
fn mute_server() -> (u16, mpsc::Receiver<&'static str>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (say, heard) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(listener);
        let read = |mut stream: &TcpStream| stream.read(&mut [0; 65_536]).unwrap_or(0);
        assert!(read(&stream) > 0);
        let _ = say.send("request");
        while read(&stream) > 0 {}
        let _ = say.send("closed");
    });
    (port, heard)
}

#[test]
fn o08_after_an_opt_out_a_veto_a_shutdown_or_a_timeout_no_connection_stays_open() {
    for how in ["off", "veto", "shutdown", "timeout"] {
        let sandbox = Sandbox::new();
        let (port, heard) = mute_server();
        let (child, mut stdin) = start(&sandbox, "stop", port);
        assert_eq!(heard.recv_timeout(WATCHDOG), Ok("request"), "{how}");
        writeln!(stdin, "{how}").unwrap();
        // The program is still there, and waits for a line.
        assert_eq!(heard.recv_timeout(WATCHDOG), Ok("closed"), "{how}");
        drop(stdin);
        assert!(finish(child).status.success(), "{how}");
    }
}
