use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
};

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

/// A connection that has sent a request.
fn asked(server: &LoopbackServer) -> TcpStream {
    let mut stream = connect(server);
    stream.write_all(b"POST /v1/event HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}").unwrap();
    stream
}

/// All that comes until the connection ends, and how it ends.
fn rest(mut stream: &TcpStream) -> (String, std::io::Result<()>) {
    let (mut text, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (String::from_utf8_lossy(&text).into_owned(), Ok(())),
            Ok(count) => text.extend(&buffer[..count]),
            Err(error) => return (String::from_utf8_lossy(&text).into_owned(), Err(error)),
        }
    }
}

fn kind(end: &std::io::Result<()>) -> Option<std::io::ErrorKind> {
    end.as_ref().err().map(std::io::Error::kind)
}

#[test]
fn a_connection_is_closed_reset_or_answered_with_anything() {
    let server = LoopbackServer::start().unwrap();
    for (reply, text, end) in [
        (Reply::close(), "", None),
        (Reply::reset(), "", Some(std::io::ErrorKind::ConnectionReset)),
        (Reply::raw("SSH-2.0-x\r\n"), "SSH-2.0-x\r\n", None),
        (
            Reply::status(200).body("abcdef").reset_in_body(),
            "HTTP/1.1 200 -\r\ncontent-length: 6\r\n\r\nabc",
            Some(std::io::ErrorKind::ConnectionReset),
        ),
    ] {
        server.reply(reply.clone());
        let (came, how) = rest(&asked(&server));
        assert_eq!((came.as_str(), kind(&how)), (text, end), "{reply:?}");
    }
    assert!(server.requests().iter().all(|request| request.text() == "{}"), "the last byte is among them");
    server.reply(Reply::redirect("http://127.0.0.1:9/x").retry_after(7));
    let mut stream = asked(&server);
    stream.write_all(b"GET /next HTTP/1.1\r\n\r\n").unwrap();
    assert_eq!(status(&stream), "HTTP/1.1 307 -");
    assert_eq!(server.wait_for(6, SOON).last().unwrap().path, "/next", "an ordinary answer leaves the connection open");
}

#[test]
fn bytes_drip_one_by_one_and_bodies_need_not_end() {
    let server = LoopbackServer::start().unwrap();
    server.reply(Reply::status(200).drip(Duration::from_secs(3600)));
    let mut stream = asked(&server);
    let mut byte = [0];
    stream.read_exact(&mut byte).unwrap();
    assert_eq!((&byte, server.in_flight()), (b"H", 1));
    stream.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
    assert!(stream.read(&mut byte).is_err(), "the second comes in an hour");

    server.reply(Reply::unfinished());
    let stream = asked(&server);
    let mut reader = BufReader::new(&stream);
    let mut line = String::new();
    while !line.starts_with("{\"rejected\":") {
        line.clear();
        let mut upto = Vec::new();
        reader.read_until(b':', &mut upto).unwrap();
        assert!(!upto.is_empty(), "it ended");
        line = String::from_utf8(upto).unwrap().rsplit('\n').next().unwrap().to_owned();
    }
    server.release();
    assert_eq!(reader.read(&mut byte).unwrap(), 0, "closed, far from the declared length");

    server.reply(Reply::endless());
    let stream = asked(&server);
    let mut some = vec![0; 4 * 1024 * 1024];
    (&stream).read_exact(&mut some).unwrap();
    drop(stream);
    assert_eq!(status(&asked(&server)), "HTTP/1.1 200 -", "and the server lives on");
}

#[test]
fn one_answer_may_be_for_all() {
    let server = LoopbackServer::start().unwrap();
    server.always(Reply::status(500)).reply(Reply::status(413));
    for expected in ["413", "500", "500"] {
        assert_eq!(status(&asked(&server)), format!("HTTP/1.1 {expected} -"));
    }
    assert_eq!(server.most_in_flight(), 1);
    server.reply(Reply::hold()).reply(Reply::hold());
    let _both = [asked(&server), asked(&server)];
    server.wait_for(5, SOON);
    assert_eq!((server.in_flight(), server.most_in_flight()), (2, 2));
}

#[test]
fn connections_are_refused_until_it_listens_again() {
    let server = LoopbackServer::start().unwrap();
    let early = asked(&server);
    assert_eq!(status(&early), "HTTP/1.1 200 -");
    server.refuse();
    assert_eq!(rest(&early).0, "", "it ends");
    let refused = TcpStream::connect(("127.0.0.1", server.port())).unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::ConnectionRefused);
    server.refuse(); // Once more does nothing.
    server.listen().unwrap();
    server.listen().unwrap();
    assert_eq!(status(&asked(&server)), "HTTP/1.1 200 -");
    assert_eq!((server.requests().len(), server.connections()), (2, 2), "our own ones are not counted");
}
