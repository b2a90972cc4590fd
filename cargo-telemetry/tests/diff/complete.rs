//! Nothing that a descriptor says can change unseen.
//!
//! Each key is changed once. The lists below take descriptors apart, so that a new key does not compile here until
//! somebody has said what a change of it means.

use cargo_telemetry::diff::{Finding, Id, Severity, diff};
use serde_json::{Value, json};
use telemetry_schema::{
    Active, Compress, DefaultConsent, Environment, EventCase, EventDescriptor, Exit, FieldDescriptor, FieldType,
    Health, Identity, Instance, Kind, Level, Manifest, Notice, Role, SdkDescriptor, Sensitivity, Throttle, Wire,
    WriteOn,
};

use crate::snippets::manifest;

fn ids(old: &Manifest, new: &Manifest) -> Vec<Id> {
    let mut ids: Vec<_> = diff(old, new).iter().map(|finding| finding.rule.id).collect();
    ids.sort();
    ids
}

fn base() -> Manifest {
    manifest(&json!({}))
}

/// One change per key: `(key, the changed descriptor, what is found)`.
macro_rules! every_key {
    ($base:expr, $type:ident { $($key:ident: $change:expr => [$($id:ident),*],)+ }) => {{
        let base: $type = $base;
        // Does not compile when a key of the descriptor has no line.
        let $type { $($key: _),+ } = &base;
        vec![$({
            let mut changed = base.clone();
            #[allow(clippy::redundant_closure_call, reason = "the list reads better with closures")]
            ($change)(&mut changed.$key);
            assert_ne!(changed, base, concat!(stringify!($key), " is not changed at all"));
            let mut ids: Vec<Id> = vec![$(Id::$id),*];
            ids.sort();
            (stringify!($key), changed, ids)
        }),+]
    }};
}

fn text(text: &mut String) {
    text.push('x');
}

fn maybe(text: &mut Option<String>) {
    *text = Some("said".to_owned());
}

#[test]
fn every_key_of_an_event_is_seen() {
    let old = base();
    let changes = every_key!(old.events[0].clone(), EventDescriptor {
        sdk: text => [EventAdded, EventRemoved],
        crate_name: text => [EventCrateChanged],
        version: text => [],
        event: text => [EventAdded, EventRemoved],
        discriminant: maybe => [EventAdded, EventRemoved],
        kind: |kind: &mut Kind| *kind = Kind::Mount => [EventKindChanged],
        doc: text => [EventDocChanged],
        fields: |fields: &mut Vec<FieldDescriptor>| fields.clear() => [FieldRemoved],
        sample: |sample: &mut f64| *sample = 0.5 => [SamplingLowered],
        throttle: |throttle: &mut Throttle| *throttle = Throttle::None => [ThrottleLoosened],
        declared_level: |level: &mut Option<Level>| *level = Some(Level::Basic) => [LevelLowered],
        owner: maybe => [OwnerChanged],
        purpose: maybe => [PurposeChanged],
        reviewed: maybe => [ReviewChanged],
        since: maybe => [SinceChanged],
        expires: |expires: &mut Option<String>| *expires = Some("2027-06-30".to_owned()) => [ExpiryEarlier],
        at: text => [],
    });
    for (key, changed, expected) in changes {
        let new = Manifest { events: vec![changed], ..old.clone() };
        assert_eq!(ids(&old, &new), expected, "{key}");
    }
}

#[test]
fn every_key_of_a_field_is_seen() {
    let old = base();
    let changes = every_key!(old.events[0].fields[0].clone(), FieldDescriptor {
        name: text => [FieldAdded, FieldRemoved],
        field_type: |field_type: &mut FieldType| *field_type = FieldType::Bool => [TypeChanged],
        doc: text => [FieldDocChanged],
        declared_sensitivity: |declared: &mut _| *declared = Some(Sensitivity::Personal) => [SensitivityRaised],
        reason: maybe => [ReasonChanged],
    });
    for (key, changed, expected) in changes {
        // The same field alone, and as a key of an object in a list.
        let nest = |field: &FieldDescriptor| FieldDescriptor {
            name: "outer".to_owned(),
            field_type: FieldType::List { max: 4, of: Box::new(FieldType::Struct(vec![field.clone()])) },
            doc: String::new(),
            declared_sensitivity: None,
            reason: None,
        };
        let with = |field: FieldDescriptor| {
            let mut manifest = old.clone();
            manifest.events[0].fields = vec![field];
            manifest
        };
        let plain = old.events[0].fields[0].clone();
        assert_eq!(ids(&old, &with(changed.clone())), expected, "{key}");
        let (old, new) = (with(nest(&plain)), with(nest(&changed)));
        assert_eq!(ids(&old, &new), expected, "{key}, inside");
        let inside =
            |finding: &Finding| finding.field.as_deref().is_some_and(|path| path.starts_with("outer[].entries"));
        assert!(diff(&old, &new).iter().all(inside), "{key}: {:?}", diff(&old, &new));
    }
}

#[test]
fn every_key_of_an_sdk_is_seen() {
    let old = base();
    let changes = every_key!(old.sdks[0].clone(), SdkDescriptor {
        sdk: text => [SdkAdded, SdkRemoved],
        crate_name: text => [SdkCrateChanged],
        version: text => [],
        runtime: text => [],
        repository: text => [SdkRepositoryChanged],
        role: |role: &mut Role| *role = Role::Application => [RoleChanged],
        default: |default: &mut _| *default = DefaultConsent::Off => [DefaultOff],
        env: text => [VariableAdded, VariableRemoved, DebugVariableChanged],
        env_aliases: |aliases: &mut Vec<String>| aliases.push("NO_ACME".to_owned()) => [VariableAdded],
        command: maybe => [CommandAdded],
        endpoint: text => [EndpointChanged],
        wire: |wire: &mut Wire| *wire = Wire::EventBatch { strict: true } => [WireChanged],
        compress: |compress: &mut _| *compress = Some(Compress::Gzip) => [CompressionChanged],
        docs: text => [DocsChanged],
        operator: text => [OperatorChanged],
        contact: text => [ContactChanged],
        region: text => [RegionChanged],
        retention: text => [RetentionChanged],
        shared_with: text => [SharingChanged],
        event_case: |case: &mut EventCase| *case = EventCase::Kebab => [EventCaseChanged],
        active: |active: &mut _| *active = Some(Active::Daily) => [ActiveAdded],
        health: |health: &mut _| *health = Some(Health::Daily) => [HealthAdded],
        identity: |identity: &mut _| *identity = Some(Identity::Rotating(30)) => [IdentityAdded],
        notice: |notice: &mut Notice| *notice = Notice::Host => [NoticeWeakened],
        official_builds: maybe => [OfficialBuildsAdded],
        environments: |all: &mut Vec<Environment>| all.push(Environment::Ci) => [EnvironmentAdded],
        write_on: |write_on: &mut WriteOn| *write_on = WriteOn::Caller => [WriteOnChanged],
        exit: |exit: &mut Exit| *exit = Exit::Grace(100) => [ExitRaised],
        instance: |instance: &mut _| *instance = Some(Instance::Required) => [InstanceAdded, InstanceRequired],
        sample: |sample: &mut f64| *sample = 0.5 => [SamplingLowered],
        transport: |transport: &mut String| *transport = "custom".to_owned() => [TransportCustom],
        envelope: |envelope: &mut Vec<_>| drop(envelope.pop()) => [EnvelopeKeyRemoved],
        headers: |headers: &mut Vec<_>| drop(headers.pop()) => [HeaderRemoved],
        server_sees: |all: &mut Vec<String>| all.push("more".to_owned()) => [ServerSeesAdded],
        at: text => [],
    });
    for (key, changed, expected) in changes {
        let new = Manifest { sdks: vec![changed], ..old.clone() };
        assert_eq!(ids(&old, &new), expected, "{key}");
    }
}

#[test]
fn a_new_release_of_the_same_is_no_difference() {
    let old = base();
    let mut new = old.clone();
    new.sdks[0].version = "2.0.0".to_owned();
    new.sdks[0].at = "src/telemetry.rs:40".to_owned();
    new.events[0].version = "2.0.0".to_owned();
    new.events[0].at = "src/windows/dialog.rs:7".to_owned();
    assert_ne!(old, new);
    assert_eq!(diff(&old, &new), []);
    assert_eq!(diff(&old, &old), []);
}

/// One of each type, with all its parameters set.
fn types() -> Vec<Value> {
    vec![
        json!("bool"),
        json!({ "int": { "min": 1, "max": 9 } }),
        json!({ "unbounded": "u32" }),
        json!({ "enum": ["a", "b"] }),
        json!({ "variants": [{ "name": "a" }, { "name": "b", "type": { "list": { "max": 3, "of": "count_bucket" } } }] }),
        json!({ "struct": [{ "name": "a", "type": { "optional": { "text": { "max_len": 8 } } } }] }),
        json!({ "optional": { "enum": ["a"] } }),
        json!({ "array": { "len": 3, "of": { "int": { "min": 0, "max": 3 } } } }),
        json!({ "list": { "max": 3, "of": { "version": { "prefix": "v" } } } }),
        json!({ "text": { "max_len": 64 } }),
        json!({ "one_of": { "enum": ["a", "b"] } }),
        json!("count_bucket"),
        json!("duration_bucket"),
        json!({ "version": { "prefix": "v" } }),
        json!("os"),
        json!("os_version"),
        json!({ "packages": { "names": ["vite"], "prefixes": ["@acme/"], "max": 8 } }),
        json!("pseudonym"),
    ]
}

fn with_type(field_type: &Value) -> Manifest {
    manifest(&json!({ "events": [{ "fields": [{ "name": "value", "type": field_type }] }] }))
}

/// The word that tells a type from others.
fn word(field_type: &Value) -> String {
    match field_type {
        Value::String(word) => word.clone(),
        Value::Object(object) => object.keys().next().expect("a type has a word").clone(),
        other => panic!("{other}"),
    }
}

#[test]
fn the_list_of_types_is_complete() {
    // The enum may grow without breaking this crate's compilation, but serde names its words to whoever asks.
    let error = serde_json::from_str::<FieldType>("\"no such type\"").unwrap_err().to_string();
    let known: Vec<_> = error.split('`').skip(3).step_by(2).map(str::to_owned).collect();
    let listed: Vec<_> = types().iter().map(word).collect();
    assert_eq!(listed, known, "{error}");
}

#[test]
fn no_type_takes_the_place_of_another_unseen() {
    for old in types() {
        for new in types() {
            let severities: Vec<_> = diff(&with_type(&old), &with_type(&new)).iter().map(Finding::severity).collect();
            assert_eq!(severities.is_empty(), old == new, "{old} -> {new}");
            assert!(severities.iter().all(|severity| *severity != Severity::Note), "{old} -> {new}: {severities:?}");
        }
    }
}

#[test]
fn every_parameter_of_every_type_is_seen() {
    let mut changed = 0;
    for old in types() {
        for path in leaves(&old, "") {
            let mut new = old.clone();
            let leaf = new.pointer_mut(&path).expect("a path of this value");
            *leaf = match &*leaf {
                Value::Number(number) => json!(number.as_u64().expect("small numbers only") + 1),
                // The words of types inside are changed by exchanging the types.
                Value::String(word) if ["count_bucket", "u32"].contains(&&**word) => {
                    json!(if word == "u32" { "i64" } else { "os" })
                }
                Value::String(word) => json!(format!("{word}x")),
                other => panic!("{other}"),
            };
            let findings = diff(&with_type(&old), &with_type(&new));
            assert!(findings.iter().any(|found| found.severity() != Severity::Note), "{old} -> {new}: {findings:?}");
            changed += 1;
        }
    }
    assert_eq!(changed, 24, "as many parameters as the list above has");
}

fn leaves(value: &Value, path: &str) -> Vec<String> {
    match value {
        Value::Object(object) => {
            object.iter().flat_map(|(key, value)| leaves(value, &format!("{path}/{key}"))).collect()
        }
        Value::Array(list) => {
            list.iter().enumerate().flat_map(|(index, value)| leaves(value, &format!("{path}/{index}"))).collect()
        }
        // A type without parameters.
        _ if path.is_empty() => Vec::new(),
        _ => vec![path.to_owned()],
    }
}
