//! What a user agrees to, as short digests.
//!
//! One digest per event over its name, fields, types, variants, ranges, free text, sampling and throttle; one per SDK
//! over endpoint, envelope and identity. Versions, lines, prose and owners are not part of it: rewording a comment asks
//! nobody again, a new field does. A digest is the first 16 bytes of SHA-256, in hexadecimal.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::{EventDescriptor, FieldDescriptor, FieldType, SdkDescriptor};

/// The digest of what an event can carry and how often.
pub fn event(event: &EventDescriptor) -> String {
    let fields: Vec<_> = event.fields.iter().map(without_prose).collect();
    of(&(&event.sdk, &event.event, &event.discriminant, fields, event.sample, event.throttle))
}

/// The digest of where events go and what goes with them.
pub fn sdk(sdk: &SdkDescriptor) -> String {
    let envelope: Vec<_> = sdk.envelope.iter().map(|(name, _)| name).collect();
    let headers: Vec<_> = sdk.headers.iter().map(|(name, _)| name).collect();
    of(&(&sdk.sdk, &sdk.endpoint, sdk.wire, envelope, headers, sdk.sample, &sdk.transport))
}

/// One digest over many, for instance over all events of an SDK; the order of `digests` does not matter.
pub fn set<'a>(digests: impl IntoIterator<Item = &'a str>) -> String {
    let mut digests: Vec<_> = digests.into_iter().collect();
    digests.sort_unstable();
    of(&digests)
}

fn without_prose(field: &FieldDescriptor) -> FieldDescriptor {
    FieldDescriptor {
        name: field.name.clone(),
        field_type: type_without_prose(&field.field_type),
        doc: String::new(),
        declared_sensitivity: None,
        reason: None,
    }
}

fn type_without_prose(field_type: &FieldType) -> FieldType {
    match field_type {
        FieldType::Struct(fields) => FieldType::Struct(fields.iter().map(without_prose).collect()),
        FieldType::Optional(of) => FieldType::Optional(Box::new(type_without_prose(of))),
        FieldType::Array { len, of } => FieldType::Array { len: *len, of: Box::new(type_without_prose(of)) },
        FieldType::List { max, of } => FieldType::List { max: *max, of: Box::new(type_without_prose(of)) },
        FieldType::Variants(variants) => {
            let mut variants = variants.clone();
            for variant in &mut variants {
                variant.field_type = variant.field_type.as_ref().map(type_without_prose);
            }
            FieldType::Variants(variants)
        }
        other => other.clone(),
    }
}

fn of(value: &impl serde::Serialize) -> String {
    // Serializing descriptors cannot fail; an empty text would only make two unequal things look alike, never unsafe,
    // because the caller compares it with what was stored before.
    let json = serde_json::to_vec(value).unwrap_or_default();
    let hash = Sha256::digest(&json);
    hash.iter().take(16).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Throttle};

    fn mounted() -> EventDescriptor {
        EventDescriptor {
            sdk: "acme-ui".into(),
            crate_name: "acme-ui".into(),
            version: "1.0.0".into(),
            event: "mounted".into(),
            discriminant: None,
            kind: Kind::Event,
            doc: "Old words.".into(),
            fields: vec![FieldDescriptor {
                name: "theme".into(),
                field_type: FieldType::Struct(vec![FieldDescriptor {
                    name: "dark".into(),
                    field_type: FieldType::Bool,
                    doc: "Old words.".into(),
                    declared_sensitivity: None,
                    reason: None,
                }]),
                doc: "Old words.".into(),
                declared_sensitivity: None,
                reason: None,
            }],
            sample: 1.0,
            throttle: Throttle::Daily,
            owner: None,
            purpose: None,
            reviewed: None,
            since: None,
            expires: None,
            at: "src/lib.rs:1".into(),
        }
    }

    #[test]
    fn prose_version_owner_and_line_do_not_ask_again() {
        let mut changed = mounted();
        changed.doc = "New words.".into();
        changed.version = "2.0.0".into();
        changed.owner = Some("someone".into());
        changed.at = "src/other.rs:9".into();
        changed.fields[0].doc = "New words.".into();
        if let FieldType::Struct(fields) = &mut changed.fields[0].field_type {
            fields[0].doc = "New words.".into();
        }
        assert_eq!(event(&changed), event(&mounted()));
    }

    #[test]
    fn every_agreed_part_asks_again() {
        let changes: [fn(&mut EventDescriptor); 6] = [
            |e| e.event = "opened".into(),
            |e| e.discriminant = Some("SignIn".into()),
            |e| e.fields[0].name = "skin".into(),
            |e| e.fields[0].field_type = FieldType::Optional(Box::new(FieldType::Bool)),
            |e| e.sample = 0.5,
            |e| e.throttle = Throttle::None,
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut changed = mounted();
            change(&mut changed);
            assert_ne!(event(&changed), event(&mounted()), "change {number}");
        }
    }
}
