//! Texts of a fixed form beside the payload: versions, ids, hours, keys. Each function says whether a text has the form that the client writes.

use crate::clock::Day;

/// The longest version, name or key beside a payload, in bytes; Cargo and npm have no longer ones in use.
const NAME_BYTES: usize = 64;

/// The longest publishable key, in bytes: a domain name of 253 characters in Base64, and its prefix.
const KEY_BYTES: usize = 360;

/// Whether this is the version of a crate or package: three numbers, a tag, build metadata.
pub(super) fn is_crate_version(text: &str) -> bool {
    let rest =
        |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-');
    let (text_before, build) = text.split_once('+').map_or((text, None), |(before, build)| (before, Some(build)));
    let (numbers, tag) = text_before.split_once('-').map_or((text_before, None), |(before, tag)| (before, Some(tag)));
    let parts: Vec<_> = numbers.split('.').collect();
    let is_long_number = |part: &&str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()) && (*part == "0" || !part.starts_with('0'))
    };
    text.len() <= NAME_BYTES
        && parts.len() == 3
        && parts.iter().all(is_long_number)
        && tag.is_none_or(rest)
        && build.is_none_or(rest)
}

/// Whether this is the name of an SDK or of the package that wraps it.
pub(super) fn is_crate_name(text: &str) -> bool {
    (1..=NAME_BYTES).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"@/._-".contains(&b))
}

/// Whether this is the publishable key of a development instance. With that of another one nothing is sent.
pub(super) fn is_development_key(text: &str) -> bool {
    let Some(body) = text.strip_prefix("pk_test_") else { return false };
    let digits = body.trim_end_matches('=');
    text.len() <= KEY_BYTES
        && body.len() - digits.len() <= 2
        && !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// The bytes of 32 hexadecimal digits in lower case.
fn digits(mut text: impl Iterator<Item = u8>) -> Option<[u8; 16]> {
    let mut digit = || match text.next()? {
        byte @ b'0'..=b'9' => Some(byte - b'0'),
        byte @ b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let mut id = [0; 16];
    for byte in &mut id {
        *byte = (digit()? << 4) | digit()?;
    }
    text.next().is_none().then_some(id)
}

/// The id of an installation: 32 hexadecimal digits in lower case.
pub(super) fn installation(text: &str) -> Option<[u8; 16]> {
    digits(text.bytes())
}

/// The bytes of a UUIDv7 in lower case.
pub(super) fn uuid7(text: &str) -> Option<[u8; 16]> {
    let bytes = text.as_bytes();
    if bytes.len() != 36 || [8, 13, 18, 23].iter().any(|place| bytes.get(*place) != Some(&b'-')) {
        return None;
    }
    let id = digits(text.bytes().filter(|byte| *byte != b'-'))?;
    let [.., version, _, variant, _, _, _, _, _, _, _] = id;
    (version >> 4 == 7 && variant >> 6 == 0b10).then_some(id)
}

/// The day of a time cut to the hour, `2026-11-22T04:00:00Z`.
pub(super) fn day_of_hour(text: &str) -> Option<Day> {
    let (day, time) = text.split_once('T')?;
    let hour = time.strip_suffix(":00:00Z")?;
    let is_hour =
        hour.len() == 2 && hour.bytes().all(|b| b.is_ascii_digit()) && hour.parse::<u8>().is_ok_and(|h| h < 24);
    is_hour.then(|| Day::parse(day))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_told_from_what_is_close_to_them() {
        let all = |check: &dyn Fn(&str) -> bool, yes: &[&str], no: &[&str]| {
            yes.iter().for_each(|text| assert!(check(text), "{text}"));
            no.iter().for_each(|text| assert!(!check(text), "{text}"));
        };
        all(
            &is_crate_version,
            &["0.1.0", "6.35.0", "1.0.0-canary.v20240101", "1.2.3-rc.1+build.5"],
            &["", "1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-", "1.2.3+", "v1.2.3", "1.2.x", "1.2.3 ", "1.2.3-a/b"],
        );
        all(&is_crate_name, &["acme-ui", "@clerk/nextjs"], &["", "a b", "a\n", "é"]);
        all(
            &is_development_key,
            &["pk_test_Zm9v", "pk_test_Zm9vYQ==", "pk_test_Zm9vYQ"],
            &[
                "",
                "pk_test_",
                "pk_live_Zm9v",
                "pk_test_Zm9v===",
                "PK_TEST_Zm9v",
                " pk_test_Zm9v",
                "pk_test_Zm 9v",
                "sk_test_Zm9v",
            ],
        );
        all(
            &|text| uuid7(text).is_some(),
            &["01a20169-2e00-7620-8dad-684fa772674a"],
            &[
                "01a20169-2e00-4620-8dad-684fa772674a",
                "01a20169-2e00-7620-cdad-684fa772674a",
                "01A20169-2e00-7620-8dad-684fa772674a",
                "01a201692e0076208dad684fa772674a",
                "01a20169-2e00-7620-8dad-684fa772674",
                "01a20169-2e00-7620-8dad-684fa772674-",
                "",
            ],
        );
        all(
            &|text| day_of_hour(text).is_some(),
            &["2026-11-22T04:00:00Z", "2024-02-29T23:00:00Z"],
            &[
                "2026-11-22T04:01:00Z",
                "2026-11-22T24:00:00Z",
                "2026-02-30T04:00:00Z",
                "2026-11-22T04:00:00",
                "2026-11-22 04:00:00Z",
            ],
        );
    }
}
