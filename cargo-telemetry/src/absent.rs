//! The finding that a program holds no trace of this framework: no section, no record, no marker.
//!
//! A program that can record holds the dispatcher, and with it the dispatcher's marker, in whatever way its sections were
//! removed. `docs/absent.md` says exactly what an answer means and what it cannot mean.
//!
//! Found beats "cannot tell", which beats "no trace".

mod data;
mod file;
mod folder;
mod image;
mod part;
mod patterns;
mod report;
mod search;
mod unpack;

use std::path::Path;

use serde::Serialize;

pub use self::{patterns::Part, report::text};
use crate::reader::{ImageFormat, shown};

/// Traces that are listed of one file; further ones are counted.
const TRACES: usize = 100;

/// Reasons that are listed of one file. An archive of many files that are not understood has one for each.
const REASONS: usize = 1_000;

/// The oldest and the newest format of records whose absence is stated.
pub const RECORD_FORMATS: [u8; 2] = [1, telemetry_schema::record::VERSION - b'0'];

/// What can be said of a file, or of all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// No trace, in a known and unpacked format.
    Absent,
    /// Nothing was found, and something could hide it.
    CannotTell,
    /// There is a trace.
    Found,
}

/// What was asked, and what was found in each file.
#[derive(Debug, Serialize)]
pub struct Report {
    /// The verdict over all files.
    pub verdict: Verdict,
    /// [`RECORD_FORMATS`] of this tool.
    pub record_formats: [u8; 2],
    /// The files with code or with something to say about them, in the order of their names.
    pub files: Vec<Finding>,
    /// Files of folders without code, such as text and pictures. Searched as bytes, nothing found.
    pub other_files: u64,
    /// Symbolic links in folders, none of which was followed.
    pub links: u64,
    /// Pipes, sockets and devices in folders, none of which was opened.
    pub special_files: u64,
}

/// What was found in one file.
#[derive(Debug, Serialize)]
pub struct Finding {
    /// Which file.
    pub path: String,
    /// What can be said of it.
    pub verdict: Verdict,
    /// The formats of its images.
    pub formats: Vec<ImageFormat>,
    /// How many programs, libraries and object files it consists of.
    pub images: usize,
    /// What was found, up to a hundred places.
    pub traces: Vec<Trace>,
    /// How many places there were beyond those.
    pub further_traces: u64,
    /// The keys of the events whose records could be read.
    pub events: Vec<String>,
    /// Why nothing can be said, with what to do about it.
    pub reasons: Vec<String>,
    /// It is neither a program nor something that would have to be unpacked.
    #[serde(skip)]
    plain: bool,
    /// It is an archive of files that are all understood, none of which is a program.
    #[serde(skip)]
    text_only: bool,
}

/// One place where something was found.
#[derive(Debug, PartialEq, Serialize)]
pub struct Trace {
    /// The member of the archive or the architecture; empty for the file itself.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub member: String,
    /// Where in the file, in bytes; of something in a compressed section, where that section starts.
    pub offset: u64,
    /// What.
    #[serde(flatten)]
    pub kind: TraceKind,
}

/// What was found.
#[derive(Debug, PartialEq, Serialize)]
#[serde(tag = "trace", rename_all = "snake_case")]
pub enum TraceKind {
    /// A telemetry section.
    Section {
        /// Its name in this object format.
        name: String,
        /// How many records of the image could be read.
        records: usize,
    },
    /// A record outside of a telemetry section.
    Record {
        /// The version of its format.
        version: char,
        /// The SDK, or SDK and event, where it can be read.
        name: Option<String>,
    },
    /// The marker of a part of the runtime.
    Marker {
        /// Which.
        part: Part,
    },
    /// A text that the user asked for.
    Endpoint {
        /// Which.
        text: String,
    },
}

/// Looks at every file of `paths`; of a folder at everything below it. `endpoints` are texts that count as traces.
/// `progress` is told how many files of how many are done.
pub fn examine(paths: &[impl AsRef<Path>], endpoints: &[String], mut progress: impl FnMut(usize, usize)) -> Report {
    let patterns = patterns::Patterns::new(endpoints);
    let mut report = Report {
        verdict: Verdict::Absent,
        record_formats: RECORD_FORMATS,
        files: Vec::new(),
        other_files: 0,
        links: 0,
        special_files: 0,
    };
    for path in paths.iter().map(AsRef::as_ref) {
        if path.is_dir() {
            report.folder(path, &patterns, endpoints, &mut progress);
        } else {
            report.files.push(file::examine(path, &patterns, endpoints));
        }
    }
    report.verdict = report.files.iter().map(|file| file.verdict).max().unwrap_or(Verdict::CannotTell);
    report
}

/// The same for bytes that are in memory; `name` stands for the path.
pub fn examine_bytes(name: &str, bytes: &[u8]) -> Finding {
    file::examine_source(&bytes, name.to_owned(), &patterns::Patterns::new(&[]), &[])
}

impl Report {
    fn folder(
        &mut self,
        path: &Path,
        patterns: &patterns::Patterns,
        endpoints: &[String],
        progress: &mut impl FnMut(usize, usize),
    ) {
        let folder = folder::list(path);
        let before = self.files.len();
        for (done, path) in folder.files.iter().enumerate() {
            progress(done, folder.files.len());
            let finding = file::examine(path, patterns, endpoints);
            // A package is full of files without code. They say nothing, unless something was found in them.
            if finding.plain && finding.verdict != Verdict::Found {
                self.other_files += 1;
            } else {
                self.files.push(finding);
            }
        }
        progress(folder.files.len(), folder.files.len());
        self.links += folder.links;
        self.special_files += folder.special;
        for (path, error) in folder.unreadable {
            self.files.push(Finding::unreadable(path, format!("the folder cannot be listed: {error}")));
        }
        if self.files.len() == before {
            let what = "no file in this folder holds machine code, so there is nothing to say of it";
            self.files.push(Finding::unreadable(shown(path), what.to_owned()));
        }
    }
}

impl Finding {
    fn new(path: String) -> Self {
        Self {
            path,
            verdict: Verdict::Absent,
            formats: Vec::new(),
            images: 0,
            traces: Vec::new(),
            further_traces: 0,
            events: Vec::new(),
            reasons: Vec::new(),
            plain: false,
            text_only: false,
        }
    }

    fn unreadable(path: String, reason: String) -> Self {
        let mut finding = Self::new(path);
        finding.reason(reason);
        finding
    }

    fn trace(&mut self, trace: Trace) {
        self.verdict = Verdict::Found;
        if self.traces.len() < TRACES { self.traces.push(trace) } else { self.further_traces += 1 }
    }

    fn reason(&mut self, reason: String) {
        self.verdict = self.verdict.max(Verdict::CannotTell);
        // Every architecture of a packed file would say the same.
        if self.reasons.len() < REASONS && !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Notes a place that is not understood: the member, the offset in it, and what it is and what to do.
    fn doubt(&mut self, member: &str, offset: Option<u64>, what: &str) {
        let member = if member.is_empty() { String::new() } else { format!("member {member}, ") };
        let offset = offset.map(|offset| format!("offset {offset:#x}")).unwrap_or_default();
        let place = format!("{member}{offset}");
        let place = place.trim_end_matches(", ");
        self.reason(if place.is_empty() { what.to_owned() } else { format!("{place}: {what}") });
    }

    /// There is no program in it. In a folder that says nothing, if all of it is understood.
    fn no_program(&mut self, what: &str) {
        self.plain = self.reasons.is_empty();
        if self.plain {
            self.reason(format!("it cannot be searched as a program: {what}"));
        }
    }
}
