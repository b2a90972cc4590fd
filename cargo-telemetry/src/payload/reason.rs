//! Why something is refused: the words that clients, the store and `/metrics` see. A word says which rule was broken and
//! never quotes what broke it.

/// Why an event, or a whole request, is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The body is no JSON of the format.
    BadJson,
    /// The payload of a beacon is no Base64, or the compressed body is damaged.
    BadEncoding,
    /// A header has a value that it cannot have, such as a day that no calendar has.
    BadHeader,
    /// The event has a key beside the payload that its format does not have.
    UnknownKey,
    /// The event lacks a key that its format has.
    MissingKey,
    /// A key beside the payload has a value that it cannot have.
    BadKey,
    /// No manifest of the SDK has an event of this name.
    UnknownEvent,
    /// The payload has a field that the event does not have.
    UnknownField,
    /// The payload lacks a field.
    MissingField,
    /// A field holds a value of another type.
    WrongType,
    /// A number lies outside its range.
    OutOfRange,
    /// A word is not among those that the field may hold.
    UnknownVariant,
    /// A text is longer than its field allows.
    TooLong,
    /// A list holds more or fewer values than its field allows.
    WrongLength,
    /// A text has another form than its field's type has: no version, no hash.
    BadFormat,
    /// The event is larger than any client sends.
    TooLarge,
    /// The version of the SDK is retired.
    Retired,
    /// It carries an id whose installation has asked for deletion.
    Deleted,
}

impl Reason {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::BadJson,
        Self::BadEncoding,
        Self::BadHeader,
        Self::UnknownKey,
        Self::MissingKey,
        Self::BadKey,
        Self::UnknownEvent,
        Self::UnknownField,
        Self::MissingField,
        Self::WrongType,
        Self::OutOfRange,
        Self::UnknownVariant,
        Self::TooLong,
        Self::WrongLength,
        Self::BadFormat,
        Self::TooLarge,
        Self::Retired,
        Self::Deleted,
    ];

    /// The word in answers, in the store and in `/metrics`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::BadJson => "bad_json",
            Self::BadEncoding => "bad_encoding",
            Self::BadHeader => "bad_header",
            Self::UnknownKey => "unknown_key",
            Self::MissingKey => "missing_key",
            Self::BadKey => "bad_key",
            Self::UnknownEvent => "unknown_event",
            Self::UnknownField => "unknown_field",
            Self::MissingField => "missing_field",
            Self::WrongType => "wrong_type",
            Self::OutOfRange => "out_of_range",
            Self::UnknownVariant => "unknown_variant",
            Self::TooLong => "too_long",
            Self::WrongLength => "wrong_length",
            Self::BadFormat => "bad_format",
            Self::TooLarge => "too_large",
            Self::Retired => "retired",
            Self::Deleted => "deleted",
        }
    }
}
