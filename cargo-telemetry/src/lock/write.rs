//! From descriptors to the lines of the lock file.
//!
//! TOML, written by hand: one field per line wants tables of one line and lists of many, which no general writer
//! promises to keep.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;
use telemetry_schema::{EventDescriptor, FieldDescriptor, FieldType, Form, SdkDescriptor};

use crate::hidden::is_hidden;

use super::{Build, Builds, Entry, LOCK_VERSION, Lock, Scope, type_text};

const HEADER: &str = "\
# Every telemetry event that can be recorded, and all that each of them may carry.
# Written by `cargo telemetry lock`; `cargo telemetry check` compares it with what is built.
# A change of this file is a change of what users send: review it as such.";

pub(super) fn write(lock: &Lock) -> String {
    let mut text = String::new();
    for entry in entries(lock) {
        text.push_str(&entry.text);
        text.push('\n');
    }
    text
}

pub(super) fn entries(lock: &Lock) -> Vec<Entry> {
    let mut lines = Lines { scope: Scope::File, entries: Vec::new() };
    lines.structure(HEADER);
    lines.key("lock_version", &LOCK_VERSION);
    lines.structure("\n# What was built.\nbuilds = [");
    for one in &lock.builds {
        build(&mut lines, one);
    }
    lines.structure("]");
    // With one build there is nothing to tell apart.
    let several = lock.builds.len() > 1;
    for (descriptor, builds) in &lock.sdks {
        sdk(&mut lines, descriptor, several.then_some(builds));
    }
    for (descriptor, builds) in &lock.events {
        event(&mut lines, descriptor, several.then_some(builds));
    }
    lines.entries
}

fn build(lines: &mut Lines, build: &Build) {
    let Build { name, packages, lib, bins, examples, features, default_features, profile, target } = build;
    let mut table = vec![("name", json(name))];
    for (key, list) in [("packages", packages), ("bins", bins), ("examples", examples)] {
        if !list.is_empty() {
            table.push((key, json(list)));
        }
    }
    if *lib {
        table.push(("lib", json(lib)));
    }
    table.push(("features", json(features)));
    table.push(("default-features", json(default_features)));
    for (key, word) in [("profile", profile), ("target", target)] {
        if let Some(word) = word {
            table.push((key, json(word)));
        }
    }
    let keys: Vec<_> = table.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
    lines.push(format!("build {name}"), format!("  {{ {} }},", keys.join(", ")));
}

fn sdk(lines: &mut Lines, sdk: &SdkDescriptor, builds: Option<&Builds>) {
    let SdkDescriptor {
        sdk: name,
        crate_name,
        version: _,
        runtime: _,
        repository,
        role,
        default,
        env,
        env_aliases,
        command,
        endpoint,
        wire,
        compress,
        docs,
        operator,
        contact,
        region,
        retention,
        shared_with,
        event_case,
        active,
        health,
        identity,
        notice,
        official_builds,
        environments,
        write_on,
        exit,
        instance,
        sample,
        transport,
        envelope,
        headers,
        server_sees,
        at: _,
    } = sdk;
    lines.scope = Scope::Sdk(name.clone());
    lines.structure("\n[[sdk]]");
    lines.key("sdk", name);
    lines.option("builds", &builds);
    lines.key("crate", crate_name);
    lines.key_unless("repository", repository, repository.is_empty());
    lines.key("role", role);
    lines.key("default", default);
    lines.key("env", env);
    lines.key_unless("env_aliases", env_aliases, env_aliases.is_empty());
    lines.option("command", command);
    lines.key("endpoint", endpoint);
    lines.key("wire", wire);
    lines.option("compress", compress);
    lines.key("docs", docs);
    lines.key("operator", operator);
    lines.key("contact", contact);
    lines.key("region", region);
    lines.key("retention", retention);
    lines.key("shared_with", shared_with);
    lines.key("event_case", event_case);
    lines.option("active", active);
    lines.option("health", health);
    lines.option("identity", identity);
    lines.key("notice", notice);
    lines.option("official_builds", official_builds);
    lines.key_unless("environments", environments, environments.is_empty());
    lines.key("write_on", write_on);
    lines.key_unless("exit", exit, *exit == telemetry_schema::Exit::default());
    lines.option("instance", instance);
    lines.key("sample", sample);
    lines.key("transport", transport);
    lines.list("envelope", envelope, |(name, _)| name);
    lines.list("headers", headers, |(name, _)| name);
    lines.list("server_sees", server_sees, |what| what);
}

fn event(lines: &mut Lines, event: &EventDescriptor, builds: Option<&Builds>) {
    let EventDescriptor {
        sdk,
        crate_name,
        version: _,
        event: name,
        discriminant,
        kind,
        doc,
        fields,
        sample,
        throttle,
        declared_level,
        owner,
        purpose,
        reviewed,
        since,
        expires,
        at: _,
    } = event;
    lines.scope = Scope::Event(event.key());
    lines.structure("\n[[event]]");
    lines.key("sdk", sdk);
    lines.key("event", name);
    lines.option("discriminant", discriminant);
    lines.option("builds", &builds);
    lines.key("kind", kind);
    lines.key("crate", crate_name);
    lines.key_unless("doc", doc, doc.is_empty());
    lines.key("sample", sample);
    lines.key("throttle", throttle);
    lines.option("level", declared_level);
    lines.option("owner", owner);
    lines.option("purpose", purpose);
    lines.option("reviewed", reviewed);
    lines.option("since", since);
    lines.option("expires", expires);
    if fields.is_empty() {
        lines.structure("fields = []");
        return;
    }
    lines.structure("fields = [");
    for descriptor in fields {
        field(lines, descriptor, "", 1);
    }
    lines.structure("]");
}

fn field(lines: &mut Lines, field: &FieldDescriptor, parent: &str, depth: usize) {
    let FieldDescriptor { name, field_type, doc, declared_sensitivity, reason } = field;
    let path = if parent.is_empty() { name.clone() } else { format!("{parent}.{name}") };
    let mut table = vec![("name", json(name))];
    let below = type_keys(&mut table, field_type);
    if let Some(sensitivity) = declared_sensitivity {
        table.push(("sensitivity", json(sensitivity)));
    }
    if let Some(reason) = reason {
        table.push(("reason", json(reason)));
    }
    if !doc.is_empty() {
        table.push(("doc", json(doc)));
    }
    table_line(lines, &table, below, &path, depth);
}

/// Adds words and names; answers with the type whose fields or variants have lines of their own.
fn type_keys<'a>(table: &mut Vec<(&str, Value)>, field_type: &'a FieldType) -> Option<&'a FieldType> {
    let (words, leaf) = type_text::write(field_type);
    table.push(("type", json(&words)));
    match leaf.form() {
        Form::Enum(names) => table.push(("values", json(names))),
        Form::Version { prefix } if !prefix.is_empty() => table.push(("prefix", json(prefix))),
        Form::Packages { names, prefixes, max: _ } => {
            for (key, list) in [("names", names), ("prefixes", prefixes)] {
                if !list.is_empty() {
                    table.push((key, json(list)));
                }
            }
        }
        Form::Struct(_) | Form::Variants(_) => return Some(leaf),
        Form::Bool
        | Form::Int { .. }
        | Form::Unbounded(_)
        | Form::Optional(_)
        | Form::Array { .. }
        | Form::List { .. }
        | Form::Text { .. }
        | Form::OneOf(_)
        | Form::Version { .. }
        | Form::Pseudonym
        | Form::ReadyMade(_) => {}
    }
    None
}

fn table_line(lines: &mut Lines, table: &[(&str, Value)], below: Option<&FieldType>, path: &str, depth: usize) {
    let indent = "  ".repeat(depth);
    let mut text = format!("{indent}{{ ");
    for (number, (key, value)) in table.iter().enumerate() {
        let comma = if number > 0 { ", " } else { "" };
        let _ = write!(text, "{comma}{key} = {}", inline(value));
    }
    let label = format!("field {path}");
    match below {
        None => lines.push(label, format!("{text} }},")),
        Some(FieldType::Struct(fields)) => {
            lines.push(label, format!("{text}, fields = ["));
            for nested in fields {
                field(lines, nested, path, depth + 1);
            }
            lines.structure(&format!("{indent}] }},"));
        }
        Some(FieldType::Variants(variants)) => {
            lines.push(label, format!("{text}, variants = ["));
            for variant in variants {
                let mut table = vec![("name", json(&variant.name))];
                let below = variant.field_type.as_ref().and_then(|of| type_keys(&mut table, of));
                table_line(lines, &table, below, &format!("{path}.{}", variant.name), depth + 1);
            }
            lines.structure(&format!("{indent}] }},"));
        }
        // `type_keys` answers with the two above only.
        Some(_) => lines.push(label, format!("{text} }},")),
    }
}

struct Lines {
    scope: Scope,
    entries: Vec<Entry>,
}

impl Lines {
    fn push(&mut self, label: String, text: String) {
        self.entries.push(Entry { scope: self.scope.clone(), label, text });
    }

    fn structure(&mut self, text: &str) {
        self.push(String::new(), text.to_owned());
    }

    fn key(&mut self, key: &str, value: &impl Serialize) {
        self.push(key.to_owned(), format!("{key} = {}", inline(&json(value))));
    }

    fn key_unless(&mut self, key: &str, value: &impl Serialize, absent: bool) {
        if !absent {
            self.key(key, value);
        }
    }

    fn option(&mut self, key: &str, value: &Option<impl Serialize>) {
        if let Some(value) = value {
            self.key(key, value);
        }
    }

    fn list<T: Serialize>(&mut self, key: &str, items: &[T], name: impl Fn(&T) -> &String) {
        if items.is_empty() {
            self.key(key, &items);
            return;
        }
        self.structure(&format!("{key} = ["));
        for item in items {
            self.push(format!("{key} {}", name(item)), format!("  {},", inline(&json(item))));
        }
        self.structure("]");
    }
}

fn json(value: &(impl Serialize + ?Sized)) -> Value {
    // Descriptors hold nothing that JSON cannot express, but for a sample that is no number; `null` is no TOML, so
    // such a file does not read back and never counts as up to date.
    serde_json::to_value(value).unwrap_or(Value::Null)
}

/// A value in one line of TOML.
fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => string(text),
        Value::Array(items) => format!("[{}]", items.iter().map(inline).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<_> = members.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

/// A basic string. Characters that a reader of a pull request would not see, or that would turn the line around, are
/// escaped beside those that TOML asks for.
fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = match u32::from(c) {
                    code @ 0..=0xffff => write!(out, "\\u{code:04X}"),
                    code => write!(out, "\\U{code:08X}"),
                };
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
