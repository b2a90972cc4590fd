//! One difference, and the place where differences are gathered.

use super::rules::{self, Id, Rule, Severity};

/// One difference between two manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule found it: severity, words, reason and advice.
    pub rule: &'static Rule,
    /// What changed.
    pub subject: Subject,
    /// Where inside of the event: `theme.colors[].name` is the key `name` of the values in the list `colors` of the
    /// object `theme`. A variant's value stands behind the variant's name, as in the payload.
    pub field: Option<String>,
    /// `file:line` of the declaration, from the new program, or from the old one where the new one has none. Lock files
    /// hold no places.
    pub at: Option<String>,
    /// What it was, in words; absent where there was nothing.
    pub old: Option<String>,
    /// What it is now, in words; absent where nothing is left.
    pub new: Option<String>,
}

impl Finding {
    /// The severity that goes with the rule.
    pub fn severity(&self) -> Severity {
        self.rule.severity
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The declaration of the SDK of this name.
    Sdk(String),
    /// The event with this key, `sdk/event` or `sdk/event/discriminant`.
    Event(String),
}

impl Subject {
    /// The SDK's name or the event's key.
    pub fn name(&self) -> &str {
        match self {
            Self::Sdk(name) | Self::Event(name) => name,
        }
    }
}

/// Gathers the findings about one subject.
#[derive(Debug)]
pub(super) struct Found<'a> {
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) subject: Subject,
    pub(super) at: Option<String>,
}

impl Found<'_> {
    /// Something about the subject as a whole.
    pub(super) fn note(&mut self, id: Id, old: Option<String>, new: Option<String>) {
        self.push(id, None, old, new);
    }

    /// Something about one field.
    pub(super) fn in_field(&mut self, id: Id, field: &str, old: Option<String>, new: Option<String>) {
        self.push(id, Some(field.to_owned()), old, new);
    }

    /// How many findings there are so far, to ask later whether any came.
    pub(super) fn count(&self) -> usize {
        self.findings.len()
    }

    fn push(&mut self, id: Id, field: Option<String>, old: Option<String>, new: Option<String>) {
        let (rule, subject, at) = (rules::of(id), self.subject.clone(), self.at.clone());
        self.findings.push(Finding { rule, subject, field, at, old, new });
    }
}

/// The place to show: the new one, else the old one. A lock file holds none.
pub(super) fn place(old: Option<&str>, new: Option<&str>) -> Option<String> {
    new.into_iter().chain(old).find(|at| !at.is_empty()).map(str::to_owned)
}

/// `changed`, unless both texts have the same words in the same order.
pub(super) fn reworded(changed: Id, old: &str, new: &str) -> Id {
    if old.split_whitespace().eq(new.split_whitespace()) { Id::WordsRespaced } else { changed }
}

/// Text that may be absent or empty, as something that may be absent.
pub(super) fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}
