//! How costs grow, with a plot of each.

use std::{error::Error, fmt::Write as _, path::Path};

use super::figures::{number, with_ratio};
use crate::{
    clients::CLIENTS,
    plot::{self, Line},
    results::{Results, Sweep},
};

struct Growth<'a> {
    sweep: &'a Option<Sweep>,
    file: &'a str,
    title: &'a str,
    x: &'a str,
    y: &'a str,
    log_x: bool,
    words: &'a str,
}

pub(super) fn growth(p: &mut String, plots: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
    writeln!(p, "## How it grows\n")?;
    let all = [
        Growth {
            sweep: &results.fields,
            file: "fields",
            title: "Fields of an event",
            x: "fields",
            y: "µs CPU per delivered event",
            log_x: true,
            words: "Events of so many numbers of 64 bits. glean's parser allows no more than fifty keys.",
        },
        Growth {
            sweep: &results.field_instructions,
            file: "fields-caller",
            title: "Fields of an event, the thread that records",
            x: "fields",
            y: "instructions per event",
            log_x: true,
            words: "The part of the thread that records, counted.",
        },
        Growth {
            sweep: &results.threads,
            file: "threads",
            title: "Threads that record",
            x: "threads",
            y: "µs CPU per delivered event",
            log_x: true,
            words: "Bursts of a thousand events, shared by the threads.",
        },
        Growth {
            sweep: &results.thread_rate,
            file: "threads-rate",
            title: "Threads that record, together",
            x: "threads",
            y: "events per µs",
            log_x: true,
            words: "How many events all threads together record while a burst lasts. Waking the threads is part of it, and a machine has \
                    no more cores than it has.",
        },
        Growth {
            sweep: &results.processes,
            file: "processes",
            title: "Processes of one user at once",
            x: "processes",
            y: "µs CPU per delivered event",
            log_x: true,
            words: "So many processes at once, each of which records a hundred events, delivers them and ends: beginnings and ends \
                    are part of it. Those of this framework and of glean share one folder; glean is not made for that.",
        },
        Growth {
            sweep: &results.spool,
            file: "spool",
            title: "Events that wait on disk",
            x: "percent of the spool that is full",
            y: "µs CPU per written event",
            log_x: false,
            words: "What it costs to write an event where nobody listens and earlier events wait. From 100 % on, each new event pushes out \
                    an old one. No peer has such a spool; glean keeps up to 500 pings.",
        },
    ];
    for growth in all {
        let Some(sweep) = growth.sweep else { continue };
        let mut lines = Vec::new();
        for (color, client) in CLIENTS.iter().enumerate() {
            let Some(points) = sweep.lines.get(client.id) else { continue };
            let points: Vec<_> = points.iter().filter_map(|(x, y)| Some((*x as f64, (*y)?))).collect();
            lines.push(Line { name: client.name.to_owned(), color, points });
        }
        let path = plots.join(format!("{}.svg", growth.file));
        plot::draw(&path, growth.title, growth.x, growth.y, &lines, growth.log_x)?;
        writeln!(
            p,
            "### {}\n\n{}\n\n![{}: {} by {}](performance/{}.svg)\n",
            growth.title, growth.words, growth.title, growth.y, growth.x, growth.file
        )?;
        table(p, growth.y, sweep)?;
        for words in &sweep.words {
            writeln!(p, "{words}.\n")?;
        }
    }
    registered(p, plots, results)
}

/// A row for each line, in the order of the clients, with the ratio to the first column.
fn table(p: &mut String, y: &str, sweep: &Sweep) -> std::fmt::Result {
    let Some(first) = sweep.lines.values().next() else { return Ok(()) };
    write!(p, "| {y} |")?;
    for (x, _) in first {
        write!(p, " {} |", number_of(*x))?;
    }
    writeln!(p, "\n| --- |{}", " --- |".repeat(first.len()))?;
    for client in &CLIENTS {
        let Some(points) = sweep.lines.get(client.id) else { continue };
        write!(p, "| {} |", client.name)?;
        let base = points.first().and_then(|(_, y)| *y);
        for (place, (_, y)) in points.iter().enumerate() {
            match y {
                Some(y) if place == 0 => write!(p, " {} |", number(*y))?,
                Some(y) => write!(p, " {} |", with_ratio(*y, base))?,
                None => write!(p, " – |")?,
            }
        }
        writeln!(p)?;
    }
    writeln!(p, "\nRatios against the first column.\n")
}

fn number_of(x: u64) -> String {
    if x >= 100 { number(x as f64) } else { x.to_string() }
}

fn registered(p: &mut String, plots: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
    let Some(all) = &results.registered else { return Ok(()) };
    let columns = [
        ("first_event_ms", "first event, ms CPU up to its delivery"),
        ("memory_kib", "memory after it, KiB"),
        ("program_kib", "program, KiB"),
        ("build_cpu_s", "build of its crate, s CPU"),
    ];
    let points = |line: &str| all.get(line).and_then(|sweep| sweep.lines.get("extended")).cloned().unwrap_or_default();
    let line = Line {
        name: "this framework".to_owned(),
        color: 0,
        points: points("first_event_ms").iter().filter_map(|(x, y)| Some((*x as f64, (*y)?))).collect(),
    };
    plot::draw(
        &plots.join("registered.svg"),
        "Events that a program declares",
        "events",
        "ms CPU at the first event",
        &[line],
        true,
    )?;
    writeln!(
        p,
        "### Events that a program declares\n\n\
         A program that declares so many events and records one. The peers have no such list: tracing and with it opentelemetry \
         register a call when it is first made, the others never, so for them the number of events costs nothing at the start. The build is that of \
         the crate with the events and of linking, its dependencies being built.\n\n\
         ![Events that a program declares: ms CPU at the first event](performance/registered.svg)\n"
    )?;
    write!(p, "| events |")?;
    for (_, title) in columns {
        write!(p, " {title} |")?;
    }
    writeln!(p, "\n| --- |{}", " --- |".repeat(columns.len()))?;
    for (place, (events, _)) in points("build_cpu_s").iter().enumerate() {
        write!(p, "| {} |", number_of(*events))?;
        for (line, _) in columns {
            let points = points(line);
            let value = |place: usize| points.get(place).and_then(|(_, y)| *y);
            match value(place) {
                Some(y) if place > 0 => write!(p, " {} |", with_ratio(y, value(0)))?,
                Some(y) => write!(p, " {} |", number(y))?,
                None => write!(p, " – |")?,
            }
        }
        writeln!(p)?;
    }
    writeln!(p, "\nRatios against the first row.\n")?;
    Ok(())
}
