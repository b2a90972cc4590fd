//! Numbers as ECMAScript prints them.
//!
//! The clients whose wire formats we keep are written in JavaScript, and so are many collectors: a number must look the
//! same whichever side wrote it, and must not carry digits that the other side cannot hold.

/// The largest integer magnitude that a JavaScript reader keeps exactly: 2^53 − 1.
pub const MAX_SAFE_INTEGER: i128 = (1 << 53) - 1;

/// What prints a number that may have a fraction or an exponent: [`float`], or what the program's host has for it.
pub type Float = fn(f64) -> String;

/// Prints an integer as `JSON.stringify` would print the same number.
///
/// Up to [`MAX_SAFE_INTEGER`] that is the plain decimal form; beyond it the nearest double is printed, as JavaScript
/// does: `18446744073709551615` becomes `18446744073709552000`.
pub fn integer(value: i128) -> String {
    let mut out = Vec::new();
    push_wide(&mut out, value, float);
    String::from_utf8(out).unwrap_or_default()
}

/// As [`integer`], behind what is in `out`.
pub fn push_wide(out: &mut Vec<u8>, value: i128, float: Float) {
    match i64::try_from(value) {
        Ok(value) => push_integer(out, value, float),
        Err(_) => out.extend_from_slice(float(value as f64).as_bytes()),
    }
}

/// As [`push_wide`]. Allocates nothing for integers that a JavaScript reader keeps, if there is room.
pub fn push_integer(out: &mut Vec<u8>, value: i64, float: Float) {
    let left = value.unsigned_abs();
    if u128::from(left) > MAX_SAFE_INTEGER.unsigned_abs() {
        return out.extend_from_slice(float(value as f64).as_bytes());
    }
    if value < 0 {
        out.push(b'-');
    }
    // 2^53 has sixteen digits: two halves of eight.
    let (high, low) = (left / 100_000_000, left % 100_000_000);
    if high > 0 {
        push_digits(out, eight_digits(high), false);
    }
    push_digits(out, eight_digits(low), high > 0);
}

/// The eight digits of a number below 10^8, all at once: a byte for each, the first one lowest. Halves, then quarters are divided
/// side by side, by multiplications that are exact for what stands in them: below 10^4 by 100, and below 100 by 10.
fn eight_digits(number: u64) -> u64 {
    let halves = (number / 10_000) | ((number % 10_000) << 32);
    let hundreds = ((halves * 10_486) >> 20) & 0x7F_0000_007F;
    let quarters = hundreds | ((halves - hundreds * 100) << 16);
    let tens = ((quarters * 103) >> 10) & 0x000F_000F_000F_000F;
    tens | ((quarters - tens * 10) << 8)
}

/// Writes digits as text; zeros before the first other one only where they are `inner`.
fn push_digits(out: &mut Vec<u8>, digits: u64, inner: bool) {
    // The last digit stands, whatever it is.
    let zeros = if inner { 0 } else { (digits | (1 << 63)).trailing_zeros() / 8 };
    let text = (digits | 0x3030_3030_3030_3030) >> (8 * zeros);
    // All eight bytes at once, which is less work than so many as there are; what is too much goes again.
    let len = out.len() + 8 - zeros as usize;
    out.extend_from_slice(&text.to_le_bytes());
    out.truncate(len);
}

/// Prints a finite double by the algorithm of ECMA-262, `Number::toString` with radix 10; others become `null`, as in
/// `JSON.stringify`.
pub fn float(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    if value == 0.0 {
        return "0".to_owned(); // Negative zero loses its sign, as in JavaScript.
    }
    let magnitude = value.abs();
    if (1e-6..1e21).contains(&magnitude) {
        return value.to_string(); // Rust prints the same shortest digits and never an exponent.
    }
    let scientific = format!("{value:e}");
    match scientific.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_javascript() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (0.1, "0.1"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e21, "1e+21"),
            (1e-7, "1e-7"),
            (1e-6, "0.000001"),
            (-1.5e300, "-1.5e+300"),
            (123456789012345680000.0, "123456789012345680000"),
            (f64::NAN, "null"),
            (f64::INFINITY, "null"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    #[test]
    fn integers_beyond_two_to_the_fifty_three_round_as_in_javascript() {
        assert_eq!(integer(9_007_199_254_740_991), "9007199254740991");
        assert_eq!(integer(9_007_199_254_740_993), "9007199254740992");
        assert_eq!(integer(i128::from(u64::MAX)), "18446744073709552000");
        assert_eq!(integer(i128::from(i64::MIN)), "-9223372036854776000");
        assert_eq!(integer(-7), "-7");
    }

    #[test]
    fn integers_print_as_rust_prints_them() {
        for magnitude in (0..53).map(|bits| (1_i128 << bits) - 1).chain([10, 99, 100, MAX_SAFE_INTEGER]) {
            for value in [magnitude, -magnitude] {
                assert_eq!(integer(value), value.to_string());
            }
        }
        // Each half of sixteen digits, and each digit in each of its places.
        for magnitude in (0..16).flat_map(|place| (0..=9).map(move |digit| digit * 10_i128.pow(place))) {
            for value in [magnitude, magnitude + 7, 99_999_999, 100_000_000, 100_000_001, 1_000_000_030_000_000] {
                let value = value.min(MAX_SAFE_INTEGER);
                assert_eq!(integer(value), value.to_string());
            }
        }
        for number in 0..100_000 {
            assert_eq!(integer(number), number.to_string());
            assert_eq!(integer(number * 79 + 90_000_000), (number * 79 + 90_000_000).to_string());
        }
        let mut out = b"a".to_vec();
        push_integer(&mut out, 12, float);
        push_integer(&mut out, 1 << 60, float);
        assert_eq!(out, b"a121152921504606847000");
    }
}
