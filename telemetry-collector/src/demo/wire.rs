//! Between clients and collector: two ports that hand requests on. One hands the answers back, the other does not. Which
//! event went through how often is written down on the way: the truth about repeats.

use std::{
    collections::BTreeMap,
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, PoisonError},
    thread,
};

use super::programs::Ports;

/// How often each event went through, by path and id.
type Seen = Arc<Mutex<BTreeMap<(String, String), u64>>>;

/// The two ports.
#[derive(Debug)]
pub(crate) struct Wire {
    /// Where they are.
    pub(crate) ports: Ports,
    seen: Seen,
}

impl Wire {
    /// Opens both. Their threads end with the process.
    ///
    /// # Errors
    ///
    /// That there is no port.
    pub(crate) fn open(collector: SocketAddr) -> io::Result<Self> {
        let seen = Seen::default();
        let open = |is_heard| -> io::Result<u16> {
            let listener = TcpListener::bind(("127.0.0.1", 0))?;
            let port = listener.local_addr()?.port();
            let seen = Arc::clone(&seen);
            thread::spawn(move || {
                for client in listener.incoming().flatten() {
                    let seen = Arc::clone(&seen);
                    // A client that goes away ends its connection, and nothing else.
                    thread::spawn(move || _ = carry(client, collector, is_heard, &seen));
                }
            });
            Ok(port)
        };
        Ok(Self { ports: Ports { clear: open(true)?, unheard: open(false)? }, seen })
    }

    /// How many events of a path came again: each time after its first one.
    pub(crate) fn repeats(&self, path: &str) -> u64 {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.iter().filter(|((of, _), _)| of == path).map(|(_, times)| times - 1).sum()
    }
}

/// Hands over the requests of one connection.
fn carry(mut client: TcpStream, collector: SocketAddr, is_heard: bool, seen: &Seen) -> io::Result<()> {
    let mut server = TcpStream::connect(collector)?;
    while let Some((request, body)) = message(&mut client)? {
        note(&request, body, seen);
        server.write_all(&request)?;
        let Some((answer, _)) = message(&mut server)? else { return Ok(()) };
        if !is_heard {
            return Ok(());
        }
        client.write_all(&answer)?;
    }
    Ok(())
}

/// One request or answer with a length, and where its body begins; `None` at the end of the connection.
fn message(stream: &mut TcpStream) -> io::Result<Option<(Vec<u8>, usize)>> {
    let mut bytes = Vec::new();
    let mut buffer = [0; 8192];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let body = end + 4;
            let head = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
            if bytes.len() >= body + length.unwrap_or(0_usize) {
                return Ok(Some((bytes, body)));
            }
        }
        let read = stream.read(&mut buffer)?;
        if read == 0 {
            return Ok(None);
        }
        bytes.extend_from_slice(buffer.get(..read).unwrap_or_default());
    }
}

fn note(request: &[u8], body: usize, seen: &Seen) {
    let head = String::from_utf8_lossy(request.get(..body).unwrap_or_default());
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let body: serde_json::Value = serde_json::from_slice(request.get(body..).unwrap_or_default()).unwrap_or_default();
    let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
    for event in body.get("events").and_then(|events| events.as_array()).into_iter().flatten() {
        let id = event.get("id").and_then(|id| id.as_str()).unwrap_or_default().to_owned();
        *seen.entry((path.clone(), id)).or_default() += 1;
    }
}
