//! Ids that nobody else has, in a page; the same names as in `uuid.rs`. A page makes a handful, and asks the browser for the random bytes of each.

use telemetry_schema::digest;

/// Milliseconds of an hour.
const HOUR_MS: u64 = 60 * 60 * 1000;

/// A UUIDv7 of an hour since 1970; `None` if the browser has no random numbers to give.
pub(crate) fn uuid7_hour(hour: u64) -> Option<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).ok()?;
    Some(text(hour, u128::from_be_bytes(random)))
}

fn text(hour: u64, random: u128) -> String {
    // 48 bits of time, the version in the next 4, then 12 random bits, the variant in 2, and 62 random bits.
    let time = u128::from(hour.wrapping_mul(HOUR_MS)) << 80;
    let digits = digest::hex(time | 0x7 << 76 | 0x2 << 62 | random & (0xFFF << 64 | u128::from(u64::MAX >> 2)));
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if matches!(place, 8 | 12 | 16 | 20) {
            text.push('-');
        }
        text.push(digit);
    }
    text
}

/// As [`uuid7_hour`], behind what is in `out`; `false` if nothing was added.
pub(crate) fn push_uuid7_hour(out: &mut Vec<u8>, hour: u64) -> bool {
    let id = uuid7_hour(hour);
    out.extend_from_slice(id.as_deref().unwrap_or_default().as_bytes());
    id.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_uuid7_of_its_hour() {
        assert_eq!(text(0, u128::MAX), "00000000-0000-7fff-bfff-ffffffffffff");
        for random in [0, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            assert_eq!(telemetry_spool::uuid::unix_ms_of(&text(498_699, random)), Some(498_699 * HOUR_MS));
        }
        let mut out = b"{".to_vec();
        assert!(push_uuid7_hour(&mut out, 5));
        assert_eq!(out.len(), 37);
        assert_ne!(uuid7_hour(5), uuid7_hour(5));
    }
}
