//! An engine of a few lines: it takes inserts as the client sends them, and can break off at any statement.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use crate::store::sqlite::outbox::Erasure;

/// What becomes of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It is not done, and the connection ends.
    NotHeard,
    /// It is done, and the connection ends.
    NotAnswered,
    /// It is not done, and that is said.
    Refused,
}

#[derive(Default)]
struct State {
    keys: BTreeSet<Vec<u8>>,
    outcomes: BTreeMap<(String, Vec<u8>), u64>,
    erasures: Vec<u8>,
    statements: usize,
    fault: Option<(usize, Fault)>,
}

pub(super) struct Fake {
    pub(super) url: String,
    state: Arc<Mutex<State>>,
}

impl Fake {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&stream.unwrap(), &state));
            }
        });
        Self { url, state }
    }

    /// Lets the statement with this number, counted from now, fail once.
    pub(super) fn fail_at(&self, number: usize, fault: Fault) {
        let mut state = self.state.lock().unwrap();
        state.fault = Some((state.statements + number, fault));
    }

    /// Lets nothing fail any more.
    pub(super) fn mend(&self) {
        self.state.lock().unwrap().fault = None;
    }

    /// How many events it has, by their keys.
    pub(super) fn keys(&self) -> usize {
        self.state.lock().unwrap().keys.len()
    }

    /// Outcomes by word, of all collectors.
    pub(super) fn outcomes(&self) -> BTreeMap<String, u64> {
        let mut sums = BTreeMap::new();
        for ((word, _), n) in &self.state.lock().unwrap().outcomes {
            *sums.entry(word.clone()).or_default() += n;
        }
        sums
    }

    /// Has it tell of an erasure.
    pub(super) fn announce(&self, erasure: &Erasure) {
        let mut row = erasure.id.to_vec();
        for text in [&erasure.sdk, &None, &erasure.instance] {
            let text = text.clone().unwrap_or_default();
            row.push(u8::try_from(text.len()).unwrap());
            row.extend(text.bytes());
        }
        // It may have come into the tables after it.
        row.push(1);
        self.state.lock().unwrap().erasures.extend(row);
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).unwrap_or(0) == 0 {
                return;
            }
        }
        let lower = head.to_lowercase();
        let mut body = Vec::new();
        if lower.contains("transfer-encoding: chunked") {
            loop {
                let mut size = String::new();
                reader.read_line(&mut size).unwrap();
                let size = usize::from_str_radix(size.trim(), 16).unwrap();
                let mut chunk = vec![0; size + 2];
                reader.read_exact(&mut chunk).unwrap();
                if size == 0 {
                    break;
                }
                body.extend(&chunk[..size]);
            }
        } else if let Some(length) = lower.split("content-length: ").nth(1) {
            body.resize(length.lines().next().unwrap().trim().parse().unwrap(), 0);
            reader.read_exact(&mut body).unwrap();
        }
        let mut state = state.lock().unwrap();
        let number = state.statements;
        state.statements += 1;
        let fault = state.fault.filter(|(at, _)| *at == number).map(|(_, fault)| fault);
        if fault == Some(Fault::NotHeard) {
            return;
        }
        let mut stream = stream;
        if fault == Some(Fault::Refused) {
            let text = "Code: 243. DB::Exception: Cannot reserve 1.00 MiB. (NOT_ENOUGH_SPACE)";
            let head = "HTTP/1.1 500 Internal Server Error\r\nX-ClickHouse-Exception-Code: 243";
            write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{text}", text.len()).unwrap();
            continue;
        }
        let answer = state.ask(&head, &body);
        if fault == Some(Fault::NotAnswered) {
            return;
        }
        drop(state);
        write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", answer.len()).unwrap();
        stream.write_all(&answer).unwrap();
    }
}

impl State {
    fn ask(&mut self, head: &str, body: &[u8]) -> Vec<u8> {
        if head.contains("INSERT+INTO+%60events%60") {
            let mut row = body;
            while !row.is_empty() {
                self.keys.insert(event(&mut row));
            }
        } else if head.contains("INSERT+INTO+%60outcomes%60") {
            let mut row = body;
            while !row.is_empty() {
                let (_sdk, _day, word) = (text(&mut row), take(&mut row, 4), text(&mut row));
                let (collector, n) = (take(&mut row, 16), take(&mut row, 8));
                let n = u64::from_le_bytes(n.try_into().unwrap());
                let largest = self.outcomes.entry((String::from_utf8(word).unwrap(), collector)).or_default();
                *largest = n.max(*largest);
            }
        } else if body.windows(14).any(|window| window == b"FROM erasures ") {
            return self.erasures.clone();
        }
        Vec::new()
    }
}

/// The key of one row of `events`: SDK, day, event, discriminant, id.
fn event(row: &mut &[u8]) -> Vec<u8> {
    let before = *row;
    let (_sdk, _day, _event, _discriminant, _id) = (text(row), take(row, 4), text(row), text(row), take(row, 16));
    let key = before[..before.len() - row.len()].to_vec();
    let (_version, _wrapper, _wrapper_version, _instance) = (text(row), text(row), text(row), text(row));
    let (_installation, _rate) = (take(row, 16), take(row, 4));
    let (_actor, _ephemeral, _payload) = (text(row), text(row), text(row));
    for _ in 0..length(row) {
        let (_path, _value, _sum) = (text(row), text(row), take(row, 8));
    }
    let _kept = take(row, 1);
    key
}

fn take(row: &mut &[u8], n: usize) -> Vec<u8> {
    let (taken, rest) = row.split_at(n);
    *row = rest;
    taken.to_vec()
}

fn length(row: &mut &[u8]) -> usize {
    let (mut n, mut shift) = (0, 0);
    loop {
        let byte = take(row, 1)[0];
        n |= usize::from(byte & 0x7f) << shift;
        shift += 7;
        if byte < 0x80 {
            return n;
        }
    }
}

fn text(row: &mut &[u8]) -> Vec<u8> {
    let n = length(row);
    take(row, n)
}
