//! The page, its plots, and the lines of README.md that quote it.

use std::{error::Error, fmt::Write as _, fs, path::Path};

use crate::{
    builds,
    clients::{CLIENTS, Client, Kind, PACKAGES, client},
    machine,
    parts::PARTS,
    plot::{self, Line},
    program::LIMIT,
    results::{Burst, EndToEnd, Figure, Results, Sweep, Worst},
};

/// Loads above this are said in words.
const IDLE: f64 = 1.0;

/// Writes `docs/performance.md`, `docs/performance/*.svg` and the quoting lines of `README.md` anew.
pub fn write(root: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
    let plots = root.join("docs/performance");
    if plots.exists() {
        fs::remove_dir_all(&plots)?;
    }
    fs::create_dir_all(&plots)?;
    let page = render(&plots, results)?;
    let file = root.join("docs/performance.md");
    let before = fs::read_to_string(&file).unwrap_or_default();
    fs::write(file, page + &engines(&before))?;
    quote(&root.join("README.md"), results)
}

/// The section of the page that the collector writes, as it stands.
fn engines(page: &str) -> String {
    let written = between(page, ENGINES).map_or("Not measured.\n", |[_, written, _]| written);
    format!("\n## The collector's engines\n\n{ENGINES}{written}{END}\n")
}

/// The page as text. Plots are written beside it.
pub fn render(plots: &Path, results: &Results) -> Result<String, Box<dyn Error>> {
    let mut page = String::new();
    let p = &mut page;
    writeln!(
        p,
        "# Performance\n\n\
         This framework beside its peers: the same event, the same server, one machine, one run. Written by\n\n\
         ```sh\n\
         cargo run --release --manifest-path benches/peers/runner/Cargo.toml\n\
         ```\n\n\
         which builds each peer by itself, measures all of them and writes this page, its plots and the lines of `README.md` that quote \
         it; nothing here is written by hand. It takes less than half an hour on two idle cores. `--only end-to-end,worst` measures parts \
         alone. The last section is the collector's, and has a command of its own.\n"
    )?;
    writeln!(p, "Machine: {}.\n", machine::describe())?;
    busy(p, results)?;
    versions(p, results)?;
    words(p, results)?;
    end_to_end(p, results)?;
    worst(p, results)?;
    growth(p, plots, results)?;
    built(p, results)?;
    measured(p, results)?;
    Ok(page)
}

fn busy(p: &mut String, results: &Results) -> std::fmt::Result {
    let load = |text: &String| text.rsplit(' ').next()?.parse::<f64>().ok();
    // The builds come first and leave the machine busy with themselves; what was there before them is the other programs'.
    let loads: Vec<f64> = ["builds", "end-to-end"].iter().filter_map(|part| load(results.when.get(*part)?)).collect();
    let first = loads.first().copied().unwrap_or_default();
    if first > IDLE {
        writeln!(
            p,
            "> **Measured on a busy machine**: its load was {first} before the first part. Times of this run are too long, and not by \
             the same factor for everybody. Instructions, allocations, bytes, counts and sizes hold.\n"
        )?;
    }
    Ok(())
}

fn versions(p: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(p, "## Versions\n\n| package | versions |\n| --- | --- |")?;
    for package in &PACKAGES {
        let build = results.builds.iter().flatten().find(|build| build.package == package.folder);
        let versions = match build.and_then(|build| build.error.as_ref()) {
            Some(message) => format!("not measured, it does not build here: {message}"),
            None if package.crates.is_empty() => "the standard library alone".to_owned(),
            None => builds::versions(package).join(", "),
        };
        writeln!(p, "| `benches/peers/{}` | {versions} |", package.folder)?;
    }
    writeln!(p)
}

fn words(p: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(
        p,
        "## What is compared, and what cannot be\n\n\
         Each program records the same event: a name of a list as `component`, a boolean, a number of 16 bits. Each client is set up as \
         its own documentation advises; the page is cited where it is done, in `benches/peers/*/src/main.rs`. Of the peers none but glean \
         writes a file, and none asks a user or shows a notice.\n\n\
         | | what it does |\n| --- | --- |"
    )?;
    for client in &CLIENTS {
        writeln!(p, "| {} | {} |", client.name, client.words)?;
    }
    writeln!(
        p,
        "\nThe server is a process of its own on the loopback interface, and no part of any figure. CPU time is that of all threads of \
         the program, the kernel's work for it included (`getrusage`). Ratios stand in brackets, against this framework in its extended \
         format. Instructions are counted by callgrind, allocations by the allocator. {}.\n",
        runs(results)
    )
}

/// How many runs times are the medians of.
fn runs(results: &Results) -> String {
    let runs = results.end_to_end.iter().flatten().filter(|row| row.error.is_none()).map(|row| row.cpu_us.runs);
    match (runs.clone().min(), runs.max()) {
        (Some(1), Some(1)) => "**Times are those of one run each**, a try of the command, and not medians".to_owned(),
        (Some(least), Some(most)) if least != most => format!("Times are medians of {least} to {most} runs"),
        (Some(runs), _) => format!("Times are medians of {runs} runs"),
        _ => "Times are medians".to_owned(),
    }
}

/// A figure and its ratio to this framework's.
fn with_ratio(value: f64, ours: Option<f64>) -> String {
    match ours.filter(|ours| *ours > 0.0) {
        Some(ours) if value > 0.0 => format!("{} ({} ×)", number(value), ratio(value / ours)),
        _ => number(value),
    }
}

fn ratio(ratio: f64) -> String {
    match ratio {
        large if large >= 10.0 => format!("{large:.0}"),
        middle if middle >= 0.95 => format!("{middle:.1}"),
        _ => format!("{ratio:.2}"),
    }
}

/// Three figures that count, and thousands apart.
fn number(value: f64) -> String {
    match value.abs() {
        large if large >= 100.0 => {
            let digits = format!("{:.0}", large);
            let mut text = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place).is_multiple_of(3) {
                    text.push(',');
                }
                text.push(digit);
            }
            text
        }
        middle if middle >= 10.0 => format!("{value:.1}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.2}"),
    }
}

fn figure(figure: &Figure) -> String {
    format!("{} – {}", number(figure.least), number(figure.most))
}

fn name(id: &str) -> &str {
    client(id).map_or(id, |client: &Client| client.name)
}

fn end_to_end(p: &mut String, results: &Results) -> std::fmt::Result {
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

fn worst(p: &mut String, results: &Results) -> std::fmt::Result {
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
fn black_hole(row: &Worst, ours: Option<f64>) -> String {
    match row.exit_black_hole {
        Some(milliseconds) => with_ratio(milliseconds, ours),
        None if row.errors.iter().any(|message| message.starts_with("end in a black hole: not through")) => {
            format!("> {}", number(LIMIT.as_secs_f64() * 1e3))
        }
        None => "–".to_owned(),
    }
}

struct Growth<'a> {
    sweep: &'a Option<Sweep>,
    file: &'a str,
    title: &'a str,
    x: &'a str,
    y: &'a str,
    log_x: bool,
    words: &'a str,
}

fn growth(p: &mut String, plots: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
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

fn built(p: &mut String, results: &Results) -> std::fmt::Result {
    let Some(builds) = &results.builds else { return Ok(()) };
    writeln!(
        p,
        "## Builds\n\n\
         Each package by itself, from nothing, in release mode without debug information, once. Crates are those of the graph, build \
         dependencies included, without the program. The size is that of the stripped program; by hand it is a program with the standard library alone.\n\n\
         | | crates | s CPU | s | program, KiB | over that by hand, KiB |\n| --- | --- | --- | --- | --- | --- |"
    )?;
    let good = |folder: &str| builds.iter().find(|build| build.package == folder && build.error.is_none());
    let ours = good("ours");
    let hello = good("by-hand").map_or(0, |build| build.bytes);
    for package in &PACKAGES {
        let Some(build) = good(package.folder) else { continue };
        let over = build.bytes.saturating_sub(hello) as f64 / 1024.0;
        let ours_over = ours.map(|ours| ours.bytes.saturating_sub(hello) as f64 / 1024.0);
        writeln!(
            p,
            "| {} | {} | {} | {} | {} | {} |",
            build.package,
            with_ratio(build.crates as f64, ours.map(|ours| ours.crates as f64)),
            with_ratio(build.cpu_s, ours.map(|ours| ours.cpu_s)),
            number(build.wall_s),
            number(build.bytes as f64 / 1024.0),
            with_ratio(over, ours_over),
        )?;
    }
    writeln!(
        p,
        "\nAll but tracing-file and by-hand can speak TLS: by rustls with ring in ours and emit-otlp, with aws-lc in opentelemetry, posthog \
         and metrics, by ureq's rustls in glean, by the platform's OpenSSL, which is not compiled here, in sentry.\n"
    )
}

fn measured(p: &mut String, results: &Results) -> std::fmt::Result {
    writeln!(
        p,
        "## When it was measured\n\n| part | day, load of the machine before it | seconds |\n| --- | --- | --- |"
    )?;
    for part in PARTS {
        let (Some(when), Some(took)) = (results.when.get(part), results.took.get(part)) else { continue };
        writeln!(p, "| {part} | {when} | {took:.0} |")?;
    }
    let skipped: Vec<&str> = PARTS.into_iter().filter(|part| !results.when.contains_key(*part)).collect();
    if !skipped.is_empty() {
        writeln!(p, "\nNot measured: {}.", skipped.join(", "))?;
    }
    Ok(())
}

const BEGIN: &str = "<!-- Written by benches/peers from docs/performance.md. -->\n";
const END: &str = "<!-- Until here. -->";

/// Where the section begins that the collector writes.
const ENGINES: &str = "<!-- Written by scripts/clickhouse-check --cost. -->\n";

/// A text before, between and behind two comments; `None` where one is missing.
fn between<'a>(text: &'a str, begin: &str) -> Option<[&'a str; 3]> {
    let (before, rest) = text.split_once(begin)?;
    let (written, after) = rest.split_once(END)?;
    Some([before, written, after])
}

/// Puts the main figures between the two comments of README.md.
fn quote(readme: &Path, results: &Results) -> Result<(), Box<dyn Error>> {
    let text = fs::read_to_string(readme)?;
    let [before, _, after] = between(&text, BEGIN).ok_or("README.md: a comment around the quote is missing")?;
    let mut lines = String::new();
    if let Some(rows) = &results.end_to_end {
        writeln!(
            lines,
            "| an event of three fields | this framework | opentelemetry | emit | sentry, logs | posthog-rs | glean | by hand |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        let ids = ["extended", "opentelemetry", "emit", "sentry", "posthog", "glean", "by-hand-file"];
        let mut row = |title: &str, value: &dyn Fn(&EndToEnd) -> Option<f64>| {
            let cells = ids.map(|id| {
                let row = rows.iter().find(|row| row.client == id && row.error.is_none());
                row.and_then(value).map_or("–".to_owned(), number)
            });
            writeln!(lines, "| {title} | {} |", cells.join(" | "))
        };
        row("µs of CPU from the call to the server's answer", &|row| Some(row.cpu_us.median))?;
        row("instructions, the same", &|row| row.instructions)?;
        row("instructions of the thread that records", &|row| row.caller_instructions)?;
        row("bytes on the wire", &|row| Some(row.bytes))?;
    }
    if let Some(rows) = &results.worst {
        let cell = |id: &str| {
            let row = rows.iter().find(|row| row.client == id);
            row.map_or("–".to_owned(), |row| black_hole(row, None))
        };
        let ids = ["extended", "opentelemetry", "emit", "sentry", "posthog", "glean"];
        writeln!(lines, "| ms until the program has ended, in a black hole | {} | – |", ids.map(cell).join(" | "))?;
    }
    fs::write(readme, format!("{before}{BEGIN}{lines}{END}{after}"))?;
    Ok(())
}

/// Whether all parts are there that a page needs.
pub fn complete(results: &Results) -> bool {
    PARTS.iter().all(|part| results.took.contains_key(*part))
}

/// Only clients that deliver events are the peers of this framework.
pub fn best_peer(rows: &[EndToEnd]) -> Option<(&EndToEnd, f64)> {
    let peers = rows.iter().filter(|row| client(&row.client).is_some_and(|client| client.kind == Kind::Peer));
    let best = peers.filter(|row| row.error.is_none() && row.cpu_us.median > 0.0);
    best.map(|row| (row, row.cpu_us.median)).min_by(|one, other| one.1.total_cmp(&other.1))
}
