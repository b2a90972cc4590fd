//! The floor: the bytes that this framework's extended format would send, formatted by hand. Nothing makes sure of anything: no
//! queue, no thread, no retry, no TLS, no choice of the user's. Variants: `file` writes them to a file first, `http` does not.

use std::{
    cell::RefCell,
    fs::{File, OpenOptions},
    io::{Read as _, Write as _},
    net::TcpStream,
    sync::Mutex,
};

use harness::{Arguments, Peer};

const BATCH: usize = 500;

struct ByHand {
    sender: Mutex<Sender>,
}

struct Sender {
    file: Option<File>,
    connection: Option<TcpStream>,
    port: u16,
    /// Events that wait, with commas between them.
    waiting: Vec<u8>,
    events: usize,
}

thread_local! {
    static EVENT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

impl ByHand {
    fn add(&self, number: u64, payload: impl FnOnce(&mut Vec<u8>)) {
        EVENT.with_borrow_mut(|event| {
            event.clear();
            event
                .extend(b"{\"event\":\"accepted\",\"cv\":\"0.1.0\",\"sdk\":\"peers\",\"sdkv\":\"0.1.0\",\"payload\":{");
            payload(event);
            let _ = write!(
                event,
                "}},\"id\":\"0198c0de-0000-7000-8000-{number:012x}\",\"ts\":\"2026-11-22T03:00:00Z\",\
                 \"actor\":\"unknown\",\"ephemeral\":false}}"
            );
            let Ok(mut sender) = self.sender.lock() else { return };
            if sender.events > 0 {
                sender.waiting.push(b',');
            }
            sender.waiting.extend_from_slice(event);
            sender.events += 1;
            if sender.events == BATCH {
                sender.send();
            }
        });
    }
}

impl Sender {
    fn send(&mut self) {
        if self.events == 0 {
            return;
        }
        if let Some(file) = &mut self.file {
            let _ = file.write_all(&self.waiting);
        }
        if self.post().is_none() {
            self.connection = None;
        }
        self.waiting.clear();
        self.events = 0;
    }

    fn post(&mut self) -> Option<()> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            none => none.insert(TcpStream::connect(("127.0.0.1", self.port)).ok()?),
        };
        let (begin, end) = (b"{\"events\":[", b"]}");
        let head = format!(
            "POST /v1/event HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nuser-agent: by-hand/0.1.0\r\n\
             content-type: application/json\r\nidempotency-key: 0198c0de-0000-7000-8000-000000000000\r\n\
             content-length: {}\r\n\r\n",
            self.port,
            begin.len() + self.waiting.len() + end.len()
        );
        let mut request = head.into_bytes();
        request.extend(begin);
        request.extend(&self.waiting);
        request.extend(end);
        connection.write_all(&request).ok()?;
        let mut answer = [0; 256];
        let read = connection.read(&mut answer).ok()?;
        answer[..read].starts_with(b"HTTP/1.1 200 ").then_some(())
    }
}

macro_rules! of_numbers {
    ($($event:ident $record:ident $count:literal: $($field:ident)*;)*) => {
        $(
            fn $record(peer: &ByHand, number: u64) {
                peer.add(number, |event| {
                    $(
                        event.extend(concat!("\"", stringify!($field), "\":").as_bytes());
                        let _ = write!(event, "{number}");
                        event.push(b',');
                    )*
                    event.pop();
                });
            }
        )*

        fn wide(fields: usize) -> Option<fn(&ByHand, u64)> {
            match fields {
                $($count => Some($record),)*
                _ => None,
            }
        }
    };
}

harness::widths!(of_numbers);

impl Peer for ByHand {
    fn record(&self, overrides: u16) {
        self.add(overrides.into(), |event| {
            let _ = write!(event, "\"component\":\"sign_up\",\"appearance\":true,\"overrides\":{overrides}");
        });
    }

    fn wide(&self, fields: usize) -> Option<fn(&Self, u64)> {
        wide(fields)
    }

    fn flush(&self) {
        if let Ok(mut sender) = self.sender.lock() {
            sender.send();
        }
    }

    fn end(self) {
        self.flush();
    }
}

fn main() {
    harness::run(|arguments: &Arguments| {
        let path = arguments.folder.join("by-hand");
        let file = (arguments.variant == "file")
            .then(|| OpenOptions::new().create(true).append(true).open(path).expect("the folder can be written"));
        ByHand {
            sender: Mutex::new(Sender { file, connection: None, port: arguments.port, waiting: Vec::new(), events: 0 }),
        }
    });
}
