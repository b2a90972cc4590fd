//! Replays a part of a golden in a process of its own: `golden_replay <golden file> <step> <time or -> <wait>`.
//!
//! A step is the index of one of `input.steps` for a Clerk SDK; what Refine sends is one run, and the step is ignored.
//! `<time>` is the clock in milliseconds of 1970, `<wait>` how many milliseconds delivery may take. `PROBE_PORT` is the port
//! of the test's server. Exit code 3: the step cannot be expressed, and standard error says `<row>: <reason>`.

use std::{
    path::Path,
    process::ExitCode,
    time::{Duration, UNIX_EPOCH},
};

use serde_json::Value;
use telemetry_runtime::{Options, Sdk, Wrapper, testing::Clock};

fn main() -> ExitCode {
    match replay() {
        Ok(wait) => {
            let _ = telemetry_runtime::flush(wait);
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(3)
        }
    }
}

fn replay() -> Result<Duration, String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [path, step, time, wait] = arguments.as_slice() else { return Err("no golden".to_owned()) };
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let golden: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let name = Path::new(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let step: usize = step.parse().map_err(|_| "no step".to_owned())?;
    if let Ok(time) = time.parse() {
        Clock::set(UNIX_EPOCH + Duration::from_millis(time));
    }
    let input = &golden["input"];
    match golden["source"].as_str().unwrap_or_default().rsplit_once('@') {
        Some(("@clerk/shared", _)) => clerk(name, input, step)?,
        Some(("@refinedev/core" | "@pankod/refine-core", version)) => {
            golden_refine_core::TELEMETRY.configure(loopback()?);
            refine_core(version, input)?;
        }
        Some(("@refinedev/cli", version)) => {
            golden_refine_cli::TELEMETRY.configure(loopback()?);
            golden_refine_cli::run(input, machine(&golden, version));
        }
        _ => return Err(format!("V2: no SDK for {}", golden["source"])),
    }
    Ok(Duration::from_millis(wait.parse().map_err(|_| "no wait".to_owned())?))
}

fn loopback() -> Result<Options, String> {
    let port = std::env::var("PROBE_PORT").ok().and_then(|port| port.parse().ok()).ok_or("no port")?;
    Ok(Options::new().loopback().loopback_port(port))
}

/// One step of a collector: the last that was made before it, or the one that the step names.
fn clerk(case: &str, input: &Value, number: usize) -> Result<(), String> {
    let steps = input["steps"].as_array().ok_or("no steps")?;
    let step = steps.get(number).ok_or("no such step")?;
    let mut made = steps.iter().take(number).filter(|earlier| earlier["op"] == "new");
    let collector = match step["collector"].as_u64() {
        Some(collector) => made.nth(usize::try_from(collector).unwrap_or(usize::MAX)),
        None => made.next_back(),
    };
    let options = &collector.ok_or("no collector")?["options"];
    let metadata = &input["window"]["sdkMetadata"];
    let (name, version) = match metadata["name"].as_str() {
        Some(name) => (Some(name), metadata["version"].as_str()),
        None => (options["sdk"].as_str(), options["sdkVersion"].as_str()),
    };
    let prepare = |sdk: &Sdk| -> Result<(), String> {
        sdk.configure(loopback()?);
        golden_clerk_core::configure(sdk, options, wrapper(name, version));
        Ok(())
    };
    let times = 0..step["repeat"].as_u64().unwrap_or(1);
    if step["op"] != "record" {
        prepare(&golden_clerk_core::TELEMETRY)?;
        return times.into_iter().try_for_each(|_| golden_clerk_core::replay(step));
    }
    // What was declared was declared of all events with this name.
    let of_name: Vec<&Value> =
        steps.iter().map(|step| &step["event"]).filter(|event| event["event"] == step["event"]["event"]).collect();
    golden_clerk_raw::shape::of(&of_name).map_err(|(row, reason)| format!("{row}: {reason}"))?;
    let case = golden_clerk_raw::case(case).ok_or("no such case")?;
    prepare(case.sdk)?;
    times.into_iter().all(|_| (case.record)(&step["event"])).then_some(()).ok_or_else(|| "no such event".to_owned())
}

/// The crate that wraps the SDK. Real ones are made by `wrapper!`, from names that stand in the source.
fn wrapper(name: Option<&str>, version: Option<&str>) -> Option<Wrapper> {
    let keep = |text: &str| -> &'static str { Box::leak(text.to_owned().into_boxed_str()) };
    Some(Wrapper::new(keep(name?), keep(version?)))
}

/// All renders of one page: its program is one run.
fn refine_core(version: &str, input: &Value) -> Result<(), String> {
    if input["ssr"] == true {
        return Ok(()); // The author records where a page is shown.
    }
    let Some(steps) = input["steps"].as_array() else { return golden_refine_core::mount(version, &input["props"]) };
    for step in steps.iter().filter(|step| step["op"] == "render") {
        golden_refine_core::mount(version, &step["props"])?;
    }
    Ok(())
}

/// What a golden was made on: facts, not inputs.
fn machine(golden: &Value, version: &str) -> golden_refine_cli::Machine {
    let body = golden["requests"][0]["body"].as_str().unwrap_or("{}");
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    golden_refine_cli::Machine {
        cli: version.to_owned(),
        node_version: golden["node"].as_str().unwrap_or_default().to_owned(),
        os_version: body["osVersion"].as_str().unwrap_or_default().to_owned(),
    }
}
