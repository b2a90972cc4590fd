//! Whether the lock file says what the records say.

use telemetry_schema::Manifest;

use crate::{
    finding::{Finding, Rule},
    lock::{self, Change, Lock, Scope},
    words,
};

/// The lock file of a package.
#[derive(Debug)]
pub(crate) struct LockState {
    /// Its path, for messages.
    pub(crate) name: String,
    /// What it says, if there is one.
    pub(crate) lock: Option<Lock>,
    /// The command that writes it.
    pub(crate) command: String,
}

/// One finding per difference between the lock file and `new`, the one that would be written. Places are those of `manifest`.
pub(crate) fn check(new: &Lock, manifest: &Manifest, state: &LockState) -> Vec<Finding> {
    let LockState { name, lock, command } = state;
    let Some(old) = lock else {
        let count = words::counted(manifest.events.len(), "event");
        let message = format!("there is no lock file yet, so nobody has reviewed what is collected: {count}");
        let repair = format!("run `{command}`, review {name} and commit it");
        return vec![Finding::new(Rule::LockMissing, message, repair).at(name)];
    };
    let changes = lock::changes(old, new);
    changes.iter().map(|change| finding(change, manifest, name, command)).collect()
}

fn finding(change: &Change, manifest: &Manifest, name: &str, command: &str) -> Finding {
    let repair = format!("undo it, or review it and accept it with `{command}`");
    let finding = Finding::new(Rule::LockOutdated, format!("{} since {name} was written", change.words()), repair);
    let finding = match change.field() {
        Some(field) => finding.of_field(field),
        None => finding,
    };
    let at = |found: Option<&String>| found.filter(|at| !at.is_empty()).map_or(name, String::as_str).to_owned();
    match &change.scope {
        Scope::File => finding.at(name),
        Scope::Sdk(sdk) => {
            let declared = manifest.sdks.iter().find(|descriptor| descriptor.sdk == *sdk);
            finding.of_event(sdk).at(&at(declared.map(|descriptor| &descriptor.at)))
        }
        Scope::Event(key) => {
            let declared = manifest.events.iter().find(|event| event.key() == *key);
            finding.of_event(key).at(&at(declared.map(|event| &event.at)))
        }
    }
}
