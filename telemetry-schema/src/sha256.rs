//! SHA-256 of FIPS 180-4, and HMAC of RFC 2104 over it.
//!
//! Written out here, because it is asked for a few short texts in the life of a program, and the crates for it are eleven and a
//! twentieth of a build. Tests hold it against them.

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const ROUNDS: [u32; 64] = [
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
    0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
    0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
    0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2,
];

const BLOCK: usize = 64;

/// A hash under way.
#[derive(Debug, Clone)]
struct Hash {
    state: [u32; 8],
    block: [u8; BLOCK],
    /// Bytes so far; those behind the last full block stand in `block`.
    len: u64,
}

impl Hash {
    const fn new() -> Self {
        Self {
            state: [
                0x6a09_e667,
                0xbb67_ae85,
                0x3c6e_f372,
                0xa54f_f53a,
                0x510e_527f,
                0x9b05_688c,
                0x1f83_d9ab,
                0x5be0_cd19,
            ],
            block: [0; BLOCK],
            len: 0,
        }
    }

    fn update(mut self, bytes: &[u8]) -> Self {
        let mut rest = bytes;
        while !rest.is_empty() {
            let used = (self.len % BLOCK as u64) as usize;
            let free = self.block.get_mut(used..).unwrap_or_default();
            let (now, later) = rest.split_at_checked(free.len()).unwrap_or((rest, &[]));
            for (place, byte) in free.iter_mut().zip(now) {
                *place = *byte;
            }
            self.len = self.len.wrapping_add(now.len() as u64);
            if used + now.len() == BLOCK {
                self.mix();
            }
            rest = later;
        }
        self
    }

    fn finish(self) -> [u8; 32] {
        let bits = self.len.wrapping_mul(8);
        let used = (self.len % BLOCK as u64) as usize;
        // One bit, and zeros until eight bytes of a block are left.
        let padding = [&[0x80][..], &[0; BLOCK]].concat();
        let needed = (BLOCK + 55 - used) % BLOCK + 1;
        let whole = self.update(padding.get(..needed).unwrap_or_default()).update(&bits.to_be_bytes());
        let mut bytes = [0; 32];
        for (place, byte) in bytes.iter_mut().zip(whole.state.iter().flat_map(|word| word.to_be_bytes())) {
            *place = byte;
        }
        bytes
    }

    /// Takes the full block in.
    fn mix(&mut self) {
        let mut words = [0_u32; BLOCK];
        for (word, bytes) in words.iter_mut().zip(self.block.chunks_exact(4)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        for index in 16..BLOCK {
            let before = |back: usize| words.get(index - back).copied().unwrap_or_default();
            let (early, late) = (before(15), before(2));
            let early = early.rotate_right(7) ^ early.rotate_right(18) ^ early >> 3;
            let late = late.rotate_right(17) ^ late.rotate_right(19) ^ late >> 10;
            let word = before(16).wrapping_add(early).wrapping_add(before(7)).wrapping_add(late);
            if let Some(place) = words.get_mut(index) {
                *place = word;
            }
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = self.state;
        for (word, round) in words.into_iter().zip(ROUNDS) {
            let choice = e & f ^ !e & g;
            let one = (e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25))
                .wrapping_add(h)
                .wrapping_add(choice)
                .wrapping_add(round)
                .wrapping_add(word);
            let majority = a & b ^ a & c ^ b & c;
            let two = (a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22)).wrapping_add(majority);
            (h, g, f, e, d, c, b, a) = (g, f, e, d.wrapping_add(one), c, b, a, one.wrapping_add(two));
        }
        for (sum, word) in self.state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = sum.wrapping_add(word);
        }
    }
}

/// SHA-256.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Hash::new().update(bytes).finish()
}

/// HMAC-SHA256 over these parts, one behind the other.
pub fn hmac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let padded = |with: u8| {
        let mut block = [with; BLOCK];
        block.iter_mut().zip(key).for_each(|(place, byte)| *place ^= byte);
        Hash::new().update(&block)
    };
    let inner = parts.iter().fold(padded(0x36), |hash, part| hash.update(part)).finish();
    padded(0x5c).update(&inner).finish()
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
