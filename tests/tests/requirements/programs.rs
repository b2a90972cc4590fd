//! The programs that documents show: each compiles as it stands there, and runs.

use std::{collections::BTreeSet, fs};

use telemetry_tests::{
    Sandbox,
    fixture::{Generated, build, workspace},
    run,
};

/// The pages whose Rust blocks are whole programs.
const PAGES: [&str; 5] = ["README.md", "docs/libraries.md", "docs/command-line.md", "docs/testing.md", "docs/hosts.md"];

#[test]
fn the_programs_of_the_documents_compile_verbatim_and_run() {
    let manifest = "[dependencies]\ntelemetry-runtime = { path = $RUNTIME, features = [\"clap\", \"testing\"] }\n\
                    clap = { version = \"4\", features = [\"derive\"] }\n";
    let mut seen = BTreeSet::new();
    for page in PAGES {
        let blocks = rust_blocks(&fs::read_to_string(workspace().join(page)).unwrap());
        assert!(!blocks.is_empty(), "{page} shows no program");
        for (line, block) in blocks {
            if !seen.insert(block.clone()) {
                continue; // Another page shows the same program.
            }
            let package = Generated::new("readme", manifest);
            let program = build(package.source(&block).cargo().arg("build"), "readme");
            let sandbox = Sandbox::new();
            // One with a command line wants a command.
            let command = block.contains("Acme::parse()").then_some("build");
            let output = run(sandbox.command(&program.path).args(command));
            assert!(output.status.success(), "{page}:{line}: {output:?}");
            assert!(!String::from_utf8_lossy(&output.stderr).contains("panicked"), "{page}:{line}: {output:?}");
        }
    }
}

/// Its framework is built by `scripts/frameworks-check`, and a browser runs it in `scripts/browser-check --frameworks`.
#[test]
fn the_readme_shows_the_component_of_the_example() {
    let readme = fs::read_to_string(workspace().join("README.md")).unwrap();
    let example = fs::read_to_string(workspace().join("examples/frameworks/leptos/src/lib.rs")).unwrap();
    let (_, block) = readme.split_once("```text\n").unwrap();
    let (block, _) = block.split_once("```").unwrap();
    assert!(block.contains("#[track_mount("), "another block comes first:\n{block}");
    assert!(example.contains(block), "examples/frameworks/leptos/src/lib.rs has no such lines:\n{block}");
}

/// The blocks marked as Rust, with the line they begin in.
fn rust_blocks(text: &str) -> Vec<(usize, String)> {
    let (mut blocks, mut open): (Vec<(usize, String)>, bool) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        if open && line.trim_end() == "```" {
            open = false;
        } else if open {
            let (_, block) = blocks.last_mut().expect("a block is open");
            block.push_str(line);
            block.push('\n');
        } else if line.trim_end() == "```rust" || line.starts_with("```rust,") {
            open = true;
            blocks.push((number + 2, String::new()));
        }
    }
    assert!(!open, "a block without an end");
    blocks
}
