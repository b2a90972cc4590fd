//! From the text of a lock file to descriptors.

use serde::Deserialize;
use telemetry_schema::{EventDescriptor, FieldDescriptor, FieldType, SdkDescriptor, VariantDescriptor};
use toml::Spanned;

use super::{
    Build, Builds, LOCK_VERSION, Lock, LockError,
    build::Former,
    file::{Event, Field, File, Sdk, Variant},
    type_text::{self, Beside},
};

#[derive(Deserialize)]
struct Versioned {
    lock_version: Option<u32>,
}

pub(super) fn parse(text: &str) -> Result<Lock, LockError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // Before anything else: what stands between the markers is no TOML, and its error would name something else.
    let marker = |line: &str| ["<<<<<<<", "|||||||", "=======", ">>>>>>>"].iter().any(|mark| line.starts_with(mark));
    if let Some(line) = text.lines().position(marker) {
        return Err(LockError::MergeConflict { line: line + 1 });
    }
    // Before the strict reading: a later version may have keys that this one would call unknown.
    let Versioned { lock_version } = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    match lock_version {
        None => return Err(LockError::NoVersion),
        Some(found) if found > LOCK_VERSION => return Err(LockError::Version { found }),
        Some(found) if found < LOCK_VERSION => return Err(LockError::Former { found }),
        Some(_) => {}
    }
    let file: File = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    let names: Builds = file.builds.iter().map(|build| build.name.clone()).collect();
    if names.len() < file.builds.len() {
        return Err(LockError::Syntax { line: None, message: "two builds have one name".to_owned() });
    }
    let mut sdks = Vec::new();
    for mut entry in file.sdk {
        let builds = builds(text, entry.builds.take(), &names)?;
        sdks.push((sdk(entry), builds));
    }
    let mut events = Vec::new();
    for mut entry in file.event {
        let builds = builds(text, entry.builds.take(), &names)?;
        events.push((event(text, entry)?, builds));
    }
    // Everything comes into the one order, however the file was edited.
    Ok(Lock::from_entries(file.builds, sdks, events))
}

/// The builds that an entry names; one that names none is in all.
fn builds(text: &str, named: Option<Vec<Spanned<String>>>, known: &Builds) -> Result<Builds, LockError> {
    let Some(named) = named else { return Ok(known.clone()) };
    for name in &named {
        if !known.contains(name.get_ref()) {
            let message = format!("no build is named {:?}", name.get_ref());
            return Err(LockError::Syntax { line: Some(line_of(text, name.span().start)), message });
        }
    }
    Ok(named.into_iter().map(Spanned::into_inner).collect())
}

/// What was built, of a file that cannot be read as a whole: events are read from the sources again, but nothing else
/// says what to build. Version 1 had a table `[lock]` for one build.
pub(super) fn salvage(text: &str) -> Option<Vec<Build>> {
    #[derive(Deserialize)]
    struct Head {
        builds: Option<Vec<Build>>,
        lock: Option<Former>,
    }
    let head = text.split("\n[[").next().unwrap_or_default();
    let head: Head = toml::from_str(head).ok()?;
    head.builds.or_else(|| head.lock.map(|former| vec![former.into()]))
}

fn syntax(text: &str, error: &toml::de::Error) -> LockError {
    let line = error.span().map(|span| line_of(text, span.start));
    LockError::Syntax { line, message: error.message().trim_end().replace('\n', ", ") }
}

fn line_of(text: &str, offset: usize) -> usize {
    1 + text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count()
}

fn sdk(entry: Sdk) -> SdkDescriptor {
    SdkDescriptor {
        sdk: entry.sdk,
        crate_name: entry.crate_name,
        version: String::new(),
        runtime: String::new(),
        repository: entry.repository,
        role: entry.role,
        default: entry.default,
        env: entry.env,
        env_aliases: entry.env_aliases,
        command: entry.command,
        endpoint: entry.endpoint,
        wire: entry.wire,
        compress: entry.compress,
        docs: entry.docs,
        operator: entry.operator,
        contact: entry.contact,
        region: entry.region,
        retention: entry.retention,
        shared_with: entry.shared_with,
        event_case: entry.event_case,
        active: entry.active,
        health: entry.health,
        identity: entry.identity,
        notice: entry.notice,
        official_builds: entry.official_builds,
        environments: entry.environments,
        write_on: entry.write_on,
        exit: entry.exit,
        instance: entry.instance,
        sample: entry.sample,
        transport: entry.transport,
        envelope: entry.envelope,
        headers: entry.headers,
        server_sees: entry.server_sees,
        at: String::new(),
    }
}

fn event(text: &str, entry: Event) -> Result<EventDescriptor, LockError> {
    Ok(EventDescriptor {
        sdk: entry.sdk,
        crate_name: entry.crate_name,
        version: String::new(),
        event: entry.event,
        discriminant: entry.discriminant,
        kind: entry.kind,
        doc: entry.doc,
        fields: fields(text, entry.fields)?,
        sample: entry.sample,
        throttle: entry.throttle,
        declared_level: entry.level,
        owner: entry.owner,
        purpose: entry.purpose,
        reviewed: entry.reviewed,
        since: entry.since,
        expires: entry.expires,
        at: String::new(),
    })
}

fn fields(text: &str, entries: Vec<Field>) -> Result<Vec<FieldDescriptor>, LockError> {
    entries.into_iter().map(|entry| field(text, entry)).collect()
}

fn field(text: &str, entry: Field) -> Result<FieldDescriptor, LockError> {
    let beside = Beside {
        values: entry.values,
        variants: entry.variants.map(|entries| variants(text, entries)).transpose()?,
        fields: entry.fields.map(|entries| fields(text, entries)).transpose()?,
        names: entry.names,
        prefixes: entry.prefixes,
        prefix: entry.prefix,
    };
    Ok(FieldDescriptor {
        name: entry.name,
        field_type: field_type(text, &entry.words, beside)?,
        doc: entry.doc,
        declared_sensitivity: entry.sensitivity,
        reason: entry.reason,
    })
}

fn variants(text: &str, entries: Vec<Variant>) -> Result<Vec<VariantDescriptor>, LockError> {
    entries.into_iter().map(|entry| variant(text, entry)).collect()
}

fn variant(text: &str, entry: Variant) -> Result<VariantDescriptor, LockError> {
    let beside = Beside {
        values: entry.values,
        variants: entry.variants.map(|entries| variants(text, entries)).transpose()?,
        fields: entry.fields.map(|entries| fields(text, entries)).transpose()?,
        names: entry.names,
        prefixes: entry.prefixes,
        prefix: entry.prefix,
    };
    let field_type = match &entry.words {
        Some(words) => Some(field_type(text, words, beside)?),
        None => {
            beside
                .must_be_empty()
                .map_err(|message| LockError::Syntax { line: Some(line_of(text, entry.name.span().start)), message })?;
            None
        }
    };
    Ok(VariantDescriptor { name: entry.name.into_inner(), field_type })
}

fn field_type(text: &str, words: &Spanned<String>, mut beside: Beside) -> Result<FieldType, LockError> {
    type_text::parse(words.get_ref(), &mut beside).map_err(|message| LockError::Type {
        line: line_of(text, words.span().start),
        text: words.get_ref().clone(),
        message,
    })
}
