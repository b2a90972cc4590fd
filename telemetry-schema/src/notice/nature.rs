//! What kind of data a set of events is, as far as their records show it, and the words for it.
//!
//! Notice, page and state folder take their words from here, so that none of them claims what another one denies.

use super::{Subject, names};
use crate::{EventDescriptor, FieldDescriptor, FieldType, Form, Identity, Inside, Sensitivity, order};

/// A number with more values than this can tell one installation of most products from all others. About a million.
const WIDE: u128 = 1 << 20;

/// What can come close to a person in the events of one SDK. Fields are paths, `event.field` or `event.field.inner`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nature {
    /// Fields that may hold personal data: declared so, or free text.
    pub personal: Vec<String>,
    /// Fields of free text.
    pub free_text: Vec<String>,
    /// Whole numbers without a range, or with one of more than about a million values.
    pub wide_numbers: Vec<String>,
    /// Pseudonyms, and fields declared pseudonymous.
    pub pseudonyms: Vec<String>,
    /// Every event carries an id of the installation, for so many days the same one.
    pub identity: Option<u16>,
    /// Every event can name the instance whose publishable key the program's developer has set.
    pub instance_key: bool,
    /// The vendor's own code sends the data, and may add to it what no record shows.
    pub custom_transport: bool,
}

impl Nature {
    /// Reads it from the records.
    pub fn of<'a>(sdk: &Subject<'_>, events: impl IntoIterator<Item = &'a EventDescriptor>) -> Self {
        let mut nature = Self {
            identity: sdk.identity.map(Identity::days),
            instance_key: sdk.instance_key,
            custom_transport: sdk.custom_transport,
            ..Self::default()
        };
        for event in events {
            for field in &event.fields {
                nature.add(&format!("{}.", event.event), field);
            }
        }
        for paths in [&mut nature.personal, &mut nature.free_text, &mut nature.wide_numbers, &mut nature.pseudonyms] {
            order::set(paths);
        }
        nature
    }

    fn add(&mut self, prefix: &str, field: &FieldDescriptor) {
        let path = format!("{prefix}{}", field.name);
        if field.declared_sensitivity == Some(Sensitivity::Personal) {
            self.personal.push(path.clone());
        }
        if field.declared_sensitivity == Some(Sensitivity::Pseudonymous) {
            self.pseudonyms.push(path.clone());
        }
        self.add_type(path, &field.field_type);
    }

    fn add_type(&mut self, path: String, field_type: &FieldType) {
        match field_type.form() {
            Form::Text { .. } => {
                self.personal.push(path.clone());
                self.free_text.push(path.clone());
            }
            Form::Unbounded(_) => self.wide_numbers.push(path.clone()),
            Form::Int { min, max } if values(min, max) > WIDE => self.wide_numbers.push(path.clone()),
            Form::Pseudonym => self.pseudonyms.push(path.clone()),
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
            | Form::ReadyMade(_) => {}
        }
        match field_type.inside() {
            Inside::Nothing => {}
            Inside::One(of) => self.add_type(path, of),
            Inside::Each(of) => self.add_type(format!("{path}[]"), of),
            Inside::Fields(fields) => fields.iter().for_each(|field| self.add(&format!("{path}."), field)),
            Inside::Variants(variants) => {
                for variant in variants {
                    if let Some(of) = &variant.field_type {
                        self.add_type(format!("{path}.{}", variant.name), of);
                    }
                }
            }
        }
    }

    /// Whether an id or some fields link events of one machine: then the data is not without ids, and may not be called so.
    pub fn is_pseudonymous(&self) -> bool {
        !self.pseudonyms.is_empty() || self.identity.is_some()
    }

    /// Whether no record gives room for an id of the user or the machine.
    pub fn is_without_id(&self) -> bool {
        *self == Self::default()
    }

    /// [`Nature::kind`] of data that has none of this.
    pub const WITHOUT_ID: &str = "usage data without an id of you or your machine";

    /// What the data is, in words that claim no more than the records show.
    pub fn kind(&self) -> &'static str {
        if self.is_without_id() {
            Self::WITHOUT_ID
        } else if !self.personal.is_empty() {
            "usage data that may be personal"
        } else if self.is_pseudonymous() {
            "pseudonymous usage data"
        } else {
            "usage data"
        }
    }

    /// A sentence for each of its parts that is there.
    pub fn sentences(&self) -> Vec<String> {
        let fields = [
            ("It may hold personal data", &self.personal),
            ("It holds free text, which can say anything", &self.free_text),
            ("It holds numbers that are wide enough for an id", &self.wide_numbers),
            ("It holds pseudonyms, which link events of this machine", &self.pseudonyms),
        ];
        let mut sentences: Vec<_> = fields
            .into_iter()
            .filter(|(_, paths)| !paths.is_empty())
            .map(|(words, paths)| format!("{words}: {}.", names::fields(paths)))
            .collect();
        if let Some(days) = self.identity {
            let days = u32::from(days);
            let another =
                if days == 1 { "another one each day".to_owned() } else { format!("another one every {days} days") };
            sentences.push(format!(
                "It is pseudonymous: every event carries an id of this installation, {another}; never in CI, containers and \
                 sandboxes."
            ));
        }
        if self.instance_key {
            sentences
                .push("Every event names the instance whose publishable key the developer has set, if any.".to_owned());
        }
        if self.custom_transport {
            sentences.push("The vendor's own code sends it, and may add what no list shows.".to_owned());
        }
        sentences
    }
}

/// How many values a range has.
fn values(min: i64, max: i64) -> u128 {
    u128::try_from(i128::from(max) - i128::from(min)).map_or(0, |distance| distance + 1)
}
