//! The digests of text, as `telemetry_schema::digest` has them: the first 16 bytes of SHA-256.
//!
//! Written out here, in sixty lines, because a proc macro is built before everything that depends on it: one more crate
//! would lengthen every author's build, and that of whoever compiles telemetry out.

use proc_macro2::Literal;

use crate::attr::Throttle;

/// The digest of a text.
pub(crate) fn text(text: &str) -> u128 {
    let [a, b, c, d, ..] = sha256(text.as_bytes());
    [a, b, c, d].into_iter().fold(0, |digest, word| digest << 32 | u128::from(word))
}

/// The digest of a text as a token.
pub(crate) fn literal(text: &str) -> Literal {
    Literal::u128_unsuffixed(self::text(text))
}

/// `;5:alpha;4:beta`
pub(crate) fn lengths_and_names<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    names.into_iter().map(|name| format!(";{}:{}", name.as_ref().len(), name.as_ref())).collect()
}

/// The part that says on how many days an event is recorded.
pub(crate) fn sampling(sample: f64) -> Literal {
    literal(&format!("sample;{:016x}", sample.to_bits()))
}

/// The part that says how often.
pub(crate) fn throttle(throttle: Throttle) -> Literal {
    literal(&match throttle {
        Throttle::None => "throttle;none".to_owned(),
        Throttle::Daily => "throttle;daily".to_owned(),
        Throttle::Rolling(hours) => format!("throttle;rolling;{hours}"),
    })
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes, as FIPS 180-4 lists them.
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

/// SHA-256 of FIPS 180-4.
fn sha256(message: &[u8]) -> [u32; 8] {
    let mut state: [u32; 8] =
        [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];
    let mut padded = message.to_vec();
    padded.push(0x80);
    padded.resize((padded.len() + 8).next_multiple_of(64) - 8, 0);
    padded.extend((message.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let mut words = [0_u32; 64];
        for (word, bytes) in words.iter_mut().zip(block.chunks_exact(4)) {
            *word = bytes.iter().fold(0, |word, byte| word << 8 | u32::from(*byte));
        }
        for index in 16..64 {
            let (early, late) = (words[index - 15], words[index - 2]);
            let early = early.rotate_right(7) ^ early.rotate_right(18) ^ early >> 3;
            let late = late.rotate_right(17) ^ late.rotate_right(19) ^ late >> 10;
            words[index] = words[index - 16].wrapping_add(early).wrapping_add(words[index - 7]).wrapping_add(late);
        }
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = state;
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
        for (sum, word) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
            *sum = sum.wrapping_add(word);
        }
    }
    state
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(message: &[u8]) -> String {
        sha256(message).iter().map(|word| format!("{word:08x}")).collect()
    }

    /// The examples of FIPS 180-4, and every length around the end of a block against what a library says.
    #[test]
    fn it_is_sha_256() {
        assert_eq!(hex(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!(hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(
            hex(b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        );
        for len in 0..200 {
            let message = "x".repeat(len);
            assert_eq!(text(&message), telemetry_schema::digest::text(&message), "{len}");
        }
    }
}
