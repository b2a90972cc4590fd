//! S4, S5: bodies without end, clients that are slow, many of them.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use crate::{
    harness::{connect, read_answer},
    process::{Process, prepare, send},
};

/// Limits of a second, so that the test does not wait for those of the default.
const SHORT: &str = "[rate]\nper_second = 0\n[limits]\nheader_seconds = 1\nbody_pause_seconds = 1\nbody_seconds = 2\nconnections = 60\nconnections_per_address = 50\n";

/// Whether the other side closes within this time.
fn closes(stream: &mut TcpStream, within: Duration) -> bool {
    stream.set_read_timeout(Some(within)).unwrap();
    let mut buffer = [0; 1024];
    let begin = Instant::now();
    while begin.elapsed() < within {
        match stream.read(&mut buffer) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
    false
}

#[test]
fn s05_slow_and_idle_connections_are_closed_and_others_are_served() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::configured(data.path(), SHORT);
    let mut idle: Vec<_> = (0..20).map(|_| connect(process.listen)).collect();
    let mut heads: Vec<_> = (0..10).map(|_| connect(process.listen)).collect();
    let mut bodies: Vec<_> = (0..10).map(|_| connect(process.listen)).collect();
    for stream in &mut heads {
        stream.write_all(b"POST /v1/event HTTP/1.1\r\nhost:").unwrap();
    }
    for stream in &mut bodies {
        stream.write_all(b"POST /v1/event HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{").unwrap();
    }
    // Meanwhile a client that behaves is served.
    let mut connection = None;
    assert_eq!(send(&mut connection, process.listen, &[1]).unwrap().status, 200);
    // One byte now and then does not help.
    for _ in 0..3 {
        std::thread::sleep(Duration::from_millis(400));
        for stream in heads.iter_mut().chain(&mut bodies) {
            let _ = stream.write_all(b"x");
        }
    }
    let long = Duration::from_secs(20);
    for (what, streams) in [("idle", &mut idle), ("head", &mut heads), ("body", &mut bodies)] {
        for stream in streams {
            assert!(closes(stream, long), "{what}: still open");
        }
    }
    assert_eq!(send(&mut None, process.listen, &[2]).unwrap().status, 200);
    process.kill();
}

#[test]
fn s05_connections_beyond_the_limit_are_told_to_come_later() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::configured(data.path(), SHORT);
    let held: Vec<_> = (0..50).map(|_| connect(process.listen)).collect();
    std::thread::sleep(Duration::from_millis(100));
    let answer = read_answer(&mut connect(process.listen));
    assert_eq!((answer.status, answer.header("retry-after").as_deref()), (503, Some("30")), "{answer:?}");
    // Another address still has its place.
    let other = std::net::SocketAddr::from(([127, 0, 0, 2], 0));
    if let Some(mut stream) = from(other, process.listen) {
        stream.write_all(b"GET /v1/event HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        assert_eq!(read_answer(&mut stream).status, 405);
    }
    drop(held);
    let served = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(50));
        send(&mut None, process.listen, &[1]).is_some_and(|answer| answer.status == 200)
    });
    assert!(served, "the places were not given back");
    let metrics = process.get_admin("/metrics").body;
    assert!(!metrics.contains("connections_refused_total 0"), "{metrics}");
    process.kill();
}

/// A connection from another loopback address, where the system has more than one.
pub(crate) fn from(own: std::net::SocketAddr, to: std::net::SocketAddr) -> Option<TcpStream> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().ok()?;
        socket.bind(own).ok()?;
        socket.connect(to).await.ok()?.into_std().ok()
    })?;
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    Some(stream)
}

#[test]
fn s04_a_body_without_end_is_cut_off() {
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let mut stream = connect(process.listen);
    stream.write_all(b"POST /v1/event HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    let piece = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
    let mut sent = 0;
    while sent < (64 << 20) && stream.write_all(&piece).is_ok() {
        sent += piece.len();
    }
    // Half a MiB is read, and one more to give the client time to listen; the rest are buffers of the system.
    assert!(sent < (32 << 20), "{sent} bytes were taken");
    assert!(closes(&mut stream, Duration::from_secs(20)));
    // A length that is not true: less than declared, then nothing more.
    let mut stream = connect(process.listen);
    stream.write_all(b"POST /v1/event HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\n{}").unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert!(closes(&mut stream, Duration::from_secs(20)));
    // Two lengths, a length beside chunks, and heads without end.
    for head in ["content-length: 2\r\ncontent-length: 3\r\n", "content-length: 2x\r\n", &"x: y\r\n".repeat(10_000)] {
        let mut stream = connect(process.listen);
        let _ = stream.write_all(format!("POST /v1/event HTTP/1.1\r\nhost: x\r\n{head}\r\n{{}}").as_bytes());
        let status = read_answer(&mut stream).status;
        assert!([0, 400, 431].contains(&status), "{status}: {head:.40}");
    }
    assert_eq!(send(&mut None, process.listen, &[1]).unwrap().status, 200);
    process.kill();
}

#[cfg(target_os = "linux")]
#[test]
fn s04_bombs_do_not_take_memory() {
    use std::fs;
    let data = tempfile::tempdir().unwrap();
    prepare(data.path());
    let process = Process::start(data.path());
    let memory = || -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b' '; 256 << 20]).unwrap();
    let bomb = encoder.finish().unwrap();
    assert!(bomb.len() < 300_000);
    let before = memory();
    for _ in 0..20 {
        let mut stream = connect(process.listen);
        stream
            .write_all(&crate::harness::request("POST", "/v1/event", &[("content-encoding", "gzip")], &bomb))
            .unwrap();
        assert_eq!(read_answer(&mut stream).status, 413);
    }
    let grown = memory() - before;
    assert!(grown < 16 * 1024, "{grown} KiB more at the highest");
    process.kill();
}
