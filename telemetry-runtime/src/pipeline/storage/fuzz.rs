//! What the fuzz targets do with any bytes, and what the tests below do with random ones: every parser of a file that
//! somebody else may have written.

use super::{
    breaker_file, consent_file,
    frame::{BATCH_MAGIC, Frame, SEGMENT_MAGIC, header},
    frames::contents,
    journal, ledger_file, memory_file,
    names::Name,
    told_file,
};

/// Of the breaker's file in the corpus.
const ENDPOINT: &str = "https://telemetry.acme.example";

/// A segment, which is a batch as well: what is read can be written and read again, and comes from these bytes.
pub fn segment(bytes: &[u8]) {
    for magic in [SEGMENT_MAGIC, BATCH_MAGIC] {
        let (frames, damaged) = contents(bytes, magic);
        let read: usize = frames.iter().map(Frame::len_on_disk).sum();
        assert!(read <= bytes.len(), "{read} bytes of {}", bytes.len());
        let mut again = header(magic, u32::try_from(frames.len()).unwrap_or(0)).to_vec();
        (0..).zip(&frames).for_each(|(number, frame)| frame.write_to(number, &mut again));
        assert_eq!(contents(&again, magic), (frames, 0));
        assert!(damaged <= u64::from(u32::MAX) + 1);
    }
}

/// A journal: what is read names files of ours only, and reads back.
pub fn journal(bytes: &[u8]) {
    let Some(change) = std::str::from_utf8(bytes).ok().and_then(journal::parse) else { return };
    assert_eq!(journal::parse(&journal::render(&change)).as_ref(), Some(&change));
    let names = change.come.iter().chain(&change.go).chain(&change.aside);
    assert!(names.clone().all(|name| Name::parse(name.as_str()).is_some() && !name.as_str().contains('/')));
}

/// The small files, whichever it may be: an answer, and sums that hold.
pub fn small_file(bytes: &[u8]) {
    let _ = consent_file::parse(bytes);
    let _ = breaker_file::parse(bytes, ENDPOINT);
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
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = Name::parse(text);
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
    use telemetry_schema::Wire;

    use super::*;

    /// Whole files of every kind, for damage to begin from.
    fn seeds() -> Vec<Vec<u8>> {
        let mut segment = header(SEGMENT_MAGIC, 0).to_vec();
        for number in 0..5 {
            let frame =
                Frame { day: 20_779, digest: [7; 16], wire: Wire::EventBatch { strict: true }, json: b"{\"n\":1}" };
            frame.write_to(number, &mut segment);
        }
        let name = |ending: &str| Name::parse(&format!("0198c0de-0000-7000-8000-000000000000.{ending}")).unwrap();
        let change = journal::Change { come: vec![name("batch")], go: vec![name("part")], aside: vec![name("ready")] };
        let small = [
            "telemetry-told 1\nsdk 00112233445566778899aabbccddeeff 0000000000000001\nevent 10112233445566778899aabbccddeeff 0000000000000002 0000000000000003\nall 20112233445566778899aabbccddeeff\n",
            r#"{"version":1,"consent":"on","agreed":{"a/b":"00"},"sdk":"11"}"#,
            r#"{"version":1,"draw":{"day":1,"value":2},"throttle":{"day":3,"seen":["00000000000000ff"]},"rolling":[["0000000000000007",9]],"active":{"last_day":2,"first_day":1},"gone":[{"endpoint":"e","version":"1"}]}"#,
            r#"{"version":1,"since":20779,"added":["x"],"counts":{"offered":5,"accepted":5,"sent":3,"waiting":2},"told":{"day":1,"losses":{}}}"#,
        ];
        let mut seeds = vec![segment, journal::render(&change).into_bytes()];
        seeds.extend(small.map(|text| text.as_bytes().to_vec()));
        seeds
    }

    fn all(bytes: &[u8]) {
        segment(bytes);
        journal(bytes);
        small_file(bytes);
    }

    /// The same bytes in every run: what a fuzzer finds later becomes a test of its own.
    fn run(cases: u32, strategy: impl Strategy<Value = Vec<u8>>) {
        let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
        runner
            .run(&strategy, |bytes| {
                all(&bytes);
                Ok(())
            })
            .unwrap();
    }

    #[test]
    fn r11_whole_files_read_and_no_byte_of_them_can_harm() {
        let seeds = seeds();
        let (frames, damaged) = contents(&seeds[0], SEGMENT_MAGIC);
        assert_eq!((frames.len(), damaged), (5, 0));
        assert!(journal::parse(std::str::from_utf8(&seeds[1]).unwrap()).is_some());
        assert_eq!(told_file::parse(&seeds[2]).digests().len(), 1);
        assert!(matches!(consent_file::parse(&seeds[3]), consent_file::ConsentState::Loaded(_)));
        assert!(memory_file::parse(&seeds[4]).is_some() && ledger_file::parse(&seeds[5]).is_some());
        for seed in seeds {
            for place in 0..seed.len() {
                let mut bytes = seed.clone();
                bytes[place] ^= 0x55;
                all(&bytes);
                all(&seed[..place]);
            }
        }
    }

    /// What a fuzzer starts from, and every input that one ever found something with.
    #[test]
    fn r11_the_corpus_and_past_crashes_harm_no_parser() {
        let fuzz = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let targets = ["spool_segment", "spool_journal", "spool_small_file"];
        let folders =
            targets.iter().flat_map(|target| ["corpus-seed", "crashes"].map(|kind| fuzz.join(kind).join(target)));
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let inputs: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        inputs.iter().for_each(|input| all(input));
        // They are what they say, so a fuzzer begins behind the first check.
        let events: usize = inputs
            .iter()
            .map(|input| contents(input, SEGMENT_MAGIC).0.len().max(contents(input, BATCH_MAGIC).0.len()))
            .sum();
        assert_eq!(events, 6);
        let reads = |parses: fn(&[u8]) -> bool| inputs.iter().filter(|input| parses(input)).count();
        assert_eq!(reads(|input| std::str::from_utf8(input).is_ok_and(|text| journal::parse(text).is_some())), 1);
        assert_eq!(reads(|input| matches!(consent_file::parse(input), consent_file::ConsentState::Loaded(_))), 1);
        assert_eq!(reads(|input| memory_file::parse(input).is_some()), 1);
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
