//! Manifests for tests that need no binary.

use telemetry_schema::{
    DefaultConsent, EventCase, EventDescriptor, Exit, FieldDescriptor, FieldType, Kind, Manifest, Notice, Role,
    SdkDescriptor, Throttle, Wire, WriteOn,
};

/// An SDK `acme` as the macros would write it.
pub(crate) fn sdk() -> SdkDescriptor {
    SdkDescriptor {
        sdk: "acme".into(),
        crate_name: "acme-core".into(),
        version: "1.2.3".into(),
        runtime: "0.1.0".into(),
        repository: String::new(),
        role: Role::Library,
        default: DefaultConsent::On,
        env: "ACME".into(),
        env_aliases: Vec::new(),
        command: None,
        endpoint: "https://telemetry.acme.example".into(),
        wire: Wire::EventBatch { strict: false },
        compress: None,
        docs: "https://acme.example/telemetry".into(),
        operator: "Acme Inc.".into(),
        contact: "privacy@acme.example".into(),
        region: "EU".into(),
        retention: "90 days".into(),
        shared_with: "nobody".into(),
        event_case: EventCase::Snake,
        active: None,
        health: None,
        identity: None,
        notice: Notice::NextRun,
        official_builds: None,
        environments: Vec::new(),
        write_on: WriteOn::Worker,
        exit: Exit::Later,
        instance: None,
        sample: 1.0,
        transport: "built_in".into(),
        envelope: vec![("event".into(), "The name of the event.".into())],
        headers: vec![("user-agent".into(), "Name and version of the SDK.".into())],
        server_sees: vec!["network address".into()],
        at: "acme-core/src/lib.rs:5".into(),
    }
}

/// An event of `acme`.
pub(crate) fn event(name: &str, fields: Vec<FieldDescriptor>) -> EventDescriptor {
    EventDescriptor {
        sdk: "acme".into(),
        crate_name: "acme-core".into(),
        version: "1.2.3".into(),
        event: name.into(),
        discriminant: None,
        kind: Kind::Event,
        doc: "Something happened.".into(),
        fields,
        sample: 1.0,
        throttle: Throttle::Daily,
        declared_level: None,
        owner: None,
        purpose: None,
        reviewed: None,
        since: None,
        expires: None,
        at: "acme-core/src/lib.rs:20".into(),
    }
}

pub(crate) fn field(name: &str, field_type: FieldType) -> FieldDescriptor {
    FieldDescriptor { name: name.into(), field_type, doc: String::new(), declared_sensitivity: None, reason: None }
}

/// Writes `events` of `acme` as a manifest that commands can read.
pub(crate) fn write(path: &std::path::Path, events: Vec<EventDescriptor>) {
    std::fs::write(path, Manifest::new(vec![sdk()], events).to_json()).expect("the manifest can be written");
}
