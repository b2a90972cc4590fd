//! The truth beside the collector's answers.

use std::collections::BTreeMap;

use super::{
    installation::Sdk,
    month::{End, FIRST_DAY, Happened, Month, SECOND_ADDED},
    wire::Wire,
};
use crate::{
    answers::{self, Grain, Scope, Source},
    clock::Day,
    store::{Days, Read, StoreError},
};

/// One figure, twice.
#[derive(Debug)]
pub(crate) struct Line {
    /// Which figure.
    pub(crate) what: String,
    /// What has to be.
    pub(crate) truth: u64,
    /// What the collector says.
    pub(crate) answer: u64,
}

/// Figures by what they are.
type Figures = BTreeMap<String, u64>;

/// All figures of all SDKs.
pub(crate) fn compare(read: &mut dyn Read, month: &Month, wire: &Wire, today: Day) -> Result<Vec<Line>, StoreError> {
    let mut lines = Vec::new();
    for sdk in Sdk::ALL {
        let truth = truth(sdk, month, wire);
        let mut answers = answers(read, sdk, today)?;
        for (what, truth) in truth {
            let answer = answers.remove(&what).unwrap_or(0);
            lines.push(Line { what, truth, answer });
        }
        // What the collector has and nobody sent would be seen here.
        lines.extend(answers.into_iter().map(|(what, answer)| Line { what, truth: 0, answer }));
    }
    Ok(lines)
}

fn truth(sdk: Sdk, month: &Month, wire: &Wire) -> Figures {
    let mut figures = Figures::new();
    let name = sdk.name();
    let mut add = |what: String, n: u64| {
        if n > 0 {
            *figures.entry(format!("{name} {what}")).or_default() += n;
        }
    };
    for one in month.happened.iter().filter(|one| one.sdk == sdk) {
        let Happened { day, event, component, is_second, end, first_in, .. } = one;
        match end {
            End::Refused => {
                add("refused: unknown_field".to_owned(), 1);
                add("lost, as clients say: rejected".to_owned(), 1);
            }
            End::Expired => add("lost, as clients say: expired".to_owned(), 1),
            End::Kept => {
                add("accepted".to_owned(), 1);
                if *is_second && *day < FIRST_DAY.plus(SECOND_ADDED) {
                    add("unknown_version".to_owned(), 1);
                }
                add(format!("version {}", if *is_second { "1.5.0" } else { "1.4.0" }), 1);
                add(format!("events {} {event} {}", label(Grain::Week, *day), component.as_deref().unwrap_or("")), 1);
                for (by, is_first) in Grain::ALL.into_iter().zip(first_in).filter(|_| *event == "active") {
                    add(format!("active {}", label(by, *day)), u64::from(*is_first));
                }
            }
        }
    }
    add("duplicate".to_owned(), wire.repeats(&format!("/{}/v1/event", sdk.word())));
    figures
}

fn answers(read: &mut dyn Read, sdk: Sdk, today: Day) -> Result<Figures, StoreError> {
    let mut figures = Figures::new();
    let name = sdk.name();
    let mut add = |what: String, n: u64| {
        if n > 0 {
            *figures.entry(format!("{name} {what}")).or_default() += n;
        }
    };
    let scope = |by| Scope { sdk: name.to_owned(), days: Days::ALL, by, today, late_days: 15 };
    for by in Grain::ALL {
        for row in answers::active(read, &scope(by))? {
            add(format!("active {}", row.period.label), row.active.unwrap_or(0));
        }
    }
    for row in answers::events(read, &scope(Grain::Week))? {
        let component = row.discriminant.as_deref().unwrap_or("");
        add(format!("events {} {} {component}", row.period.label, row.event), row.n.received);
    }
    for row in answers::versions(read, &scope(Grain::Month), &Default::default())? {
        add(format!("version {}", row.version), row.events);
    }
    for row in answers::losses(read, &scope(Grain::Month))? {
        let what = match (row.source, row.word.as_str()) {
            (Source::Client, word) => format!("lost, as clients say: {word}"),
            (Source::Collector, word @ ("accepted" | "duplicate" | "unknown_version")) => word.to_owned(),
            (Source::Collector, word) => format!("refused: {word}"),
        };
        add(what, row.n);
    }
    Ok(figures)
}

fn label(by: Grain, day: Day) -> String {
    answers::Period::of(by, day, day, 0).label
}
