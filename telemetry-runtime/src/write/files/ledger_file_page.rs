//! `ledger.json` of a page: what became of the events of all pages of its origin. Kept where the SDK declares `health`, which tells of it.

use std::io;

use telemetry_schema::json::Json;

use crate::{
    base::{clock, needs},
    count::{LedgerCounts, ledger::Ledger},
    write::files::state_dir::SdkDir,
};

/// Its key.
pub(crate) const NAME: &str = "ledger.json";

/// The one version that is read and written.
const VERSION: u32 = 1;

/// The sum of all pages.
#[derive(Debug)]
pub(crate) struct Sum {
    /// The UTC day on which counting began, in days since 1970-01-01.
    pub(crate) since: u32,
    pub(crate) counts: LedgerCounts,
    /// The UTC day on which `telemetry_health` has looked, and all that it has told.
    told_day: u32,
    told: LedgerCounts,
}

/// Reads it; one that begins today if that cannot be done.
pub(crate) fn load(dir: &SdkDir, today: u32) -> Sum {
    let none = LedgerCounts::default();
    read(dir).unwrap_or(Sum { since: today, counts: none, told_day: 0, told: none })
}

/// As [`load`]; `None` if there is none.
pub(crate) fn read(dir: &SdkDir) -> Option<Sum> {
    let document = Json::parse(dir.read(NAME).ok()??.as_bytes())?;
    let number = |name: &str| document.get(name)?.unsigned_32();
    if number("version")? != VERSION {
        return None;
    }
    let counts = |name: &str| Some(LedgerCounts::read(document.get(name)?));
    Some(Sum {
        since: number("since")?,
        counts: counts("counts")?,
        told_day: number("told_day")?,
        told: counts("told")?,
    })
}

fn store(dir: &SdkDir, sum: &Sum) -> io::Result<()> {
    let document = Json::object([
        ("version", Json::number(VERSION)),
        ("since", Json::number(sum.since)),
        ("counts", sum.counts.json()),
        ("told_day", Json::number(sum.told_day)),
        ("told", sum.told.json()),
    ]);
    dir.put(NAME, &String::from_utf8(document.render(false)).unwrap_or_default())
}

/// What this page has counted goes into the sum; `counted` is what it has put there before.
type Keep = fn(&SdkDir, &Ledger, counted: &mut Option<LedgerCounts>);

needs::part!(
    Keep = |dir, ledger, counted| {
        let (now, before) = (ledger.counts(), counted.unwrap_or_default());
        if now != before && add(dir, clock::today(), &before, &now).is_ok() {
            *counted = Some(now);
        }
    }
);

/// Puts what this page has counted by `now` in the place of what it had counted `before`.
///
/// # Errors
///
/// If it cannot be written; it is as it was.
fn add(dir: &SdkDir, today: u32, before: &LedgerCounts, now: &LedgerCounts) -> io::Result<()> {
    let mut sum = load(dir, today);
    sum.counts = sum.counts.since(before).plus(now);
    store(dir, &sum)
}

/// What was lost and is still to be told; as natively, for whoever asks first on a day.
pub(crate) fn losses_to_tell(
    dir: &SdkDir,
    today: u32,
    will_tell: impl FnOnce(&LedgerCounts) -> LedgerCounts,
) -> Option<LedgerCounts> {
    let mut sum = load(dir, today);
    // A day far ahead is one of a clock that was wrong.
    if sum.told_day == today || sum.told_day == today + 1 {
        return None;
    }
    let lost = sum.counts.losses();
    let before = lost.at_most(&sum.told);
    (sum.told_day, sum.told) = (today, before.plus(&will_tell(&lost.since(&before))));
    // First: a page that dies in between loses numbers, where the other order would tell them twice.
    store(dir, &sum).ok()?;
    Some(sum.told.since(&before))
}
