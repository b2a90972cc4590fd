use std::fs;

use cargo_telemetry::page::{Options, markdown};

use crate::{examples::programs, workspace};

/// Where the generated part of `PRIVACY.md` begins for each example.
const EXAMPLES: [&str; 2] = ["quickstart", "component-sdk"];

fn begin(name: &str) -> String {
    format!("<!-- generated from the example {name}; see CONTRIBUTING.md -->\n")
}

const END: &str = "<!-- end of the generated part -->\n";

/// Rewrites the generated parts with `BLESS=1`.
#[test]
fn r28_privacy_md_says_what_the_binaries_say() {
    let path = workspace().join("PRIVACY.md");
    let text = fs::read_to_string(&path).unwrap();
    let mut wanted = text.clone();
    for name in EXAMPLES {
        let manifest = cargo_telemetry::reader::read(&programs()[name]).unwrap().manifest;
        // One level down, and anchors of its own: this page is part of another one.
        let page = markdown(&manifest, &Options::default());
        let part = page
            .lines()
            .map(|line| if line.starts_with('#') { format!("#{line}\n") } else { format!("{line}\n") })
            .collect::<String>()
            .replace("<a id=\"", &format!("<a id=\"{name}-"))
            .replace("](#", &format!("](#{name}-"));
        let begin = begin(name);
        let start = wanted.find(&begin).unwrap_or_else(|| panic!("PRIVACY.md has no {begin}")) + begin.len();
        let end = start + wanted[start..].find(END).unwrap();
        wanted.replace_range(start..end, &format!("\n{part}\n"));
    }
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, wanted).unwrap();
        return;
    }
    assert!(
        text == wanted,
        "PRIVACY.md is not what the examples can send; `BLESS=1 cargo test -p cargo-telemetry-tests --test page privacy`"
    );
}
