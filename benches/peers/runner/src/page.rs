//! The page: what it begins and ends with. Its tables, plots and quotations are made in the modules below.

mod costs;
mod figures;
mod growth;
mod quote;

use std::{error::Error, fmt::Write as _, fs, path::Path};

use self::figures::{number, with_ratio};
use crate::{
    builds,
    clients::{CLIENTS, Kind, PACKAGES, client},
    machine,
    parts::PARTS,
    results::{EndToEnd, Results},
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
    fs::write(file, page + &quote::engines(&before))?;
    quote::quote(&root.join("README.md"), results)
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
    costs::end_to_end(p, results)?;
    costs::worst(p, results)?;
    growth::growth(p, plots, results)?;
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
