//! A server that costs next to nothing: HTTP/1.1 on loopback, reads every body, counts the events in it, answers 200.
//!
//! It stands for a process of its own, so that what it does is not counted as the client's work.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    sync::atomic::{AtomicU64, Ordering},
    thread,
};

static EVENTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);

/// What a server has got.
#[derive(Debug, Clone, Copy)]
pub struct Arrived {
    /// Events.
    pub events: u64,
    /// Bytes of the bodies that they came in.
    pub bytes: u64,
}

/// Serves until the process is ended. Says its port in the first line of the standard output.
pub fn serve() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port is free");
    let port = listener.local_addr().expect("it is bound").port();
    let mut out = io::stdout();
    writeln!(out, "{port}").and_then(|()| out.flush()).expect("the benchmark reads it");
    for connection in listener.incoming().flatten() {
        thread::spawn(move || answer_all(connection));
    }
}

/// Asks a server what has arrived.
///
/// # Errors
///
/// If it is not there, or says something else.
pub fn counted(port: u16) -> io::Result<Arrived> {
    let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
    connection.write_all(b"GET /counted HTTP/1.1\r\nconnection: close\r\n\r\n")?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    let mut numbers = body.split(' ').filter_map(|number| number.parse().ok());
    match (numbers.next(), numbers.next()) {
        (Some(events), Some(bytes)) => Ok(Arrived { events, bytes }),
        _ => Err(io::ErrorKind::InvalidData.into()),
    }
}

fn answer_all(connection: TcpStream) {
    let Ok(mut writer) = connection.try_clone() else { return };
    let mut reader = BufReader::with_capacity(256 * 1024, connection);
    let mut body = Vec::new();
    while let Ok(Some(request)) = read(&mut reader, &mut body) {
        let said = if request.starts_with("GET /counted ") {
            format!("{} {}", EVENTS.load(Ordering::SeqCst), BYTES.load(Ordering::SeqCst))
        } else {
            EVENTS.fetch_add(events(&body), Ordering::SeqCst);
            BYTES.fetch_add(body.len() as u64, Ordering::SeqCst);
            String::new()
        };
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{said}", said.len());
        let closes = request.contains("connection: close");
        if writer.write_all(answer.as_bytes()).is_err() || closes {
            return;
        }
    }
}

/// Reads one request, with its body into `body`; `None` if there is none any more.
fn read(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<Option<String>> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let head = head.to_ascii_lowercase().replacen("get /", "GET /", 1);
    let len = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.trim().parse().ok()).unwrap_or(0);
    body.resize(len, 0);
    reader.read_exact(body)?;
    Ok(Some(head))
}

/// Each event of a batch begins with its name.
fn events(body: &[u8]) -> u64 {
    const BEGINS: &[u8] = b"{\"event\":\"";
    body.windows(BEGINS.len()).filter(|window| *window == BEGINS).count() as u64
}
