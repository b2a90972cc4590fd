//! What need not stay: a day becomes counts, then its rows go; years later the counts.

use super::{
    delete,
    engine::Engine,
    rows::{SUM, by_facet, date},
};
use crate::{
    clock::Day,
    store::{Keep, StoreError},
};

/// Does the next thing; whether there may be more. Every collector does, and it is as good twice.
pub(super) fn expire(engine: &Engine, keep: &Keep) -> Result<bool, StoreError> {
    let before = |day: Day| format!("day < toDate32('{}')", date(day));
    let first = format!("SELECT day FROM events WHERE {} ORDER BY day LIMIT 1", before(keep.rows_from));
    if let Some(day) = engine.all::<i32>(&first, &[])?.first() {
        close(engine, Day(*day))?;
        return Ok(true);
    }
    let old = before(keep.counts_from);
    for table in ["counts", "value_counts", "outcomes", "closed"] {
        if engine.number(&format!("SELECT count() FROM {table} WHERE {old}"), &[])? > 0 {
            engine.change(table, &format!("DELETE WHERE {old}"))?;
            return Ok(true);
        }
    }
    let old = before(keep.ids_from);
    if engine.number(&format!("SELECT count() FROM deleted WHERE {old}"), &[])? > 0 {
        delete::purge(engine)?;
        engine.change("deleted", &format!("DELETE WHERE {old}"))?;
        return Ok(true);
    }
    delete::purge(engine)?;
    Ok(false)
}

/// Counts the rows of a day once and for all, and deletes them. A kill in between leaves a day that is closed again.
fn close(engine: &Engine, day: Day) -> Result<(), StoreError> {
    // Of a day that is closed already, what is left of its rows counts no more.
    let rows = format!(
        "FROM events FINAL WHERE day = toDate32('{day}') AND day GLOBAL NOT IN (SELECT day FROM closed)
         AND (sdk, installation) GLOBAL NOT IN (SELECT sdk, installation FROM deleted)"
    );
    let columns = "sdk, day, event, discriminant, version, rate, actor, ephemeral";
    engine.execute(&format!("INSERT INTO counts ({columns}, n) SELECT {columns}, count() {rows} GROUP BY ALL"))?;
    let columns = "sdk, day, event, discriminant, path, value, version, rate";
    let values = by_facet(&rows);
    engine.execute(&format!(
        "INSERT INTO value_counts ({columns}, n, sum) SELECT sdk, day, event, discriminant, facet.path AS path, facet.value AS value, version, rate,
         count(), {SUM} {values} GROUP BY ALL"
    ))?;
    engine.execute(&format!("INSERT INTO closed (day) SELECT toDate32('{day}')"))?;
    engine.change("events", &format!("DROP PARTITION '{day}'"))
}
