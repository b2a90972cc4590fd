//! What the spool costs: a frame appended alone and with others, a batch planned, read and finished, and the spool of a program
//! that was killed found and taken over. Beside each a floor by hand: the least that files need for the same bytes, without a
//! lock, a checksum or a name that a crash could not spoil.
//!
//! `cargo bench -p telemetry-benches --bench spool`. Instructions are those of the program by callgrind, without the kernel's;
//! microseconds are the median of many rounds, with it, and depend on machine and disk. Every case checks what it has done.
//! Without valgrind the instruction column is empty.
#![allow(unsafe_code, reason = "a name that callgrind finds")]

use std::{
    cell::Cell,
    env,
    fs::{self, File},
    io::{Read as _, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use telemetry_benches::CASE;
use telemetry_spool::{Backlog, Batch, Frame, KindLimits, Limits, Outcome, PrivateFolder, Spool, Tally, day_of};

static LIMITS: Limits = Limits {
    kinds: &[KindLimits { kind: 0, batch_frames: BATCH_FRAMES, kept_days: 14, by_day: false }],
    batch_bytes: 256 * 1024,
    attempts: 3,
    attempts_renewed: Duration::from_secs(60 * 60),
    all_bytes: 8 * 1024 * 1024,
    free_bytes: 0,
};

/// As many batches as may be planned at a time.
const FRAMES: usize = BATCH_FRAMES * BATCHES;
const BATCH_FRAMES: usize = 60;
const BATCHES: usize = 16;
/// An event of three fields in the extended format.
const BODY: [u8; 238] = [b'x'; 238];
const NOW_MS: u64 = 1_795_348_800_000;
const DESTINATION: [u8; 16] = [7; 16];

/// Rounds by the clock. Callgrind needs one: it counts nearly the same every time.
const ROUNDS: usize = 21;
const ROUNDS_VARIABLE: &str = "TELEMETRY_BENCH_ROUNDS";
/// The folder in which a program is to append and then die.
const LEAVES: &str = "TELEMETRY_BENCH_LEAVES";
const BY_HAND: &str = ", by hand";

/// What is measured, for how many of what.
const CASES: [(&str, usize, &str); 6] = [
    ("append alone", FRAMES, "frame"),
    ("append 60 together", FRAMES, "frame"),
    ("plan", BATCHES, "batch"),
    ("read", BATCHES - 1, "batch"),
    ("finish", BATCHES, "batch"),
    ("take over", 1, "spool"),
];

fn main() {
    if let Some(folder) = env::var_os(LEAVES) {
        let mut here = Here::open(Path::new(&folder));
        here.fill();
        std::process::abort();
    }
    match env::var(CASE) {
        Ok(case) => println!("{}", run(&case)),
        Err(_) => drive(),
    }
}

fn drive() {
    let head = ["instructions", "by hand", "µs", "by hand"];
    println!("{:<22}{:<8}{:>14}{:>14}{:>12}{:>12}", "spool", "for each", head[0], head[1], head[2], head[3]);
    for (case, many, of) in CASES {
        let [count, floor_count] = [case.to_owned(), format!("{case}{BY_HAND}")].map(|case| instructions(&case));
        let [time, floor_time] = [case.to_owned(), format!("{case}{BY_HAND}")].map(|case| time(&case));
        let each = |count: Option<u64>| count.map_or("(no valgrind)".into(), |count| (count / many as u64).to_string());
        let (time, floor_time) = (time / many as f64, floor_time / many as f64);
        println!("{case:<22}{of:<8}{:>14}{:>14}{time:>12.2}{floor_time:>12.2}", each(count), each(floor_count));
    }
}

/// Microseconds of the median round.
fn time(case: &str) -> f64 {
    let program = env::current_exe().expect("the benchmark knows its own path");
    let output = Command::new(program).env(CASE, case).stderr(Stdio::inherit()).output().expect("it starts itself");
    assert!(output.status.success(), "{case}");
    String::from_utf8_lossy(&output.stdout).trim().parse().expect("microseconds")
}

/// Instructions of one round; `None` without valgrind.
fn instructions(case: &str) -> Option<u64> {
    let program = env::current_exe().expect("the benchmark knows its own path");
    let out = temporary().join(format!("{}-{case}.callgrind", std::process::id()));
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=telemetry_bench_measured"]);
    valgrind.arg(format!("--callgrind-out-file={}", out.display())).arg(program);
    let output = valgrind.env(CASE, case).env(ROUNDS_VARIABLE, "1").output().ok()?;
    assert!(output.status.success(), "{case}: {}", String::from_utf8_lossy(&output.stderr));
    let profile = fs::read_to_string(&out).ok()?;
    let _ = fs::remove_file(out);
    profile.lines().find_map(|line| line.strip_prefix("summary: ")?.trim().parse().ok())
}

fn temporary() -> PathBuf {
    // On a disk, as state folders are: what is flushed costs nothing in memory.
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

fn run(case: &str) -> f64 {
    let rounds = env::var(ROUNDS_VARIABLE).ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(ROUNDS);
    let mut times: Vec<f64> = (0..rounds)
        .map(|_| {
            let folder = tempfile::tempdir_in(temporary()).expect("the folder of temporary files can be written");
            match case.strip_suffix(BY_HAND) {
                None => spooled(case, folder.path()),
                Some(case) => by_hand(case, folder.path()),
            }
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[rounds / 2]
}

/// Microseconds of what is measured.
fn measured(mut what: impl FnMut()) -> f64 {
    let start = Instant::now();
    telemetry_bench_measured(&mut what);
    start.elapsed().as_secs_f64() * 1e6
}

/// Callgrind counts between entering and leaving this function.
#[unsafe(no_mangle)]
#[inline(never)]
fn telemetry_bench_measured(what: &mut dyn FnMut()) {
    what();
}

/// A spool, and what became of its frames.
struct Here {
    spool: Spool,
    backlog: Backlog,
    counts: Counts,
}

#[derive(Default)]
struct Counts {
    sent: Cell<u64>,
    recovered: Cell<u64>,
}

impl Tally for Counts {
    fn count(&self, outcome: Outcome, frames: u64) {
        assert!(outcome == Outcome::Sent || frames == 0, "{frames} frames: {outcome:?}");
        self.sent.set(self.sent.get() + frames);
    }

    fn recover(&self, frames: u64) {
        self.recovered.set(self.recovered.get() + frames);
    }

    fn end_elsewhere(&self, _frames: u64) {}
}

impl Here {
    fn open(folder: &Path) -> Self {
        let parent = PrivateFolder::open(folder, &["bench"], true).expect("it is ours").expect("it is made");
        let (spool, backlog) = telemetry_spool::open(Arc::new(parent), "bench", DESTINATION, &LIMITS);
        Self { spool, backlog, counts: Counts::default() }
    }

    fn append(&mut self, frames: &[Frame<'_>]) {
        self.spool.append_all(frames, NOW_MS, &self.counts).expect("there is room");
    }

    fn fill(&mut self) {
        frames().chunks(BATCH_FRAMES).for_each(|frames| self.append(frames));
    }

    fn next(&mut self) -> Batch {
        self.backlog.next(NOW_MS, &|_| true, &self.counts).expect("a batch waits")
    }

    fn waiting(&mut self) -> usize {
        self.backlog.begin_upload();
        let mut frames = 0;
        while let Some(batch) = self.backlog.next(NOW_MS, &|_| true, &self.counts) {
            frames += batch.len();
            self.finish(batch);
        }
        frames
    }

    fn finish(&mut self, batch: Batch) {
        let frames = batch.len() as u64;
        self.backlog.finish(batch, Outcome::Sent, frames, &self.counts);
    }
}

fn frames() -> Vec<Frame<'static>> {
    let frame = Frame { day: day_of(NOW_MS), digest: [1; 16], destination: DESTINATION, kind: 0, body: &BODY };
    vec![frame; FRAMES]
}

fn spooled(case: &str, folder: &Path) -> f64 {
    let mut here = Here::open(folder);
    let frames = frames();
    match case {
        "append alone" | "append 60 together" => {
            here.append(&frames[..1]); // The folder and the segment are there.
            let together = if case == "append alone" { 1 } else { BATCH_FRAMES };
            let time = measured(|| frames.chunks(together).for_each(|frames| here.append(frames)));
            assert_eq!(here.waiting(), FRAMES + 1);
            time
        }
        "plan" | "read" | "finish" => {
            here.fill();
            here.backlog.begin_upload();
            let mut batches = Vec::new();
            let plan = measure_if(case == "plan", || batches.push(here.next()));
            let read = measure_if(case == "read", || (1..BATCHES).for_each(|_| batches.push(here.next())));
            assert!(
                batches.iter().all(|batch| batch.frames().filter(|frame| frame.body == BODY).count() == BATCH_FRAMES)
            );
            let finish = measure_if(case == "finish", || {
                batches.drain(..).for_each(|batch| here.finish(batch));
                here.backlog.end_upload(NOW_MS, &here.counts);
            });
            assert_eq!((here.counts.sent.get(), here.backlog.is_empty()), (FRAMES as u64, true));
            plan + read + finish
        }
        _ => {
            let program = env::current_exe().expect("the benchmark knows its own path");
            let died = Command::new(program).env(LEAVES, folder).status().expect("it starts itself");
            assert!(!died.success(), "it was to be killed");
            let mut first = None;
            let time = measured(|| {
                here.backlog.start(NOW_MS, &here.counts);
                here.backlog.begin_upload();
                first = Some(here.next());
            });
            here.finish(first.expect("measured above"));
            assert_eq!(here.waiting(), FRAMES - BATCH_FRAMES);
            assert_eq!(here.counts.recovered.get(), FRAMES as u64);
            time
        }
    }
}

/// The time, or 0 for what comes before or after that.
fn measure_if(is_measured: bool, mut what: impl FnMut()) -> f64 {
    if is_measured {
        return measured(what);
    }
    what();
    0.0
}

/// The same bytes through plain files.
fn by_hand(case: &str, folder: &Path) -> f64 {
    let path = folder.join("frames");
    let mut file = File::options().create(true).append(true).read(true).open(&path).expect("it is made");
    let all = BODY.repeat(FRAMES);
    let plan = |number: usize| folder.join(number.to_string());
    let range = |number: usize| format!("{} {}", number * BATCH_FRAMES * BODY.len(), BATCH_FRAMES * BODY.len());
    match case {
        "append alone" | "append 60 together" => {
            let together = if case == "append alone" { 1 } else { BATCH_FRAMES };
            let time = measured(|| {
                all.chunks(together * BODY.len()).for_each(|bytes| file.write_all(bytes).expect("there is room"));
            });
            assert_eq!(fs::read(path).expect("it is there"), all);
            time
        }
        "take over" => {
            file.write_all(&all).expect("there is room");
            let mut found = Vec::new();
            let time = measured(|| {
                let file = fs::read_dir(folder).expect("it is there").next().expect("one file").expect("its name");
                File::open(file.path()).expect("it is there").read_to_end(&mut found).expect("it can be read");
            });
            assert_eq!(found, all);
            time
        }
        _ => {
            file.write_all(&all).expect("there is room");
            let make = measure_if(case == "plan", || {
                let bytes = fs::read(&path).expect("it is there");
                assert_eq!(bytes.len(), FRAMES * BODY.len());
                (0..BATCHES).for_each(|number| fs::write(plan(number), range(number)).expect("there is room"));
            });
            let mut batch = vec![0; BATCH_FRAMES * BODY.len()];
            let read = measure_if(case == "read", || {
                for number in 1..BATCHES {
                    let text = fs::read_to_string(plan(number)).expect("it is there");
                    let at = text.split(' ').next().and_then(|at| at.parse().ok()).expect("it was written so");
                    file.read_exact_at(&mut batch, at).expect("it is there");
                    File::open(plan(number)).and_then(|plan| plan.sync_data()).expect("the disk is there");
                    File::open(folder).and_then(|folder| folder.sync_all()).expect("the disk is there");
                }
            });
            let finish = measure_if(case == "finish", || {
                (0..BATCHES).for_each(|number| fs::remove_file(plan(number)).expect("it is there"));
                fs::remove_file(&path).expect("it is there");
            });
            assert_eq!(fs::read_dir(folder).expect("it is there").count(), 0);
            make + read + finish
        }
    }
}
