//! The page that says what is collected, made from the records in a binary.
//!
//! One page, written once as a `document`, rendered as Markdown or as one HTML file that needs nothing else. The same
//! manifest makes the same bytes on any machine: no date, no version, no path.
//!
//! Text from a binary is not trusted: whatever stands in a documentation comment is shown as text.

mod document;
mod example;
mod html;
mod markdown;
mod section;
mod words;

use telemetry_schema::{
    EventDescriptor, Manifest, SdkDescriptor,
    notice::{self, Nature},
};

use document::{Block, Document};

/// What a vendor may choose about the page.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The SDK that the page is about; without one, all of the manifest.
    pub sdk: Option<String>,
    /// Words of the vendor's own, shown first and marked as theirs: paragraphs of plain text, with code between backticks.
    pub intro: Option<String>,
}

/// The page as Markdown (CommonMark with the tables of GitHub).
pub fn markdown(manifest: &Manifest, options: &Options) -> String {
    markdown::render(&page(manifest, options))
}

/// The page as one HTML file: no script, no request to anywhere.
pub fn html(manifest: &Manifest, options: &Options) -> String {
    html::render(&page(manifest, options))
}

/// One SDK and its events, as the sections of the page see them.
struct Subject<'a> {
    sdk: &'a SdkDescriptor,
    events: Vec<&'a EventDescriptor>,
    /// Other SDKs of the program that have the same name.
    same_named: Vec<&'a SdkDescriptor>,
    /// Keys of events that are never recorded, because two descriptions claim them.
    conflicts: &'a [String],
    /// What anchors of this SDK begin with; empty where the page is about one SDK.
    prefix: String,
    /// The level of the headings of its sections.
    level: u8,
}

impl Subject<'_> {
    /// What kind of data it is.
    fn nature(&self) -> Nature {
        Nature::of(&notice::Subject::from(self.sdk), self.events.iter().copied())
    }

    /// Whether the author sends by code of their own. What that does stands in no record, so nothing is said of it.
    fn is_sent_by_author(&self) -> bool {
        self.sdk.transport != "built_in"
    }

    /// Whether the user has levels to choose from.
    fn has_levels(&self) -> bool {
        notice::has_levels(self.events.iter().copied())
    }

    fn anchor(&self, name: &str) -> String {
        format!("{}{}", self.prefix, document::slug(name))
    }
}

/// The anchor of each SDK: its name, with a number where several have one name.
fn anchors(sdks: &[&SdkDescriptor]) -> Vec<String> {
    let mut anchors: Vec<String> = Vec::new();
    for sdk in sdks {
        let slug = document::slug(&sdk.sdk);
        let numbered = (2..).map(|number| format!("{slug}-{number}"));
        let free = std::iter::once(slug.clone()).chain(numbered).find(|anchor| !anchors.contains(anchor));
        anchors.push(free.unwrap_or(slug));
    }
    anchors
}

fn page(manifest: &Manifest, options: &Options) -> Document {
    let wanted = |sdk: &str| options.sdk.as_deref().is_none_or(|name| name == sdk);
    let sdks: Vec<_> = manifest.sdks.iter().filter(|sdk| wanted(&sdk.sdk)).collect();
    let title = match sdks.as_slice() {
        [sdk] => format!("What {} collects", sdk.sdk),
        _ => "What this program collects".to_owned(),
    };
    let conflicts = telemetry_schema::conflicts(&manifest.sdks, &manifest.events);
    let mut document = Document::new(title);
    let anchors = anchors(&sdks);
    section::lead(&mut document, &sdks, &anchors, options.intro.as_deref());
    for (sdk, anchor) in sdks.iter().zip(&anchors) {
        let alone = sdks.len() == 1;
        let subject = Subject {
            sdk,
            events: manifest.events_of(sdk).collect(),
            same_named: manifest.same_named(sdk).collect(),
            conflicts: &conflicts,
            prefix: if alone { String::new() } else { format!("{anchor}-") },
            level: if alone { 2 } else { 3 },
        };
        if !alone {
            document.push(Block::heading(2, anchor, &sdk.sdk));
        }
        section::of_sdk(&mut document, &subject);
    }
    let undeclared = manifest
        .events
        .iter()
        .filter(|event| wanted(&event.sdk) && !manifest.sdks.iter().any(|sdk| sdk.sdk == event.sdk));
    section::undeclared(&mut document, &undeclared.collect::<Vec<_>>());
    section::about_this_page(&mut document);
    document
}
