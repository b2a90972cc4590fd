//! The pages of `docs/` as a book: each is in the table of contents, and every link leads somewhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use telemetry_tests::fixture::workspace;

/// What a page links to, and what one can link to in it.
struct Page {
    links: Vec<String>,
    anchors: BTreeSet<String>,
}

fn read(path: &Path) -> Page {
    let text = fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let (mut links, mut anchors, mut heading) = (Vec::new(), BTreeSet::new(), None::<String>);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string())
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                let anchor = anchor(&heading.take().unwrap_or_default());
                let again = (1..).map(|number| format!("{anchor}-{number}"));
                let new = std::iter::once(anchor.clone()).chain(again).find(|anchor| !anchors.contains(anchor));
                anchors.extend(new);
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            // `<a id="…">` in generated pages.
            Event::Html(html) | Event::InlineHtml(html) => {
                let ids = html.split("id=\"").skip(1).filter_map(|rest| rest.split_once('"'));
                anchors.extend(ids.map(|(id, _)| id.to_owned()));
            }
            _ => {}
        }
    }
    Page { links, anchors }
}

/// How GitHub and mdBook name a heading: small letters, digits, `-` and `_`; a space becomes `-`.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|char| char.is_alphanumeric() || " -_".contains(*char));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

/// The pages of `docs/` by name.
fn pages() -> BTreeSet<String> {
    let names = fs::read_dir(workspace().join("docs")).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name.ends_with(".md") && name != "SUMMARY.md").collect()
}

#[test]
fn the_table_of_contents_has_every_page_once_and_no_other() {
    let entries = read(&workspace().join("docs/SUMMARY.md")).links;
    let listed: BTreeSet<String> = entries.iter().cloned().collect();
    assert_eq!(listed.len(), entries.len(), "a page stands twice in docs/SUMMARY.md");
    assert_eq!(listed, pages());
}

#[test]
fn the_table_of_contents_calls_pages_by_their_titles() {
    let contents = fs::read_to_string(workspace().join("docs/SUMMARY.md")).unwrap();
    for name in pages() {
        let text = fs::read_to_string(workspace().join("docs").join(&name)).unwrap();
        let title = text.lines().next().and_then(|line| line.strip_prefix("# ")).expect("a page begins with its title");
        assert!(contents.contains(&format!("[{title}]({name})")), "docs/SUMMARY.md: `{title}` for {name}");
    }
}

#[test]
fn every_link_in_the_documents_leads_somewhere() {
    let root = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "PRIVACY.md", "SECURITY.md"];
    let mut paths: Vec<PathBuf> = root.iter().map(|name| workspace().join(name)).collect();
    paths.extend(pages().iter().map(|name| workspace().join("docs").join(name)));
    paths.push(workspace().join("docs/SUMMARY.md"));
    let read_once: BTreeMap<PathBuf, Page> = paths.into_iter().map(|path| (path.clone(), read(&path))).collect();
    let (mut followed, mut broken) = (0, Vec::new());
    for (path, page) in &read_once {
        for link in page.links.iter().filter(|link| !link.contains("://") && !link.starts_with("mailto:")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { path.clone() } else { normal(&path.with_file_name(file)) };
            let anchor_is_there =
                || anchor.is_empty() || read_once.get(&target).is_some_and(|page| page.anchors.contains(anchor));
            if !target.exists() || !anchor_is_there() {
                broken.push(format!("{}: {link}", path.display()));
            }
            followed += 1;
        }
    }
    assert!(followed > 60, "the search is blunt: {followed} links");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// The path without `..`.
fn normal(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        if part.as_os_str() == ".." {
            parts.pop();
        } else {
            parts.push(part);
        }
    }
    parts
}
