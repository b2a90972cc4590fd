//! What the page says of the machine.

use std::{fs, process::Command};

/// The day and the load, in words.
pub fn now_and_load() -> String {
    let day = said("date", &["-u", "+%Y-%m-%d"]);
    format!("{day}, load {}", load())
}

/// Of the last minute.
fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split_whitespace().next().unwrap_or("unknown").to_owned()
}

/// Processor, cores, memory, kernel, compiler.
pub fn describe() -> String {
    let processors = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let kib =
        memory.lines().find_map(|line| line.strip_prefix("MemTotal:")?.split_whitespace().next()?.parse::<u64>().ok());
    format!(
        "{}, {cores} cores, {} GiB of memory, {} {}, {}",
        model.map_or("a processor without a name", |(_, name)| name.trim()),
        kib.unwrap_or_default() / 1024 / 1024,
        said("uname", &["-s"]),
        said("uname", &["-r"]).split('-').next().unwrap_or_default(),
        said("rustc", &["--version"]),
    )
}

fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    output.map_or("unknown".to_owned(), |output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}
