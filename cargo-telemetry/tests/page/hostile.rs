//! Text from a binary is text, whatever it looks like.

use std::{
    collections::BTreeSet,
    io::Write as _,
    process::{Command, Stdio},
};

use cargo_telemetry::page::{Options, html, markdown};
use pulldown_cmark::{Event, Options as Extensions, Parser, Tag};
use telemetry_schema::{FieldType, Manifest, VariantDescriptor};

use crate::own_manifest;

const HOSTILE: [&str; 16] = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "a | b || c \\| d",
    "`open <b>code</b> and ``two`` ` three",
    "line\nbreak\r\n\r\n# not a heading\n\n- not a list\n1. nor this",
    "[link](javascript:alert(1)) ![image](https://evil.example/x.png) <https://evil.example>",
    "https://evil.example/?a=b www.evil.example",
    "*strong* _under_ **more** ~~gone~~ $math$",
    "</td></tr></table></main></style>",
    "&lt;b&gt; &amp; &#60; &#x3c;",
    "\u{202e}desrever\u{202c} \u{2066}isolated\u{2069} \u{200f}mark",
    "bell\u{7} escape\u{1b}[31m null\u{0} next\u{85} zero\u{200b}width \u{feff}",
    "\" onmouseover=\"alert(1)\" x='",
    "<!-- comment --> <![CDATA[ x ]]> <?php ?>",
    "> quote\n>> more\n\n    code",
    "tag\u{e0041}\u{e0042} separators\u{2028}\u{2029}",
    "\\ \\\\ \\` \\<",
];

/// Every text of the records, replaced by hostile ones; addresses too.
fn hostile() -> Manifest {
    let mut number = 0;
    let mut next = || {
        number += 1;
        HOSTILE[number % HOSTILE.len()].to_owned()
    };
    let mut manifest = own_manifest().clone();
    for sdk in &mut manifest.sdks {
        for text in [
            &mut sdk.operator,
            &mut sdk.region,
            &mut sdk.retention,
            &mut sdk.shared_with,
            &mut sdk.env,
            &mut sdk.endpoint,
        ] {
            *text = next();
        }
        sdk.docs = "javascript:alert(1)".to_owned();
        sdk.contact = "x@y.example\"><script>".to_owned();
        sdk.repository = "https://x.example/)[a](b".to_owned();
        sdk.official_builds = Some(next());
        sdk.env_aliases = vec![next()];
        sdk.command = Some(next());
        sdk.server_sees.push(next());
        for (name, doc) in sdk.envelope.iter_mut().chain(&mut sdk.headers) {
            (*name, *doc) = (next(), next());
        }
    }
    for event in &mut manifest.events {
        event.doc = HOSTILE.join("\n\n");
        event.event = next();
        event.discriminant = Some(next());
        event.owner = Some(next());
        event.purpose = Some(next());
        event.reviewed = Some(next());
        event.since = Some(next());
        event.expires = Some(next());
        for field in &mut event.fields {
            (field.name, field.doc, field.reason) = (next(), HOSTILE.concat(), Some(next()));
            match &mut field.field_type {
                FieldType::Bool => {
                    field.field_type = FieldType::Variants(vec![VariantDescriptor {
                        name: next(),
                        field_type: Some(FieldType::Enum(HOSTILE.map(str::to_owned).to_vec())),
                    }]);
                }
                FieldType::Enum(names) => names.iter_mut().for_each(|name| *name = next()),
                FieldType::Version { prefix } => *prefix = next(),
                FieldType::Unbounded(name) => *name = next(),
                FieldType::Packages { names, prefixes, .. } => (*names, *prefixes) = (vec![next()], vec![next()]),
                _ => {}
            }
        }
    }
    manifest
}

/// Nobody can see these, and some turn text around.
fn hidden(page: &str) -> Vec<char> {
    let is_hidden = |char: &char| {
        (char.is_control() && *char != '\n')
            || matches!(u32::from(*char), 0x200B | 0x200E | 0x200F | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xE0000..=0xE0FFF)
    };
    page.chars().filter(is_hidden).collect()
}

#[test]
fn no_control_or_direction_mark_reaches_a_page() {
    let manifest = hostile();
    for page in [markdown(&manifest, &Options::default()), html(&manifest, &Options::default())] {
        assert!(hidden(&page).is_empty(), "{:?}", hidden(&page));
        assert!(page.contains("[U+202E]desrever") || page.contains("\\[U+202E\\]desrever"), "it is spelt out");
    }
}

/// A Markdown reader of another project finds nothing in a hostile page that is not in a harmless one.
#[test]
fn hostile_text_is_no_markdown() {
    let page = markdown(&hostile(), &Options::default());
    let sdks = own_manifest().sdks.len();
    let (mut anchors, mut headings, mut strong) = (0, 0, 0);
    for event in
        Parser::new_ext(&page, Extensions::ENABLE_TABLES | Extensions::ENABLE_STRIKETHROUGH | Extensions::ENABLE_MATH)
    {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.trim();
                let ours = html.is_empty()
                    || html.strip_prefix("<a id=\"").and_then(|rest| rest.strip_suffix("\"></a>")).is_some_and(|anchor| {
                        anchor.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
                    })
                    // The parser gives the two tags of an anchor one by one.
                    || html == "</a>"
                    || html.strip_prefix("<a id=\"").is_some_and(|rest| rest.ends_with("\">") && !rest.contains(' '));
                assert!(ours, "{html}");
                anchors += 1;
            }
            Event::Start(Tag::Link { dest_url, .. }) => {
                let address = dest_url.starts_with("mailto:") || dest_url.starts_with("https://");
                assert!(dest_url.starts_with('#') || (address && !dest_url.contains("evil")), "{dest_url}");
            }
            Event::Start(Tag::Image { dest_url, .. }) => panic!("an image: {dest_url}"),
            Event::Start(Tag::Heading { .. }) => headings += 1,
            Event::Start(Tag::Strong) => strong += 1,
            Event::Start(Tag::Emphasis | Tag::Strikethrough) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                panic!("markup from a record: {event:?}")
            }
            _ => {}
        }
    }
    let harmless = markdown(own_manifest(), &Options::default());
    let count = |page: &str| {
        Parser::new_ext(page, Extensions::ENABLE_TABLES)
            .filter(|event| matches!(event, Event::Start(Tag::Heading { .. })))
            .count()
    };
    assert_eq!(headings, count(&harmless), "no heading from a record");
    assert!(anchors > 0 && headings > sdks && strong > 0);
    // Rows of a table have as many cells as its head.
    let mut columns = 0;
    for line in page.lines() {
        if line.starts_with('|') {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!(columns == 0 || cells == columns, "{line}");
            columns = cells;
        } else {
            columns = 0;
        }
    }
}

/// The text of hostile comments survives: nothing was cut out to make them harmless.
#[test]
fn hostile_text_is_shown() {
    let page = html(&hostile(), &Options::default());
    for text in ["&lt;script&gt;alert(1)&lt;/script&gt;", "&lt;/td&gt;&lt;/tr&gt;", "&amp;#x3c;", "javascript:alert(1)"]
    {
        assert!(page.contains(text), "{text}");
    }
}

/// Python's HTML parser sees the tags that a page is made of and no others, well nested, and no address to load from.
#[test]
fn hostile_text_is_no_html() {
    const SCRIPT: &str = "\
import html.parser, json, sys
class P(html.parser.HTMLParser):
    def __init__(self):
        super().__init__(); self.open = []; self.seen = set(); self.ids = []; self.to = []
    def handle_starttag(self, tag, attributes):
        self.seen.add(tag)
        for name, value in attributes:
            self.seen.add(tag + '@' + name)
            if name == 'id': self.ids.append(value)
            if name == 'href': self.to.append(value)
        if tag not in ('meta',): self.open.append(tag)
    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()
    def handle_comment(self, data): raise AssertionError('comment ' + data)
    def handle_pi(self, data): raise AssertionError('instruction ' + data)
p = P(); p.feed(sys.stdin.buffer.read().decode()); p.close()
assert not p.open, p.open
assert len(set(p.ids)) == len(p.ids), 'an anchor twice'
places = {to[1:] for to in p.to if to.startswith('#')}
assert places <= set(p.ids), places - set(p.ids)
print(json.dumps([sorted(p.seen), [to for to in p.to if not to.startswith('#')]]))
";
    let parse = |page: &str| -> (BTreeSet<String>, Vec<String>) {
        let mut child = Command::new("python3")
            .args(["-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tests need python3");
        let mut stdin = child.stdin.take().unwrap();
        let page = page.to_owned();
        let writer = std::thread::spawn(move || stdin.write_all(page.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let (tags, links) = parse(&html(&hostile(), &Options::default()));
    let (known, _) = parse(&html(own_manifest(), &Options::default()));
    assert!(tags.is_subset(&known), "{:?}", tags.difference(&known));
    for tag in ["script", "img", "link", "iframe", "object", "form", "a@onclick", "p@style"] {
        assert!(!known.contains(tag), "{tag}");
    }
    assert!(links.iter().all(|link| !link.contains("evil") && !link.contains("javascript")), "{links:?}");
}
