//! `expected.txt`: a line for each figure, with what it was and how far it may be from that.

use std::process::ExitCode;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/expected.txt");

/// A line of the file.
struct Line<'a> {
    name: &'a str,
    value: f64,
    percent: f64,
}

/// `name | value | percent`; `None` for comments.
fn line(text: &str) -> Option<Line<'_>> {
    let text = text.split('#').next()?.trim();
    let mut parts = text.split('|').map(str::trim);
    let (name, value, percent) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Line { name, value: value.parse().ok()?, percent: percent.parse().ok()? })
}

/// Prints every figure beside its line, and what is wrong. `BLESS=1` writes what was found.
pub(crate) fn compare(found: &[(String, f64)]) -> ExitCode {
    let text = std::fs::read_to_string(FILE).expect("the file is there");
    let lines: Vec<_> = text.lines().filter_map(line).collect();
    let mut out = String::new();
    let mut wrong = Vec::new();
    for (name, value) in found {
        let Some(line) = lines.iter().find(|line| line.name == name) else {
            wrong.push(format!("{name}: no line in expected.txt"));
            continue;
        };
        let off = (value - line.value) / line.value * 100.0;
        if off.abs() > line.percent {
            let change = if off > 0.0 { "more" } else { "less" };
            wrong.push(format!(
                "{name}: {value:.2} is {:.1} % {change} than {}, and {} % may be",
                off.abs(),
                line.value,
                line.percent
            ));
        }
        out.push_str(&format!("{name:<38}{value:>12.2}{:>12}\n", line.value));
    }
    let unused = lines.iter().filter(|line| found.iter().all(|(name, _)| name != line.name));
    wrong.extend(unused.map(|line| format!("{}: nothing counts that", line.name)));
    eprint!("{:<38}{:>12}{:>12}\n{out}", "", "found", "expected");
    if std::env::var_os("BLESS").is_some() {
        let written: String = text.lines().map(|text| blessed(text, found) + "\n").collect();
        std::fs::write(FILE, written).expect("the file can be written");
        return ExitCode::SUCCESS;
    }
    for wrong in &wrong {
        eprintln!("{wrong}");
    }
    if wrong.is_empty() {
        ExitCode::SUCCESS
    } else {
        eprintln!("If it is meant, say why in the commit: BLESS=1 scripts/guards");
        ExitCode::FAILURE
    }
}

/// The same line with what was found.
fn blessed(text: &str, found: &[(String, f64)]) -> String {
    match line(text).and_then(|line| Some((found.iter().find(|(name, _)| name == line.name)?, line.percent))) {
        Some(((name, value), percent)) => format!("{name} | {} | {percent}", (value * 100.0).round() / 100.0),
        None => text.to_owned(),
    }
}
