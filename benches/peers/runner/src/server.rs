//! The server that all programs deliver to: a process of its own, whose work is nobody's cost. It answers every request with 200
//! and counts events by the format of the path, after unpacking.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    net::{Ipv4Addr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering::SeqCst},
    thread,
};

use serde_json::Value;

static EVENTS: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static REQUESTS: AtomicU64 = AtomicU64::new(0);

/// What a server has got.
#[derive(Debug, Clone, Copy, Default)]
pub struct Arrived {
    pub events: u64,
    /// Of requests, heads and bodies, as they came.
    pub bytes: u64,
    pub requests: u64,
}

/// Serves until the process is ended. Says its port in the first line of the standard output.
pub fn serve() -> io::Result<()> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let mut out = io::stdout();
    writeln!(out, "{}", listener.local_addr()?.port())?;
    out.flush()?;
    for connection in listener.incoming().flatten() {
        thread::spawn(move || answer_all(connection));
    }
    Ok(())
}

/// A server in a process of its own, as long as this lives.
pub struct Server {
    process: Child,
    pub port: u16,
}

impl Server {
    pub fn start() -> io::Result<Self> {
        let mut process =
            Command::new(std::env::current_exe()?).arg("serve").stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        let read = process.stdout.take().map(|out| BufReader::new(out).read_line(&mut line));
        match (read, line.trim().parse()) {
            (Some(Ok(_)), Ok(port)) => Ok(Self { process, port }),
            _ => {
                let _ = process.kill();
                let _ = process.wait();
                Err(io::Error::other("the server did not say its port"))
            }
        }
    }

    /// What has arrived so far.
    pub fn arrived(&self) -> io::Result<Arrived> {
        let mut connection = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        connection.write_all(b"GET /counted HTTP/1.1\r\nconnection: close\r\n\r\n")?;
        let mut answer = String::new();
        connection.read_to_string(&mut answer)?;
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        let numbers: Vec<u64> = body.split(' ').filter_map(|number| number.parse().ok()).collect();
        match numbers[..] {
            [events, bytes, requests] => Ok(Arrived { events, bytes, requests }),
            _ => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

struct Request {
    line: String,
    gzip: bool,
    closes: bool,
    head_bytes: u64,
    body_bytes: u64,
}

fn answer_all(connection: TcpStream) {
    let _ = connection.set_nodelay(true);
    let Ok(mut writer) = connection.try_clone() else { return };
    let mut reader = BufReader::with_capacity(256 * 1024, connection);
    let mut body = Vec::new();
    while let Ok(Some(request)) = read(&mut reader, &mut body) {
        let mut words = request.line.split_whitespace();
        let path = words.nth(1).unwrap_or_default();
        let mut said = String::new();
        if path == "/counted" {
            let all = [&EVENTS, &BYTES, &REQUESTS].map(|count| count.load(SeqCst).to_string());
            said = all.join(" ");
        } else {
            if request.gzip {
                let mut plain = Vec::new();
                if flate2::read::MultiGzDecoder::new(&body[..]).read_to_end(&mut plain).is_ok() {
                    body = plain;
                }
            }
            match events(path, &body) {
                Counted::These(events) => EVENTS.fetch_add(events, SeqCst),
                Counted::SoFar(events) => EVENTS.fetch_max(events, SeqCst),
            };
            BYTES.fetch_add(request.head_bytes + request.body_bytes, SeqCst);
            REQUESTS.fetch_add(1, SeqCst);
            // An empty answer is a valid one in protobuf, and no other client reads more than the status.
            if !path.starts_with("/v1/logs") {
                said = "{}".to_owned();
            }
            if std::env::var_os("PEERS_SHOW").is_some() {
                eprintln!("{} {:?}", request.line.trim(), String::from_utf8_lossy(&body[..body.len().min(1_500)]));
            }
        }
        let kind = if said.is_empty() { "application/x-protobuf" } else { "application/json" };
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n\r\n{said}", said.len());
        if writer.write_all(answer.as_bytes()).is_err() || request.closes {
            return;
        }
    }
}

/// Reads one request, with its body into `body`; `None` if there is none any more.
fn read(reader: &mut BufReader<TcpStream>, body: &mut Vec<u8>) -> io::Result<Option<Request>> {
    body.clear();
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head)? == 0 {
            return Ok(None);
        }
    }
    let line = head.lines().next().unwrap_or_default().to_owned();
    let lower = head.to_ascii_lowercase();
    let header = |name: &str| lower.lines().find_map(|line| Some(line.strip_prefix(name)?.trim()));
    let mut body_bytes = 0;
    if header("transfer-encoding:").is_some_and(|value| value.contains("chunked")) {
        loop {
            let mut size = String::new();
            body_bytes += reader.read_line(&mut size)? as u64;
            let size = usize::from_str_radix(size.trim().split(';').next().unwrap_or_default(), 16)
                .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
            let begin = body.len();
            body.resize(begin + size + 2, 0);
            reader.read_exact(&mut body[begin..])?;
            body.truncate(begin + size);
            body_bytes += size as u64 + 2;
            if size == 0 {
                break;
            }
        }
    } else {
        let len = header("content-length:").and_then(|len| len.parse().ok()).unwrap_or(0);
        body.resize(len, 0);
        reader.read_exact(body)?;
        body_bytes = len as u64;
    }
    Ok(Some(Request {
        line,
        gzip: header("content-encoding:").is_some_and(|value| value.contains("gzip")),
        closes: header("connection:") == Some("close"),
        head_bytes: head.len() as u64,
        body_bytes,
    }))
}

enum Counted {
    /// Events of this request.
    These(u64),
    /// All events of the program so far: what is sent are sums.
    SoFar(u64),
}

fn events(path: &str, body: &[u8]) -> Counted {
    let json = || serde_json::from_slice::<Value>(body).unwrap_or_default();
    let length = |value: &Value| value.as_array().map_or(0, Vec::len) as u64;
    if path.starts_with("/v1/logs") {
        Counted::These(log_records(body))
    } else if path.starts_with("/batch") || path.starts_with("/i/") {
        let json = json();
        Counted::These(json.get("batch").map_or(1, length))
    } else if path.ends_with("/envelope/") {
        Counted::These(envelope(body))
    } else if path.starts_with("/submit/") {
        let json = json();
        let ours = json["events"].as_array().into_iter().flatten().filter(|event| event["category"] == "peers");
        Counted::These(ours.count() as u64)
    } else if path.starts_with("/metrics/job/") {
        let text = String::from_utf8_lossy(body);
        let sums = text.lines().filter(|line| line.starts_with("accepted"));
        Counted::SoFar(sums.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum())
    } else {
        // This framework's batches: each event begins with its name.
        const BEGINS: &[u8] = b"{\"event\":\"";
        Counted::These(body.windows(BEGINS.len()).filter(|window| *window == BEGINS).count() as u64)
    }
}

/// Items of an envelope: a line of JSON for the envelope, then for each item a line with its kind and its length, and its bytes.
fn envelope(body: &[u8]) -> u64 {
    let lines = body.split(|byte| *byte == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok());
    let logs = lines.filter(|line| line["type"] == "log");
    logs.map(|line| line["item_count"].as_u64().unwrap_or(1)).sum()
}

/// Records of an `ExportLogsServiceRequest`: `resource_logs` is 1, `scope_logs` in it is 2, `log_records` in that is 2.
fn log_records(request: &[u8]) -> u64 {
    let scopes = fields(request, 1).into_iter().flat_map(|resource| fields(resource, 2));
    scopes.map(|scope| fields(scope, 2).len() as u64).sum()
}

/// The fields of this number that have a length, of a message in protobuf.
fn fields(mut message: &[u8], wanted: u64) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let Some(key) = varint(&mut message) {
        let length = match key & 7 {
            0 => {
                if varint(&mut message).is_none() {
                    break;
                }
                continue;
            }
            1 => 8,
            2 => match varint(&mut message) {
                Some(length) => length as usize,
                None => break,
            },
            5 => 4,
            _ => break,
        };
        let Some((field, rest)) = message.split_at_checked(length) else { break };
        if key & 7 == 2 && key >> 3 == wanted {
            found.push(field);
        }
        message = rest;
    }
    found
}

fn varint(message: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = message.split_first()?;
        *message = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Counted, events};

    fn counted(path: &str, body: &[u8]) -> u64 {
        match events(path, body) {
            Counted::These(events) | Counted::SoFar(events) => events,
        }
    }

    #[test]
    fn events_of_every_format_are_counted() {
        // Two resources: one with two records, one with one.
        let scope = |records: u8| {
            let mut scope = vec![];
            for _ in 0..records {
                scope.extend([0x12, 2, 0x08, 1]);
            }
            scope
        };
        let resource = |records: u8| {
            let scope = scope(records);
            let mut resource = vec![0x0a, 0, 0x12, scope.len() as u8];
            resource.extend(scope);
            resource
        };
        let mut request = vec![];
        for records in [2, 1] {
            let resource = resource(records);
            request.extend([0x0a, resource.len() as u8]);
            request.extend(resource);
        }
        assert_eq!(counted("/v1/logs", &request), 3);
        assert_eq!(counted("/batch/", br#"{"api_key":"k","batch":[{"event":"a"},{"event":"a"}]}"#), 2);
        let envelope =
            b"{\"dsn\":\"d\"}\n{\"type\":\"log\",\"item_count\":7}\n{\"items\":[]}\n{\"type\":\"session\"}\n{}";
        assert_eq!(counted("/api/42/envelope/", envelope), 7);
        let ping = br#"{"events":[{"category":"peers"},{"category":"glean.upload"}]}"#;
        assert_eq!(counted("/submit/app/events/1/id", ping), 1);
        let text = b"# TYPE accepted counter\naccepted{component=\"sign_up\"} 12\noverrides_count 12\n";
        assert_eq!(counted("/metrics/job/peers", text), 12);
        assert_eq!(counted("/v1/event", br#"{"events":[{"event":"a"},{"event":"b"}]}"#), 2);
    }
}
