//! The program of the matrix by its features, as it is and in containers: `list`, `absent` and the program agree.

use std::{fs, io::Write as _, path::Path};

use serde_json::Value;

use super::{keys, listed, run_program, workspace::workspace};
use crate::kit::{builds, command, ended, target};

/// A package of a distribution, of Python, of a release page: the program at its usual place in each.
fn packages(program: &[u8]) -> [(&'static str, Vec<u8>); 3] {
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(program.len() as u64);
    header.set_mode(0o755);
    tar.append_data(&mut header, "usr/bin/program", program).unwrap();
    let tar = tar.into_inner().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(&tar).unwrap();
    let gzip = gzip.finish().unwrap();
    let member = |name: &str, bytes: &[u8]| {
        let mut member = format!("{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n", 0, 0, 0, 644, bytes.len()).into_bytes();
        member.extend(bytes);
        if bytes.len() % 2 == 1 {
            member.push(b'\n');
        }
        member
    };
    let deb = [&b"!<arch>\n"[..], &member("debian-binary", b"2.0\n"), &member("data.tar.gz", &gzip)].concat();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    zip.start_file("bin/program", zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(program).unwrap();
    [("deb", deb), ("tar.gz", gzip), ("zip", zip.finish().unwrap().into_inner())]
}

/// The exit code and the events that `absent` says of this file.
fn absent(folder: &Path, file: &Path) -> (i32, Vec<String>, String) {
    let ended = ended(command(folder, &["absent", "--format", "json", file.to_str().unwrap()]).output().unwrap());
    let report: Value = serde_json::from_str(&ended.stdout).unwrap_or_else(|_| panic!("{ended:?}"));
    let events = report["files"][0]["events"].as_array().unwrap().iter();
    let mut events: Vec<_> = events.map(|key| key.as_str().unwrap().to_owned()).collect();
    events.sort();
    (ended.code, events, ended.stdout)
}

#[test]
#[cfg(target_os = "linux")]
fn a07_features_and_containers_have_the_answer_of_the_running_program() {
    let package = workspace();
    let folder = package.path();
    let _one_at_a_time = builds();
    let program = target().join("debug/program");
    for (features, events) in [
        ("", &["core/core_closed", "core/core_opened", "core/own"][..]),
        ("more", &["core/core_closed", "core/core_opened", "core/more", "core/own"]),
        ("silent", &[]),
        ("more,silent", &[]),
    ] {
        let list = ["list", "-p", "program", "--quiet", "--format", "json", "--features", features];
        let list = ended(command(folder, &list).output().unwrap());
        if events.is_empty() {
            assert_eq!((list.code, list.stdout.as_str()), (2, ""), "{features}: {}", list.stderr);
        } else {
            let listed = listed(&list);
            assert_eq!(keys(&listed), events, "{features}");
            assert_eq!(listed, run_program(&program), "{features}");
        }
        let code = if events.is_empty() { 0 } else { 1 };
        let (found, named, said) = absent(folder, &program);
        assert_eq!(
            (found, named.as_slice()),
            (code, events.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>().as_slice()),
            "{features}: {said}"
        );
        for (kind, bytes) in packages(&fs::read(&program).unwrap()) {
            let path = folder.join(format!("package.{kind}"));
            fs::write(&path, bytes).unwrap();
            let (found, named, said) = absent(folder, &path);
            assert_eq!((found, named.len()), (code, events.len()), "{features} in {kind}: {said}");
        }
    }
}
