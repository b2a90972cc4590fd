//! Findings as SARIF 2.1.0, which services for code review and editors read.

use serde::Serialize;

use super::{check::Report, clean, place};
use crate::{
    finding::{Finding, Level, Rule},
    json::document,
};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    /// Counted so, columns would be; there are none.
    column_kind: &'static str,
    results: Vec<SarifResult>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    version: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    short_description: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: String,
    /// The root of the sources, of a relative address.
    #[serde(skip_serializing_if = "Option::is_none")]
    uri_base_id: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
}

impl Report<'_> {
    /// All findings as one log with one run.
    pub(crate) fn sarif(&self) -> String {
        let descriptor =
            |rule: Rule| Descriptor { id: rule.id(), short_description: Message { text: rule.summary().to_owned() } };
        document(&Log {
            schema: SCHEMA,
            version: "2.1.0",
            runs: [Run {
                tool: Tool {
                    driver: Driver {
                        name: "cargo-telemetry",
                        version: env!("CARGO_PKG_VERSION"),
                        rules: Rule::ALL.into_iter().map(descriptor).collect(),
                    },
                },
                column_kind: "utf16CodeUnits",
                results: self.findings.iter().map(result).collect(),
            }],
        })
    }
}

fn result(finding: &Finding) -> SarifResult {
    let location = |(file, line): (String, Option<u32>)| Location {
        physical_location: Physical {
            artifact_location: artifact(&file),
            region: line.map(|start_line| Region { start_line }),
        },
    };
    SarifResult {
        rule_id: finding.rule.id(),
        rule_index: Rule::ALL.iter().position(|rule| *rule == finding.rule).unwrap_or_default(),
        level: match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: Message { text: super::check::words(finding) },
        locations: place::of(finding).map(location).into_iter().collect(),
    }
}

/// A path as an address. Nothing of it can become a scheme, a host or a fragment.
fn artifact(file: &str) -> Artifact {
    let mut uri = String::new();
    for byte in clean(file).bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            other => uri.push_str(&format!("%{other:02X}")),
        }
    }
    if uri.starts_with('/') {
        // Two slashes would begin a host.
        return Artifact { uri: format!("file:///{}", uri.trim_start_matches('/')), uri_base_id: None };
    }
    Artifact { uri, uri_base_id: Some("%SRCROOT%") }
}
