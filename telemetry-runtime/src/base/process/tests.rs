//! A rule of the whole crate, read from its sources.

use std::{fs, path::Path};

/// What a child of a fork may find taken for ever.
const WAITS: [&str; 7] = ["Mutex<", "RwLock<", "OnceLock<", "LazyLock<", "Condvar", "Once<", "Barrier"];

/// Statics that are no concern of a child.
const EXCEPT: [&str; 2] = [
    "record/captured.rs", // Captures belong to tests, which do not fork.
    "server.rs",
];

/// A lock in a plain static would stay taken in a child whose parent's other thread held it at the fork. Statics with
/// locks are [`super::PerProcess`].
#[test]
fn r08_no_static_lock_is_shared_with_a_child() {
    let mut seen = 0;
    let mut shared = Vec::new();
    both(&mut |path, text| {
        let name = path.to_string_lossy().replace('\\', "/");
        if EXCEPT.iter().any(|except| name.ends_with(except)) || name.ends_with("tests.rs") || name.contains("/off") {
            return;
        }
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for (number, line) in code.lines().enumerate().filter(|(_, line)| line.contains("static ")) {
            let Some((_, kind)) = line.split_once("static ").and_then(|(_, rest)| rest.split_once(": ")) else {
                continue;
            };
            if line.trim_start().starts_with("//") {
                continue;
            }
            seen += 1;
            let kind = kind.split(" = ").next().unwrap_or_default();
            if WAITS.iter().any(|wait| kind.contains(wait))
                && !["PerProcess<", "PerSdk<"].iter().any(|own| kind.starts_with(own))
            {
                shared.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    });
    assert!(seen > 20, "{seen} statics");
    assert!(shared.is_empty(), "make these `PerProcess`:\n{}", shared.join("\n"));
}

/// Files are written by [`telemetry_spool::process::append_once`] alone: any other write could end the host by a signal.
#[test]
fn o01_all_files_are_written_in_one_place() {
    const WRITES: [&str; 7] =
        [".write_all(", ".write(", ".write_at(", "io::write(", "io::pwrite(", "fs::write(", "write_vectored("];
    let (mut seen, mut others) = (0, Vec::new());
    both(&mut |path, text| {
        let name = path.to_string_lossy().replace('\\', "/");
        let of_files =
            ["/telemetry-spool/src/", "/src/write/files/", "/src/send/sent_log"].iter().any(|room| name.contains(room));
        let is_the_place = ["/process/write.rs", "/process/write_other.rs"].iter().any(|end| name.ends_with(end));
        if !of_files || is_the_place || name.ends_with("tests.rs") || name.contains("/tests/") {
            return;
        }
        seen += 1;
        let code = text.split("mod tests {").next().unwrap_or_default();
        let writes = code.lines().enumerate().filter(|(_, line)| WRITES.iter().any(|write| line.contains(write)));
        others.extend(writes.map(|(number, line)| format!("{name}:{}: {}", number + 1, line.trim())));
    });
    assert!(seen > 10, "{seen} files");
    assert!(others.is_empty(), "write these by `append_once`:\n{}", others.join("\n"));
}

/// The sources of this crate, and of the spool that it stands on.
fn both(look: &mut impl FnMut(&Path, &str)) {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    visit(&here.join("src"), look);
    visit(&here.with_file_name("telemetry-spool").join("src"), look);
}

fn visit(folder: &Path, look: &mut impl FnMut(&Path, &str)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, look);
        } else {
            look(&path, &fs::read_to_string(&path).unwrap());
        }
    }
}
