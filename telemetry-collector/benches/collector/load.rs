//! Clients, each a thread with a connection of its own, and how long each of their requests took.

use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

/// What one run of all clients took.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) requests: usize,
    pub(crate) events: usize,
    /// Of each request until its answer, in milliseconds, the shortest first.
    times: Vec<f64>,
}

impl Run {
    pub(crate) fn events_per_second(&self) -> f64 {
        self.events as f64 / self.seconds
    }

    pub(crate) fn requests_per_second(&self) -> f64 {
        self.requests as f64 / self.seconds
    }

    /// So many of 100 requests were answered in this time, in milliseconds.
    pub(crate) fn within(&self, of_hundred: f64) -> f64 {
        let place = (self.times.len().saturating_sub(1)) as f64 * of_hundred / 100.0;
        self.times.get(place as usize).copied().unwrap_or_default()
    }
}

/// Every client sends its requests, one after the other; each has so many events. What is answered 503 is sent again.
pub(crate) fn run(address: SocketAddr, requests: &[Vec<Vec<u8>>], events: usize) -> Run {
    let begin = Instant::now();
    let mut times: Vec<f64> = thread::scope(|scope| {
        let clients: Vec<_> = requests.iter().map(|bodies| scope.spawn(move || client(address, bodies))).collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    let seconds = begin.elapsed().as_secs_f64();
    times.sort_by(f64::total_cmp);
    Run { seconds, requests: times.len(), events: times.len() * events, times }
}

fn client(address: SocketAddr, bodies: &[Vec<u8>]) -> Vec<f64> {
    let mut stream = connect(address);
    let send = |body: &Vec<u8>| {
        let begin = Instant::now();
        loop {
            stream.write_all(body).unwrap();
            match status(&mut stream) {
                200 => return begin.elapsed().as_secs_f64() * 1e3,
                503 => thread::sleep(Duration::from_millis(5)),
                other => panic!("status {other}"),
            }
        }
    };
    bodies.iter().map(send).collect()
}

/// One client sends the same request again and again; all of them.
pub(crate) fn same(address: SocketAddr, request: &[u8], times: usize, expected: &[u16]) -> Run {
    let mut stream = connect(address);
    let begin = Instant::now();
    let mut each: Vec<f64> = (0..times)
        .map(|_| {
            let begin = Instant::now();
            stream.write_all(request).unwrap();
            let status = status(&mut stream);
            assert!(expected.contains(&status), "status {status}");
            begin.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    let seconds = begin.elapsed().as_secs_f64();
    each.sort_by(f64::total_cmp);
    Run { seconds, requests: times, events: 0, times: each }
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Reads one answer of the operator's address, with the token; how long it took in milliseconds, and its length.
pub(crate) fn get(address: SocketAddr, token: &str, path: &str) -> (f64, usize) {
    let mut stream = connect(address);
    let request =
        format!("GET {path} HTTP/1.1\r\nhost: bench\r\nauthorization: Bearer {token}\r\nconnection: close\r\n\r\n");
    let begin = Instant::now();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let time = begin.elapsed().as_secs_f64() * 1e3;
    assert!(
        answer.starts_with(b"HTTP/1.1 200"),
        "{path}: {}",
        String::from_utf8_lossy(&answer[..answer.len().min(300)])
    );
    (time, answer.len())
}

/// Reads one answer.
fn status(stream: &mut TcpStream) -> u16 {
    let mut bytes = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= end + 4 + length.unwrap_or(0_usize) {
                return head[9..12].parse().unwrap();
            }
        }
        let read = stream.read(&mut buffer).unwrap();
        assert!(read > 0, "the connection ended");
        bytes.extend_from_slice(&buffer[..read]);
    }
}
