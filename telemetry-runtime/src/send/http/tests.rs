use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::*;
use crate::{
    base::limits::{REQUEST_TIMEOUT, RESPONSE_BYTES},
    declare::transport::{Cancel, Method, Request, Response, TransportError},
    testing::{LoopbackServer, Reply},
};

/// Far beyond both timeouts: a busy machine is no failure.
const LONGEST: Duration = Duration::from_secs(60);

fn post(url: String) -> Request {
    let headers = [("user-agent", "acme/1"), ("content-type", "application/json"), ("idempotency-key", "k")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    Request::new(Method::Post, url, headers.into(), b"{\"events\":[]}".to_vec())
}

/// Every test is one of every transport.
fn each(mut test: impl FnMut(Make)) {
    assert!(!ALL.is_empty());
    for (name, make) in ALL {
        eprintln!("by {name}");
        test(*make);
    }
}

fn send(make: Make, request: &Request) -> Result<Response, TransportError> {
    make().send(request, &Cancel::never())
}

/// Serves one connection with raw bytes.
fn raw(answer: impl FnOnce(&mut TcpStream) + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1/event", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut buffer = [0; 4096];
        let _ = stream.read(&mut buffer);
        answer(&mut stream);
    });
    url
}

#[test]
fn a_request_arrives_as_it_was_made_and_nothing_is_added_but_what_is_documented() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        let mut transport = make();
        let request = post(format!("{}/v1/event", server.endpoint()));
        assert_eq!(transport.send(&request, &Cancel::never()), Ok(Response::new(200)));
        let beacon =
            Request::new(Method::Get, format!("{}/telemetry?payload=a+b/c=", server.endpoint()), vec![], vec![]);
        assert_eq!(transport.send(&beacon, &Cancel::never()), Ok(Response::new(200)));
        let received = server.requests();
        assert_eq!((received[0].method.as_str(), received[0].path.as_str()), ("POST", "/v1/event"));
        assert_eq!(received[0].text(), "{\"events\":[]}");
        let mut names: Vec<_> = received[0].headers.iter().map(|(name, _)| name.to_lowercase()).collect();
        names.sort();
        assert_eq!(names, ["accept", "content-length", "content-type", "host", "idempotency-key", "user-agent"]);
        assert_eq!(received[1].path, "/telemetry?payload=a+b/c=", "not escaped once more");
        assert_eq!(server.connections(), 1, "the connection is used again");
    });
}

/// Sends one request after the other, as an upload does.
fn upload(transport: &mut dyn Transport, server: &LoopbackServer, requests: usize) -> Vec<u16> {
    let request = post(format!("{}/v1/event", server.endpoint()));
    let sent = (0..requests).map(|_| transport.send(&request, &Cancel::never()));
    let statuses = sent.map(|answer| answer.map_or(0, |response| response.status())).collect();
    transport.end_upload();
    statuses
}

#[test]
fn o08_requests_of_one_upload_share_a_connection_and_uploads_share_nothing() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        let mut transport = make();
        for uploads in 1..=3 {
            assert_eq!(upload(&mut *transport, &server, 4), [200; 4]);
            assert!(server.wait_until_closed(LONGEST), "the server sees that the client has closed");
            assert_eq!(server.connections(), uploads);
        }
    });
}

#[test]
fn o08_a_server_that_closes_idle_connections_costs_nothing() {
    each(|make| {
        // None as long as a connection is watched: nobody could say which of the two comes first.
        for idle in [0, 1, 20, 180].map(Duration::from_millis) {
            let server = LoopbackServer::start().unwrap();
            server.close_idle_after(idle);
            let mut transport = make();
            for _ in 0..3 {
                assert_eq!(upload(&mut *transport, &server, 4), [200; 4], "{idle:?}");
                thread::sleep(idle.max(Duration::from_millis(5)));
            }
            assert_eq!(server.requests().len(), 12, "{idle:?}: none twice");
        }
    });
}

#[test]
fn o08_a_server_that_says_that_it_closes_is_believed() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        server.always(Reply::status(200).header("connection", "close").body("{}"));
        assert_eq!(upload(&mut *make(), &server, 3), [200; 3]);
        assert_eq!(server.connections(), 3);
    });
}

/// Reads one request, head and body, in however many pieces it comes; `false` at the end of the connection.
fn reads_a_request(stream: &mut TcpStream) -> bool {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let text = String::from_utf8_lossy(&bytes).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return true;
            }
        }
        match stream.read(&mut piece) {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return false,
        }
    }
}

#[test]
fn o08_a_kept_connection_that_dies_with_a_request_on_it_is_unknown_and_never_repeated() {
    each(|make| {
        let requests = Arc::new(AtomicUsize::new(0));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1/event", listener.local_addr().unwrap());
        let seen = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let seen = seen.clone();
                thread::spawn(move || {
                    // The first request is answered; the second is read, and then the connection is gone.
                    while reads_a_request(&mut stream) {
                        if seen.fetch_add(1, Ordering::SeqCst) == 1 {
                            return;
                        }
                        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").unwrap();
                    }
                });
            }
        });
        let mut transport = make();
        let mut send = || transport.send(&post(url.clone()), &Cancel::never());
        assert_eq!(send(), Ok(Response::new(200)));
        assert_eq!(send(), Err(TransportError::Unknown));
        assert_eq!(requests.load(Ordering::SeqCst), 2, "nobody can tell whether the server has counted it");
        assert_eq!(send(), Ok(Response::new(200)), "on a new connection");
    });
}

#[test]
fn status_and_retry_after_are_reported_and_redirects_not_followed() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        server.reply(Reply::status(503).header("Retry-After", "17"));
        server.reply(Reply::status(307).header("location", "/elsewhere"));
        let request = post(format!("{}/v1/event", server.endpoint()));
        assert_eq!(send(make, &request), Ok(Response::new(503).with_retry_after("17")));
        assert_eq!(send(make, &request).unwrap().status(), 307);
        assert_eq!(server.requests().len(), 2);
    });
}

#[test]
fn plain_text_goes_to_this_machine_only() {
    each(|make| {
        for url in
            ["http://t.example/v1/event", "http://127.0.0.1.example/", "http://10.0.0.1/", "ftp://127.0.0.1/", "x", ""]
        {
            assert_eq!(send(make, &post(url.to_owned())), Err(TransportError::NotSent), "{url}");
        }
        for (url, expected) in [
            ("https://t.example", Some(Route::Secure)),
            ("https://localhost", Some(Route::Loopback { tls: true })),
            ("http://[::1]:80", Some(Route::Loopback { tls: false })),
            ("http://127.9.9.9", Some(Route::Loopback { tls: false })),
            ("http://localhost.example", None),
        ] {
            let (scheme, host) = url.split_once("://").unwrap();
            let host = host.strip_suffix(":80").unwrap_or(host);
            assert_eq!(route(scheme, host), expected, "{url}");
        }
    });
}

#[test]
fn r03_a_refused_connection_counts_as_blocked() {
    each(|make| {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        assert_eq!(send(make, &post(format!("http://127.0.0.1:{port}/"))), Err(TransportError::Blocked));
    });
}

#[test]
fn an_answer_may_say_that_some_events_were_not_taken() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        for (status, body, rejected) in [
            (200, "{\"accepted\":1,\"rejected\":3}".to_owned(), 3),
            (202, "{\"rejected\":-1}".to_owned(), 0),
            (200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"3\",\"errorMessage\":\"why\"}}".to_owned(), 3),
            (200, "{\"partialSuccess\":{\"rejectedLogRecords\":3}}".to_owned(), 3),
            (200, "{\"partialSuccess\":{\"errorMessage\":\"a warning\"}}".to_owned(), 0),
            (200, "{\"partialSuccess\":{\"rejectedLogRecords\":\"many\"}}".to_owned(), 0),
            (200, "{\"partialSuccess\":null}".to_owned(), 0),
            (200, "{}".to_owned(), 0),
            (200, "<html>rejected: 3".to_owned(), 0),
            (400, "{\"rejected\":3}".to_owned(), 0),
            (200, format!("{{\"rejected\":3}}{}", " ".repeat(2 * RESPONSE_BYTES)), 0),
        ] {
            server.reply(Reply::status(status).body(body.clone()));
            assert_eq!(send(make, &post(server.endpoint())).unwrap().rejected(), rejected, "{body:.30}");
        }
    });
}

#[test]
fn no_reply_is_unknown() {
    each(|make| {
        assert_eq!(send(make, &post(raw(|_| {}))), Err(TransportError::Unknown), "closed");
        assert_eq!(
            send(make, &post(raw(|stream| drop(stream.write_all(b"garbage\r\n\r\n"))))),
            Err(TransportError::Unknown)
        );
    });
}

#[test]
fn a_server_that_never_answers_costs_the_timeout_and_no_more() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        server.reply(Reply::hold());
        let begun = Instant::now();
        assert_eq!(send(make, &post(server.endpoint())), Err(TransportError::Unknown));
        assert!(begun.elapsed() >= REQUEST_TIMEOUT && begun.elapsed() < LONGEST, "{:?}", begun.elapsed());
    });
}

#[test]
fn a_cancelled_request_ends_at_once() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        server.reply(Reply::hold());
        let stop = Arc::new(AtomicBool::new(false));
        let cancel = Cancel::new({
            let stop = stop.clone();
            move || stop.load(Ordering::SeqCst)
        });
        let request = post(server.endpoint());
        let sending = thread::spawn(move || make().send(&request, &cancel));
        server.wait_for(1, LONGEST);
        stop.store(true, Ordering::SeqCst);
        // One that waited for its answer would say that there was none.
        assert_eq!(sending.join().unwrap(), Err(TransportError::Cancelled));
    });
}

/// A listener that accepts nobody: when its queue is full, the kernel drops what asks for a connection, as a firewall does.
#[cfg(target_os = "linux")]
#[test]
fn a_request_that_still_connects_is_cancelled_at_once() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(200)).ok();
    let queue: Vec<TcpStream> = std::iter::from_fn(connect).take(10_000).collect();
    assert!(!queue.is_empty() && connect().is_none(), "the queue is full: {}", queue.len());
    each(|make| {
        let asked = Arc::new(AtomicUsize::new(0));
        // Wanted at first, and when the wait for the connection begins.
        let cancel = Cancel::new({
            let asked = asked.clone();
            move || asked.fetch_add(1, Ordering::SeqCst) > 2
        });
        // One that waited for its connection would say that there was none.
        let answer = make().send(&post(format!("http://{address}/v1/event")), &cancel);
        assert_eq!(answer, Err(TransportError::Cancelled));
        assert!(asked.load(Ordering::SeqCst) > 2);
    });
}

#[test]
fn the_status_counts_however_the_body_ends() {
    each(|make| {
        let endless = raw(|stream| {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
            let mut written = 0;
            while written < 100_000_000 && stream.write_all(&[b'x'; 65_536]).is_ok() {
                written += 65_536;
            }
            assert!(written < 20_000_000, "the rest is not read");
        });
        assert_eq!(send(make, &post(endless)), Ok(Response::new(200)));
        let broken = raw(|stream| drop(stream.write_all(b"HTTP/1.1 202 -\r\ncontent-length: 10\r\n\r\nabc")));
        assert_eq!(send(make, &post(broken)), Ok(Response::new(202)));
        let bomb = raw(|stream| {
            drop(stream.write_all(b"HTTP/1.1 200 -\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc"));
        });
        assert_eq!(send(make, &post(bomb)), Ok(Response::new(200)), "not decompressed");
    });
}

#[cfg(by_reqwest)]
#[test]
fn a_runtime_of_the_host_is_not_disturbed() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut transport = by_reqwest::HttpTransport::default();
        let request = post("http://127.0.0.1:9/".to_owned());
        assert_eq!(transport.send(&request, &Cancel::never()), Err(TransportError::NotSent));
    });
}

#[test]
fn a_transport_that_was_used_may_be_dropped_anywhere() {
    each(|make| {
        let server = LoopbackServer::start().unwrap();
        let mut transport = make();
        transport.send(&post(server.endpoint()), &Cancel::never()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move { drop(transport) });
    });
}

#[cfg(any(by_ureq, feature = "rustls-tls"))]
#[test]
fn tls_needs_no_process_wide_provider_and_never_falls_back() {
    each(|make| {
        assert!(rustls::crypto::CryptoProvider::get_default().is_none());
        let spoken = Arc::new(AtomicBool::new(false));
        let url = raw({
            let spoken = spoken.clone();
            move |stream| {
                spoken.store(true, Ordering::SeqCst);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            }
        });
        assert_eq!(
            send(make, &post(url.replace("http:", "https:"))),
            Err(TransportError::NotSent),
            "no TLS on the other side"
        );
        assert!(spoken.load(Ordering::SeqCst));
        #[cfg(not(feature = "native-tls"))]
        assert!(rustls::crypto::CryptoProvider::get_default().is_none(), "the host's choice is still open");
    });
}
