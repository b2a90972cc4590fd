//! What has changed since a revision of git, by its own lock file and its own rules. Nothing is checked out.

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::{
    config::{self, Config},
    diff::{self, Severity, Side, Subject},
    exit_code::ExitCode,
    failure::Failure,
    files,
    finding::{Finding, Level, Rule},
    lock::{Builds, Lock},
    output,
    source::lock_file,
};

/// The lock file and the rules of a revision.
#[derive(Debug)]
pub(crate) struct Baseline {
    /// The revision, as it was named.
    revision: String,
    /// Its lock file.
    pub(crate) lock: Option<Lock>,
    /// Its rules.
    pub(crate) config: Config,
}

impl Baseline {
    /// Reads both files of `revision`, which lie where they lie now.
    pub(crate) fn read(revision: &str, lock: &Path, config: &Path) -> Result<Self, Failure> {
        let commit = commit(revision, lock)?;
        let named = |path: &Path| format!("{revision}:{}", files::shown(path));
        let lock_file = match file(&commit, lock)? {
            Some(text) => Some(lock_file::parse(&text, &named(lock))?),
            None => None,
        };
        if lock_file.is_none() {
            output::note(&format!("{} is not there, so everything counts as new", named(lock)));
        }
        let rules = match file(&commit, config)? {
            Some(text) => config::parse(&text, &named(config))?,
            None => Config { name: named(config), ..Config::default() },
        };
        Ok(Self { revision: revision.to_owned(), lock: lock_file, config: rules })
    }

    /// What `new` can do that the lock file of the revision does not say. Whatever is wider or breaks a receiver fails the gate.
    /// Of the builds of the names `only`, or of all.
    pub(crate) fn changes(
        &self,
        new: &Lock,
        only: Option<&Builds>,
        read: &telemetry_schema::Manifest,
        lock_name: &str,
    ) -> Vec<Finding> {
        let nothing = Lock::of(new.builds().to_vec(), []);
        let old = self.lock.as_ref().unwrap_or(&nothing);
        let old = only.map_or_else(|| old.clone(), |names| old.restricted(names, true));
        let findings = diff::diff_sides(&Side::of_lock(&old), &Side::of_lock(new));
        findings.iter().map(|finding| self.finding(finding, read, lock_name)).collect()
    }

    fn finding(&self, found: &diff::Finding, read: &telemetry_schema::Manifest, lock_name: &str) -> Finding {
        let (rule, level) = match found.severity() {
            Severity::Wider => (Rule::BaselineWider, Level::Error),
            Severity::Breaking => (Rule::BaselineBreaking, Level::Error),
            Severity::Narrower => (Rule::BaselineNarrower, Level::Note),
            Severity::Note => (Rule::BaselineNote, Level::Note),
        };
        let mut message = format!("{} since {} ({})", found.rule.summary, self.revision, found.rule.id);
        for (label, value) in [("was", &found.old), ("now", &found.new)] {
            if let Some(value) = value {
                message.push_str(&format!("; {label}: {value}"));
            }
        }
        let mut at = String::new();
        match &found.subject {
            Subject::Event(key) => {
                at.extend(read.events.iter().find(|event| event.key() == *key).map(|it| it.at.clone()))
            }
            Subject::Sdk(name) => at.extend(read.sdks.iter().find(|sdk| sdk.sdk == *name).map(|it| it.at.clone())),
        }
        let at = if at.is_empty() { lock_name } else { &at };
        let finding = Finding::new(rule, message, found.rule.advice.to_string());
        let finding = finding.of_event(found.subject.name()).at(at).level(level);
        match &found.field {
            Some(field) => finding.of_field(field),
            None => finding,
        }
    }

    /// Of the findings by the rules of the revision, those that the present rules let pass: rules that were loosened. An exception
    /// that is no longer needed is no fault of the present.
    pub(crate) fn loosened(&self, by_its_rules: Vec<Finding>, present: &[Finding]) -> Vec<Finding> {
        // The same finding names another file in its repair.
        let is_same = |a: &Finding, b: &Finding| {
            (a.rule, &a.event, &a.field, &a.message) == (b.rule, &b.event, &b.field, &b.message)
        };
        let told = |finding: &Finding| {
            finding.rule == Rule::UnusedException || present.iter().any(|other| is_same(finding, other))
        };
        let left = by_its_rules.into_iter().filter(|finding| !told(finding));
        left.map(|mut finding| {
            finding.message.push_str(&format!(" (by the rules of {})", self.revision));
            finding
        })
        .collect()
    }
}

/// The commit that `revision` names, in the repository of the lock file.
fn commit(revision: &str, lock: &Path) -> Result<String, Failure> {
    let unknown = |why: &str| {
        Failure::usage(format!("no revision `{revision}` in this repository{why}")).with_hint(
            "name a commit, a branch or a tag that was fetched; a clone of a CI may be shallow (`fetch-depth: 0`)",
        )
    };
    if revision.starts_with('-') || revision.contains(':') {
        return Err(unknown(": that is no name of one"));
    }
    let output =
        git(lock, &["rev-parse", "--verify", "--quiet", "--end-of-options", &format!("{revision}^{{commit}}")])?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    let why = why.lines().next().map(|line| format!(": {line}")).unwrap_or_default();
    Err(unknown(&why))
}

/// The text of the file at `path` as it was in `commit`; `None` where it was not there.
fn file(commit: &str, path: &Path) -> Result<Option<String>, Failure> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let listed = git(path, &["ls-tree", "--name-only", commit, "--", &name])?;
    if listed.stdout.is_empty() {
        return Ok(None);
    }
    let shown = git(path, &["show", &format!("{commit}:./{name}")])?;
    if !shown.status.success() {
        let why = String::from_utf8_lossy(&shown.stderr).trim().to_owned();
        return Err(Failure::new(ExitCode::NoInput, format!("git cannot show {}: {why}", files::shown(path))));
    }
    let text = String::from_utf8(shown.stdout);
    text.map(Some).map_err(|_| Failure::new(ExitCode::CannotTell, format!("{name} of {commit} is not UTF-8")))
}

/// Runs git in the folder of `beside`.
fn git(beside: &Path, arguments: &[&str]) -> Result<Output, Failure> {
    let folder = beside.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(arguments).stdin(Stdio::null());
    command.output().map_err(|error| Failure::new(ExitCode::NoInput, format!("cannot run git: {error}")))
}
