//! What reading a program costs: time and memory of `cargo telemetry list` in a release build.
//!
//! `cargo bench -p telemetry-benches --bench audit`. The programs are generated: one of 100 MB with 200 records among code,
//! text, symbols and debug information, and one of 10,000 records. Each is read ten times by a process of its own; printed are
//! the smallest wall time and the smallest CPU time (user and system), because everything else that the machine does only
//! adds, and the largest peak of resident memory, which the system never counts below that of the Python that starts the
//! process (some 14 MB).
//!
//! The budgets are 100 ms and 50 MB for the first, 200 ms for the second. Linux only.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use object::{
    Architecture, BinaryFormat, Endianness, SectionKind,
    write::{Object, StandardSection, Symbol, SymbolSection},
};

const RUNS: usize = 10;

fn main() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let tool = build(&workspace);
    let folder = tempfile::tempdir().expect("the temporary folder can be written");
    println!("{:<34}{:>12}{:>16}{:>16}{:>14}{:>14}", "", "records", "file, MB", "time, ms", "CPU, ms", "peak, MB");
    for (name, records, megabytes) in
        [("a program of 100 MB", 200, 100), ("10,000 records", 10_000, 6), ("a small program", 10, 1)]
    {
        let path = folder.path().join("program");
        let bytes = program(records, megabytes << 20);
        std::fs::write(&path, &bytes).expect("the temporary folder can be written");
        for command in ["list", "absent"] {
            let runs: Vec<_> = (0..RUNS).map(|_| measure(&tool, command, &path)).collect();
            let smallest = |of: fn(&Run) -> f64| runs.iter().map(of).fold(f64::INFINITY, f64::min);
            println!(
                "{:<34}{records:>12}{:>16.1}{:>16.1}{:>14.1}{:>14.1}",
                format!("{command}, {name}"),
                bytes.len() as f64 / 1e6,
                smallest(|run| run.wall) * 1e3,
                smallest(|run| run.cpu) * 1e3,
                runs.iter().map(|run| run.peak).fold(0.0, f64::max) / 1e6
            );
        }
    }
}

/// The tool as people install it.
fn build(workspace: &Path) -> PathBuf {
    let output = Command::new(env!("CARGO"))
        .args([
            "build",
            "--release",
            "--quiet",
            "-p",
            "cargo-telemetry",
            "--bin",
            "cargo-telemetry",
            "--message-format=json",
        ])
        .current_dir(workspace)
        .stderr(Stdio::inherit())
        .output()
        .expect("cargo starts");
    let messages = String::from_utf8(output.stdout).expect("cargo prints UTF-8");
    let mut paths = messages.lines().filter_map(|line| {
        let message: serde_json::Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    });
    paths.next_back().expect("cargo-telemetry builds")
}

/// One run: seconds of wall time, seconds of CPU time, bytes of resident memory at the most.
struct Run {
    wall: f64,
    cpu: f64,
    peak: f64,
}

fn measure(tool: &Path, command: &str, program: &Path) -> Run {
    // Only the system knows the peak of a child, and only for whoever waits for it: Python does, GNU time is rarer.
    let script = "import resource,subprocess,sys,time\n\
                  used=lambda:resource.getrusage(resource.RUSAGE_CHILDREN)\n\
                  cpu=lambda:used().ru_utime+used().ru_stime\n\
                  before,start=cpu(),time.monotonic()\n\
                  code=subprocess.call(sys.argv[1:],stdout=subprocess.DEVNULL)\n\
                  wall=time.monotonic()-start\n\
                  print(wall,cpu()-before,used().ru_maxrss*1024,code)";
    let mut python = Command::new("python3");
    let output = python.args(["-c", script]).arg(tool).arg(command).arg(program).output().expect("python3 starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let words: Vec<f64> = text.split_whitespace().map(|word| word.parse().expect("a number")).collect();
    let [wall, cpu, peak, code] = words[..] else { panic!("{}", String::from_utf8_lossy(&output.stderr)) };
    let expected = if command == "list" { 0.0 } else { 1.0 };
    if code != expected {
        eprintln!("{command} ended with exit code {code}: the figures are not those of its work");
    }
    Run { wall, cpu, peak }
}

/// A program with this many records and of about this size, as a compiler would lay it out.
fn program(records: usize, size: usize) -> Vec<u8> {
    let mut object = Object::new(BinaryFormat::Elf, Architecture::X86_64, Endianness::Little);
    let telemetry = object.add_section(Vec::new(), b".telemetry".to_vec(), SectionKind::ReadOnlyData);
    for number in 0..records {
        object.append_section_data(telemetry, record(number).as_bytes(), 1);
    }
    let text = object.section_id(StandardSection::Text);
    let quarter = size / 4;
    // Bytes without a pattern, so that nothing is found or skipped by luck.
    let mut state = 1_u64;
    let mut noise = |len: usize| -> Vec<u8> {
        (0..len / 8)
            .flat_map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                state.to_le_bytes()
            })
            .collect()
    };
    object.append_section_data(text, &noise(quarter), 16);
    let constants = object.section_id(StandardSection::ReadOnlyData);
    object.append_section_data(constants, &noise(quarter), 16);
    let debug = object.add_section(Vec::new(), b".debug_info".to_vec(), SectionKind::Debug);
    object.append_section_data(debug, &noise(quarter), 1);
    // A symbol and its name take some 70 bytes.
    for number in 0..quarter / 70 {
        object.add_symbol(Symbol {
            name: format!("_ZN7program6module8function17h{number:016x}E").into_bytes(),
            value: 0,
            size: 16,
            kind: object::SymbolKind::Text,
            scope: object::SymbolScope::Linkage,
            weak: false,
            section: SymbolSection::Section(text),
            flags: object::SymbolFlags::None,
        });
    }
    let mut bytes = object.write().expect("an object file of four sections");
    // A linked program, as its header says.
    if let Some(kind) = bytes.get_mut(16..18) {
        kind.copy_from_slice(&3_u16.to_le_bytes());
    }
    bytes
}

/// A record of ordinary size: 525 bytes is what an event with six fields takes.
fn record(number: usize) -> String {
    let fields: Vec<_> = ["bool", "count_bucket", "os", "bool", "count_bucket", "bool"]
        .iter()
        .enumerate()
        .map(|(field, kind)| format!("{{\"name\":\"field_{field}\",\"type\":\"{kind}\",\"doc\":\"What it says.\"}}"))
        .collect();
    format!(
        "\x7fTLM2{{\"record\":\"event\",\"sdk\":\"bench\",\"crate\":\"bench\",\"version\":\"1.0.0\",\"event\":\"event_{number}\",\
         \"kind\":\"event\",\"doc\":\"Something happened.\",\"fields\":[{}],\"sample\":1.0,\"throttle\":\"daily\",\"at\":\"src/lib.rs:{number}\"}}\n",
        fields.join(",")
    )
}
