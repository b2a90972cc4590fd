//! What the fuzz targets do with any bytes, and what the tests below do with random ones: every parser of a small
//! file of the state folder, which somebody else may have written.

use crate::write::files::{breaker_file, consent_file, installation_file, ledger_file, memory_file, told_file};

/// Of the breaker's file in the corpus.
const ENDPOINT: &str = "https://telemetry.acme.example";

/// The small files, whichever it may be: an answer, and sums that hold.
pub fn small_file(bytes: &[u8]) {
    let _ = consent_file::parse(bytes);
    let _ = breaker_file::parse(bytes, ENDPOINT);
    let _ = installation_file::parse(bytes);
    let told = told_file::parse(bytes);
    assert!(told_file::parse(&told.render()).digests().is_subset(&told.digests()), "nothing was told by reading");
    if let Some(memory) = memory_file::parse(bytes) {
        let mut merged = memory.clone();
        merged.merge(memory.clone());
        assert_eq!(merged, memory, "what is known already changes nothing");
    }
    if let Some(sum) = ledger_file::parse(bytes) {
        assert!(sum.holds());
    }
}

#[cfg(test)]
mod tests {
    use proptest::{
        collection::vec,
        prelude::*,
        sample::Index,
        test_runner::{RngAlgorithm, TestRng, TestRunner},
    };

    use super::*;

    /// Whole files of every kind, for damage to begin from.
    fn seeds() -> Vec<Vec<u8>> {
        let small = [
            "telemetry-told 1\nsdk 00112233445566778899aabbccddeeff 0000000000000001\nevent 10112233445566778899aabbccddeeff 0000000000000002 0000000000000003\nall 20112233445566778899aabbccddeeff\n",
            r#"{"version":1,"consent":"on","agreed":{"a/b":"00"},"sdk":"11"}"#,
            r#"{"version":1,"sample_roll":{"day":1,"value":2},"throttle":{"day":3,"seen":["00000000000000ff"]},"rolling":[["0000000000000007",9]],"active":[{"destination":"00112233445566ff","last_day":2,"first_day":1}],"gone":[{"endpoint":"e","version":"1"}]}"#,
            r#"{"version":1,"since":20779,"added":["x"],"counts":{"offered":5,"accepted":5,"sent":3,"waiting":2},"told":{"day":1,"losses":{}}}"#,
        ];
        small.map(|text| text.as_bytes().to_vec()).to_vec()
    }

    /// The same bytes in every run: what a fuzzer finds later becomes a test of its own.
    fn run(cases: u32, strategy: impl Strategy<Value = Vec<u8>>) {
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
        runner
            .run(&strategy, |bytes| {
                small_file(&bytes);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn r11_whole_files_read_and_no_byte_of_them_can_harm() {
        let seeds = seeds();
        assert_eq!(told_file::parse(&seeds[0]).digests().len(), 1);
        assert!(matches!(consent_file::parse(&seeds[1]), consent_file::ConsentState::Loaded(_)));
        assert!(memory_file::parse(&seeds[2]).is_some() && ledger_file::parse(&seeds[3]).is_some());
        for seed in seeds {
            for place in 0..seed.len() {
                let mut bytes = seed.clone();
                bytes[place] ^= 0x55;
                small_file(&bytes);
                small_file(&seed[..place]);
            }
        }
    }

    /// What a fuzzer starts from, and every input that one ever found something with.
    #[test]
    fn r11_the_corpus_and_past_crashes_harm_no_parser() {
        let fuzz = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let folders = ["corpus-seed", "crashes"].map(|kind| fuzz.join(kind).join("spool_small_file"));
        let files = folders.into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let inputs: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        inputs.iter().for_each(|input| small_file(input));
        // They are what they say, so a fuzzer begins behind the first check.
        let reads = |parses: fn(&[u8]) -> bool| inputs.iter().filter(|input| parses(input)).count();
        assert_eq!(reads(|input| matches!(consent_file::parse(input), consent_file::ConsentState::Loaded(_))), 1);
        assert_eq!(
            reads(|input| memory_file::parse(input).is_some_and(|memory| memory != memory_file::Memory::default())),
            1
        );
        assert_eq!(reads(|input| ledger_file::parse(input).is_some()), 1);
        assert_eq!(reads(|input| breaker_file::parse(input, ENDPOINT).is_some()), 1);
    }

    #[test]
    fn r11_random_bytes_harm_no_parser() {
        run(2_000, vec(any::<u8>(), 0..400));
    }

    #[test]
    fn r11_pieces_of_files_in_any_order_harm_no_parser() {
        let piece = (any::<Index>(), any::<Index>(), any::<Index>(), any::<u8>());
        let pieces = vec(piece, 1..8).prop_map(|pieces| {
            let mut bytes = Vec::new();
            for (seed, from, to, change) in pieces {
                let seeds = seeds();
                let seed = seed.get(&seeds);
                let (from, to) = (from.index(seed.len()), to.index(seed.len()));
                bytes.extend(&seed[from.min(to)..from.max(to)]);
                if let Some(last) = bytes.last_mut() {
                    *last ^= change & 1;
                }
            }
            bytes
        });
        run(2_000, pieces);
    }
}
