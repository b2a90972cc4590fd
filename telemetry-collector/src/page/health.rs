//! How the collector itself is: rates, commit times, disk, retention.

use std::path::Path;

use super::running::Page;
use crate::{
    answers::{Cell, Table},
    store::sqlite,
};

/// All of it as a table: what, how much, in which unit.
pub(super) fn table(page: &Page) -> Table {
    let Page { metrics, committer, config, outside, started, .. } = page;
    let running = started.elapsed();
    let data = &config.server.data;
    let mut table = Table::new(&["what", "figure", "unit"]);
    let mut row = |what: &str, figure: Cell, unit: &str| {
        table.rows.push(vec![Cell::Text(what.to_owned()), figure, Cell::Text(unit.to_owned())]);
    };
    let failure = committer.failure();
    row("events can be committed", Cell::Text(failure.unwrap_or_else(|| "yes".to_owned())), "");
    row("running for", Cell::Whole(running.as_secs()), "s");
    let accepted = metrics.accepted.get();
    row("accepted since the start", Cell::Whole(accepted), "events");
    row(
        "accepted per minute since the start",
        Cell::About(accepted as f64 * 60.0 / running.as_secs_f64().max(60.0)),
        "events",
    );
    row("repeats since the start", Cell::Whole(metrics.duplicate.get()), "events");
    row("refused since the start", Cell::Whole(metrics.refused_in_all()), "events");
    let (commits, time) = (metrics.commits.get(), metrics.commit_time());
    row("commits since the start", Cell::Whole(commits), "");
    row(
        "mean time of a commit",
        if commits == 0 { Cell::Missing } else { Cell::About(time.as_secs_f64() * 1e6 / commits as f64) },
        "µs",
    );
    row("commits that failed", Cell::Whole(metrics.commits_failed.get()), "");
    row("connections beyond the limits", Cell::Whole(metrics.connections_refused.get()), "");
    row("damaged stores that were set aside", Cell::Whole(metrics.set_aside.get()), "");
    row("size of the store", Cell::maybe(size(&data.join(sqlite::FILE_NAME))), "bytes");
    if let Some(outside) = outside {
        let failure = outside.failure().unwrap_or_else(|| "yes".to_owned());
        row("ClickHouse takes events", Cell::Text(failure), "");
        row("wait for ClickHouse", Cell::Whole(outside.events()), "events");
        row("are in the outbox", Cell::Whole(outside.bytes()), "bytes");
    }
    row("free on its disk", Cell::maybe(free(data)), "bytes");
    row("events are kept for", Cell::Whole(config.retention.rows_days.into()), "days");
    row("counts are kept for", Cell::Whole(config.retention.counts_days.into()), "days");
    row("ids are kept for", Cell::Whole(config.retention.ids_days.into()), "days");
    table
}

fn size(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|file| file.len())
}

#[cfg(unix)]
fn free(path: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(path).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Not asked on this platform.
#[cfg(not(unix))]
fn free(_: &Path) -> Option<u64> {
    None
}
