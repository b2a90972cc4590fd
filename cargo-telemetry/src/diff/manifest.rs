//! Two manifests: which SDKs and events belong together.

use std::collections::{BTreeMap, BTreeSet};

use telemetry_schema::{EventDescriptor, Manifest, SdkDescriptor, conflicts, digest};

use super::{
    event,
    finding::{Finding, Found, Subject, place},
    pair::pair,
    rules::Id,
    sdk, words,
};
use crate::lock::{Builds, DEFAULT_NAME, Lock};

/// One side of a comparison.
#[derive(Debug, Clone)]
pub struct Side<'a> {
    manifest: &'a Manifest,
    /// Events that the runtime switches off, because nobody could say what was sent.
    off: BTreeSet<String>,
    /// The lock file that it was read from.
    lock: Option<&'a Lock>,
}

impl<'a> Side<'a> {
    /// What one program can record.
    pub fn of(manifest: &'a Manifest) -> Self {
        Self { manifest, off: keys_off(manifest), lock: None }
    }

    /// What several builds can record: two schemas of one key in different builds are in nobody's way.
    pub fn of_lock(lock: &'a Lock) -> Self {
        let off = lock.builds().iter().flat_map(|build| keys_off(&lock.of_build(&build.name))).collect();
        Self { manifest: lock.manifest(), off, lock: Some(lock) }
    }
}

/// Compares two manifests. The findings that matter most come first; equal manifests have none.
pub fn diff(old: &Manifest, new: &Manifest) -> Vec<Finding> {
    diff_sides(&Side::of(old), &Side::of(new))
}

/// The same, where a side may be a lock file of several builds.
pub fn diff_sides(old: &Side<'_>, new: &Side<'_>) -> Vec<Finding> {
    // The version of the format belongs to the writer of the file; a reader that takes the file knows it.
    let Manifest { manifest_version: _, sdks: old_sdks, events: old_events } = old.manifest;
    let Manifest { manifest_version: _, sdks: new_sdks, events: new_events } = new.manifest;
    let mut findings = Vec::new();
    sdks(old_sdks, new_sdks, &mut findings);
    events(old_events, new_events, &[&old.off, &new.off], &mut findings);
    if let (Some(old), Some(new)) = (old.lock, new.lock) {
        builds(old, new, &mut findings);
    }
    // Stable: what one rule says of one place stays in the order of the payload.
    findings.sort_by(|a, b| {
        let severity = b.severity().cmp(&a.severity());
        severity.then_with(|| a.subject.cmp(&b.subject)).then_with(|| a.field.cmp(&b.field))
    });
    findings
}

fn sdks(old: &[SdkDescriptor], new: &[SdkDescriptor], findings: &mut Vec<Finding>) {
    let pairs = pair(old, new, |sdk| &sdk.sdk);
    for sdk in pairs.removed {
        about_sdk(findings, Some(sdk), None, &sdk.sdk).note(Id::SdkRemoved, Some(sdk.endpoint.clone()), None);
    }
    for sdk in pairs.added {
        about_sdk(findings, None, Some(sdk), &sdk.sdk).note(Id::SdkAdded, None, Some(sdk.endpoint.clone()));
    }
    for (old, new) in pairs.both {
        sdk::compare(old, new, &mut about_sdk(findings, Some(old), Some(new), &new.sdk));
    }
}

fn about_sdk<'a>(
    findings: &'a mut Vec<Finding>,
    old: Option<&SdkDescriptor>,
    new: Option<&SdkDescriptor>,
    name: &str,
) -> Found<'a> {
    let at = place(old.map(|sdk| &*sdk.at), new.map(|sdk| &*sdk.at));
    Found { findings, subject: Subject::Sdk(name.to_owned()), at }
}

/// Events that other builds have than before: users of a build are told of an event, or of one less.
fn builds(old: &Lock, new: &Lock, findings: &mut Vec<Finding>) {
    // The one build of a package that declared none has no name that anybody chose.
    if let [only] = old.builds()
        && only.name == DEFAULT_NAME
        && new.builds().iter().all(|build| build.name != DEFAULT_NAME)
    {
        return;
    }
    let keys: BTreeSet<_> = new.manifest().events.iter().map(EventDescriptor::key).collect();
    for key in keys {
        let (before, after) = (old.builds_of_event(&key), new.builds_of_event(&key));
        let id = match (before.is_empty(), after.difference(&before).next(), before == after) {
            // Added with its builds, which is a finding already.
            (true, _, _) | (_, _, true) => continue,
            (false, Some(_), false) => Id::BuildAdded,
            (false, None, false) => Id::BuildRemoved,
        };
        let names = |builds: &Builds| Some(words::list(builds.iter().map(String::as_str)));
        let mut found = Found { findings: &mut *findings, subject: Subject::Event(key), at: None };
        found.note(id, names(&before), names(&after));
    }
}

/// The events of one key. A program in order has one; several that can carry different things are all off.
#[derive(Default)]
struct Group<'a> {
    old: Vec<&'a EventDescriptor>,
    new: Vec<&'a EventDescriptor>,
}

/// Events that the runtime switches off, because nobody could say what was sent.
fn keys_off(manifest: &Manifest) -> BTreeSet<String> {
    conflicts(&manifest.sdks, &manifest.events).into_iter().collect()
}

fn events(
    old: &[EventDescriptor],
    new: &[EventDescriptor],
    [off_before, off_after]: &[&BTreeSet<String>; 2],
    findings: &mut Vec<Finding>,
) {
    let mut groups: BTreeMap<String, Group<'_>> = BTreeMap::new();
    for event in old {
        groups.entry(event.key()).or_default().old.push(event);
    }
    for event in new {
        groups.entry(event.key()).or_default().new.push(event);
    }
    for (key, Group { old, new }) in groups {
        let (first_old, first_new) = (old.first().copied(), new.first().copied());
        let conflict = match (off_before.contains(&key), off_after.contains(&key)) {
            (false, true) => Some(Id::KeyConflictAdded),
            (true, false) => Some(Id::KeyConflictRemoved),
            _ => None,
        };
        let at = place(first_old.map(|event| &*event.at), first_new.map(|event| &*event.at));
        let mut found = Found { findings: &mut *findings, subject: Subject::Event(key), at };
        if let Some(id) = conflict {
            found.note(id, words::schemas(schemas(&old)), words::schemas(schemas(&new)));
        }
        match (first_old, first_new) {
            (Some(_), Some(_)) => compare_all(&old, &new, conflict.is_some(), &mut found),
            (Some(event), None) => event::removed(event, &mut found),
            (None, Some(event)) => event::added(event, &mut found),
            (None, None) => {}
        }
    }
}

/// How many different things events of one key can carry.
fn schemas(events: &[&EventDescriptor]) -> usize {
    match events {
        [] => 0,
        [_] => 1,
        several => several.iter().map(|event| digest::event(event)).collect::<BTreeSet<_>>().len(),
    }
}

/// Compares what is left after equal ones were taken out; of several, the first with the first. `told`: that several schemas
/// came or went is a finding already.
fn compare_all(old: &[&EventDescriptor], new: &[&EventDescriptor], told: bool, found: &mut Found<'_>) {
    if let ([old], [new]) = (old, new) {
        event::compare(old, new, found);
        return;
    }
    let pairs = pair(old, new, |event| digest::event(event));
    for (old, new) in &pairs.both {
        event::compare(old, new, found);
    }
    for (old, new) in pairs.removed.iter().zip(&pairs.added) {
        event::compare(old, new, found);
    }
    // What is left has no partner: another schema of the key, in a conflict that was there before or in another build.
    let partners = pairs.removed.len().min(pairs.added.len());
    if !told && (schemas(old) > 1 || schemas(new) > 1) {
        for event in pairs.removed.iter().skip(partners) {
            event::removed(event, found);
        }
        for event in pairs.added.iter().skip(partners) {
            event::added(event, found);
        }
    }
}
