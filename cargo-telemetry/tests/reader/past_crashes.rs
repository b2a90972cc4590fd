//! The bodies of the fuzz targets over the committed corpus and over every input that a fuzzer ever found something with.
//!
//! `TELEMETRY_TESTS_BLESS=1 cargo test -p cargo-telemetry-tests --test reader past_crashes` writes the corpus anew.

use std::{fs, path::PathBuf};

use object::BinaryFormat;
use telemetry_tests::fixture::workspace;

use crate::containers::{self, File};
use crate::inspect;
use crate::samples::{
    archive, component, compressed, event, object, pe, program, records, universal, wasm, zlib, zstd,
};

#[expect(unreachable_pub, reason = "there it is a library")]
#[path = "../../../fuzz/src/lib.rs"]
mod fuzz;

fn inputs(target: &str) -> Vec<PathBuf> {
    let folders = ["corpus-seed", "crashes"].map(|folder| workspace().join("fuzz").join(folder).join(target));
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).into_iter().flatten());
    files.map(|entry| entry.expect("the folder can be listed").path()).collect()
}

#[test]
fn records_of_the_corpus_and_past_crashes() {
    let inputs = inputs("record");
    assert!(inputs.len() >= 4, "{inputs:?}");
    inputs.iter().for_each(|input| fuzz::record(&fs::read(input).unwrap()));
}

#[test]
fn binaries_of_the_corpus_and_past_crashes() {
    let inputs = inputs("binary");
    assert!(inputs.len() >= 9, "{inputs:?}");
    inputs.iter().for_each(|input| fuzz::binary(&fs::read(input).unwrap()));
}

#[test]
fn containers_of_the_corpus_and_past_crashes() {
    let inputs = [inputs("container"), inputs("binary")].concat();
    assert!(inputs.len() >= 9 + 5, "{inputs:?}");
    inputs.iter().for_each(|input| fuzz::container(&fs::read(input).unwrap()));
}

#[test]
fn lock_files_of_the_corpus_and_past_crashes() {
    let inputs = inputs("lock");
    assert!(inputs.len() >= 2, "{inputs:?}");
    inputs.iter().for_each(|input| fuzz::lock(&fs::read(input).unwrap()));
}

/// The corpus is what a fuzzer starts from: one small file of every format.
#[test]
fn the_corpus_is_what_the_samples_are() {
    let one = records(&["one"]);
    let elf = object(BinaryFormat::Elf, &[(".telemetry", &one)]);
    let macho = object(BinaryFormat::MachO, &[("__telemetry", &one)]);
    let coff = object(BinaryFormat::Coff, &[(".telem$m", &one)]);
    let module = wasm(&[(".telemetry", &one)]);
    let sdk = "\x7fTLM2{\"record\":\"sdk\",\"sdk\":\"s\",\"crate\":\"s\",\"version\":\"1\",\"role\":\"library\",\"default\":\"on\",\"env\":\"S\",\
               \"endpoint\":\"https://s.example\",\"wire\":\"beacon\",\"docs\":\"d\",\"operator\":\"o\",\"contact\":\"c\",\"region\":\"EU\",\
               \"retention\":\"r\",\"shared_with\":\"n\",\"event_case\":\"snake_case\",\"notice\":\"none\",\"write_on\":\"worker\",\"sample\":1.0,\
               \"transport\":\"built_in\",\"envelope\":[],\"headers\":[],\"server_sees\":[],\"at\":\"a:1\"}\n";
    let files: [File<'_>; 2] = [("a.o", &elf), ("b.txt", b"text\n")];
    let samples: [(&str, Vec<u8>); 18] = [
        ("container/zip", containers::zip(&files)),
        ("container/tar.gz", containers::gzip(&containers::tar(&files))),
        ("container/deb", containers::deb(&files)),
        ("container/zst", containers::zstd(&containers::tar(&files))),
        ("container/bz2", containers::bzip2(&elf)),
        ("record/event", event("one")),
        ("record/sdk", sdk.into()),
        ("record/several", [&one[..], sdk.as_bytes(), b"\x7fTLM9{}\n"].concat()),
        ("record/nested", b"\x7fTLM2{\"record\":\"event\",\"fields\":[{\"name\":\"a\",\"type\":{\"list\":{\"max\":2,\"of\":{\"optional\":{\"struct\":[]}}}}}]}\n".to_vec()),
        ("binary/elf", program(elf.clone())),
        ("binary/macho", macho.clone()),
        ("binary/coff", coff),
        ("binary/universal", universal(&[(7, &macho[..])])),
        ("binary/pe", pe(&[(".telem", &one)])),
        ("binary/component", component(&module)),
        ("binary/archive", archive(&[("a.o", &elf), ("b", b"BC\xc0\xde")])),
        ("binary/zlib", compressed(".telemetry", 1, one.len() as u64, &zlib(&one))),
        ("binary/zstd", compressed(".telemetry", 2, one.len() as u64, &zstd(&one))),
    ];
    let locks = inspect(&elf).manifest;
    let lock = cargo_telemetry::lock::write(&cargo_telemetry::lock::Lock::new(Default::default(), &locks));
    let texts =
        [("lock/one", lock.clone().into_bytes()), ("lock/conflict", format!("<<<<<<< ours\n{lock}").into_bytes())];
    for (name, bytes) in samples.into_iter().chain(texts) {
        let path = workspace().join("fuzz/corpus-seed").join(name);
        if std::env::var_os("TELEMETRY_TESTS_BLESS").is_some() {
            fs::write(&path, &bytes).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), bytes, "{name}: write it anew as this file says");
    }
}
