//! Regular expressions of ECMA-262, anchored at both ends.

use telemetry_schema::ready_made::{OS_VERSION_NUMBERS, OTHER, VERSION_TAGS};

/// A `u32` in decimal, without leading zeros; the language has no way to say that ten digits may still be too many.
const NUMBER: &str = "(0|[1-9][0-9]{0,9})";

/// The version of a crate, as Cargo takes it.
pub(super) const CRATE_VERSION: &str =
    r"^(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$";

/// The name of an SDK or of the crate that wraps it.
pub(super) const CRATE_NAME: &str = "^[A-Za-z0-9@/._-]{1,64}$";

/// A UUIDv7 in lower case.
pub(super) const UUID7: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$";

/// A time of RFC 3339, UTC, cut to the hour.
pub(super) const HOUR: &str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):00:00Z$";

/// The nanoseconds since 1970 of such an hour, in decimal: a multiple of 36 times 10^11, of which the language can say the zeros.
pub(super) const HOUR_NANOS: &str = "^(0|[1-9][0-9]{0,8}00000000000)$";

/// A publishable key of a development instance: Base64 with or without padding.
pub(super) const DEVELOPMENT_KEY: &str = "^pk_test_[A-Za-z0-9+/]+={0,2}$";

/// A pseudonym: sixteen bytes in hexadecimal, or the word for none.
pub(super) const PSEUDONYM: &str = "^([0-9a-f]{32}|none)$";

/// The id of an installation: sixteen bytes in hexadecimal.
pub(super) const INSTALLATION: &str = "^[0-9a-f]{32}$";

/// What the field type `version` sends.
pub(super) fn version(prefix: &str) -> String {
    let numbered: Vec<_> = VERSION_TAGS.into_iter().filter(|tag| *tag != OTHER).collect();
    let tag = format!("(-(({})(\\.{NUMBER})?|{OTHER}))?", numbered.join("|"));
    format!("^{}{NUMBER}\\.{NUMBER}\\.{NUMBER}{tag}$", escape(prefix))
}

/// What the field type `os_version` sends.
pub(super) fn os_version() -> String {
    format!("^({NUMBER}(\\.{NUMBER}){{0,{}}})?$", OS_VERSION_NUMBERS - 1)
}

/// One of these names, or a name that begins like this.
pub(super) fn package(names: &[String], prefixes: &[String]) -> String {
    let names = names.iter().map(|name| escape(name));
    let prefixes = prefixes.iter().map(|prefix| format!("{}[A-Za-z0-9@/_.-]*", escape(prefix)));
    format!("^({})$", names.chain(prefixes).collect::<Vec<_>>().join("|"))
}

/// `text` as an expression that matches it and nothing else.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        // The syntax characters of the standard, and no others: with the flag `u` a needless escape is an error.
        if "^$\\.*+?()[]{}|/".contains(char) {
            escaped.push('\\');
        }
        escaped.push(char);
    }
    escaped
}
