//! Types of fields, and transports, that a project does not want.

use telemetry_schema::{EventDescriptor, FieldDescriptor, FieldType, Form, Inside, SdkDescriptor};

use crate::{
    config::Config,
    finding::{Finding, Rule},
};

pub(super) fn check_event(event: &EventDescriptor, config: &Config, findings: &mut Vec<Finding>) {
    let deny = &config.deny;
    walk(&event.fields, "", &mut |path, field_type| {
        let (denied, rule, what, repair) = match field_type.form() {
            Form::Text { max_len } => (
                deny.free_text,
                Rule::FreeText,
                format!("takes free text of at most {max_len} bytes"),
                "take an enum, or `OneOf` for text from a list",
            ),
            Form::Unbounded(rust) => (
                deny.unbounded,
                Rule::Unbounded,
                format!("takes any {rust}"),
                "write `#[telemetry(range = …)]`, or take a `CountBucket`",
            ),
            Form::Pseudonym => (
                deny.pseudonym,
                Rule::Pseudonym,
                "holds a keyed hash, which links events of one machine".to_owned(),
                "take what the hash is needed for, such as a count",
            ),
            Form::Bool
            | Form::Int { .. }
            | Form::Enum(_)
            | Form::Variants(_)
            | Form::Struct(_)
            | Form::Optional(_)
            | Form::Array { .. }
            | Form::List { .. }
            | Form::OneOf(_)
            | Form::Version { .. }
            | Form::Packages { .. }
            | Form::ReadyMade(_) => return,
        };
        if denied {
            let message = format!("field `{path}` {what}");
            findings.push(Finding::new(rule, message, repair).of_event(&event.key()).of_field(path).at(&event.at));
        }
    });
}

pub(super) fn check_sdk(sdk: &SdkDescriptor, config: &Config, findings: &mut Vec<Finding>) {
    if config.deny.pseudonym && sdk.identity.is_some() {
        let message = "every event carries an id of the installation, which links all of an epoch";
        let repair = "count by `active: Daily`: remove `identity` from `sdk!`";
        findings.push(Finding::new(Rule::Pseudonym, message, repair).of_event(&sdk.sdk).at(&sdk.at));
    }
    if config.deny.custom_transport && sdk.transport != "built_in" {
        let message = "sends by a transport of its own, of which nothing can be said";
        let repair = "take the built-in transport: remove `transport` from `sdk!`";
        findings.push(Finding::new(Rule::CustomTransport, message, repair).of_event(&sdk.sdk).at(&sdk.at));
    }
}

/// Calls `visit` for the type of every field at any depth, with its path: `theme.colors[].name`.
fn walk(fields: &[FieldDescriptor], parent: &str, visit: &mut impl FnMut(&str, &FieldType)) {
    for field in fields {
        let path = if parent.is_empty() { field.name.clone() } else { format!("{parent}.{}", field.name) };
        walk_type(&field.field_type, &path, visit);
    }
}

fn walk_type(field_type: &FieldType, path: &str, visit: &mut impl FnMut(&str, &FieldType)) {
    visit(path, field_type);
    match field_type.inside() {
        Inside::Nothing => {}
        Inside::One(of) => walk_type(of, path, visit),
        Inside::Each(of) => walk_type(of, &format!("{path}[]"), visit),
        Inside::Fields(fields) => walk(fields, path, visit),
        Inside::Variants(variants) => {
            for variant in variants {
                if let Some(of) = &variant.field_type {
                    walk_type(of, &format!("{path}.{}", variant.name), visit);
                }
            }
        }
    }
}
