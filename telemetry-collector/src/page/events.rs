//! Events by what they report, and the values of their fields.

use std::collections::BTreeSet;

use maud::html;
use telemetry_schema::Kind;

use super::{
    data::Asked,
    definition::{Definitions, field_line, label},
    figure::Figure,
    plot::{self, Bar, MOST_LINES, Point},
    sections::over_periods,
};
use crate::{
    answers::{self, Events, FieldValue, Question},
    store::{Read, StoreError},
};

/// Fields on one page; the CSV has all.
const MOST_FIELDS: usize = 60;
/// Bars in one plot.
const MOST_BARS: usize = 20;

/// The kinds in the order of the page: id, heading, and what one of them is.
const KINDS: [(Kind, &str, &str, &str); 6] = [
    (Kind::Mount, "components", "Components", "Components that were rendered"),
    (Kind::Command, "commands", "Commands", "Commands that succeeded"),
    (Kind::Call, "methods", "Methods", "Methods that were called"),
    (Kind::Start, "starts", "Starts", "Programs that were started"),
    (Kind::Counter, "counters", "Counters", "Machine-days on which it happened"),
    (Kind::Event, "other-events", "Other events", "Events"),
];

/// One figure for each kind of event that there is.
pub(super) fn figures(
    read: &mut dyn Read,
    asked: &Asked,
    definitions: &Definitions,
) -> Result<Vec<Figure>, StoreError> {
    let by = asked.range.by;
    let all = answers::events(read, &asked.scope(by))?;
    let mut figures = Vec::new();
    for (kind, id, title, what) in KINDS {
        let is_of_kind = |row: &&Events| definitions.kind(&row.event, row.discriminant.as_deref()) == kind;
        let rows: Vec<Events> =
            all.iter().filter(is_of_kind).filter(|row| !is_of_the_runtime(&row.event)).cloned().collect();
        if rows.is_empty() {
            continue;
        }
        let named = rows.iter().map(|row| {
            (label(&row.event, row.discriminant.as_deref()), &row.period, (row.n.low, row.n.all, row.n.high))
        });
        let (labels, series) = over_periods(asked, named);
        let kinds: BTreeSet<(&str, Option<&str>)> =
            rows.iter().map(|row| (&*row.event, row.discriminant.as_deref())).collect();
        let more = kinds.len().saturating_sub(MOST_LINES);
        let rest = if more > 0 {
            format!(" The plot has the {MOST_LINES} most frequent, the table {more} more.")
        } else {
            String::new()
        };
        figures.push(Figure {
            id: id.to_owned(),
            title: format!("{title} per {}", by.word()),
            what: format!("{what}, in each {}.{rest}", by.word()),
            drawn: plot::lines(&labels, &series),
            legend: series.iter().map(|one| one.name.clone()).collect(),
            table: Events::table(&asked.sdk, by, &rows),
            told: &[],
            source: asked.source(Question::Events, by),
            sampling: sampling(rows.iter().flat_map(|row| &row.rates)),
            definition: html! { (definitions.list(kinds)) },
        });
    }
    Ok(figures)
}

/// One figure for each field.
pub(super) fn fields(read: &mut dyn Read, asked: &Asked, definitions: &Definitions) -> Result<Vec<Figure>, StoreError> {
    let rows = answers::fields(read, &asked.scope(asked.range.by))?;
    let mut figures = Vec::new();
    let same =
        |a: &FieldValue, b: &FieldValue| (&a.event, &a.discriminant, &a.field) == (&b.event, &b.discriminant, &b.field);
    let of_events = rows.chunk_by(same).filter(|rows| rows.first().is_some_and(|row| !is_of_the_runtime(&row.event)));
    for (rows, number) in of_events.zip(1..=MOST_FIELDS) {
        let Some(FieldValue { event, discriminant, field, .. }) = rows.first() else { continue };
        let of = discriminant.as_deref();
        let bar = |row: &FieldValue| Bar {
            name: row.value.clone(),
            point: Point { low: row.n.low, value: row.n.all, high: row.n.high, is_final: true },
        };
        let bars: Vec<Bar> = rows.iter().take(MOST_BARS).map(bar).collect();
        let more = rows.len().saturating_sub(MOST_BARS);
        let rest = if more > 0 {
            format!(" The plot has the first {MOST_BARS}, the table {more} more.")
        } else {
            String::new()
        };
        figures.push(Figure {
            id: format!("field-{number}"),
            title: format!("{}: {field}", label(event, of)),
            what: format!("How many events had which value, from {} to {}.{rest}", asked.range.from, asked.range.to),
            drawn: plot::bars(&bars),
            legend: Vec::new(),
            table: FieldValue::table(&asked.sdk, rows),
            told: &["event", "of", "field"],
            source: asked.source(Question::Fields, asked.range.by),
            sampling: sampling(rows.iter().flat_map(|row| &row.rates)),
            definition: html! {
                @match definitions.field(event, of, field) {
                    Some(found) => { p { (field_line(found)) } }
                    None => { p { "No manifest that was added has it." } }
                }
                p { "Numbers of wide ranges are counted by the power of two below; lists count each value." }
            },
        });
    }
    Ok(figures)
}

/// What the runtime sends by itself has sections of its own.
fn is_of_the_runtime(event: &str) -> bool {
    let plain = event.replace(['_', '-', ' '], "").to_lowercase();
    plain == "active" || plain == "telemetryhealth"
}

fn sampling<'a>(rates: impl Iterator<Item = &'a u32>) -> String {
    let rates: BTreeSet<u32> = rates.copied().collect();
    let percent = |rate: &u32| format!("{} %", f64::from(*rate) / 1e4);
    match rates.first() {
        Some(least) if *least < 1_000_000 => format!(
            "Recorded on {} of machine-days: figures are estimates, and the thin line is the interval that holds the truth in 95 of 100 cases.",
            rates.iter().map(percent).collect::<Vec<_>>().join(" and ")
        ),
        _ => "Not sampled: recorded on all machines.".to_owned(),
    }
}
