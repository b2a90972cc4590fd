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
    let mut left = value.unsigned_abs();
    if u128::from(left) > MAX_SAFE_INTEGER.unsigned_abs() {
        return out.extend_from_slice(float(value as f64).as_bytes());
    }
    if value < 0 {
        out.push(b'-');
    }
    // 2^53 has sixteen digits.
    let (mut digits, mut used) = ([b'0'; 16], 0);
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
        used += 1;
        if left == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(digits.len() - used..).unwrap_or_default());
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
        let mut out = b"a".to_vec();
        push_integer(&mut out, 12, float);
        push_integer(&mut out, 1 << 60, float);
        assert_eq!(out, b"a121152921504606847000");
    }
}
