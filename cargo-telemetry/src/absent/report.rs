//! A report for people.

use std::fmt::Write as _;

use crate::hidden::clean_lines;

use super::{Finding, RECORD_FORMATS, Report, Trace, TraceKind, Verdict};

/// Names of events that are printed of one file.
const NAMES: usize = 10;

/// So many files without a trace are listed one by one.
const CLEAN: usize = 20;

/// The report as text, with a line end.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let _ = match report.verdict {
        Verdict::Absent => {
            let [oldest, newest] = RECORD_FORMATS;
            writeln!(out, "no trace of this framework, record formats {oldest}..{newest}")
        }
        Verdict::Found => writeln!(out, "found: {}", count(report, Verdict::Found)),
        Verdict::CannotTell => writeln!(out, "cannot tell: {}", count(report, Verdict::CannotTell)),
    };
    let clean = report.files.iter().filter(|file| file.verdict == Verdict::Absent).count();
    for file in &report.files {
        // Of a large package only what needs a look; the JSON has all.
        if clean <= CLEAN || file.verdict != Verdict::Absent {
            describe(&mut out, file);
        }
    }
    let mut also = Vec::new();
    if clean > CLEAN {
        also.push(format!("{clean} programs with no section, no record, no marker"));
    }
    if report.other_files > 0 {
        also.push(format!("{} without machine code, searched as bytes", files(report.other_files)));
    }
    if report.links > 0 {
        also.push(format!("{} symbolic links, not followed", report.links));
    }
    if report.special_files > 0 {
        also.push(format!("{} pipes, sockets or devices, not opened", report.special_files));
    }
    if !also.is_empty() {
        let _ = writeln!(out, "also: {}", also.join("; "));
    }
    // Names of files, members and events are those of others.
    clean_lines(&out)
}

fn count(report: &Report, verdict: Verdict) -> String {
    let these = report.files.iter().filter(|file| file.verdict == verdict).count() as u64;
    let all = report.files.len() as u64 + report.other_files;
    if all == 1 {
        report.files.iter().map(|file| file.path.as_str()).collect()
    } else {
        format!("{these} of {}", files(all))
    }
}

fn files(count: u64) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

fn describe(out: &mut String, file: &Finding) {
    let formats: Vec<_> = file.formats.iter().map(ToString::to_string).collect();
    let formats = if formats.is_empty() { String::new() } else { format!(" ({})", formats.join(", ")) };
    let word = match file.verdict {
        Verdict::Absent => "no section, no record, no marker",
        Verdict::CannotTell => "cannot tell",
        Verdict::Found => "found",
    };
    let _ = writeln!(out, "{}{formats}: {word}", file.path);
    if file.text_only && file.verdict == Verdict::Absent {
        let _ =
            writeln!(out, "  no file in it is a program; what is built from it or run with it is to be named apart");
    }
    for trace in &file.traces {
        let _ = writeln!(out, "  {}", line(trace));
    }
    if file.further_traces > 0 {
        let _ = writeln!(out, "  and in {} more places", file.further_traces);
    }
    if !file.events.is_empty() {
        let mut names: Vec<_> = file.events.iter().take(NAMES).map(String::as_str).collect();
        if file.events.len() > NAMES {
            names.push("…");
        }
        let _ = writeln!(out, "  {} events: {}", file.events.len(), names.join(", "));
    }
    for reason in &file.reasons {
        let _ = writeln!(out, "  {reason}");
    }
}

fn line(trace: &Trace) -> String {
    let what = match &trace.kind {
        TraceKind::Section { name, records } => format!("section {name}, {records} records read"),
        TraceKind::Record { version, name: Some(name) } => {
            format!("record of format {version} outside of a section, {name}")
        }
        TraceKind::Record { version, name: None } => {
            format!("record of format {version}, unreadable, outside of a section")
        }
        TraceKind::Marker { part } => format!("marker of the {part}"),
        TraceKind::Endpoint { text } => format!("the text {text}"),
    };
    let member = if trace.member.is_empty() { String::new() } else { format!(" of member {}", trace.member) };
    format!("{what}, at offset {:#x}{member}", trace.offset)
}
