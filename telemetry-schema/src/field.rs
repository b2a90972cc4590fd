use serde::{Deserialize, Serialize};

use crate::Sensitivity;

/// One named value of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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

impl FieldType {
    /// The category that goes with the type unless the author declares a higher one.
    pub fn sensitivity(&self) -> Sensitivity {
        match self {
            Self::Text { .. } => Sensitivity::Personal,
            Self::Pseudonym => Sensitivity::Pseudonymous,
            Self::Version { .. } | Self::Os | Self::OsVersion | Self::Packages { .. } => Sensitivity::Technical,
            Self::Optional(of) | Self::Array { of, .. } | Self::List { of, .. } => of.sensitivity(),
            Self::Struct(fields) => {
                fields.iter().map(FieldDescriptor::sensitivity).max().unwrap_or(Sensitivity::Interaction)
            }
            Self::Variants(variants) => variants
                .iter()
                .filter_map(|variant| variant.field_type.as_ref())
                .map(FieldType::sensitivity)
                .max()
                .unwrap_or(Sensitivity::Interaction),
            Self::Bool
            | Self::Int { .. }
            | Self::Unbounded(_)
            | Self::Enum(_)
            | Self::OneOf(_)
            | Self::CountBucket
            | Self::DurationBucket => Sensitivity::Interaction,
        }
    }
}

/// One variant of an enum whose variants may hold values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VariantDescriptor {
    /// The name that is sent.
    pub name: String,
    /// What the variant holds, if anything.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub field_type: Option<FieldType>,
}
