//! What the ready-made field types may send: the runtime that writes values, and tools that say what they can be, read
//! the same constants.

use crate::Sensitivity;

/// A ready-made field type that takes no settings: all that anybody has to know of it.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReadyMade {
    /// Its word in records and digests. Lock files write a space for `_`.
    pub word: &'static str,
    /// `digest::text` of the word, written out because the compiler would take long to compute it.
    pub digest: u128,
    /// What it may hold, for lists that developers read.
    pub words: &'static str,
    /// What it may hold, for a page that anybody reads. Where the values are names, these follow.
    pub page: &'static str,
    /// A value of it, as JSON.
    pub example: &'static str,
    /// The category that goes with it.
    pub sensitivity: Sensitivity,
    /// What is sent.
    pub values: Values,
}

/// What a ready-made type sends.
#[derive(Debug, PartialEq, Eq)]
pub enum Values {
    /// One of these names; the sink takes its index.
    Names(&'static [&'static str]),
    /// 0 or a power of two up to 2^[`BUCKET_EXPONENT`]; the sink takes 0, or one more than the exponent.
    Powers,
    /// At most [`OS_VERSION_NUMBERS`] numbers with points in between; the sink takes how many, and each.
    Numbers,
}

/// How many of something.
pub const COUNT_BUCKET: ReadyMade = ReadyMade {
    word: "count_bucket",
    digest: 0x2571_80b5_8d82_aa83_5be0_7ec9_51d6_4539,
    words: "count, rounded down to a power of two",
    page: "a count, rounded down to 0 or a power of two: 1, 2, 4, 8, …",
    example: "64",
    sensitivity: Sensitivity::Interaction,
    values: Values::Powers,
};

/// How long something took.
pub const DURATION_BUCKET: ReadyMade = ReadyMade {
    word: "duration_bucket",
    digest: 0x9f55_04be_be14_16c7_6436_1bca_650b_99b7,
    words: "milliseconds, rounded down to a power of two",
    page: "a duration in milliseconds, rounded down to 0 or a power of two: 1, 2, 4, 8, …",
    example: "1024",
    sensitivity: Sensitivity::Interaction,
    values: Values::Powers,
};

/// The operating system.
pub const OS: ReadyMade = ReadyMade {
    word: "os",
    digest: 0x840a_8dcf_eae9_5966_a870_b0b5_2579_97ce,
    words: "name of the operating system, from a fixed list",
    page: "the name of the operating system",
    example: "\"Linux\"",
    sensitivity: Sensitivity::Technical,
    values: Values::Names(&OS_NAMES),
};

/// The version of the operating system.
pub const OS_VERSION: ReadyMade = ReadyMade {
    word: "os_version",
    digest: 0xebae_7cca_91fe_64bf_5a69_b257_0699_5e3b,
    words: "version of the operating system, numbers only",
    page: "the version of the operating system: at most three numbers",
    example: "\"6.18.3\"",
    sensitivity: Sensitivity::Technical,
    values: Values::Numbers,
};

/// The names that the field type `os` may send.
pub const OS_NAMES: [&str; 9] =
    ["Linux", "macOS", "Windows", "Android", "iOS", "FreeBSD", "NetBSD", "OpenBSD", "other"];

/// The pre-release tags of the field type `version`. The last one stands for all others, and has no number.
pub const VERSION_TAGS: [&str; 6] = ["alpha", "beta", "rc", "canary", "next", "other"];

/// At most how many numbers the field type `os_version` has. Each is a `u32`, as the three of `version` are.
pub const OS_VERSION_NUMBERS: usize = 3;

/// The longest package name that is reported, in bytes; the limit of the npm registry is 214.
pub const PACKAGE_NAME_BYTES: usize = 214;

/// Says whether a package name with this byte is reported; names with others are left out.
pub const fn is_package_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'/' | b'-' | b'_' | b'.')
}

/// The highest power of two of `count_bucket` and `duration_bucket`; above 2^52 a JavaScript reader would lose digits.
pub const BUCKET_EXPONENT: u32 = 52;

/// What `one_of` sends for text that is not in its list.
pub const OTHER: &str = "other";
