//! What an event costs beside the peers, and the worst cases.

use std::fmt::Write as _;

use super::figures::{figure, name, number, with_ratio};
use crate::{
    clients::client,
    program::LIMIT,
    results::{Burst, EndToEnd, Figure, Results, Worst},
};

pub(super) fn end_to_end(p: &mut String, results: &Results) -> std::fmt::Result {
    let Some(rows) = &results.end_to_end else { return Ok(()) };
    let ours = rows.iter().find(|row| row.client == "extended");
    let ours = |value: fn(&EndToEnd) -> f64| ours.map(value);
    writeln!(
        p,
        "## From the call to the server's answer\n\n\
         20,000 events in bursts of a thousand with 40 ms between them, a flush after every fifth, so that no queue has to lose any. The first \
         event with its flush is a beginning, and has its own columns. For each delivered event:\n\n\
         | | µs CPU | least – most | instructions | allocations | bytes on the wire | requests per 1,000 | delivered | lost |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
    )?;
    for row in rows {
        if let Some(message) = &row.error {
            writeln!(p, "| {} | failed: {message} | | | | | | | |", name(&row.client))?;
            continue;
        }
        let bytes = if row.client == "tracing" {
            "none; 0 are sent".to_owned()
        } else {
            with_ratio(row.bytes, ours(|row| row.bytes))
        };
        writeln!(
            p,
            "| {} | {} | {} | {} | {} | {bytes} | {} | {} | {} |",
            name(&row.client),
            with_ratio(row.cpu_us.median, ours(|row| row.cpu_us.median)),
            figure(&row.cpu_us),
            row.instructions.map_or("–".to_owned(), |count| {
                with_ratio(count, ours(|row| row.instructions.unwrap_or_default()))
            }),
            with_ratio(row.allocations, ours(|row| row.allocations)),
            number(row.requests),
            number(row.delivered),
            number(row.lost),
        )?;
    }
    writeln!(
        p,
        "\nOf the thread that records alone, while the queue has room, and what the beginning costs up to its first delivered event:\n\n\
         | | instructions | ns | begins, ms CPU | memory after it, KiB | at most, KiB |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    for row in rows.iter().filter(|row| row.error.is_none()) {
        writeln!(
            p,
            "| {} | {} | {} | {} | {} | {} |",
            name(&row.client),
            row.caller_instructions.map_or("–".to_owned(), |count| {
                with_ratio(count, ours(|row| row.caller_instructions.unwrap_or_default()))
            }),
            with_ratio(row.caller_ns.median, ours(|row| row.caller_ns.median)),
            with_ratio(row.begin_cpu_ms, ours(|row| row.begin_cpu_ms)),
            with_ratio(row.begin_kib, ours(|row| row.begin_kib)),
            with_ratio(row.peak_kib, ours(|row| row.peak_kib)),
        )?;
    }
    writeln!(
        p,
        "\nBy hand, the thread that records also formats, writes and sends: its figure is the whole way. So are parts of the others': \
         opentelemetry and emit build their records there, sentry makes and sends its envelopes.\n"
    )
}

pub(super) fn worst(p: &mut String, results: &Results) -> std::fmt::Result {
    let Some(rows) = &results.worst else { return Ok(()) };
    writeln!(p, "## Worst cases\n")?;
    type Case = fn(&Worst) -> Option<Burst>;
    let cases: [(&str, Case); 3] = [
        ("A burst of 200,000 events by one thread without a pause, a server that answers, one flush", |row| row.burst),
        ("The same, and nobody reads what is sent (a black hole); the program then ends as it is documented", |row| {
            row.black_hole
        }),
        ("The same, and connections are refused", |row| row.refused),
    ];
    for (title, case) in cases {
        writeln!(
            p,
            "{title}:\n\n\
             | | delivered | kept for the next run | lost | ns per call | µs CPU per event | memory at most, KiB | start to end, ms |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        let ours = rows.iter().find(|row| row.client == "extended").and_then(case);
        for row in rows {
            let Some(burst) = case(row) else { continue };
            let ours = |value: fn(&Burst) -> f64| ours.as_ref().map(value);
            writeln!(
                p,
                "| {} | {} | {} | {} | {} | {} | {} | {} |",
                name(&row.client),
                number(burst.delivered),
                if client(&row.client).is_some_and(|client| client.keeps) {
                    number(burst.kept)
                } else {
                    "none".to_owned()
                },
                format_args!("{} ({:.1} %)", number(burst.lost), burst.lost / 2_000.0),
                with_ratio(burst.record_ns, ours(|burst| burst.record_ns)),
                with_ratio(burst.cpu_us, ours(|burst| burst.cpu_us)),
                with_ratio(burst.peak_kib, ours(|burst| burst.peak_kib)),
                with_ratio(burst.milliseconds, ours(|burst| burst.milliseconds)),
            )?;
        }
        writeln!(p)?;
    }
    writeln!(
        p,
        "Milliseconds from start to end of a program that records one event and ends as its client's documentation says, by what the \
         network does:\n\n| | answers | refused | black hole |\n| --- | --- | --- | --- |"
    )?;
    let ours = rows.iter().find(|row| row.client == "extended");
    for row in rows {
        let median = |figure: &Option<Figure>, ours: Option<&Option<Figure>>| {
            let ours = ours.and_then(|ours| ours.map(|figure| figure.median));
            figure.map_or("–".to_owned(), |figure| with_ratio(figure.median, ours))
        };
        writeln!(
            p,
            "| {} | {} | {} | {} |",
            name(&row.client),
            median(&row.exit_answers, ours.map(|row| &row.exit_answers)),
            median(&row.exit_refused, ours.map(|row| &row.exit_refused)),
            row.exit_black_hole
                .map_or("–".to_owned(), |ms| { with_ratio(ms, ours.and_then(|row| row.exit_black_hole)) }),
        )?;
    }
    writeln!(
        p,
        "\nThis framework delivers in a later run what it has not delivered at the end; metrics sends nothing at its end. The others wait \
         for the network.\n"
    )?;
    for row in rows {
        for message in &row.errors {
            writeln!(p, "- {}: {message}", name(&row.client))?;
        }
    }
    if rows.iter().any(|row| !row.errors.is_empty()) {
        writeln!(p)?;
    }
    Ok(())
}

/// How long an end in a black hole took; it has a bound here.
pub(super) fn black_hole(row: &Worst, ours: Option<f64>) -> String {
    match row.exit_black_hole {
        Some(milliseconds) => with_ratio(milliseconds, ours),
        None if row.errors.iter().any(|message| message.starts_with("end in a black hole: not through")) => {
            format!("> {}", number(LIMIT.as_secs_f64() * 1e3))
        }
        None => "–".to_owned(),
    }
}
