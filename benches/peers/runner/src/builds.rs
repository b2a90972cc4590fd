//! Builds: each package alone, from nothing, one after the other, into a folder of its own.

use std::{
    collections::BTreeSet,
    fs, io,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use crate::clients::Package;

/// No build takes longer; idle, the longest one takes three minutes.
const LIMIT: Duration = Duration::from_secs(15 * 60);

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Build {
    pub package: String,
    /// Without the program and its harness.
    pub crates: usize,
    pub cpu_s: f64,
    pub wall_s: f64,
    /// Of the stripped program.
    pub bytes: u64,
    pub error: Option<String>,
}

/// What all builds are told: the release profile as cargo has it, without debug information.
fn cargo(folder: &Path, target: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(folder).env("CARGO_TARGET_DIR", target);
    cargo.env("CARGO_PROFILE_RELEASE_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
    for variable in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER"] {
        cargo.env_remove(variable);
    }
    cargo.stdin(Stdio::null());
    cargo
}

/// The packages of this repository are as they are today; the peers as their lock files say.
fn locked(package: &str) -> &'static [&'static str] {
    if matches!(package, "ours" | "registered") { &[] } else { &["--locked"] }
}

/// The target folder of a package: each has its own, but for the second one of this framework, which has the same dependencies.
pub fn target(package: &str) -> &str {
    if package == "registered" { "ours" } else { package }
}

/// Builds a package; the CPU seconds and the seconds that took.
pub fn build(peers: &Path, base: &Path, package: &str, variables: &[(&str, String)]) -> Result<(f64, f64), String> {
    let (cpu, start) = (harness::children_cpu_us(), Instant::now());
    let mut command = cargo(&peers.join(package), &base.join(target(package)));
    command
        .args(["build", "--release"])
        .args(locked(package))
        .envs(variables.iter().map(|(name, value)| (name, value)));
    let log = base.join("build.log");
    let file = fs::File::create(&log).map_err(|error| format!("{}: {error}", log.display()))?;
    // A group of its own, so that the compilers end with cargo.
    command.stdout(Stdio::null()).stderr(file).process_group(0);
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let status = loop {
        match child.try_wait().map_err(|error| error.to_string())? {
            Some(status) => break status,
            None if start.elapsed() > LIMIT => {
                let group = format!("-{}", child.id());
                let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
                let _ = child.wait();
                return Err(format!("not built after {} s, and ended there", LIMIT.as_secs()));
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    if !status.success() {
        let said = fs::read_to_string(&log).unwrap_or_default();
        let errors: Vec<&str> = said.lines().filter(|line| line.starts_with("error")).take(3).collect();
        return Err(format!("{status}: {}", errors.join("; ")));
    }
    Ok(((harness::children_cpu_us() - cpu) / 1e6, start.elapsed().as_secs_f64()))
}

/// Builds a package from nothing and looks at what came out.
pub fn measure(peers: &Path, base: &Path, package: &Package) -> Build {
    let mut measured = Build { package: package.folder.to_owned(), ..Build::default() };
    let mut all = || -> Result<(), String> {
        let folder = peers.join(package.folder);
        // What is fetched is not built: the network is nobody's cost.
        let target = base.join(target(package.folder));
        run(cargo(&folder, &target).arg("fetch").args(locked(package.folder)))?;
        if target.exists() {
            fs::remove_dir_all(&target).map_err(|error| format!("{}: {error}", target.display()))?;
        }
        (measured.cpu_s, measured.wall_s) = build(peers, base, package.folder, &[])?;
        let program = target.join("release").join(format!("peer-{}", package.folder));
        measured.bytes = stripped(&program).map_err(|error| format!("{}: {error}", program.display()))?;
        let tree = run(cargo(&folder, &target).args(["tree", "--edges", "normal,build", "--prefix", "none"]))?;
        let names: BTreeSet<(&str, &str)> = tree
            .lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                Some((words.next()?, words.next()?.trim_start_matches('v')))
            })
            .filter(|(name, _)| *name != "harness" && *name != format!("peer-{}", package.folder))
            .collect();
        measured.crates = names.len();
        Ok(())
    };
    measured.error = all().err();
    measured
}

/// The versions that stand for a package, from its lock file.
pub fn versions(package: &Package) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(package.folder).join("Cargo.lock");
    let lock = fs::read_to_string(path).unwrap_or_default();
    let value = |line: &str, key: &str| Some(line.strip_prefix(key)?.trim_matches('"').to_owned());
    let mut lines = lock.lines();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let Some(name) = value(line, "name = ").filter(|name| package.crates.contains(&name.as_str())) else {
            continue;
        };
        if let Some(version) = lines.next().and_then(|line| value(line, "version = ")) {
            found.push(format!("{name} {version}"));
        }
    }
    found
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.stderr(Stdio::piped()).output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(said.lines().last().unwrap_or("cargo failed and said nothing").to_owned())
    }
}

/// The size of a program without its symbols; with them where there is no `strip`.
pub fn stripped(program: &Path) -> io::Result<u64> {
    let copy: PathBuf = program.with_extension("stripped");
    fs::copy(program, &copy)?;
    let _ = Command::new("strip").arg(&copy).stderr(Stdio::null()).status();
    let bytes = fs::metadata(&copy)?.len();
    fs::remove_file(copy)?;
    Ok(bytes)
}
