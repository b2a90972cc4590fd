//! What the fuzz targets do with any bytes, and what the tests below do with random ones: every parser of a file that
//! somebody else may have written.

use crate::format::{
    frame::{SEGMENT_MAGIC, header},
    frame_reader::contents,
    names::Name,
    plan::{Covered, Plan},
    upload::Upload,
};

/// A segment: what is read can be written and read again, and comes from these bytes.
pub fn segment(bytes: &[u8]) {
    let (frames, damaged) = contents(bytes);
    let read: u64 = frames.iter().map(|placed| placed.len).sum();
    assert!(read <= bytes.len() as u64, "{read} bytes of {}", bytes.len());
    assert!(frames.windows(2).all(|pair| matches!(pair, [one, two] if one.at + one.len <= two.at)));
    let mut again = header(SEGMENT_MAGIC).to_vec();
    (0..).zip(&frames).for_each(|(number, placed)| placed.frame.write_to(number, &mut again));
    let (same, whole) = contents(&again);
    assert!(same.iter().map(|placed| placed.frame).eq(frames.iter().map(|placed| placed.frame)) && whole == 0);
    assert!(damaged <= u64::from(u32::MAX) + 1);
}

/// A plan: what is read reads back, and covers what it says.
pub fn plan(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(upload) = Upload::parse(text) {
        assert!(text.starts_with(&upload.render()));
        assert!(upload.ended().ranges.len() <= upload.into_plan().ranges.len());
    }
    let Some(plan) = Plan::parse(text) else { return };
    assert_eq!(Plan::parse(&plan.render()).as_ref(), Some(&plan));
    let mut covered = Covered::default();
    covered.add(&plan);
    for range in &plan.ranges {
        assert!(Name::parse(&format!("{}.part", range.segment)).is_some());
        assert!(covered.has_all(&range.segment, range.at, range.at + range.len));
    }
    let all = covered.as_plan(|_| true);
    assert_eq!(Plan::parse(&all.render()), Some(all));
}

/// A name: what is read is what stands there.
pub fn name(bytes: &[u8]) {
    if let Some((text, name)) = std::str::from_utf8(bytes).ok().and_then(|text| Some((text, Name::parse(text)?))) {
        assert_eq!(name.as_str(), text);
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
    use crate::format::frame::Frame;

    const ID: &str = "0198c0de-0000-7000-8000-000000000000";
    const OTHER: &str = "0198c0df-0000-7000-8000-000000000000";

    fn a_segment() -> Vec<u8> {
        let mut segment = header(SEGMENT_MAGIC).to_vec();
        for number in 0..5 {
            let frame = Frame { day: 20_779, digest: [7; 16], destination: [8; 16], kind: 1, body: b"{\"n\":1}" };
            frame.write_to(number, &mut segment);
        }
        segment
    }

    /// Whole files of every kind, for damage to begin from.
    fn seeds() -> Vec<Vec<u8>> {
        let segment = a_segment();
        let mut plan = Plan::default();
        for placed in contents(&segment).0 {
            let (from, to) = (placed.at as usize, (placed.at + placed.len) as usize);
            plan.push(if placed.number < 3 { ID } else { OTHER }, placed.at, &segment[from..to]);
        }
        vec![segment, plan.render().into_bytes(), format!("{ID}-0-1.plan").into_bytes()]
    }

    fn all(bytes: &[u8]) {
        segment(bytes);
        plan(bytes);
        name(bytes);
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
        let (frames, damaged) = contents(&seeds[0]);
        assert_eq!((frames.len(), damaged), (5, 0));
        assert!(Plan::parse(std::str::from_utf8(&seeds[1]).unwrap()).is_some());
        assert!(Name::parse(std::str::from_utf8(&seeds[2]).unwrap()).is_some());
        for seed in seeds {
            for place in 0..seed.len() {
                let mut bytes = seed.clone();
                bytes[place] ^= 0x55;
                all(&bytes);
                all(&seed[..place]);
            }
        }
    }

    /// Writes what a fuzzer starts from anew, if it is asked to: `TELEMETRY_TESTS_BLESS=1`.
    #[test]
    fn the_corpus_of_the_spool_is_written() {
        if std::env::var_os("TELEMETRY_TESTS_BLESS").is_none() {
            return;
        }
        let corpus = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus-seed");
        let (segment, plan) = (&seeds()[0], &seeds()[1]);
        let mut torn = segment[..segment.len() - 40].to_vec();
        torn.extend(&segment[segment.len() - 100..]);
        let later = [&header(b"TLMSPL4\n")[..], b"who knows"].concat();
        for (path, bytes) in [
            ("spool_segment/segment", segment),
            ("spool_segment/damaged", &torn),
            ("spool_segment/later", &later),
            ("spool_plan/plan", plan),
        ] {
            std::fs::create_dir_all(corpus.join(path).parent().unwrap()).unwrap();
            std::fs::write(corpus.join(path), bytes).unwrap();
        }
    }

    /// What a fuzzer starts from, and every input that one ever found something with.
    #[test]
    fn r11_the_corpus_and_past_crashes_harm_no_parser() {
        let fuzz = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz");
        let folders = ["spool_segment", "spool_plan"]
            .iter()
            .flat_map(|target| ["corpus-seed", "crashes"].map(|kind| fuzz.join(kind).join(target)));
        let files = folders.flat_map(|folder| std::fs::read_dir(folder).unwrap());
        let inputs: Vec<_> = files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect();
        inputs.iter().for_each(|input| all(input));
        // They are what they say, so a fuzzer begins behind the first check.
        let frames: usize = inputs.iter().map(|input| contents(input).0.len()).sum();
        assert_eq!(frames, 10, "of a whole segment, and of one that was torn and written on");
        let plans = inputs.iter().filter_map(|input| Plan::parse(std::str::from_utf8(input).ok()?));
        assert_eq!(plans.count(), 1);
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
