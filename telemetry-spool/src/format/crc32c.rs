//! CRC-32C (Castagnoli), the checksum of frames: it finds every burst of up to 32 flipped bits.

/// The checksum of `bytes`. In hardware where there is any: each frame is summed up when it is written, planned and sent.
pub(crate) fn crc32c(bytes: &[u8]) -> u32 {
    ::crc32c::crc32c(bytes)
}

/// The checksum of what `crc` was made of, followed by `bytes`.
pub(crate) fn extend(crc: u32, bytes: &[u8]) -> u32 {
    ::crc32c::crc32c_append(crc, bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue_of_crcs() {
        assert_eq!(crc32c(b"123456789"), 0xE306_9283);
        assert_eq!(extend(crc32c(b"1234"), b"56789"), 0xE306_9283);
        assert_eq!(crc32c(b""), 0);
    }
}
