//! Keys of instances, for SDKs whose service gives each of its customers instances of their own: one for development, one for
//! production.
//!
//! Such an SDK wants to know which of them a program talks to, and must not report from the production of its customers. It
//! declares `instance: Optional` in [`sdk!`](crate::sdk), or `instance: Required` if nothing may be recorded without a key. Its host
//! hands over the key that it has anyway, by [`Options::instance`](crate::Options::instance). The only kind of key that this version
//! knows is the [`PublishableKey`]. With one, a library reports in every build if the key is that of a development
//! instance. With the key of a production instance nothing is recorded. In the wire format `EventBatch` the events carry the key as
//! `pk`.
//!
//! SDKs without instances declare nothing and ignore a key: [`Status::ignored`](crate::Status::ignored) says so.

use std::fmt;

use base64::{
    Engine as _,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Base64 with or without padding: publishable keys are seen in both forms.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A publishable instance key: `pk_test_…` of a development instance, `pk_live_…` of a production instance.
///
/// The text after the prefix is the Base64 of the instance's host name and a `$`. Such keys stand in web pages and are
/// no secret; a secret key (`sk_…`) is refused, and nothing of it is kept or printed.
///
/// ```
/// use telemetry_runtime::instance::PublishableKey;
///
/// let key = PublishableKey::parse("pk_test_Zm9vLWJhci0xMy5jbGVyay5hY2NvdW50cy5kZXYk")?;
/// assert!(key.is_development());
/// assert!(PublishableKey::parse("sk_test_something").is_err());
/// # Ok::<(), telemetry_runtime::instance::InvalidKey>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PublishableKey {
    text: String,
    development: bool,
}

impl PublishableKey {
    /// Reads a key.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] says what is wrong, without repeating the text.
    pub fn parse(text: &str) -> Result<Self, InvalidKey> {
        if text.starts_with("sk_") {
            return Err(InvalidKey::Secret);
        }
        let (development, encoded) = match (text.strip_prefix("pk_test_"), text.strip_prefix("pk_live_")) {
            (Some(encoded), _) => (true, encoded),
            (_, Some(encoded)) => (false, encoded),
            (None, None) => return Err(InvalidKey::Prefix),
        };
        let decoded = LENIENT.decode(encoded).map_err(|_| InvalidKey::Encoding)?;
        let host = decoded.strip_suffix(b"$").ok_or(InvalidKey::Host)?;
        if !host.contains(&b'.') || host.contains(&b'$') || !host.is_ascii() {
            return Err(InvalidKey::Host);
        }
        Ok(Self { text: text.to_owned(), development })
    }

    /// Says whether the key belongs to a development instance.
    pub fn is_development(&self) -> bool {
        self.development
    }

    /// The key as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for PublishableKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PublishableKey").field(&self.text).finish()
    }
}

/// Why a text is no publishable key. The text itself is never part of the message: it may be a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidKey {
    /// It is a secret key.
    Secret,
    /// It starts with neither `pk_test_` nor `pk_live_`.
    Prefix,
    /// What follows the prefix is no Base64.
    Encoding,
    /// What is encoded is no host name with a final `$`.
    Host,
}

impl fmt::Display for InvalidKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "this is a secret key; pass the publishable key, which starts with `pk_`",
            Self::Prefix => "a publishable key starts with `pk_test_` or `pk_live_`",
            Self::Encoding => "the part of a publishable key after its prefix must be Base64",
            Self::Host => "the part of a publishable key after its prefix must encode a host name and a final `$`",
        })
    }
}

impl std::error::Error for InvalidKey {}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(prefix: &str, host: &str) -> String {
        format!("{prefix}{}", LENIENT.encode(host))
    }

    #[test]
    fn keys_follow_the_rules_of_the_clerk_sdks() {
        assert!(PublishableKey::parse(&key("pk_test_", "x.y$")).unwrap().is_development());
        assert!(!PublishableKey::parse(&key("pk_live_", "clerk.example.com$")).unwrap().is_development());
        assert!(PublishableKey::parse(key("pk_test_", "x.y$").trim_end_matches('=')).is_ok());
        for (text, error) in [
            ("".to_owned(), InvalidKey::Prefix),
            ("pk_test_".to_owned(), InvalidKey::Host),
            ("PK_TEST_eC55JA".to_owned(), InvalidKey::Prefix),
            (format!(" {}", key("pk_test_", "x.y$")), InvalidKey::Prefix),
            ("pk_test_%%%".to_owned(), InvalidKey::Encoding),
            ("pk_test_eC55JA_part".to_owned(), InvalidKey::Encoding),
            (key("pk_test_", "x.y"), InvalidKey::Host),
            (key("pk_test_", "x.y$$"), InvalidKey::Host),
            (key("pk_test_", "localhost$"), InvalidKey::Host),
            (key("sk_test_", "x.y$"), InvalidKey::Secret),
        ] {
            assert_eq!(PublishableKey::parse(&text), Err(error), "{text}");
            assert!(text.len() < 4 || !error.to_string().contains(&text));
        }
    }
}
