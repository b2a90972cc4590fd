use std::io::BufRead as _;

use super::*;

const SOON: Duration = Duration::from_secs(10);

fn connect(server: &LoopbackServer) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port())).unwrap();
    stream.set_read_timeout(Some(SOON)).unwrap();
    stream
}

/// The status line of the next answer on a connection; its body is taken to be empty.
fn status(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).unwrap();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim().is_empty() {
            return first.trim().to_owned();
        }
    }
}

#[test]
fn requests_are_recorded_in_order_on_one_connection() {
    let server = LoopbackServer::start().unwrap();
    server.reply(Reply::status(503).header("retry-after", "1"));
    let mut stream = connect(&server);
    stream.write_all(b"POST /v1/event HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nabcd").unwrap();
    assert_eq!(status(&stream), "HTTP/1.1 503 -");
    stream
        .write_all(b"POST /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n")
        .unwrap();
    assert_eq!(status(&stream), "HTTP/1.1 200 -");
    stream.write_all(b"GET /telemetry?payload=e30= HTTP/1.1\r\n\r\n").unwrap();
    let requests = server.wait_for(3, SOON);
    assert_eq!(server.bodies(), ["abcd", "abcde", ""]);
    assert_eq!(requests[0].headers[0], ("Host".to_owned(), "x".to_owned()));
    assert_eq!(requests[0].header("CONTENT-LENGTH"), Some("4"));
    assert_eq!((requests[2].method.as_str(), requests[2].path.as_str()), ("GET", "/telemetry?payload=e30="));
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_held_answer_waits_for_its_release() {
    let server = LoopbackServer::start().unwrap();
    server.release(); // Earlier ones do not count.
    server.reply(Reply::hold());
    let mut stream = connect(&server);
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(server.wait_for(1, SOON).len(), 1);
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    let mut byte = [0];
    assert!(stream.read(&mut byte).is_err(), "no answer yet");
    stream.set_read_timeout(Some(SOON)).unwrap();
    server.release();
    assert_eq!(status(&stream), "HTTP/1.1 200 -");
}

#[test]
fn dropping_closes_what_is_held_and_frees_the_port() {
    let server = LoopbackServer::start().unwrap();
    server.reply(Reply::hold());
    let mut stream = connect(&server);
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    server.wait_for(1, SOON);
    drop(server);
    let mut rest = Vec::new();
    assert_eq!(stream.read_to_end(&mut rest).unwrap(), 0, "closed without an answer");
}

#[test]
fn waiting_in_vain_returns_what_there_is() {
    let server = LoopbackServer::start().unwrap();
    assert!(server.wait_for(1, Duration::from_millis(1)).is_empty());
}
