//! Types that are pointed out wherever they appear: what an author has to give a reason for, and what links events.

use std::collections::BTreeSet;

use telemetry_schema::{FieldType, Form, Inside};

use crate::diff::{finding::Found, rules::Id};

/// A type that a review looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::diff) enum Special {
    FreeText,
    Unbounded,
    Pseudonym,
}

impl Special {
    /// All that stand anywhere inside of a type.
    pub(in crate::diff) fn all_in(field_type: &FieldType) -> BTreeSet<Self> {
        let mut all = BTreeSet::new();
        gather(field_type, &mut all);
        all
    }

    fn added(self) -> Id {
        match self {
            Self::FreeText => Id::FreeTextAdded,
            Self::Unbounded => Id::UnboundedAdded,
            Self::Pseudonym => Id::PseudonymAdded,
        }
    }

    fn removed(self) -> Id {
        match self {
            Self::FreeText => Id::FreeTextRemoved,
            Self::Unbounded => Id::UnboundedRemoved,
            Self::Pseudonym => Id::PseudonymRemoved,
        }
    }
}

fn gather(field_type: &FieldType, all: &mut BTreeSet<Special>) {
    let special = match field_type.form() {
        Form::Text { .. } => Some(Special::FreeText),
        Form::Unbounded(_) => Some(Special::Unbounded),
        Form::Pseudonym => Some(Special::Pseudonym),
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
        | Form::ReadyMade(_) => None,
    };
    all.extend(special);
    match field_type.inside() {
        Inside::Nothing => {}
        Inside::One(of) | Inside::Each(of) => gather(of, all),
        Inside::Fields(fields) => fields.iter().for_each(|field| gather(&field.field_type, all)),
        Inside::Variants(variants) => {
            variants.iter().filter_map(|variant| variant.field_type.as_ref()).for_each(|of| gather(of, all));
        }
    }
}

/// Points out what came and what went at `path`, each side with the author's reason, if there is one.
pub(in crate::diff) fn specials(
    path: &str,
    (old, old_reason): (&BTreeSet<Special>, Option<String>),
    (new, new_reason): (&BTreeSet<Special>, Option<String>),
    found: &mut Found<'_>,
) {
    let words = |reason: &Option<String>| reason.as_ref().map(|reason| format!("the author's reason: {reason}"));
    for special in new.difference(old) {
        found.in_field(special.added(), path, None, words(&new_reason));
    }
    for special in old.difference(new) {
        found.in_field(special.removed(), path, words(&old_reason), None);
    }
}
