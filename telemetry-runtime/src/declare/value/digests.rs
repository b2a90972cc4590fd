//! The digests of the types that this crate brings and that have no row in `telemetry_schema::ready_made`:
//! `telemetry_schema::digest::text` of their words, written out because the compiler would take long to compute them.

/// `bool`
pub(super) const BOOL: u128 = 0xb760_f44f_a596_5c24_74a3_b471_467a_22c4;
/// `pseudonym`
pub(super) const PSEUDONYM: u128 = 0x70a0_11a2_0493_ce40_2b5b_debb_a201_8072;
/// `version;0:`
pub(super) const VERSION: u128 = 0x0c28_d681_227c_e274_58bb_f9b3_6490_336e;

/// `unbounded;` and the number's type.
pub(super) const fn unbounded(number: &str) -> u128 {
    match number.as_bytes() {
        b"u8" => 0xedac_f780_63e5_85e6_119a_07c2_4723_dbd5,
        b"u16" => 0x58bd_8193_cba1_c8b2_c928_f04e_eaf9_e473,
        b"u32" => 0xa055_6f29_1573_d230_85f8_0208_c956_f6a7,
        b"u64" => 0x102b_d6a5_73b2_18fa_0019_3f67_eda2_5b79,
        b"usize" => 0xe3e9_7eb3_10e3_b832_2cfd_012e_2584_141b,
        b"i8" => 0xc910_7eee_b4e8_c2ae_97a8_8fbe_929f_c535,
        b"i16" => 0x82f4_ef4e_8e5c_c20b_793a_580b_28db_c130,
        b"i32" => 0x2c5d_dd8b_46d4_0fc8_e1a7_4976_f63e_0867,
        b"i64" => 0x4b59_28e0_bcc7_1f2d_ff6e_d5da_53af_5adc,
        b"isize" => 0xf9d7_a22a_e263_e338_ae17_29a7_a8bf_ac54,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use telemetry_schema::digest::text;

    #[test]
    fn the_constants_are_the_digests_of_their_words() {
        for (word, constant) in [("bool", BOOL), ("pseudonym", PSEUDONYM), ("version;0:", VERSION)] {
            assert_eq!(text(word), constant, "{word}");
        }
        for number in ["u8", "u16", "u32", "u64", "usize", "i8", "i16", "i32", "i64", "isize"] {
            assert_eq!(text(&format!("unbounded;{number}")), unbounded(number), "{number}");
        }
    }
}
