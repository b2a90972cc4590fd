//! CRC-32C (Castagnoli), the checksum of frames: it finds every burst of up to 32 flipped bits.

/// The checksum of `bytes`. In hardware where there is any: each frame is summed up when it is written, planned and sent.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}

/// The checksum of what `crc` was made of, followed by `bytes`.
pub(crate) fn extend(crc: u32, bytes: &[u8]) -> u32 {
    ::crc32c::crc32c_append(crc, bytes)
}

/// The checksum of a few bytes, for which it takes longer to ask what the hardware has.
pub(crate) fn of_few(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        let [low, ..] = crc.to_le_bytes();
        TABLE.get(usize::from(low ^ byte)).copied().unwrap_or_default() ^ crc >> 8
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// The remainder of each byte, for the polynomial 0x1EDC6F41, reflected.
#[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
static TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < table.len() {
        let (mut rest, mut bit) = (byte as u32, 0);
        while bit < 8 {
            rest = if rest & 1 == 1 { rest >> 1 ^ 0x82F6_3B78 } else { rest >> 1 };
            bit += 1;
        }
        table[byte] = rest;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue_of_crcs() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(extend(crc32c(b"1234"), b"56789"), 0xE306_9283);
        assert_eq!(crc32c(b""), 0);
    }

    #[test]
    fn few_bytes_have_the_same_sum() {
        let bytes: Vec<u8> = (0..=255).collect();
        for few in bytes.windows(12).chain(bytes.windows(4)).chain([&b""[..]]) {
            assert_eq!(of_few(few), crc32c(few));
        }
    }
}
