//! What the ready-made field types may send: the runtime that writes values, and tools that say what they can be, read
//! the same constants.

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
