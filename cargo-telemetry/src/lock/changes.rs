//! What differs between two lock files, line by line: every difference of their bytes has a name.

use std::collections::BTreeMap;

use super::{Entry, Lock, Scope};

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    /// Whose line it is.
    pub(crate) scope: Scope,
    /// What it is about: `event`, `sdk`, a key such as `sample`, or a field: `field theme`.
    pub(crate) label: String,
    /// What happened.
    pub(crate) what: What,
    /// The line in the old file, without indentation and comma.
    pub(crate) old: String,
    /// The line in the new file.
    pub(crate) new: String,
}

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// Only the new file has it.
    Added,
    /// Only the old file has it.
    Removed,
    /// Both have it, with different words.
    Changed,
    /// The same lines in another order.
    Moved,
}

type Lines = BTreeMap<Scope, Vec<Entry>>;

/// All differences, by scope. An SDK or event that only one file has is one difference.
pub(crate) fn changes(old: &Lock, new: &Lock) -> Vec<Change> {
    let (old, new) = (lines(old), lines(new));
    let mut changes = Vec::new();
    let mut scopes: Vec<_> = old.keys().chain(new.keys()).collect();
    scopes.sort();
    scopes.dedup();
    for scope in scopes {
        match (old.get(scope), new.get(scope)) {
            (Some(old), Some(new)) => compare(scope, old, new, &mut changes),
            (Some(_), None) => changes.push(whole(scope, What::Removed)),
            (None, _) => changes.push(whole(scope, What::Added)),
        }
    }
    changes
}

fn lines(lock: &Lock) -> Lines {
    let mut lines = Lines::new();
    for entry in lock.entries() {
        lines.entry(entry.scope.clone()).or_default().push(entry);
    }
    lines
}

fn whole(scope: &Scope, what: What) -> Change {
    let label = match scope {
        Scope::File => "lock",
        Scope::Sdk(_) => "sdk",
        Scope::Event(_) => "event",
    };
    Change { scope: scope.clone(), label: label.to_owned(), what, old: String::new(), new: String::new() }
}

fn compare(scope: &Scope, old: &[Entry], new: &[Entry], changes: &mut Vec<Change>) {
    let before = changes.len();
    let mut labels: Vec<&str> = Vec::new();
    for entry in new.iter().chain(old).filter(|entry| !entry.label.is_empty()) {
        if !labels.contains(&entry.label.as_str()) {
            labels.push(&entry.label);
        }
    }
    for label in labels {
        // Two schemas under one key, or two fields of one name, give several lines with one label.
        let of = |entries: &[Entry]| -> Vec<String> {
            entries.iter().filter(|entry| entry.label == label).map(|entry| shown(&entry.text)).collect()
        };
        let (old, new) = (of(old), of(new));
        let what = match (old.is_empty(), new.is_empty()) {
            (true, _) => What::Added,
            (_, true) => What::Removed,
            _ if old != new => What::Changed,
            _ => continue,
        };
        let (old, new) = (old.join(" and "), new.join(" and "));
        changes.push(Change { scope: scope.clone(), label: label.to_owned(), what, old, new });
    }
    let texts = |entries: &[Entry]| -> Vec<String> { entries.iter().map(|entry| entry.text.clone()).collect() };
    if changes.len() == before && texts(old) != texts(new) {
        let label = "order of the lines".to_owned();
        let (old, new) = (String::new(), String::new());
        changes.push(Change { scope: scope.clone(), label, what: What::Moved, old, new });
    }
}

/// A line as messages show it: what stands in it, without what its label says already.
fn shown(text: &str) -> String {
    let text = text.trim().trim_end_matches(',').trim_end_matches('[').trim_end();
    let keys = text.strip_prefix("{ name = ").and_then(|table| table.split_once(", type = "));
    let Some((_, keys)) = keys else { return text.to_owned() };
    format!("type = {}", keys.strip_suffix(" }").unwrap_or(keys))
}

/// Two texts without the keys that both end with.
fn differing<'a>(old: &'a str, new: &'a str) -> (&'a str, &'a str) {
    let same: usize =
        old.chars().rev().zip(new.chars().rev()).take_while(|(a, b)| a == b).map(|(c, _)| c.len_utf8()).sum();
    let end = old.get(old.len() - same..).and_then(|end| end.find(", ").and_then(|at| end.get(at..)));
    let cut = |text: &'a str| end.and_then(|end| text.strip_suffix(end)).unwrap_or(text);
    (cut(old), cut(new))
}

impl Change {
    /// The name of the field, where the line is one.
    pub(crate) fn field(&self) -> Option<&str> {
        self.label.strip_prefix("field ")
    }

    /// What happened, in words: ``field `theme` was added``.
    pub(crate) fn words(&self) -> String {
        let subject = match self.field() {
            Some(field) => format!("field `{field}`"),
            None if self.scope == Scope::File && self.label.starts_with("build ") => {
                format!("build `{}`", self.label.trim_start_matches("build "))
            }
            None if matches!(self.label.as_str(), "event" | "sdk" | "lock") && self.old.is_empty() => {
                format!("the {}", if self.label == "sdk" { "SDK" } else { &self.label })
            }
            None if self.what == What::Moved => self.label.clone(),
            None => format!("`{}`", self.label),
        };
        match self.what {
            What::Added if self.new.is_empty() => format!("{subject} was added"),
            What::Added => format!("{subject} was added: {}", self.new),
            What::Removed => format!("{subject} was removed"),
            What::Changed => {
                let (old, new) = differing(&self.old, &self.new);
                format!("{subject} was changed from {old} to {new}")
            }
            What::Moved => format!("the {subject} was changed"),
        }
    }

    /// The sign of a difference: `+`, `-` or `~`.
    pub(crate) fn sign(&self) -> char {
        match self.what {
            What::Added => '+',
            What::Removed => '-',
            What::Changed | What::Moved => '~',
        }
    }
}
