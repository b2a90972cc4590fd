//! `docs/dependencies.md` names the crates of both graphs, and no other.

use std::{collections::BTreeSet, fs, process::Command};

use telemetry_tests::fixture::workspace;

/// The crates in the tables below these headings.
fn named(page: &str, headings: &[&str]) -> BTreeSet<String> {
    let sections = page.split("\n## ").skip(1);
    let wanted = sections.filter(|section| headings.contains(&section.lines().next().unwrap_or_default()));
    let rows = wanted.flat_map(str::lines).filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    rows.map(str::to_owned).collect()
}

/// The crates that a build with these features compiles.
fn compiled(features: &[&str]) -> BTreeSet<String> {
    let mut tree = Command::new(env!("CARGO"));
    tree.current_dir(workspace()).args(["tree", "--locked", "--package", "telemetry-runtime", "--prefix", "none"]);
    let output = tree.args(["--edges", "normal,build"]).args(features).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let tree = String::from_utf8(output.stdout).unwrap();
    tree.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

#[test]
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
fn the_page_of_dependencies_names_the_crates_of_both_graphs_and_no_other() {
    const BOTH: [&str; 3] = ["Ours", "What every build needs", "TLS and HTTP, by both transports"];
    let page = fs::read_to_string(workspace().join("docs/dependencies.md")).unwrap();
    let graphs: [(&str, &[&str]); 2] =
        [("By reqwest only", &[]), ("By ureq only", &["--no-default-features", "--features", "transport-ureq"])];
    for (alone, features) in graphs {
        let named = [named(&page, &BOTH), named(&page, &[alone])];
        assert!(named.iter().all(|names| !names.is_empty()), "{alone}: the tables are found");
        let all: BTreeSet<_> = named.into_iter().flatten().collect();
        let compiled = compiled(features);
        let missing: Vec<_> = compiled.difference(&all).collect();
        let gone: Vec<_> = all.difference(&compiled).collect();
        assert!(missing.is_empty() && gone.is_empty(), "{alone}: not named {missing:?}, not there {gone:?}");
    }
}
