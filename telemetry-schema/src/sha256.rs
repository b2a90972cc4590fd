//! SHA-256 of FIPS 180-4, and HMAC of RFC 2104 over it.

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    hmac_sha256::Hash::hash(bytes)
}

/// HMAC-SHA256 over these parts, one behind the other.
pub fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = hmac_sha256::HMAC::new(key);
    for part in parts {
        mac.update(part);
    }
    mac.finalize()
}

#[cfg(test)]
mod tests {
    use hmac::{Hmac, KeyInit as _, Mac as _};
    use sha2::{Digest as _, Sha256};

    use super::*;

    fn hex(bytes: [u8; 32]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The examples of FIPS 180-4.
    #[test]
    fn it_is_sha_256() {
        assert_eq!(hex(sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(sha256(b"")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(
            hex(sha256(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        assert_eq!(hex(sha256(&[b'a'; 1_000_000])), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    }

    /// Every length around the end of a block, cut in two wherever it can be, against the crates that others rely on.
    #[test]
    fn both_are_what_a_library_says() {
        let key: [u8; 32] = std::array::from_fn(|at| (at * 7 + 1) as u8);
        let bytes: Vec<u8> = (0..200_u32).map(|at| (at * 31) as u8).collect();
        for len in 0..=bytes.len() {
            let message = &bytes[..len];
            assert_eq!(sha256(message)[..], Sha256::digest(message)[..], "{len}");
            let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
            mac.update(message);
            let expected = mac.finalize().into_bytes();
            for cut in [0, len / 3, len] {
                assert_eq!(hmac(&key, &[&message[..cut], &message[cut..]])[..], expected[..], "{len}, {cut}");
            }
        }
    }
}
