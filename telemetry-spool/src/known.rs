//! What this process knows of requests beyond what stands on disk: attempts at a plan, and plans that are being sent.
//!
//! It is kept for the process and by folder, as [`own`](super::own) is: the folder may be opened again while a request is
//! under way, and whoever erases or discards then must know of that
//! request. What becomes of its frames is counted by who sends them, and by nobody else.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{format::plan::Plan, own, process::PerProcess, spool_folder::Owner, tally::Outcome};

/// What this process knows of a plan beyond what stands on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tries {
    /// Attempts of this process to send it.
    pub(crate) attempts: u8,
    /// When it was last taken for one, in milliseconds since 1970-01-01.
    pub(crate) taken_ms: u64,
    /// An attempt ended without a reply, so it may have arrived.
    pub(crate) ambiguous: bool,
    /// Its end is known and could not be written down: this process does not take it again.
    pub(crate) ended: bool,
    /// Its frames are for another destination: a program that has it sends them.
    pub(crate) foreign: bool,
}

/// A plan that is being sent.
#[derive(Debug)]
struct Flying {
    plan: Plan,
    /// What becomes of our frames in it if it comes back without an end.
    discarded: Option<Outcome>,
}

/// Of one folder and destination, by the keys of the plans.
#[derive(Debug, Default)]
struct Known {
    tries: BTreeMap<String, Tries>,
    flying: BTreeMap<String, Flying>,
}

static KNOWN: PerProcess<Mutex<BTreeMap<Owner, Known>>> =
    PerProcess::new(Mutex::new(BTreeMap::new()), |_| Mutex::default());

fn known() -> MutexGuard<'static, BTreeMap<Owner, Known>> {
    // Nothing is done under this lock that could panic half-way.
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Changes what is known of a folder; nothing is kept where there is nothing to know.
fn change<T>(owner: &Owner, change: impl FnOnce(&mut Known) -> T) -> T {
    let mut all = known();
    let mut of_it = all.remove(owner).unwrap_or_default();
    let result = change(&mut of_it);
    if !of_it.tries.is_empty() || !of_it.flying.is_empty() {
        all.insert(owner.clone(), of_it);
    }
    result
}

/// What this process knows of a plan.
pub(crate) fn tries(owner: &Owner, key: &str) -> Tries {
    known().get(owner).and_then(|known| known.tries.get(key)).copied().unwrap_or_default()
}

/// Whether a plan of this folder may have arrived, whichever owner in this process has tried it.
pub(crate) fn may_have_arrived(folder: &str, key: &str) -> bool {
    let is_ambiguous = |known: &Known| known.tries.get(key).is_some_and(|tries| tries.ambiguous);
    known().iter().any(|(owner, known)| owner.folder == folder && is_ambiguous(known))
}

/// Remembers it.
pub(crate) fn set_tries(owner: &Owner, key: &str, tries: Tries) {
    change(owner, |known| {
        if tries == Tries::default() {
            known.tries.remove(key);
        } else {
            known.tries.insert(key.to_owned(), tries);
        }
    });
}

/// Whether `wanted` accepts any plan that was tried.
pub(crate) fn any_tries(owner: &Owner, wanted: impl Fn(&Tries) -> bool) -> bool {
    known().get(owner).is_some_and(|known| known.tries.values().any(wanted))
}

/// Changes what is known of all plans that were tried.
pub(crate) fn for_all_tries(owner: &Owner, mut with: impl FnMut(&mut Tries)) {
    change(owner, |known| known.tries.values_mut().for_each(&mut with));
}

/// Forgets plans that stand no more.
pub(crate) fn keep_tries(owner: &Owner, stands: impl Fn(&str) -> bool) {
    change(owner, |known| known.tries.retain(|key, _| stands(key)));
}

/// Whether a frame is in a plan that is being sent, by whichever owner in this process: who sends it counts what becomes of it.
pub(crate) fn is_flying(folder: &str, segment: &str, at: u64) -> bool {
    let has = |known: &Known| known.flying.values().any(|flying| flying.plan.has(segment, at));
    known().iter().any(|(owner, known)| owner.folder == folder && has(known))
}

/// What becomes of our frames in plans that are being sent, if these come back without an end.
pub(crate) fn discard_flying(owner: &Owner, outcome: Outcome) {
    change(owner, |known| known.flying.values_mut().for_each(|flying| flying.discarded = Some(outcome)));
}

/// The way of a plan from being taken to its end, and our frames in it. From its beginning it alone says what becomes of
/// these: whoever discards what the process has recorded leaves them to it. Dropped before its end, a panic perhaps, it
/// leaves everything as it was before.
#[derive(Debug)]
pub(crate) struct Flight {
    owner: Owner,
    key: String,
    /// Our frames, by segment.
    own: Vec<(String, own::Runs)>,
}

impl Flight {
    /// A plan is about to be sent that holds these frames, given by segment and number, from the first to the one behind the last.
    pub(crate) fn begin<'a>(
        owner: &Owner,
        key: &str,
        plan: &Plan,
        frames: impl Iterator<Item = (&'a str, (u32, u32))>,
    ) -> Self {
        // In this order, and back in the other: whoever discards finds our frames as our own or on their way, or as both.
        let flying = Flying { plan: plan.clone(), discarded: None };
        change(owner, |known| known.flying.insert(key.to_owned(), flying));
        let mut own = Vec::new();
        for (segment, run) in frames {
            let runs = own::take(owner, segment, &[run]);
            if !runs.is_empty() {
                own.push((segment.to_owned(), runs));
            }
        }
        Self { owner: owner.clone(), key: key.to_owned(), own }
    }

    /// How many of its frames this process has recorded.
    pub(crate) fn own_events(&self) -> u64 {
        self.own.iter().map(|(_, runs)| own::count(runs)).sum()
    }

    /// Whether our frames in it are not to be sent again.
    pub(crate) fn is_discarded(&self) -> bool {
        known()
            .get(&self.owner)
            .and_then(|known| known.flying.get(&self.key))
            .is_some_and(|flying| flying.discarded.is_some())
    }

    /// It has its end, and whoever knows that counts its frames.
    pub(crate) fn end(mut self) {
        self.own.clear();
    }

    /// It comes back without an end: our frames are ours again. Says what is to become of them.
    pub(crate) fn turn_back(mut self) -> Option<Outcome> {
        self.land()
    }

    fn land(&mut self) -> Option<Outcome> {
        for (segment, runs) in std::mem::take(&mut self.own) {
            for (first, end) in runs {
                own::add(&self.owner, &segment, first, end - first);
            }
        }
        change(&self.owner, |known| known.flying.remove(&self.key)).and_then(|flying| flying.discarded)
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.land();
    }
}
