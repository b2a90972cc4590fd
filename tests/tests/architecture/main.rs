//! The layers of `ARCHITECTURE.md`, "Rooms": in each crate a room may use those below it, neither those above nor those beside
//! it; and inside a room no two neighbours use each other in a circle.
//!
//! The tables there are what is checked. Sources are parsed, so nothing is guessed from text: imports, paths in code, paths in
//! the arguments of macros, and methods that a room above adds to a type of a room below.

mod circle;
mod source;
mod table;
mod uses;
mod words;

use std::{fmt::Write as _, fs};

use telemetry_tests::fixture::workspace;

use crate::{
    circle::circles,
    source::{Crate, texts},
    table::{Table, tables},
    uses::{Use, inner_uses, uses},
};

/// Every use of a room by one that stands below or beside it, as a message each.
fn reaching_up(table: &Table, uses: &[Use]) -> Vec<String> {
    let mut found = Vec::new();
    for Use { file, line, from, to, what, .. } in uses {
        if let (Some(below), Some(above)) = (table.floor(from), table.floor(to))
            && below >= above
        {
            let where_it_is = if below == above { "beside" } else { "above" };
            found.push(format!(
                "{file}:{line}: `{from}` uses `{what}` of `{to}`, which stands {where_it_is} it in the table of {} in \
                 ARCHITECTURE.md; move what is needed down, or have it handed in",
                table.name
            ));
        }
    }
    found.sort();
    found.dedup();
    found
}

fn architecture() -> Vec<Table> {
    tables(&fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap())
}

#[test]
fn no_room_reaches_up() {
    let tables = architecture();
    let mut report = String::new();
    for table in &tables {
        let read = Crate::read(&workspace().join(&table.name).join("src"));
        let uses = uses(&read);
        assert!(uses.len() >= table.len() - 1, "{}: the search is blunt: {} uses", table.name, uses.len());
        for line in reaching_up(table, &uses) {
            writeln!(report, "{}/src/{line}", table.name).unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
}

#[test]
fn neighbours_use_each_other_in_no_circle() {
    let mut report = String::new();
    for table in architecture() {
        for line in circles(&inner_uses(&Crate::read(&workspace().join(&table.name).join("src")))) {
            writeln!(report, "{}/src/{line}: let one of them hold what both need", table.name).unwrap();
        }
    }
    assert!(report.is_empty(), "\n{report}");
    let circle = Crate::of(&[
        ("lib.rs", "mod room;\n"),
        ("room.rs", "mod one;\nmod two;\nmod three;\npub fn own() {}\n"),
        ("room/one.rs", "use super::two::ask;\nuse super::own;\n"),
        ("room/two.rs", "use crate::room::three;\npub fn ask() {}\n"),
        ("room/three.rs", "mod deep;\n"),
        ("room/three/deep.rs", "use super::super::one;\n"),
    ]);
    assert_eq!(circles(&inner_uses(&circle)), ["room: one -> two -> three -> one"]);
}

#[test]
fn every_room_is_in_the_table_and_has_not_too_many_files() {
    let tables = architecture();
    let published = [
        "telemetry-schema",
        "telemetry-macros",
        "telemetry-spool",
        "telemetry-runtime",
        "cargo-telemetry",
        "telemetry-collector",
    ];
    for name in published {
        assert!(tables.iter().any(|table| table.name == name), "ARCHITECTURE.md has no table of the rooms of {name}");
    }
    for table in &tables {
        let read = Crate::read(&workspace().join(&table.name).join("src"));
        for room in read.rooms() {
            assert!(table.floor(&room).is_some(), "{}: room `{room}` is missing in ARCHITECTURE.md", table.name);
            table.names().for_each(|name| {
                assert!(
                    read.rooms().contains(name),
                    "{}: ARCHITECTURE.md knows a room `{name}`, the crate does not",
                    table.name
                );
            });
        }
        for (folder, files) in read.files_by_folder().into_iter().filter(|(folder, _)| !folder.is_empty()) {
            assert!(
                files <= 16,
                "{}/src/{folder}: {files} files side by side; a folder says why they stand together",
                table.name
            );
        }
    }
}

/// What the search finds, shown with sources that break the rule in each of its ways.
#[test]
fn each_way_of_reaching_up_is_found() {
    let table =
        tables("### `demo`\n\n| room | what |\n| --- | --- |\n| `lib.rs` | face |\n| `above` | |\n| `below` | |\n")
            .pop()
            .unwrap();
    let sources = |below: &str| {
        Crate::of(&[
            ("lib.rs", "mod above;\nmod below;\npub use above::Face;\n"),
            ("above.rs", "pub struct Face;\npub fn ask() {}\nimpl crate::below::Thing { pub fn added(&self) {} }\n"),
            ("above/deep.rs", "pub fn deeper() {}\n"),
            ("below.rs", below),
            ("below/inner.rs", "pub fn nothing() {}\n"),
        ])
    };
    let found = |below: &str| reaching_up(&table, &uses(&sources(&format!("pub struct Thing;\n{below}"))));
    for (way, line) in [
        ("use crate::above::ask;", 2),
        ("use crate::{below::inner, above::deep};", 2),
        ("use super::above;", 2),
        ("use crate::Face;", 2),
        ("pub(crate) use crate::above::deep::deeper as other;", 2),
        ("fn f() {\n    crate::above::ask();\n}", 3),
        ("fn f(_: &crate::Face) {}", 2),
        ("fn f() {\n    println!(\"{:?}\", crate::above::ask());\n}", 3),
        ("mod here {\n    fn f() {\n        super::super::above::ask();\n    }\n}", 4),
        ("fn f(thing: &Thing) {\n    thing.added();\n}", 3),
    ] {
        let found = found(way);
        assert_eq!(found.len(), 1, "{way}: {found:?}");
        assert!(found[0].starts_with(&format!("below.rs:{line}: `below` uses ")), "{found:?}");
        assert!(found[0].contains("`above`"), "{found:?}");
    }
    for way in [
        "use std::above::ask;",
        "use self::inner::nothing;",
        "#[cfg(test)]\nmod tests {\n    use crate::above::ask;\n}",
        "/// See [`crate::above::ask`].\nfn f() {}",
        "fn f() -> &'static str {\n    \"crate::above::ask\"\n}",
        "fn f() {\n    above::other();\n}\nmod above {}",
    ] {
        assert_eq!(found(way), [""; 0], "{way}");
    }
    // Neither may what stands beside it.
    let row =
        tables("### `demo`\n\n| room | what |\n| --- | --- |\n| `lib.rs` | |\n| `above`, `below` | |\n").pop().unwrap();
    let beside = reaching_up(&row, &uses(&sources("pub struct Thing;\nuse crate::above::ask;")));
    assert!(beside.iter().any(|line| line.starts_with("below.rs:2: ") && line.contains("stands beside")), "{beside:?}");
    // And downwards everything may be used.
    let down = Crate::of(&[
        ("lib.rs", "mod above;\nmod below;\n"),
        ("above.rs", "use crate::below::Thing;\nfn f(thing: &Thing) { thing.own(); }\n"),
        ("below.rs", "pub struct Thing;\nimpl Thing { pub fn own(&self) {} }\n"),
    ]);
    assert_eq!(reaching_up(&table, &uses(&down)), [""; 0]);
    assert!(!uses(&down).is_empty());
}

/// What the gate is asked about is read by others and handed in: nothing in `decide/` reads a variable, a file, a terminal or a
/// clock.
#[test]
fn the_room_that_decides_reads_nothing() {
    let folder = workspace().join("telemetry-runtime/src/decide");
    let readers = [
        "std::env",
        "std::fs",
        "std::io",
        "std::time::Instant",
        "SystemTime",
        "env::",
        "crate::base::clock",
        "crate::base::process",
    ];
    let mut looked = 0;
    for (file, text) in texts(&folder) {
        looked += 1;
        for word in readers {
            assert!(!text.contains(word), "telemetry-runtime/src/decide/{file} names `{word}`: have it handed in");
        }
    }
    assert!(looked >= telemetry_runtime::Layer::ALL.len(), "the search is blunt: {looked} files");
}
