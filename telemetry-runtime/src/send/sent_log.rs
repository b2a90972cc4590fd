//! `sent.log`: what was sent and how it ended, for the user to read. One line of JSON for each answered request, and for
//! each that got no answer, with every event as it was sent.
//!
//! A log that is full becomes `sent.log.1`, in place of the one before it; so the newest lines stand in two files, none of
//! which is ever copied. It is written by the sender alone, and read only to be shown to the user. A decision for `off` leaves it, as
//! evidence.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    io::{self, Read as _, Seek as _, SeekFrom},
};

use serde::Serialize;
use telemetry_spool::folder::dir::{self, Dir, File};

use crate::{base::limits::SENT_LOG_BYTES, wire::format, write::files::state_dir::SdkDir};

/// The file's name in the SDK's folder.
pub(crate) const NAME: &str = "sent.log";

/// The one before it.
pub(crate) const OLDER: &str = "sent.log.1";

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum End {
    /// The server has the events.
    Confirmed,
    /// The server will not take them; they are deleted.
    Refused,
    /// The server found the request too large; its events are sent again in smaller ones.
    TooLarge,
    /// The server will not take them now; they are sent again.
    Later,
    /// There was no answer; they are sent again.
    Unknown,
}

/// One request.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry<'a> {
    /// The hour in which it ended, as RFC 3339 writes it.
    pub(crate) at: String,
    /// The address without its query, which with beacons is the payload.
    pub(crate) url: &'a str,
    /// The idempotency key.
    pub(crate) key: &'a str,
    pub(crate) end: End,
    /// The status of the answer.
    pub(crate) status: Option<u16>,
    /// Each event as it was sent.
    pub(crate) events: &'a [&'a [u8]],
    /// The same as they stand in the request, with a comma between two, if they do.
    pub(crate) list: Option<&'a [u8]>,
}

/// The beginning of a line; the events follow as they are.
#[derive(Serialize)]
struct Line<'a> {
    at: &'a str,
    url: &'a str,
    key: &'a str,
    end: End,
    status: Option<u16>,
    count: usize,
}

/// Both logs, the older one first, as lines of JSON; what is no whole line is left out.
pub(crate) fn read(dir: &SdkDir) -> String {
    let mut text = String::new();
    for name in [OLDER, NAME] {
        let bytes = dir.read_bounded(name, SENT_LOG_BYTES).ok().flatten().unwrap_or_default();
        for line in String::from_utf8_lossy(&bytes).lines().filter(|line| line.starts_with('{') && line.ends_with('}'))
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// The log of one upload: it stays open between two requests, as long as it is the one that stands in the folder.
#[derive(Debug, Default)]
pub(crate) struct SentLog {
    /// What was written to last, and its length then. It ends with a whole line.
    open: Option<(File, u64)>,
}

impl SentLog {
    /// Adds an entry. A log that cannot be written is no reason to stop.
    pub(crate) fn append(&mut self, dir: &SdkDir, entry: &Entry<'_>) {
        let _ = self.try_append(dir.dir(), entry);
    }

    fn try_append(&mut self, dir: &Dir, entry: &Entry<'_>) -> io::Result<()> {
        let line = line(entry)?;
        let [head, list, tail] = line.parts();
        let bytes = (head.len() + list.len() + tail.len()) as u64;
        let (mut file, mut len, mut newline) = match self.still_open(dir) {
            Some((file, len)) => (file, len, NOTHING),
            None => open(dir)?,
        };
        if len > 0 && len + bytes > SENT_LOG_BYTES {
            (file, len, newline) = (replace(dir)?, 0, NOTHING);
        }
        dir::append_all_parts(&file, [newline, head, list, tail])?;
        self.open = Some((file, len + newline.len() as u64 + bytes));
        Ok(())
    }

    /// The log of the request before. Where another process has written to it, or put another one in its place, it has to be
    /// looked at again.
    fn still_open(&mut self, dir: &Dir) -> Option<(File, u64)> {
        self.open.take().filter(|(file, len)| dir.len_if_held(NAME, file) == Some(*len))
    }
}

/// What stands between two whole lines.
const NOTHING: &[u8] = b"";

/// The log, which is begun where there is none; its length, and what has to stand before a line.
fn open(dir: &Dir) -> io::Result<(File, u64, &'static [u8])> {
    let (mut file, len) = match dir.open_sized(NAME) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((begin(dir)?, 0, NOTHING)),
        file => file?,
    };
    let mut last = [b'\n'];
    if len > 0 {
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
    }
    // Somebody died while writing, or edited it: their line must not spoil ours.
    Ok((file, len, if last == [b'\n'] { NOTHING } else { b"\n" }))
}

/// A new log, where this one is full and becomes the older one.
fn replace(dir: &Dir) -> io::Result<File> {
    // First the older one goes: some file systems write a file to the disk at once that replaces another one.
    let _ = dir.remove(OLDER);
    // Where it stays, this one goes: the newest line counts most.
    dir.rename(NAME, OLDER).or_else(|_| dir.remove(NAME))?;
    begin(dir)
}

/// A new log, or the one that another process has just begun.
fn begin(dir: &Dir) -> io::Result<File> {
    match dir.create(NAME) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => dir.open_file(NAME),
        created => created,
    }
}

/// What is written: events stand where they were sent from.
struct Text<'a> {
    head: Vec<u8>,
    list: Cow<'a, [u8]>,
    tail: &'static [u8],
}

impl Text<'_> {
    fn parts(&self) -> [&[u8]; 3] {
        [&self.head, &self.list, self.tail]
    }
}

fn line<'a>(entry: &Entry<'a>) -> io::Result<Text<'a>> {
    let Entry { at, url, key, end, status, events, list } = entry;
    let line = Line { at, url, key, end: *end, status: *status, count: events.len() };
    let mut head = serde_json::to_vec(&line)?;
    head.pop(); // The closing brace.
    let list = list.map_or_else(|| Cow::Owned(events.join(&b',')), Cow::Borrowed);
    // What is no JSON, or not in one line, would spoil the file for its readers; events of ours are both.
    let fits = (list.len() as u64) < SENT_LOG_BYTES && !has_newline(&list);
    if !fits {
        head.extend_from_slice(b",\"names\":");
        serde_json::to_writer(&mut head, &names(events))?;
        return Ok(Text { head, list: Cow::Borrowed(b""), tail: b"}\n" });
    }
    head.extend_from_slice(b",\"events\":[");
    Ok(Text { head, list, tail: b"]}\n" })
}

fn has_newline(bytes: &[u8]) -> bool {
    bytes.iter().fold(false, |found, byte| found | (*byte == b'\n'))
}

/// The different names of events, in order.
fn names(events: &[&[u8]]) -> BTreeSet<String> {
    events.iter().filter_map(|event| format::name(event)).collect()
}

#[cfg(all(test, unix))]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;
    use crate::{
        base::limits::{BATCH_BYTES, BATCH_EVENTS},
        write::test_kit::Home,
    };

    fn entry<'a>(key: &'a str, events: &'a [&'a [u8]]) -> Entry<'a> {
        Entry {
            at: "2026-11-22T03:00:00Z".to_owned(),
            url: "https://t.example/v1/event",
            key,
            end: End::Confirmed,
            status: Some(200),
            events,
            list: None,
        }
    }

    /// As an upload of one request.
    fn append(dir: &SdkDir, entry: &Entry<'_>) {
        SentLog::default().append(dir, entry);
    }

    #[test]
    fn between_two_requests_it_stays_open_and_others_may_write_replace_and_remove_it() {
        let home = Home::new();
        let dir = home.sdk();
        let mut log = SentLog::default();
        let lines = || fs::read_to_string(home.file(NAME)).unwrap().lines().map(str::to_owned).collect::<Vec<_>>();
        for key in ["k1", "k2"] {
            log.append(&dir, &entry(key, &[b"{}"]));
        }
        assert_eq!(lines().len(), 2);
        // Another process, which dies half-way.
        append(&dir, &entry("other", &[b"{}"]));
        fs::write(home.file(NAME), fs::read_to_string(home.file(NAME)).unwrap() + "{\"at\":").unwrap();
        log.append(&dir, &entry("k3", &[b"{}"]));
        assert!(lines().len() == 5 && lines()[4].contains("\"k3\""), "{:?}", lines());
        // It is full for another process.
        let large = format!("{{\"text\":\"{}\"}}", "x".repeat(SENT_LOG_BYTES as usize - 500));
        append(&dir, &entry("large", &[large.as_bytes()]));
        log.append(&dir, &entry("k4", &[b"{}"]));
        assert!(lines().len() == 2 && lines()[1].contains("\"k4\""), "{}", lines().len());
        assert!(fs::read_to_string(home.file(OLDER)).unwrap().contains("\"k3\""));
        // The user removes it.
        fs::remove_file(home.file(NAME)).unwrap();
        log.append(&dir, &entry("k5", &[b"{}"]));
        assert!(lines().len() == 1 && lines()[0].contains("\"k5\""), "{:?}", lines());
    }

    #[test]
    fn a_line_says_what_was_sent_and_how_it_ended() {
        let home = Home::new();
        let dir = home.sdk();
        append(&dir, &entry("k1", &[b"{\"event\":\"a\",\"payload\":{}}", b"{\"event\":\"b\"}"]));
        append(&dir, &Entry { end: End::Unknown, status: None, ..entry("k2", &[b"{}"]) });
        assert_eq!(
            fs::read_to_string(home.file(NAME)).unwrap(),
            "{\"at\":\"2026-11-22T03:00:00Z\",\"url\":\"https://t.example/v1/event\",\"key\":\"k1\",\
             \"end\":\"confirmed\",\"status\":200,\"count\":2,\
             \"events\":[{\"event\":\"a\",\"payload\":{}},{\"event\":\"b\"}]}\n\
             {\"at\":\"2026-11-22T03:00:00Z\",\"url\":\"https://t.example/v1/event\",\"key\":\"k2\",\
             \"end\":\"unknown\",\"status\":null,\"count\":1,\"events\":[{}]}\n"
        );
        assert_eq!(fs::metadata(home.file(NAME)).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn the_largest_request_is_kept_in_full() {
        let home = Home::new();
        let event = format!("{{\"event\":\"big\",\"text\":\"{}\"}}", "x".repeat(BATCH_BYTES / BATCH_EVENTS));
        let events = [event.as_bytes(); BATCH_EVENTS];
        append(&home.sdk(), &entry("k", &events));
        let line: serde_json::Value = serde_json::from_slice(&fs::read(home.file(NAME)).unwrap()).unwrap();
        assert_eq!(line["events"].as_array().unwrap().len(), BATCH_EVENTS);
        assert_eq!((&line["events"][99]["event"], line.get("names")), (&"big".into(), None));
    }

    #[test]
    fn what_is_larger_than_the_log_leaves_its_names() {
        let home = Home::new();
        let large = format!("{{\"event\":\"big\",\"text\":\"{}\"}}", "x".repeat(SENT_LOG_BYTES as usize));
        append(&home.sdk(), &entry("k", &[large.as_bytes(), b"{\"event\":\"a\"}", b"{\"event\":\"a\"}"]));
        let line: serde_json::Value = serde_json::from_slice(&fs::read(home.file(NAME)).unwrap()).unwrap();
        assert_eq!((&line["names"], &line["count"]), (&serde_json::json!(["a", "big"]), &3.into()));
        assert_eq!(line.get("events"), None);
    }

    #[test]
    fn it_is_bounded_and_keeps_the_newest_whole_lines() {
        let home = Home::new();
        let dir = home.sdk();
        let event = format!("{{\"event\":\"e\",\"text\":\"{}\"}}", "x".repeat(30_000));
        let read = |name: &str| fs::read_to_string(home.file(name)).unwrap_or_default();
        for number in 0..60 {
            append(&dir, &entry(&format!("k{number}"), &[event.as_bytes()]));
            assert!(read(NAME).len() as u64 <= SENT_LOG_BYTES && read(OLDER).len() as u64 <= SENT_LOG_BYTES);
        }
        let text = read(OLDER) + &read(NAME);
        let keys: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["key"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(keys.last().unwrap(), "k59");
        let first: usize = keys[0][1..].parse().unwrap();
        assert!(
            keys.len() as u64 >= SENT_LOG_BYTES / 31_000 && keys.len() == 60 - first,
            "{} from {first}",
            keys.len()
        );
    }

    #[test]
    fn a_folder_in_place_of_the_older_log_costs_lines_and_no_bound() {
        let home = Home::new();
        let dir = home.sdk();
        fs::create_dir(home.file(OLDER)).unwrap();
        let event = format!("{{\"event\":\"e\",\"text\":\"{}\"}}", "x".repeat(30_000));
        for number in 0..60 {
            append(&dir, &entry(&format!("k{number}"), &[event.as_bytes()]));
            assert!(fs::metadata(home.file(NAME)).unwrap().len() <= SENT_LOG_BYTES);
        }
        assert!(fs::read_to_string(home.file(NAME)).unwrap().contains("\"k59\""));
    }

    #[test]
    fn whatever_stands_in_its_place_harms_nobody() {
        let home = Home::new();
        let dir = home.sdk();
        let secret = home.file("secret");
        fs::write(&secret, "s").unwrap();
        std::os::unix::fs::symlink(&secret, home.file(NAME)).unwrap();
        append(&dir, &entry("k", &[b"{}"]));
        assert_eq!(fs::read(&secret).unwrap(), b"s", "a symbolic link is not written through");
        fs::remove_file(home.file(NAME)).unwrap();
        fs::write(home.file(NAME), vec![b'\n'; SENT_LOG_BYTES as usize]).unwrap();
        append(&dir, &entry("k", &[b"{}"]));
        assert_eq!(fs::read_to_string(home.file(NAME)).unwrap().lines().count(), 1, "begun anew");
        fs::write(home.file(NAME), "half a li").unwrap();
        append(&dir, &entry("k", &[b"{}"]));
        let text = fs::read_to_string(home.file(NAME)).unwrap();
        assert!(text.lines().next_back().unwrap().starts_with("{\"at\""), "{text}");
    }
}
