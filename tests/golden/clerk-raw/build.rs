//! Declares the events that the goldens record without a helper.

#[path = "src/shape.rs"]
#[expect(unreachable_pub, reason = "shared with the library")]
mod shape;

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use serde_json::Value;
use shape::{Field, Kind, Length};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=src/shape.rs");
    println!("cargo:rerun-if-env-changed=GOLDEN_DATA");
    // Goldens of another folder, an absolute path; the test reads the same variable.
    let data = env::var_os("GOLDEN_DATA").map_or("../data".into(), std::path::PathBuf::from);
    let mut files = Vec::new();
    for folder in [data, "../made".into()] {
        println!("cargo:rerun-if-changed={}", folder.display());
        for entry in fs::read_dir(folder)? {
            files.push(entry?.path());
        }
    }
    files.sort();
    let (mut modules, mut cases) = (String::new(), String::new());
    for (number, path) in files.iter().enumerate() {
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let golden: Value = serde_json::from_slice(&fs::read(path)?)?;
        let name = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        if let Some(module) = module(number, &golden) {
            modules += &module;
            writeln!(cases, "Case {{ name: {name:?}, sdk: &m{number}::TELEMETRY, record: m{number}::record }},")?;
        }
    }
    let text = format!("static CASES: &[Case] = &[\n{cases}];\n{modules}");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("cases.rs"), text)?;
    Ok(())
}

/// The module of one golden, if it records an event that can be declared.
fn module(number: usize, golden: &Value) -> Option<String> {
    let steps = golden["input"]["steps"].as_array()?;
    let events: Vec<&Value> = steps.iter().filter(|step| step["op"] == "record").map(|step| &step["event"]).collect();
    let mut names: Vec<&str> = events.iter().filter_map(|event| event["event"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let (mut items, mut arms) = (String::new(), String::new());
    for (index, name) in names.iter().enumerate() {
        let of_name: Vec<&Value> = events.iter().copied().filter(|event| event["event"] == *name).collect();
        let Ok((rate, fields)) = shape::of(&of_name) else { continue };
        let attribute = format!(
            "/// An event of a golden.\n#[telemetry_event(sdk = crate::m{number}::TELEMETRY, name = {name:?}, sample = {rate:?})]"
        );
        let value = structure(&mut items, &attribute, &format!("E{index}"), "&event[\"payload\"]", &fields);
        let _ = writeln!(arms, "Some({name:?}) => record!({value}),");
    }
    if items.is_empty() {
        return None;
    }
    Some(format!(
        "/// The events of one golden.\n#[allow(clippy::all, reason = \"generated\")]\nmod m{number} {{\nuse super::{{Sdk, Value}};\n#[allow(unused_imports)]\n\
         use telemetry_runtime::{{List, OneOf, TelemetryValue, record, sdk, telemetry_event}};\n\
         /// Events that a golden records without a helper.\npub(crate) static TELEMETRY: Sdk = sdk! {{ name: \"clerk-raw-{number}\", \
         role: Library, default: On, env: \"CLERK\", endpoint: \"http://127.0.0.1:4318\", wire: EventBatch {{ strict: true }}, \
         docs: \"https://clerk.com/docs/telemetry\", operator: \"Clerk\", contact: \"support@clerk.com\", region: \"US\", \
         retention: \"unknown\", shared_with: \"unknown\", instance: Required }};\n{items}\n\
         pub(crate) fn record(event: &Value) -> bool {{ match event[\"event\"].as_str() {{ {arms} _ => return false }} true }}\n}}\n"
    ))
}

/// Writes a struct and those it holds; answers with the expression that makes one of the JSON in `source`.
fn structure(items: &mut String, attribute: &str, name: &str, source: &str, fields: &[Field]) -> String {
    let (mut declared, mut made) = (String::new(), String::new());
    for (index, field) in fields.iter().enumerate() {
        let key = &field.key;
        let (mut attributes, kind, value) = of_kind(items, &format!("{name}F{index}"), &field.kind);
        attributes.insert_str(0, &format!("rename = {key:?}"));
        let (kind, value) = if field.optional {
            (format!("Option<{kind}>"), format!("({source}).get({key:?}).map(|value| {value})"))
        } else {
            (kind, format!("{{ let value = &({source})[{key:?}]; {value} }}"))
        };
        declared += &format!("/// A field.\n#[telemetry({attributes})]\nf{index}: {kind},\n");
        made += &format!("f{index}: {value}, ");
    }
    *items += &format!("{attribute}\npub(crate) struct {name} {{ {declared} }}\n");
    format!("{name} {{ {made} }}")
}

/// The attribute and type of a field of this kind, and the expression that makes one of the JSON in `value`. Types that it
/// needs are called `inner`.
fn of_kind(items: &mut String, inner: &str, kind: &Kind) -> (String, String, String) {
    let plain = |kind: String, value: String| (String::new(), kind, value);
    match kind {
        Kind::Flag => plain("bool".to_owned(), "value.as_bool().unwrap_or_default()".to_owned()),
        Kind::Number(least, most) => {
            (format!(", range = {least}..={most}"), "i64".to_owned(), "value.as_i64().unwrap_or_default()".to_owned())
        }
        Kind::Word(words) => {
            let variants: String = words
                .iter()
                .enumerate()
                .map(|(index, word)| format!("#[telemetry(rename = {word:?})] V{index}, "))
                .collect();
            *items += &format!(
                "/// Words.\n#[derive(TelemetryValue)]\n#[allow(dead_code)]\npub(crate) enum {inner} {{ {variants} }}\n"
            );
            plain(format!("OneOf<{inner}>"), "OneOf::parse(value.as_str().unwrap_or_default())".to_owned())
        }
        Kind::Group(fields) => {
            let value = structure(items, "/// A group.\n#[derive(TelemetryValue)]", inner, "value", fields);
            plain(inner.to_owned(), value)
        }
        Kind::List { of, nulls, len } => {
            let (attributes, mut kind, mut value) = of_kind(items, &format!("{inner}L"), of);
            if *nulls {
                (kind, value) = (format!("Option<{kind}>"), format!("(!value.is_null()).then(|| {value})"));
            }
            match len {
                Length::Exactly(len) => (
                    attributes,
                    format!("[{kind}; {len}]"),
                    format!("std::array::from_fn(|at| {{ let value = &value[at]; {value} }})"),
                ),
                Length::AtMost(len) => (
                    attributes,
                    format!("List<{kind}, {len}>"),
                    format!("value.as_array().into_iter().flatten().map(|value| {value}).collect()"),
                ),
            }
        }
    }
}
