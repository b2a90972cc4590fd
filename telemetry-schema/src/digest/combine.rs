//! How digests are put together, in few steps: the compiler does it for every event of the author's crate.
//!
//! This is no cryptography. The digests that go in are; and whoever could choose two texts that meet here is the author,
//! who may as well send what no record lists.

/// 2^128 divided by the golden ratio, made odd.
const FACTOR: u128 = 0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835;

/// One digest of two, in this order.
pub const fn combine(left: u128, right: u128) -> u128 {
    let mut mixed = left.wrapping_mul(FACTOR).wrapping_add(right);
    mixed ^= mixed >> 67;
    mixed = mixed.wrapping_mul(FACTOR);
    mixed ^= mixed >> 59;
    mixed = mixed.wrapping_mul(FACTOR);
    mixed ^ mixed >> 71
}

/// The containers around a value whose digest only an attribute knows.
#[derive(Debug)]
pub enum Shape {
    /// None.
    Value,
    /// The value or nothing.
    Optional(&'static Shape),
    /// So many values.
    Array(usize, &'static Shape),
}

/// The digest of a value within containers.
pub const fn within(shape: &Shape, value: u128) -> u128 {
    match shape {
        Shape::Value => value,
        Shape::Optional(of) => optional(within(of, value)),
        Shape::Array(len, of) => array(*len, within(of, value)),
    }
}

/// `text("optional")`
const OPTIONAL: u128 = 0xec91_fdd9_256c_b75a_e611_249b_50cb_7eb1;
/// `text("array")`
const ARRAY: u128 = 0xdbe4_2cc0_9c16_704a_a3d6_0127_c60b_4e16;
/// `text("list")`
const LIST: u128 = 0xa330_395c_c0a5_3ad1_2077_3654_6aff_f473;
/// `text("one_of")`
const ONE_OF: u128 = 0x1e64_a180_fd10_dbbd_120d_6c49_ac4a_5410;
/// `text("struct")`
const STRUCT: u128 = 0x04b8_4ba1_d4f1_d361_b3c9_97cd_e2a4_1d0b;
/// `text("variants")`
const VARIANTS: u128 = 0xdad5_69e1_01ad_432c_e583_36b4_e438_7da5;
/// `text("event")`
const EVENT: u128 = 0xb8e1_f80b_d70a_e078_4c78_55a4_5173_1b74;
/// `text("destination")`
const DESTINATION: u128 = 0xb5c7_55aa_ab10_38b3_d562_7bbd_e7f4_7ca8;

/// The value or nothing.
pub const fn optional(of: u128) -> u128 {
    combine(OPTIONAL, of)
}

/// Exactly `len` values.
pub const fn array(len: usize, of: u128) -> u128 {
    combine(combine(ARRAY, len as u128), of)
}

/// At most `max` values.
pub const fn list(max: usize, of: u128) -> u128 {
    combine(combine(LIST, max as u128), of)
}

/// Text from a list or `other`.
pub const fn one_of(of: u128) -> u128 {
    combine(ONE_OF, of)
}

/// A struct of these fields, each a [`combine`] of its name and its type.
pub const fn object(fields: &[u128]) -> u128 {
    fold(STRUCT, fields)
}

/// An enum of these variants, each a [`combine`] of its name and of what it holds, or 0.
pub const fn variants(all: &[u128]) -> u128 {
    fold(VARIANTS, all)
}

const fn fold(start: u128, mut all: &[u128]) -> u128 {
    let mut digest = start;
    while let [first, rest @ ..] = all {
        digest = combine(digest, *first);
        all = rest;
    }
    digest
}

/// What the parts of an event have in common; `discriminant` is 0 where there is none.
pub const fn event_key(sdk: u128, event: u128, discriminant: u128) -> u128 {
    combine(combine(combine(EVENT, sdk), event), discriminant)
}

/// The digest of a whole by its key and its parts, in any order.
pub const fn sum(key: u128, mut parts: &[u128]) -> u128 {
    let mut digest = key;
    while let [first, rest @ ..] = parts {
        digest = digest.wrapping_add(combine(key, *first));
        parts = rest;
    }
    digest
}

/// Where events go.
pub const fn going_to(endpoint: u128, operator: u128, transport: u128) -> u128 {
    combine(combine(combine(DESTINATION, endpoint), operator), transport)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::text;

    #[test]
    fn the_constants_are_the_digests_of_their_words() {
        let all = [
            ("optional", OPTIONAL),
            ("array", ARRAY),
            ("list", LIST),
            ("one_of", ONE_OF),
            ("struct", STRUCT),
            ("variants", VARIANTS),
            ("event", EVENT),
            ("destination", DESTINATION),
        ];
        for (word, constant) in all {
            assert_eq!(text(word), constant, "{word}: {:#x}", text(word));
        }
    }

    #[test]
    fn order_counts_and_every_bit_matters() {
        let (one, two) = (text("one"), text("two"));
        assert_ne!(combine(one, two), combine(two, one));
        for bit in 0..128 {
            let flips = (combine(one ^ 1 << bit, two) ^ combine(one, two)).count_ones();
            assert!((30..=98).contains(&flips), "left bit {bit}: {flips}");
            let flips = (combine(one, two ^ 1 << bit) ^ combine(one, two)).count_ones();
            assert!((30..=98).contains(&flips), "right bit {bit}: {flips}");
        }
    }

    /// Fixed for good: the numbers that a reader in another language must come to.
    #[test]
    fn combining_is_fixed() {
        assert_eq!(combine(0, 0), 0);
        assert_eq!(combine(1, 2), 0x4a4c_34e7_6701_6b90_e8f8_85cf_9b36_70dc);
    }
}
