//! What did not come through, in three figures: refused, taken with a remark, lost before it came.

use maud::html;

use super::{data::Asked, figure::Figure, plot, sections::over_periods};
use crate::{
    answers::{self, Loss, Question, Source},
    reason::Reason,
    store::{Read, StoreError, outcome},
};

/// Which figure a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Refused,
    Remarked,
    Client,
}

fn part(row: &Loss) -> Part {
    match row.source {
        Source::Client => Part::Client,
        Source::Collector if Reason::ALL.iter().any(|reason| reason.word() == row.word) => Part::Refused,
        Source::Collector => Part::Remarked,
    }
}

pub(super) fn figures(read: &mut dyn Read, asked: &Asked) -> Result<Vec<Figure>, StoreError> {
    let by = asked.range.by;
    let all = answers::losses(read, &asked.scope(by))?;
    let mut figures = Vec::new();
    for (wanted, id, title, what, definition) in [
        (
            Part::Client,
            "lost",
            "Lost on the way",
            "Events that clients could not deliver, as they report by health: Daily, on the day of the report.",
            "Sums of the fields of the event telemetry_health, each named after how an event ended in the client's ledger.",
        ),
        (
            Part::Refused,
            "refused",
            "Refused",
            "Events that the manifests do not allow, by reason, on the day of their arrival. Nothing of them is kept.",
            "A reason says which rule was broken and never what broke it. Clients are told the same word.",
        ),
        (
            Part::Remarked,
            "arrived",
            "Arrived",
            "Events that were kept, and among them repeats, versions that nobody has added, requests without a key, and clocks that must be wrong.",
            "accepted: kept. duplicate: came again, counts once. unknown_version: kept, and sdk add has not seen the version. \
             without_key: kept, and a repeat would count again. without_day: kept, on the day of arrival. too_old, too_new: the clock must be \
             wrong, counted here and not kept.",
        ),
    ] {
        let rows: Vec<Loss> = all.iter().filter(|row| part(row) == wanted).cloned().collect();
        // What is kept would flatten all else.
        let drawn = rows.iter().filter(|row| row.source == Source::Client || row.word != outcome::ACCEPTED);
        let named = drawn.map(|row| {
            (row.word.clone(), &row.period, {
                let n = row.n as f64;
                (n, n, n)
            })
        });
        let (labels, series) = over_periods(asked, named);
        figures.push(Figure {
            id: id.to_owned(),
            title: format!("{title} per {}", by.word()),
            what: what.to_owned(),
            drawn: plot::lines(&labels, &series),
            legend: series.iter().map(|one| one.name.clone()).collect(),
            table: Loss::table(&asked.sdk, by, &rows),
            told: &[],
            source: asked.source(Question::Losses, by),
            sampling: "Every one is counted.".to_owned(),
            definition: html! { p { (definition) } },
        });
    }
    Ok(figures)
}
