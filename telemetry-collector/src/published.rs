//! What everybody may see: tables of weeks that are closed, rounded down, and frozen once.
//!
//! A week is frozen when nothing of it is taken any more, and never computed again, so that no two versions of it can be
//! subtracted from one another. Only what counts an installation once is in it: active installations, and of the events those that one
//! installation sends at most once a day. Every figure is rounded down to a multiple of [`STEP`], and a total is lowered further where it
//! would say more of a cell than the cell itself does.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use telemetry_schema::{Form, Throttle};

use crate::{
    answers::{self, Cell, Grain, Scope, State, Table},
    clock::Day,
    registry::{Sdk, replace},
    store::{Days, Read, StoreError},
};

/// Figures are multiples of it.
pub const STEP: u64 = 5;

/// Where the files are, in the data folder.
const FOLDER: &str = "published";

/// The version of the files' format.
const FORMAT: u32 = 1;

/// All weeks of an SDK that are frozen, the oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    format: u32,
    /// The weeks.
    pub weeks: Vec<Week>,
}

/// One week, rounded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Week {
    /// Its name: `2026-W47`.
    pub week: String,
    /// Active installations; `None` where nothing arrived.
    pub active: Option<u64>,
    /// The same by the version with which they were first active; versions that would be 0 are left out.
    pub versions: Vec<Rounded>,
    /// Events that an installation sends at most once a day, on an average day; those that would be 0 are left out.
    pub events: Vec<Rounded>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rounded {
    /// Of what.
    pub name: String,
    /// A multiple of [`STEP`].
    pub n: u64,
}

/// Rounded down.
const fn down(n: u64) -> u64 {
    n - n % STEP
}

/// A total of these cells that leaves each of them all the values that its own figure leaves it: where most cells are just below the
/// next step, the rounded sum would show that they are.
fn total(cells: &[u64]) -> u64 {
    let Some(others) = u64::try_from(cells.len()).ok().and_then(|cells| cells.checked_sub(1)) else { return 0 };
    let most = cells.iter().copied().map(down).sum::<u64>() + (STEP - 1) * others;
    down(cells.iter().sum::<u64>().min(most))
}

impl Published {
    fn path(data: &Path, sdk: &str) -> PathBuf {
        data.join(FOLDER).join(format!("{sdk}.json"))
    }

    /// What is frozen of an SDK; nothing where there is no file.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is none of ours.
    pub fn read(data: &Path, sdk: &str) -> io::Result<Self> {
        match fs::read_to_string(Self::path(data, sdk)) {
            Ok(text) => {
                let published: Self = serde_json::from_str(&text)?;
                if published.format > FORMAT {
                    return Err(io::Error::other("written by a later version of the collector"));
                }
                Ok(published)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self { format: FORMAT, weeks: Vec::new() }),
            Err(error) => Err(error),
        }
    }

    /// Freezes the weeks that have closed since the last time. What is frozen stays as it is.
    ///
    /// # Errors
    ///
    /// The store cannot be read, or the file not be written; then nothing is frozen, and the next time is as good.
    pub fn publish(data: &Path, read: &mut dyn Read, sdk: &Sdk, today: Day, late_days: u16) -> io::Result<Self> {
        let mut published = Self::read(data, &sdk.name)?;
        let scope = Scope { sdk: sdk.name.to_string(), days: Days::ALL, by: Grain::Week, today, late_days };
        let last = published.weeks.last().map(|week| week.week.clone());
        // Labels of weeks are in the order of time.
        let is_new = |label: &str| last.as_deref().is_none_or(|last| label > last);
        let new = weeks(read, &scope, sdk).map_err(io::Error::other)?;
        let before = published.weeks.len();
        published.weeks.extend(new.into_iter().filter(|week| is_new(&week.week)));
        if published.weeks.len() > before {
            let path = Self::path(data, &sdk.name);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            replace(&path, &serde_json::to_vec_pretty(&published)?)?;
        }
        Ok(published)
    }

    /// Copies what is frozen of all SDKs to another data folder, where it stays as it is too.
    ///
    /// # Errors
    ///
    /// A file cannot be read or written.
    pub fn copy(data: &Path, to: &Path) -> io::Result<()> {
        let listed = match fs::read_dir(data.join(FOLDER)) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        fs::create_dir_all(to.join(FOLDER))?;
        for file in listed {
            let file = file?;
            if file.path().extension().is_some_and(|extension| extension == "json") {
                fs::copy(file.path(), to.join(FOLDER).join(file.file_name()))?;
            }
        }
        Ok(())
    }

    /// Active installations per week.
    pub fn active(&self, sdk: &str) -> Table {
        let mut table = Table::new(&["sdk", "week", "active"]);
        let row =
            |week: &Week| vec![Cell::Text(sdk.to_owned()), Cell::Text(week.week.clone()), Cell::maybe(week.active)];
        table.rows = self.weeks.iter().map(row).collect();
        table
    }

    /// The same by version.
    pub fn versions(&self, sdk: &str) -> Table {
        self.cells(sdk, &["sdk", "week", "version", "active"], |week| &week.versions)
    }

    /// Events on an average day.
    pub fn events(&self, sdk: &str) -> Table {
        self.cells(sdk, &["sdk", "week", "event", "per_day"], |week| &week.events)
    }

    fn cells(&self, sdk: &str, columns: &[&'static str], of: impl Fn(&Week) -> &Vec<Rounded>) -> Table {
        let mut table = Table::new(columns);
        for week in &self.weeks {
            table.rows.extend(of(week).iter().map(|Rounded { name, n }| {
                vec![
                    Cell::Text(sdk.to_owned()),
                    Cell::Text(week.week.clone()),
                    Cell::Text(name.clone()),
                    Cell::Whole(*n),
                ]
            }));
        }
        table
    }
}

/// All closed weeks up to the last one of which there is anything, as they would be frozen now. Where a clock that is wrong says that
/// later ones are over, they would be frozen empty, and what comes in them never shown.
fn weeks(read: &mut dyn Read, scope: &Scope, sdk: &Sdk) -> Result<Vec<Week>, StoreError> {
    let known = sdk.versions.keys().cloned().collect();
    let mut versions: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for row in answers::versions(read, scope, &known)?.into_iter().filter(|row| row.is_known) {
        if let Some(active) = row.active.filter(|active| *active > 0) {
            versions.entry(row.period.label).or_default().push((row.version, active));
        }
    }
    let mut events: BTreeMap<String, Vec<Rounded>> = BTreeMap::new();
    for row in answers::events(read, scope)? {
        let n = down(row.n.received / 7);
        if n > 0 && is_once_a_day(sdk, &row.event, row.discriminant.as_deref()) {
            let name = row.discriminant.map_or_else(|| row.event.clone(), |of| format!("{} {of}", row.event));
            events.entry(row.period.label).or_default().push(Rounded { name, n });
        }
    }
    let mut closed = answers::active(read, scope)?;
    // First what is closed: what is refused or has no time of its own is on the day of the wrong clock.
    closed.retain(|row| row.period.state == State::Closed);
    closed.truncate(closed.iter().rposition(|row| row.active.is_some()).map_or(0, |last| last + 1));
    let week = |row: answers::Active| {
        let label = row.period.label;
        let mut cells = versions.remove(&label).unwrap_or_default();
        cells.sort();
        let exact: Vec<u64> = cells.iter().map(|(_, n)| *n).collect();
        let rounded = cells.into_iter().map(|(name, n)| Rounded { name, n: down(n) }).filter(|cell| cell.n > 0);
        Week {
            active: row.active.map(|_| total(&exact)),
            versions: rounded.collect(),
            events: events.remove(&label).unwrap_or_default(),
            week: label,
        }
    };
    Ok(closed.into_iter().map(week).collect())
}

/// Whether one installation sends it at most once a day: an identical one is recorded once, there is but one payload, and all
/// versions say so. Of the events of the runtime, only the active one is shown, as what it is.
fn is_once_a_day(sdk: &Sdk, event: &str, of: Option<&str>) -> bool {
    let Some(known) = sdk.union.events.get(event) else { return false };
    let mut of_name = known.iter().filter(|known| known.descriptor.discriminant.as_deref() == of).peekable();
    let is_constant = |form: Form<'_>| matches!(form, Form::Enum(names) if names.len() == 1);
    of_name.peek().is_some()
        && of_name.all(|known| {
            known.rate >= 1.0
                && known.descriptor.throttle == Throttle::Daily
                && known.descriptor.fields.iter().all(|field| is_constant(field.field_type.form()))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All vectors of cells that would have given these figures, by the procedure that everybody can read.
    fn solutions(published: &[u64], all: u64) -> Vec<Vec<u64>> {
        let mut vectors = vec![Vec::new()];
        for cell in published {
            vectors = vectors
                .into_iter()
                .flat_map(|vector: Vec<u64>| (0..STEP).map(move |rest| [&vector[..], &[cell + rest]].concat()))
                .collect();
        }
        vectors.into_iter().filter(|vector| total(vector) == all).collect()
    }

    #[test]
    fn no_cell_can_be_solved_from_all_that_is_published() {
        let mut random = 7_u64;
        let mut next = |below: u64| {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (random >> 33) % below
        };
        for round in 0..400 {
            let cells: Vec<u64> =
                (0..=next(5)).map(|_| if round % 4 == 0 { next(4) * STEP + 4 } else { 1 + next(23) }).collect();
            let published: Vec<u64> = cells.iter().copied().map(down).collect();
            let all = total(&cells);
            let found = solutions(&published, all);
            assert!(found.contains(&cells), "{cells:?}: the solver is wrong");
            for (place, cell) in published.iter().enumerate() {
                let values: std::collections::BTreeSet<u64> = found.iter().map(|vector| vector[place]).collect();
                let every: std::collections::BTreeSet<u64> = (*cell..cell + STEP).collect();
                assert_eq!(
                    values, every,
                    "{cells:?} are published as {published:?} and {all}: cell {place} is narrowed"
                );
            }
        }
    }

    #[test]
    fn a_total_is_a_multiple_and_never_more_than_there_is() {
        for (cells, expected) in [
            (&[][..], 0),
            (&[4], 0),
            (&[7], 5),
            (&[4, 4, 4, 4, 4], 15),
            (&[9, 9], 10),
            (&[100, 3], 100),
            (&[11, 12], 20),
        ] {
            assert_eq!(total(cells), expected, "{cells:?}");
        }
    }
}
