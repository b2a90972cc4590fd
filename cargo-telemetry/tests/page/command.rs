use std::{fs, process::Output};

use serde_json::Value;

use crate::{own_manifest, tool, tool_ok};

fn own() -> String {
    own_manifest();
    std::env::current_exe().unwrap().to_str().unwrap().to_owned()
}

fn failed(output: &Output, code: i32, words: &[&str]) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{stderr}");
    assert!(output.stdout.is_empty(), "results alone go to standard output");
    for word in words {
        assert!(stderr.contains(word), "{word:?}: {stderr}");
    }
}

#[test]
fn docs_writes_either_format_to_either_place() {
    let own = own();
    let markdown = tool_ok(&["docs", &own, "--sdk", "page-all"]);
    assert!(markdown.starts_with("# What page-all collects\n"));
    let html = tool_ok(&["docs", &own, "--sdk", "page-all", "--format", "html"]);
    assert!(html.starts_with("<!doctype html>\n"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("page.html");
    let silent = tool_ok(&["docs", &own, "--sdk", "page-all", "--format", "html", "-o", file.to_str().unwrap()]);
    assert_eq!((silent.as_str(), fs::read_to_string(file).unwrap()), ("", html));
}

#[test]
fn an_intro_of_the_vendor_comes_first_and_is_text() {
    let folder = tempfile::tempdir().unwrap();
    let intro = folder.path().join("intro.txt");
    fs::write(&intro, "We use `this` to <b>decide</b>.\r\n\r\nThank you.\r\n").unwrap();
    let page = tool_ok(&["docs", &own(), "--sdk", "page-all", "--intro", intro.to_str().unwrap(), "--format", "html"]);
    let (before, _) = page.split_once("<h2").unwrap();
    assert!(
        before.contains("<p>We use <code>this</code> to &lt;b&gt;decide&lt;/b&gt;.</p>\n<p>Thank you.</p>"),
        "{before}"
    );
    failed(&tool(&["docs", &own(), "--intro", "/no/such/file"]), 66, &["/no/such/file"]);
}

#[test]
fn schema_is_one_of_one_sdk() {
    let own = own();
    let schema: Value = serde_json::from_str(&tool_ok(&["schema", &own, "--sdk", "page-beacon"])).unwrap();
    assert_eq!(schema, cargo_telemetry::json_schema::of(own_manifest(), "page-beacon").unwrap());
    failed(&tool(&["schema", &own]), 64, &["more than one SDK", "--sdk", "page-beacon"]);
}

#[test]
fn mistakes_name_the_next_step() {
    let own = own();
    for command in ["docs", "schema"] {
        failed(&tool(&[command, &own, "--sdk", "page-al"]), 64, &["no SDK is named `page-al`", "page-all"]);
    }
    failed(&tool(&["docs", &own, "--sdk", "page-all", "-o", "/no/such/folder/page"]), 73, &["/no/such/folder/page"]);
    failed(&tool(&["docs", &own, "--notice", "--format", "html"]), 64, &["--format"]);
}
