//! The pages that say what holds: every test that they name exists, and nothing is claimed without one.

use std::{collections::BTreeSet, fs, path::Path};

use telemetry_tests::fixture::workspace;

/// The tests of the workspace by name: functions behind `#[test]`, also where other attributes stand between.
fn tests() -> BTreeSet<String> {
    let mut tests = BTreeSet::new();
    for package in [
        "telemetry-veto",
        "telemetry-schema",
        "telemetry-macros",
        "telemetry-spool",
        "telemetry-runtime",
        "cargo-telemetry",
        "tests",
    ] {
        collect(&workspace().join(package), &mut tests);
    }
    assert!(tests.len() > 300, "the search is blunt: {}", tests.len());
    tests
}

fn collect(folder: &Path, tests: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("target") {
            collect(&path, tests);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            // The first function behind the mark; a `#[test]` in a string or a macro has a name that is none.
            let names = text.split("#[test]").skip(1).filter_map(|rest| rest.split_once("fn ")?.1.split_once('('));
            tests.extend(names.map(|(name, _)| name.to_owned()));
        }
    }
}

/// The rows of all tables of a page, without heads and separators, as cells.
fn rows(page: &str) -> Vec<Vec<String>> {
    let lines: Vec<&str> = page.lines().collect();
    let is_rule = |line: &&str| line.starts_with("| -") || line.starts_with("|-");
    let is_row = |number: usize| {
        let head = lines.get(number + 1).is_some_and(is_rule);
        lines[number].starts_with('|') && !is_rule(&lines[number]) && !head
    };
    let cells = |line: &str| {
        let line = line.trim().trim_start_matches('|').trim_end_matches('|');
        line.split('|').map(|cell| cell.trim().to_owned()).collect()
    };
    (0..lines.len()).filter(|number| is_row(*number)).map(|number| cells(lines[number])).collect()
}

/// What looks like a test in a text: a word in backticks, of small letters and digits, with two underscores or more.
fn named(text: &str) -> Vec<&str> {
    let is_name = |word: &&str| {
        let letters = word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        letters && word.matches('_').count() >= 2
    };
    text.split('`').skip(1).step_by(2).filter(is_name).collect()
}

fn page(name: &str) -> Option<String> {
    fs::read_to_string(workspace().join("docs").join(name)).ok()
}

#[test]
fn every_test_that_a_page_names_exists() {
    let tests = tests();
    for name in ["requirements.md", "promises.md", "faults.md"] {
        let page = page(name).unwrap_or_else(|| panic!("the page {name} is gone"));
        let mut count = 0;
        for row in rows(&page) {
            let names: Vec<&str> = row.iter().flat_map(|cell| named(cell)).collect();
            let unknown: Vec<_> = names.iter().filter(|name| !tests.contains(**name)).collect();
            assert!(unknown.is_empty(), "docs/{name}, {}: there is no such test: {unknown:?}", row[0]);
            count += names.len();
        }
        assert!(count > 20, "docs/{name} names {count} tests");
    }
}

#[test]
fn every_requirement_has_a_line_with_a_test_or_a_reason() {
    let rows = rows(&page("requirements.md").unwrap());
    for number in 1..=42 {
        let found: Vec<_> = rows.iter().filter(|row| row[0] == format!("R{number}")).collect();
        let [row] = found.as_slice() else { panic!("R{number} has {} lines", found.len()) };
        let evidence = row.last().unwrap();
        let admitted = ["missing: ", "by the types: ", "by design: "].iter().any(|word| evidence.contains(word));
        assert!(admitted || !named(evidence).is_empty(), "R{number} names no test: {evidence}");
    }
}

/// A line names the tests that carry its number, and every test that carries one stands in its line.
#[test]
fn every_line_of_ordinary_life_names_the_tests_of_its_number() {
    let (rows, tests) = (rows(&page("requirements.md").unwrap()), tests());
    for number in 1..=29 {
        let found: Vec<_> = rows.iter().filter(|row| row[0] == format!("O{number}")).collect();
        let [row] = found.as_slice() else { panic!("O{number} has {} lines", found.len()) };
        let tag = format!("o{number:02}_");
        let of_number: BTreeSet<&str> = tests.iter().map(String::as_str).filter(|test| test.contains(&tag)).collect();
        let named: BTreeSet<&str> = named(row.last().unwrap()).into_iter().collect();
        assert!(!of_number.is_empty(), "O{number} has no test");
        assert_eq!(named, of_number, "O{number}");
    }
}

/// The same for what was found about macros, audit and models. A number without a line has no tests yet.
#[test]
fn every_line_of_macros_audit_and_models_names_the_tests_of_its_number() {
    let (rows, tests) = (rows(&page("requirements.md").unwrap()), tests());
    for number in 1..=12 {
        let tag = format!("a{number:02}_");
        let of_number: BTreeSet<&str> =
            tests.iter().map(String::as_str).filter(|test| test.starts_with(&tag)).collect();
        let found: Vec<_> = rows.iter().filter(|row| row[0] == format!("A{number}")).collect();
        assert!(found.len() <= 1, "A{number} has {} lines", found.len());
        let named: BTreeSet<&str> = found.iter().flat_map(|row| named(row.last().unwrap())).collect();
        assert_eq!(named, of_number, "A{number}");
        assert_eq!(found.is_empty(), of_number.is_empty(), "A{number} has a line without tests");
    }
}

#[test]
fn every_promise_has_a_line_and_no_line_is_without_a_test() {
    let rows = rows(&page("promises.md").unwrap());
    for number in 1..=8 {
        assert_eq!(rows.iter().filter(|row| row[0] == format!("P{number}")).count(), 1, "P{number}");
    }
    for exit in ["`Later`", "`Grace`", "`Detached`"] {
        assert!(rows.iter().any(|row| row[0] == exit), "{exit}");
    }
    for row in rows {
        assert_eq!(row.len(), 3, "{}: a bar in a cell ends it", row[0]);
        assert!(!named(&row[2]).is_empty(), "{} is promised without a test", row[0]);
    }
}

/// Words of the wire format that one vendor's kits speak. Who has another SDK never needs them.
const OF_ONE_FORMAT: [&str; 5] = ["publishable", "publishablekey", "pk_test_", "pk_live_", "clerk"];

/// The first of these words in a text.
fn of_one_format(text: &str) -> Option<&'static str> {
    let text = text.to_lowercase();
    OF_ONE_FORMAT.into_iter().find(|word| text.contains(word))
}

#[test]
fn general_pages_and_names_know_nothing_of_one_wire_format() {
    let read = |path: &str| fs::read_to_string(workspace().join(path)).unwrap();
    // The page of the crate, and all names at its root.
    let mut general =
        vec!["README.md".to_owned(), "ARCHITECTURE.md".to_owned(), "telemetry-runtime/src/lib.rs".to_owned()];
    let own = [
        "gate",
        "hosts",
        "command-line",
        "opting-out",
        "glossary",
        "introduction",
        "delivery",
        "limits",
        "node",
        "python",
        "testing",
        "audit",
        "promises",
        "field-types",
    ];
    general.extend(own.map(|page| format!("docs/{page}.md")));
    for folder in ["telemetry-macros/docs", "telemetry-runtime/docs"] {
        let pages = fs::read_dir(workspace().join(folder)).unwrap();
        general.extend(pages.map(|page| format!("{folder}/{}", page.unwrap().file_name().display())));
    }
    assert!(general.len() > 20, "the search is blunt: {general:?}");
    for page in general {
        assert_eq!(of_one_format(&read(&page)), None, "{page}");
    }
    // Where it belongs it is.
    for page in ["docs/wire-protocol.md", "docs/compatibility.md", "telemetry-runtime/src/declare/instance.rs"] {
        assert!(of_one_format(&read(page)).is_some(), "{page}");
    }
}

/// A front page: what each reader needs is on one screen, and the rest is a link away.
#[test]
fn the_readme_has_a_screen_for_each_reader() {
    const SCREEN: usize = 60;
    let text = fs::read_to_string(workspace().join("README.md")).unwrap();
    let sections: Vec<&str> = text.split("\n## ").skip(1).collect();
    assert!(sections.len() >= 6, "the search is blunt");
    for section in sections {
        let (title, lines) = (section.lines().next().unwrap(), section.lines().count());
        assert!(lines <= SCREEN, "README.md, {title}: {lines} lines");
    }
}
