//! Sections of the page of one SDK whose lines are periods: active installations and versions. Events and losses stand beside.

use std::collections::{BTreeMap, BTreeSet};

use maud::html;

use super::{
    data::Asked,
    definition::Definitions,
    figure::Figure,
    plot::{self, MOST_LINES, Point, Series},
};
use crate::{
    answers::{self, Active, Grain, Period, Question, State, Version},
    clock::Day,
    store::{Read, StoreError},
};

/// Active installations per day, week and month.
pub(super) fn active(read: &mut dyn Read, asked: &Asked, definitions: &Definitions) -> Result<Vec<Figure>, StoreError> {
    let mut figures = Vec::new();
    for by in Grain::ALL {
        let rows = answers::active(read, &asked.scope(by))?;
        let labels: Vec<String> = rows.iter().map(|row| row.period.label.clone()).collect();
        let of = |figure: fn(&Active) -> Option<u64>| {
            rows.iter().map(|row| Some(exact(figure(row)?, &row.period))).collect::<Vec<_>>()
        };
        let series = [
            Series { name: "active".to_owned(), points: of(|row| row.active) },
            Series { name: "new".to_owned(), points: of(|row| row.new) },
        ];
        let word = by.word();
        let last = rows.iter().rev().find_map(|row| Some((row.active?, &row.period)));
        figures.push(Figure {
            id: format!("active-{word}"),
            title: format!("Active installations per {word}"),
            what: match last {
                Some((active, period)) => {
                    format!("The last one, {}, had {active} ({}).", period.label, told(period.state))
                }
                None => format!("Installations that were active in a {word}, and those that were so for the first time."),
            },
            drawn: plot::lines(&labels, &series),
            legend: series.iter().map(|one| one.name.clone()).collect(),
            table: Active::table(&asked.sdk, by, &rows),
            told: &[],
            source: asked.source(Question::Active, by),
            sampling: "Never sampled: every installation that sends counts.".to_owned(),
            definition: html! {
                p { "Each installation sends one event per UTC day, without an id. Its flags say whether it is the first of the week, of the
                    month, and of all; the sums of these flags are the figures. A mark that is not filled can still change." }
                (definitions.list(["active", "ACTIVE", "Active"].into_iter().filter(|name| definitions.event(name, None).is_some()).map(|name| (name, None))))
            },
        });
    }
    Ok(figures)
}

/// Versions over periods.
pub(super) fn versions(read: &mut dyn Read, asked: &Asked, known: &BTreeSet<String>) -> Result<Figure, StoreError> {
    let by = asked.range.by;
    let rows = answers::versions(read, &asked.scope(by), known)?;
    let counts_active = rows.iter().any(|row| row.active.is_some());
    let figure = |row: &Version| if counts_active { row.active.unwrap_or(0) } else { row.events };
    let named = rows.iter().map(|row| {
        let name = if row.version.is_empty() { "(not told)" } else { &row.version };
        let mark = if row.is_known { "" } else { " (not added)" };
        (format!("{name}{mark}"), &row.period, {
            let n = figure(row) as f64;
            (n, n, n)
        })
    });
    let (labels, series) = over_periods(asked, named);
    let unknown: BTreeSet<&str> = rows.iter().filter(|row| !row.is_known).map(|row| &*row.version).collect();
    let unit = if counts_active {
        "Installations, by the version with which they were first active"
    } else {
        "Events, by version"
    };
    let missing = if unknown.is_empty() {
        String::new()
    } else {
        format!(" Nobody has added: {}.", unknown.into_iter().collect::<Vec<_>>().join(", "))
    };
    Ok(Figure {
        id: "versions-figure".to_owned(),
        title: format!("Versions per {}", by.word()),
        what: format!("{unit} in each {}.{missing}", by.word()),
        drawn: plot::lines(&labels, &series),
        legend: series.iter().map(|one| one.name.clone()).collect(),
        table: Version::table(&asked.sdk, by, &rows),
        told: &[],
        source: asked.source(Question::Versions, by),
        sampling: if counts_active {
            "Active installations are never sampled; events are as received.".to_owned()
        } else {
            "As received.".to_owned()
        },
        definition: html! { p { "The version is that of the crate that declares the SDK. `sdk add` makes one known; events of others are held against all that are known, and kept." } },
    })
}

/// Lines over the periods of these rows: the largest ones by their sum, each by its name. In a period in which none of them has a row
/// there is no figure.
pub(super) fn over_periods<'a>(
    asked: &Asked,
    rows: impl Iterator<Item = (String, &'a Period, (f64, f64, f64))>,
) -> (Vec<String>, Vec<Series>) {
    let mut sums: BTreeMap<String, f64> = BTreeMap::new();
    let mut figures: BTreeMap<(Day, String), (f64, f64, f64)> = BTreeMap::new();
    let mut last = None;
    for (name, period, figure) in rows {
        *sums.entry(name.clone()).or_default() += figure.1;
        last = last.max(Some(period.first));
        figures.insert((period.first, name), figure);
    }
    let with_rows: BTreeSet<Day> = figures.keys().map(|(first, _)| *first).collect();
    let (scope, by) = (asked.scope(asked.range.by), asked.range.by);
    let mut periods = Vec::new();
    let mut next = with_rows.first().copied();
    while let Some(first) = next.filter(|first| Some(*first) <= last) {
        periods.push(Period::of(by, first, scope.today, scope.late_days));
        next = Some(by.last_day(first).plus(1));
    }
    let mut names: Vec<(String, f64)> = sums.into_iter().collect();
    names.sort_by(|a, b| b.1.total_cmp(&a.1));
    let line = |name: String| {
        let of = |period: &Period| {
            with_rows.contains(&period.first).then(|| {
                let found = figures.get(&(period.first, name.clone()));
                let (low, value, high) = found.copied().unwrap_or((0.0, 0.0, 0.0));
                Point { low, value, high, is_final: period.state == State::Closed }
            })
        };
        Series { points: periods.iter().map(of).collect(), name: name.clone() }
    };
    let series = names.into_iter().take(MOST_LINES).map(|(name, _)| line(name)).collect();
    (periods.iter().map(|period| period.label.clone()).collect(), series)
}

fn exact(n: u64, period: &Period) -> Point {
    let value = n as f64;
    Point { low: value, value, high: value, is_final: period.state == State::Closed }
}

fn told(state: State) -> &'static str {
    match state {
        State::Open => "it is not over",
        State::Settling => "some may still arrive",
        State::Closed => "it is closed",
    }
}
