//! Writes the events that the program declares, and one function for each that records it.

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

/// Events of a module: no file of a person holds ten thousand.
const MODULE: usize = 50;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=PEERS_EVENTS");
    println!("cargo::rerun-if-changed=build.rs");
    let events: usize = env::var("PEERS_EVENTS").unwrap_or_else(|_| "1".to_owned()).parse()?;
    let mut text = String::new();
    let mut modules = 0;
    for first in (0..events).step_by(MODULE) {
        writeln!(text, "mod m{modules} {{\nuse telemetry_runtime::{{record, telemetry_event}};")?;
        let numbers = first..events.min(first + MODULE);
        for number in numbers.clone() {
            writeln!(
                text,
                "/// Number {number}.\n#[telemetry_event(throttle = None)]\nstruct Accepted{number} {{\n\
                 /// Which component.\ncomponent: crate::Component,\n\
                 /// Whether a prop was passed.\nappearance: bool,\n\
                 /// How many rules a theme overrides.\n#[telemetry(range = 0..=65535)]\noverrides: u16,\n}}"
            )?;
        }
        writeln!(text, "pub(crate) fn record(which: usize, overrides: u16) {{\nmatch which {{")?;
        for number in numbers {
            writeln!(
                text,
                "{number} => record!(Accepted{number} {{ component: crate::Component::SignUp, appearance: true, overrides }}),"
            )?;
        }
        writeln!(text, "_ => {{}}\n}}\n}}\n}}")?;
        modules += 1;
    }
    writeln!(text, "fn record_one(which: usize, overrides: u16) {{\nmatch which / {MODULE} {{")?;
    for module in 0..modules {
        writeln!(text, "{module} => m{module}::record(which, overrides),")?;
    }
    writeln!(text, "_ => {{}}\n}}\n}}\nconst EVENTS: usize = {events};")?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("events.rs"), text)?;
    Ok(())
}
