//! Two declarations of one event.

use telemetry_schema::{EventDescriptor, Level, Throttle};

use super::{
    finding::{Found, reworded, said},
    rules::Id,
    value, words,
};

/// An event that was not there.
pub(super) fn added(event: &EventDescriptor, found: &mut Found<'_>) {
    found.note(Id::EventAdded, None, said(&event.doc));
    value::specials_of(&[], &event.fields, found);
}

/// An event that is gone.
pub(super) fn removed(event: &EventDescriptor, found: &mut Found<'_>) {
    found.note(Id::EventRemoved, said(&event.doc), None);
    value::specials_of(&event.fields, &[], found);
}

/// Compares two events of one key.
pub(super) fn compare(old: &EventDescriptor, new: &EventDescriptor, found: &mut Found<'_>) {
    // Taken apart, so that a new key of descriptors does not compile until it is handled here.
    let EventDescriptor {
        // The key, by which the two were found.
        sdk: _,
        event: _,
        discriminant: _,
        crate_name,
        // Changes with every release and says nothing about the data.
        version: _,
        kind,
        doc,
        fields,
        sample,
        throttle,
        declared_level,
        owner,
        purpose,
        reviewed,
        since,
        expires,
        // A line moves whenever one above it does.
        at: _,
    } = old;
    if *crate_name != new.crate_name {
        found.note(Id::EventCrateChanged, said(crate_name), said(&new.crate_name));
    }
    if *kind != new.kind {
        found.note(Id::EventKindChanged, Some(words::kind(*kind).to_owned()), Some(words::kind(new.kind).to_owned()));
    }
    if *doc != new.doc {
        found.note(reworded(Id::EventDocChanged, doc, &new.doc), said(doc), said(&new.doc));
    }
    value::compare_all("", fields, &new.fields, found);
    sampling(*sample, new.sample, found);
    throttling(*throttle, new.throttle, found);
    level(*declared_level, new.declared_level, found);
    for (id, old, new) in [
        (Id::OwnerChanged, owner, &new.owner),
        (Id::ReviewChanged, reviewed, &new.reviewed),
        (Id::SinceChanged, since, &new.since),
    ] {
        if old != new {
            found.note(id, old.clone(), new.clone());
        }
    }
    if *purpose != new.purpose {
        let words = |purpose: &Option<String>| purpose.clone().unwrap_or_default();
        let id = reworded(Id::PurposeChanged, &words(purpose), &words(&new.purpose));
        found.note(id, purpose.clone(), new.purpose.clone());
    }
    expiry(expires.as_deref(), new.expires.as_deref(), found);
}

/// Rates of an event or of a whole SDK.
pub(super) fn sampling(old: f64, new: f64, found: &mut Found<'_>) {
    let id = match old.partial_cmp(&new) {
        Some(std::cmp::Ordering::Equal) => return,
        Some(std::cmp::Ordering::Less) => Id::SamplingRaised,
        Some(std::cmp::Ordering::Greater) => Id::SamplingLowered,
        // Not a number: no JSON holds it. What cannot be ordered counts as more.
        None => Id::SamplingRaised,
    };
    found.note(id, Some(words::rate(old)), Some(words::rate(new)));
}

fn throttling(old: Throttle, new: Throttle, found: &mut Found<'_>) {
    if old == new {
        return;
    }
    let id = if looseness(new) > looseness(old) { Id::ThrottleLoosened } else { Id::ThrottleTightened };
    found.note(id, Some(words::throttle(old)), Some(words::throttle(new)));
}

/// What is not said is `usage`.
fn level(old: Option<Level>, new: Option<Level>, found: &mut Found<'_>) {
    if old == new {
        return;
    }
    let holds = |level: Option<Level>| level.unwrap_or(Level::Usage);
    let id = match holds(new).cmp(&holds(old)) {
        std::cmp::Ordering::Less => Id::LevelLowered,
        std::cmp::Ordering::Greater => Id::LevelRaised,
        std::cmp::Ordering::Equal => Id::LevelStated,
    };
    let said = |level: Option<Level>| {
        Some(level.map_or_else(|| "not said, so usage".to_owned(), |level| level.word().to_owned()))
    };
    found.note(id, said(old), said(new));
}

/// Throttles by how often they let an identical event through: so many times in a thousand hours.
///
/// Once per UTC day lets two through around midnight, so once in 24 hours is the tighter one of the two.
fn looseness(throttle: Throttle) -> f64 {
    const HOURS: f64 = 1_000.0;
    match throttle {
        Throttle::None | Throttle::RollingHours(0) => f64::INFINITY,
        Throttle::RollingHours(hours) => HOURS / f64::from(hours),
        Throttle::Daily => HOURS / 24.0 + 1.0,
    }
}

/// The word for "does not expire"; no date at all means the same.
const NEVER: &str = "never";

fn expiry(old: Option<&str>, new: Option<&str>, found: &mut Found<'_>) {
    if old == new {
        return;
    }
    let date = |text: Option<&str>| text.filter(|text| *text != NEVER).map(str::to_owned);
    // Dates are written `YYYY-MM-DD` and sort as text.
    let id = match (date(old), date(new)) {
        (None, None) => Id::ExpiryStated,
        (Some(_), None) => Id::ExpiryLater,
        (None, Some(_)) => Id::ExpiryEarlier,
        (Some(old), Some(new)) if new > old => Id::ExpiryLater,
        (Some(_), Some(_)) => Id::ExpiryEarlier,
    };
    found.note(id, old.map(str::to_owned), new.map(str::to_owned));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn throttles_have_an_order() {
        let from_tight_to_loose = [
            Throttle::RollingHours(720),
            Throttle::RollingHours(24),
            Throttle::Daily,
            Throttle::RollingHours(12),
            Throttle::RollingHours(1),
            Throttle::None,
        ];
        assert!(from_tight_to_loose.is_sorted_by(|a, b| looseness(*a) < looseness(*b)));
    }
}
