//! Measures this framework beside its peers and writes `docs/performance.md`, its plots and the lines of `README.md` that quote it.
//!
//! ```sh
//! cargo run --release --manifest-path benches/peers/runner/Cargo.toml                    # everything
//! cargo run --release --manifest-path benches/peers/runner/Cargo.toml -- --only worst    # parts; prints them
//! ```
//!
//! | argument | does |
//! | --- | --- |
//! | `--only PART,PART` | measures these alone: builds, end-to-end, worst, fields, threads, processes, spool, registered. Their results are kept beside those of other parts; the page is printed, not written |
//! | `--clients ID,ID` | measures these clients alone; prints, keeps and writes nothing |
//! | `--quick` | one run of each instead of five, to see whether all works; the page says so |
//! | `--page` | measures nothing, and writes the page from the results that are kept |
//!
//! Programs and results are kept in `peers` in the target folder. Nobody builds the peers but this program: each is a workspace
//! of its own.

mod builds;
mod clients;
mod machine;
mod page;
mod parts;
mod plot;
mod program;
mod results;
mod server;

use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

use parts::{Bench, PARTS};
use results::Results;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[derive(Default)]
struct Asked {
    only: Option<Vec<String>>,
    clients: Option<Vec<String>>,
    page: bool,
    quick: bool,
}

fn asked() -> Result<Asked, String> {
    let mut asked = Asked::default();
    let mut arguments = env::args().skip(1);
    let list = |value: Option<String>, name: &str, known: &[&str]| {
        let value = value.ok_or_else(|| format!("{name}: a value is missing"))?;
        let names: Vec<String> = value.split(',').map(str::to_owned).collect();
        match names.iter().find(|name| !known.contains(&name.as_str())) {
            Some(unknown) => Err(format!("{name} {unknown}: one of {}", known.join(", "))),
            None => Ok(Some(names)),
        }
    };
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => asked.only = list(arguments.next(), "--only", &PARTS)?,
            "--clients" => {
                let known: Vec<&str> = parts::all_clients().iter().map(|client| client.id).collect();
                asked.clients = list(arguments.next(), "--clients", &known)?;
            }
            "--page" => asked.page = true,
            "--quick" => asked.quick = true,
            _ => return Err(format!("{argument}: no such argument; --only PARTS, --clients IDS, --quick or --page")),
        }
    }
    Ok(asked)
}

fn run() -> Result<(), Box<dyn Error>> {
    if env::args().nth(1).as_deref() == Some("serve") {
        return Ok(server::serve()?);
    }
    let asked = asked()?;
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).parent().ok_or("the runner lies in no folder")?.to_owned();
    let root = peers.parent().and_then(Path::parent).ok_or("benches/peers lies in no repository")?.to_owned();
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    let base = fs::canonicalize(&root)?.join(target).join("peers");
    fs::create_dir_all(&base)?;
    let kept = base.join("results.json");
    let mut results = match &asked {
        // A whole run begins with nothing.
        Asked { only: None, page: false, .. } | Asked { clients: Some(_), .. } => Results::default(),
        _ => fs::read(&kept).ok().and_then(|json| serde_json::from_slice(&json).ok()).unwrap_or_default(),
    };
    if asked.page {
        return page::write(&root, &results);
    }
    let mut bench = Bench {
        peers,
        folders: program::Folders { base: base.clone() },
        start: Instant::now(),
        clients: parts::all_clients(),
        valgrind: program::has_valgrind(),
        quick: asked.quick,
    };
    if !bench.valgrind {
        eprintln!("valgrind is not here: no instructions are counted");
    }
    if let Some(ids) = &asked.clients {
        bench.clients.retain(|client| ids.iter().any(|id| id == client.id));
    }
    let wanted: Vec<&str> = match &asked.only {
        Some(only) => PARTS.into_iter().filter(|part| only.iter().any(|name| name == part)).collect(),
        None => PARTS.to_vec(),
    };
    if wanted.first() != Some(&"builds") {
        bench.prepare(&wanted);
    }
    for part in &wanted {
        bench.run(part, &mut results);
        if asked.clients.is_none() {
            fs::write(&kept, serde_json::to_vec_pretty(&results)?)?;
        }
    }
    // What programs have left.
    let _ = fs::remove_dir_all(base.join("states"));
    if let Some((best, cpu)) = results.end_to_end.as_deref().and_then(page::best_peer) {
        eprintln!("the best peer that delivers events is {} with {cpu:.2} µs of CPU for each", best.client);
    }
    if asked.only.is_none() && asked.clients.is_none() && page::complete(&results) {
        page::write(&root, &results)?;
        eprintln!("docs/performance.md is written, after {:.0} s", bench.start.elapsed().as_secs_f64());
    } else {
        let plots = tempfile::tempdir()?;
        println!("{}", page::render(plots.path(), &results)?);
    }
    Ok(())
}
