//! Replays one call of a golden in a process of its own: `golden_replay <golden file> <step>`. `PROBE_PORT` is the port of
//! the test's server. Exit code 3: the call cannot be expressed, standard error says why.

use std::{process::ExitCode, time::Duration};

use serde_json::Value;
use telemetry_runtime::{Options, Wrapper};

fn main() -> ExitCode {
    match replay() {
        Ok(()) => {
            let _ = telemetry_runtime::flush(Duration::from_secs(20));
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("cannot be expressed: {reason}");
            ExitCode::from(3)
        }
    }
}

fn replay() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let (Some(path), Some(step)) = (arguments.next(), arguments.next()) else { return Err("no golden".to_owned()) };
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let golden: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let step: usize = step.parse().map_err(|_| "no step".to_owned())?;
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).ok_or("no port")?;
    let loopback = Options::new().loopback().loopback_port(port);
    let input = &golden["input"];
    let source = golden["source"].as_str().unwrap_or_default();
    if source.starts_with("@clerk/shared@") {
        golden_clerk_core::TELEMETRY.configure(loopback);
        clerk(input, step)
    } else if source == "@refinedev/core@5.0.12" {
        golden_refine_core::TELEMETRY.configure(loopback);
        refine_core(input)
    } else if source == "@refinedev/cli@2.16.52" {
        golden_refine_cli::TELEMETRY.configure(loopback);
        golden_refine_cli::run(input, machine(&golden));
        Ok(())
    } else {
        Err(format!("no SDK for {source:?}"))
    }
}

/// One call of a collector that was made with the last `new` before it.
fn clerk(input: &Value, step: usize) -> Result<(), String> {
    let steps = input["steps"].as_array().ok_or("no steps")?;
    let made = steps.iter().take(step).rfind(|earlier| earlier["op"] == "new").ok_or("no collector")?;
    let options = &made["options"];
    let metadata = &input["window"]["sdkMetadata"];
    let (name, version) = match metadata["name"].as_str() {
        Some(name) => (Some(name), metadata["version"].as_str()),
        None => (options["sdk"].as_str(), options["sdkVersion"].as_str()),
    };
    golden_clerk_core::configure(options, wrapper(name, version)?);
    let step = steps.get(step).ok_or("no such step")?;
    for _ in 0..step["repeat"].as_u64().unwrap_or(1) {
        golden_clerk_core::replay(step)?;
    }
    Ok(())
}

fn wrapper(name: Option<&str>, version: Option<&str>) -> Result<Option<Wrapper>, String> {
    match (name, version) {
        (None, None) => Ok(None),
        (Some("@clerk/nextjs"), Some("6.35.0")) => Ok(Some(golden_clerk_next::registration())),
        (Some("@clerk/astro"), Some("9.9.9")) => Ok(Some(golden_clerk_astro::registration())),
        other => Err(format!("no crate is {other:?}")),
    }
}

/// All renders of one page: its program is one run.
fn refine_core(input: &Value) -> Result<(), String> {
    let Some(steps) = input["steps"].as_array() else {
        golden_refine_core::mount(&input["props"]);
        return Ok(());
    };
    for step in steps {
        match step["op"].as_str() {
            Some("render") => golden_refine_core::mount(&step["props"]),
            Some("unmount") => {}
            other => return Err(format!("no such step: {other:?}")),
        }
    }
    Ok(())
}

/// What a golden was made on: facts, not inputs.
fn machine(golden: &Value) -> golden_refine_cli::Machine {
    let body = golden["requests"][0]["body"].as_str().unwrap_or("{}");
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    golden_refine_cli::Machine {
        node_version: golden["node"].as_str().unwrap_or_default().to_owned(),
        os_version: body["osVersion"].as_str().unwrap_or_default().to_owned(),
    }
}
