//! The pages of the macros: every word that a macro knows is a row of its page, and every row is a word that it knows.
//!
//! Words are read from the source, where each set of them implements `Words`, so that no set can be forgotten.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Expr, ImplItem, Item, Lit, Type};

/// Each set of words, the page that has it, and the heading above its table.
const SETS: [(&str, &str, &str); 11] = [
    ("SdkArgs", "sdk.md", "# Keys"),
    ("EventArgs", "telemetry_event.md", "# Words"),
    ("CommandArgs", "track_command.md", "# Words of the type"),
    ("CommandEvent", "track_command.md", "# Words of the event"),
    ("SubcommandArgs", "track_command.md", "# Words of a command or a field"),
    ("FieldArgs", "fields.md", "# Words of a field"),
    ("Packages", "fields.md", "## Words of `packages(…)`"),
    ("Mount", "track_mount.md", "# Words"),
    ("Call", "track_call.md", "# Words"),
    ("TypeArgs", "telemetry_value.md", "# Words of the type"),
    ("VariantArgs", "telemetry_value.md", "# Words of a variant"),
];

/// How the attribute hands its words to the derive; no author writes it.
const INTERNAL: &str = "EventHelper";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if entry.is_dir() {
            found.extend(sources(&entry));
        } else if entry.extension().is_some_and(|extension| extension == "rs") {
            found.push(entry);
        }
    }
    found
}

/// The words of every implementation of `Words`, by the name of the type.
fn known() -> BTreeMap<String, BTreeSet<String>> {
    let mut sets = BTreeMap::new();
    for path in sources(&here("src")) {
        for item in syn::parse_file(&fs::read_to_string(path).unwrap()).unwrap().items {
            let Item::Impl(item) = item else { continue };
            let is_words = item.trait_.is_some_and(|(path, _)| path.segments.last().unwrap().ident == "Words");
            let Type::Path(ty) = *item.self_ty else { continue };
            if !is_words {
                continue;
            }
            let name = ty.path.segments.last().unwrap().ident.to_string();
            if name == INTERNAL {
                continue;
            }
            let words = item.items.into_iter().find_map(|item| match item {
                ImplItem::Const(constant) if constant.ident == "KNOWN" => Some(first_texts(&constant.expr)),
                _ => None,
            });
            sets.insert(name, words.expect("KNOWN"));
        }
    }
    sets
}

/// `&[("a", …), ("b", …)]`
fn first_texts(list: &Expr) -> BTreeSet<String> {
    let Expr::Reference(reference) = list else { panic!("KNOWN is no reference") };
    let Expr::Array(array) = &*reference.expr else { panic!("KNOWN is no list") };
    let text = |pair: &Expr| match pair {
        Expr::Tuple(pair) => match &pair.elems[0] {
            Expr::Lit(literal) => match &literal.lit {
                Lit::Str(text) => text.value(),
                _ => panic!("a word is text"),
            },
            _ => panic!("a word is a literal"),
        },
        _ => panic!("a word has an example"),
    };
    array.elems.iter().map(text).collect()
}

fn page(name: &str) -> String {
    fs::read_to_string(here("docs").join(name)).unwrap_or_else(|error| panic!("docs/{name}: {error}"))
}

/// Every table of a page that lists words: the heading above it, and its rows as cells.
fn tables(page: &str) -> BTreeMap<String, Vec<Vec<String>>> {
    let (mut tables, mut heading, mut inside) = (BTreeMap::<_, Vec<_>>::new(), String::new(), false);
    for line in page.lines() {
        if line.starts_with('#') && line.contains("# ") {
            heading = line.to_owned();
        }
        let cells = || line.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        if line == "| key | value | default | meaning |" || line == "| word | value | default | meaning |" {
            inside = true;
            assert!(tables.insert(heading.clone(), Vec::new()).is_none(), "two tables below `{heading}`");
        } else if !line.starts_with('|') {
            inside = false;
        } else if inside && !line.starts_with("| -") {
            tables.get_mut(&heading).unwrap().push(cells());
        }
    }
    tables
}

/// Each page with its tables of words.
fn pages() -> BTreeMap<String, BTreeMap<String, Vec<Vec<String>>>> {
    let names = fs::read_dir(here("docs")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), tables(&page(&name)))).collect()
}

#[test]
fn every_word_is_a_row_of_its_page_and_every_row_is_a_word() {
    let (known, mut pages) = (known(), pages());
    let listed: BTreeSet<&str> = SETS.iter().map(|(set, _, _)| *set).collect();
    assert_eq!(known.keys().map(String::as_str).collect::<BTreeSet<_>>(), listed, "a set of words without a page");
    for (set, page, heading) in SETS {
        let rows = pages.get_mut(page).and_then(|tables| tables.remove(heading));
        let rows = rows.unwrap_or_else(|| panic!("docs/{page} has no table below `{heading}`"));
        let mut words = BTreeSet::new();
        for row in &rows {
            assert_eq!(row.len(), 4, "docs/{page}: {row:?}");
            assert!(row.iter().all(|cell| !cell.is_empty()), "docs/{page}: an empty cell in {row:?}");
            assert!(words.insert(row[0].trim_matches('`').to_owned()), "docs/{page}: {} stands twice", row[0]);
        }
        assert_eq!(words, known[set], "docs/{page}, `{heading}`");
    }
    let left: Vec<_> = pages.iter().filter(|(_, tables)| !tables.is_empty()).collect();
    assert!(left.is_empty(), "tables of no set of words: {left:?}");
}

/// The texts of `("Daily", Throttle::Daily)` and of `Camel = "camelCase",`: what may stand behind a word.
fn choices(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for tree in tokens {
        let TokenTree::Group(group) = tree else { continue };
        let row: Vec<TokenTree> = group.stream().into_iter().collect();
        for row in row.chunks(4) {
            if let [TokenTree::Ident(variant), TokenTree::Punct(equals), TokenTree::Literal(text), ..] = row
                && variant.to_string().starts_with(char::is_uppercase)
                && equals.as_char() == '='
                && let Ok(text) = syn::parse_str::<syn::LitStr>(&text.to_string())
            {
                found.insert(text.value());
            }
        }
        let inside: Vec<TokenTree> = group.stream().into_iter().collect();
        if let (
            Delimiter::Parenthesis,
            [TokenTree::Literal(text), TokenTree::Punct(comma), TokenTree::Ident(value), ..],
        ) = (group.delimiter(), inside.as_slice())
            && comma.as_char() == ','
            && value.to_string().starts_with(char::is_uppercase)
            && let Ok(text) = syn::parse_str::<syn::LitStr>(&text.to_string())
        {
            found.insert(text.value());
        }
        choices(group.stream(), found);
    }
}

#[test]
fn every_choice_stands_on_a_page() {
    let mut found = BTreeSet::new();
    for path in sources(&here("src/attr")).into_iter().chain([here("src/case.rs")]) {
        choices(fs::read_to_string(path).unwrap().parse().unwrap(), &mut found);
    }
    for sure in ["Detached", "Beacon", "camelCase", "pseudonymous", "Rolling(24 h)", "Host", "Start"] {
        assert!(found.contains(sure), "the search is blunt: `{sure}` is not among {found:?}");
    }
    let pages: String = pages().keys().map(|name| page(name)).collect();
    // A choice in backticks, alone, in quotes, with arguments or in brackets.
    let is_there = |choice: &str| {
        let bounds = |end: char| "`\"([ ,".contains(end);
        pages.match_indices(choice).any(|(at, _)| {
            let before = pages[..at].chars().next_back();
            let after = pages[at + choice.len()..].chars().next();
            before.is_some_and(bounds) && after.is_some_and(|end| "`\"( ,]".contains(end))
        })
    };
    let missing: Vec<_> = found.iter().filter(|choice| !is_there(choice)).collect();
    assert!(missing.is_empty(), "on no page: {missing:?}");
}

#[test]
fn every_page_is_included() {
    let lib = fs::read_to_string(here("src/lib.rs")).unwrap();
    for name in pages().keys() {
        assert!(lib.contains(&format!("include_str!(\"../docs/{name}\")")), "docs/{name} is not in the documentation");
    }
}

#[test]
fn every_word_is_used_in_an_example() {
    let pages = pages();
    let mut unused = Vec::new();
    for (set, words) in &known() {
        let (_, page_name, _) = SETS.iter().find(|(name, _, _)| name == set).unwrap();
        let stem = page_name.trim_end_matches(".md");
        // The words of fields stand in the examples of events.
        let names: &[&str] = if stem == "fields" { &["telemetry_event_examples.md"] } else { &[] };
        let beside = format!("{stem}_examples.md");
        let text: String = [*page_name, beside.as_str()]
            .iter()
            .chain(names)
            .filter(|name| pages.contains_key(**name))
            .map(|name| page(name))
            .collect();
        let code: String = text.split("```").skip(1).step_by(2).collect();
        let is_used = |word: &String| {
            [": ", " = ", ",", ")", "("].iter().any(|after| {
                code.match_indices(&format!("{word}{after}"))
                    .any(|(at, _)| code[..at].chars().next_back().is_some_and(|before| " (,".contains(before)))
            })
        };
        unused.extend(words.iter().filter(|word| !is_used(word)).map(|word| format!("{set}: {word}")));
    }
    assert!(unused.is_empty(), "in no example: {unused:?}");
}
