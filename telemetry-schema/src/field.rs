use serde::{Deserialize, Serialize};

use crate::{
    Sensitivity,
    ready_made::{self, ReadyMade},
};

/// One named value of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct FieldDescriptor {
    /// The key in the payload.
    pub name: String,
    /// What it may hold.
    #[serde(rename = "type")]
    pub field_type: FieldType,
    /// The field's documentation comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub doc: String,
    /// The category the author declared; [`FieldDescriptor::sensitivity`] falls back on the type.
    #[serde(default, rename = "sensitivity", skip_serializing_if = "Option::is_none")]
    pub declared_sensitivity: Option<Sensitivity>,
    /// Why free text or an unbounded number is needed, in the author's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl FieldDescriptor {
    /// A field of this name and type, without anything that an author may add.
    pub fn new(name: impl Into<String>, field_type: FieldType) -> Self {
        Self { name: name.into(), field_type, doc: String::new(), declared_sensitivity: None, reason: None }
    }

    /// The declared category, or the one that goes with the type.
    pub fn sensitivity(&self) -> Sensitivity {
        self.declared_sensitivity.unwrap_or_else(|| self.field_type.sensitivity())
    }
}

/// What a field may hold. The set is closed: whatever is sent is one of these.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// `true` or `false`.
    Bool,
    /// A whole number, clamped into the range, both ends included.
    Int {
        /// The smallest value that is sent.
        min: i64,
        /// The largest value that is sent.
        max: i64,
    },
    /// A whole number of the named Rust type without a narrower range; the field has a reason.
    Unbounded(String),
    /// One of these names.
    Enum(Vec<String>),
    /// One of these variants, each with or without a value: `"name"` or `{"name": value}`.
    Variants(Vec<VariantDescriptor>),
    /// An object with these keys.
    Struct(Vec<FieldDescriptor>),
    /// The value, or no key at all.
    Optional(Box<FieldType>),
    /// Exactly `len` values.
    Array {
        /// How many.
        len: usize,
        /// Of what.
        of: Box<FieldType>,
    },
    /// At most `max` values; more are cut off.
    List {
        /// At most how many.
        max: usize,
        /// Of what.
        of: Box<FieldType>,
    },
    /// Free text of at most `max_len` bytes of UTF-8; the field has a reason.
    Text {
        /// At most how many bytes; longer text is cut at a character.
        max_len: usize,
    },
    /// Text from a list fixed at compile time, or `"other"`. Holds an [`FieldType::Enum`].
    OneOf(Box<FieldType>),
    /// A count rounded down to a power of two: 0, 1, 2, 4, …
    CountBucket,
    /// A duration in milliseconds rounded down to a power of two: 0, 1, 2, 4, …
    DurationBucket,
    /// A version number with an optional pre-release tag from a fixed list, after a fixed prefix.
    Version {
        /// Text before the number, such as `v`.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        prefix: String,
    },
    /// The name of an operating system from a fixed list.
    Os,
    /// The version of an operating system, numbers only.
    OsVersion,
    /// Names and versions of packages; other names are left out.
    Packages {
        /// Names that are reported as they are.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        names: Vec<String>,
        /// Names that start like this are reported.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        prefixes: Vec<String>,
        /// At most how many packages.
        max: usize,
    },
    /// A keyed hash of something local; the key never leaves the machine and nothing joins across events or epochs.
    Pseudonym,
}

/// A type as those see it who describe, write or read its values. Ready-made types without settings are one form: whatever
/// there is to know of them stands in their row of [`ready_made`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the same as in `FieldType`")]
pub enum Form<'a> {
    Bool,
    Int { min: i64, max: i64 },
    Unbounded(&'a str),
    Enum(&'a [String]),
    Variants(&'a [VariantDescriptor]),
    Struct(&'a [FieldDescriptor]),
    Optional(&'a FieldType),
    Array { len: usize, of: &'a FieldType },
    List { max: usize, of: &'a FieldType },
    Text { max_len: usize },
    OneOf(&'a FieldType),
    Version { prefix: &'a str },
    Packages { names: &'a [String], prefixes: &'a [String], max: usize },
    Pseudonym,
    ReadyMade(&'static ReadyMade),
}

/// The types inside of a type, one level down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inside<'a> {
    /// It holds no others.
    Nothing,
    /// A value is one of this type, or is absent or replaced.
    One(&'a FieldType),
    /// A value is any number of these.
    Each(&'a FieldType),
    /// An object.
    Fields(&'a [FieldDescriptor]),
    /// One of these, each with or without a value.
    Variants(&'a [VariantDescriptor]),
}

/// As [`Inside`], to be changed.
#[derive(Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the same as in `Inside`")]
pub enum InsideMut<'a> {
    Nothing,
    One(&'a mut FieldType),
    Each(&'a mut FieldType),
    Fields(&'a mut [FieldDescriptor]),
    Variants(&'a mut [VariantDescriptor]),
}

/// Which types are ready-made and take no settings, each with its row: the one list of them.
macro_rules! forms {
    ($($variant:ident => $row:ident,)*) => {
        impl FieldType {
            /// Every ready-made type without settings.
            pub const READY_MADE: &'static [Self] = &[$(Self::$variant),*];

            /// The ready-made type of this word.
            pub(crate) fn ready_made(word: &str) -> Option<Self> {
                $(if word == ready_made::$row.word {
                    return Some(Self::$variant);
                })*
                None
            }

            /// The type as those see it who have to do with its values.
            pub fn form(&self) -> Form<'_> {
                match self {
                    Self::Bool => Form::Bool,
                    Self::Int { min, max } => Form::Int { min: *min, max: *max },
                    Self::Unbounded(number) => Form::Unbounded(number),
                    Self::Enum(names) => Form::Enum(names),
                    Self::Variants(variants) => Form::Variants(variants),
                    Self::Struct(fields) => Form::Struct(fields),
                    Self::Optional(of) => Form::Optional(of),
                    Self::Array { len, of } => Form::Array { len: *len, of },
                    Self::List { max, of } => Form::List { max: *max, of },
                    Self::Text { max_len } => Form::Text { max_len: *max_len },
                    Self::OneOf(of) => Form::OneOf(of),
                    Self::Version { prefix } => Form::Version { prefix },
                    Self::Packages { names, prefixes, max } => Form::Packages { names, prefixes, max: *max },
                    Self::Pseudonym => Form::Pseudonym,
                    $(Self::$variant => Form::ReadyMade(&ready_made::$row),)*
                }
            }

            /// As [`FieldType::inside`], to be changed.
            pub fn inside_mut(&mut self) -> InsideMut<'_> {
                match self {
                    Self::Optional(of) | Self::OneOf(of) => InsideMut::One(of),
                    Self::Array { of, .. } | Self::List { of, .. } => InsideMut::Each(of),
                    Self::Struct(fields) => InsideMut::Fields(fields),
                    Self::Variants(variants) => InsideMut::Variants(variants),
                    Self::Bool
                    | Self::Int { .. }
                    | Self::Unbounded(_)
                    | Self::Enum(_)
                    | Self::Text { .. }
                    | Self::Version { .. }
                    | Self::Packages { .. }
                    | Self::Pseudonym
                    $(| Self::$variant)* => InsideMut::Nothing,
                }
            }
        }
    };
}

forms! {
    CountBucket => COUNT_BUCKET,
    DurationBucket => DURATION_BUCKET,
    Os => OS,
    OsVersion => OS_VERSION,
}

impl FieldType {
    /// The types that it holds: one step of every walk.
    pub fn inside(&self) -> Inside<'_> {
        match self.form() {
            Form::Optional(of) | Form::OneOf(of) => Inside::One(of),
            Form::Array { of, .. } | Form::List { of, .. } => Inside::Each(of),
            Form::Struct(fields) => Inside::Fields(fields),
            Form::Variants(variants) => Inside::Variants(variants),
            Form::Bool
            | Form::Int { .. }
            | Form::Unbounded(_)
            | Form::Enum(_)
            | Form::Text { .. }
            | Form::Version { .. }
            | Form::Packages { .. }
            | Form::Pseudonym
            | Form::ReadyMade(_) => Inside::Nothing,
        }
    }

    /// The category that goes with the type unless the author declares a higher one.
    pub fn sensitivity(&self) -> Sensitivity {
        match self.form() {
            Form::Text { .. } => Sensitivity::Personal,
            Form::Pseudonym => Sensitivity::Pseudonymous,
            Form::Version { .. } | Form::Packages { .. } => Sensitivity::Technical,
            Form::ReadyMade(row) => row.sensitivity,
            Form::Optional(of) | Form::Array { of, .. } | Form::List { of, .. } => of.sensitivity(),
            Form::Struct(fields) => {
                fields.iter().map(FieldDescriptor::sensitivity).max().unwrap_or(Sensitivity::Interaction)
            }
            Form::Variants(variants) => variants
                .iter()
                .filter_map(|variant| variant.field_type.as_ref())
                .map(FieldType::sensitivity)
                .max()
                .unwrap_or(Sensitivity::Interaction),
            Form::Bool | Form::Int { .. } | Form::Unbounded(_) | Form::Enum(_) | Form::OneOf(_) => {
                Sensitivity::Interaction
            }
        }
    }
}

/// One variant of an enum whose variants may hold values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(feature = "exhaustive"), non_exhaustive)]
pub struct VariantDescriptor {
    /// The name that is sent.
    pub name: String,
    /// What the variant holds, if anything.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub field_type: Option<FieldType>,
}

impl VariantDescriptor {
    /// A variant of this name, and what it holds, if anything.
    pub fn new(name: impl Into<String>, field_type: Option<FieldType>) -> Self {
        Self { name: name.into(), field_type }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_by_its_word() {
        for field_type in FieldType::READY_MADE {
            let Form::ReadyMade(row) = field_type.form() else { panic!("{field_type:?}") };
            assert_eq!(serde_json::to_value(field_type).unwrap(), row.word);
            assert_eq!(crate::digest::text(row.word), row.digest, "{}", row.word);
            serde_json::from_str::<serde_json::Value>(row.example).unwrap();
        }
    }
}
