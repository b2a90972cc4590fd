//! What is published: each crate packs with its licences and a README, and without tests.

use std::fs;

use telemetry_tests::fixture::{cargo, succeed, workspace};

const PUBLISHED: [&str; 6] = [
    "telemetry-veto",
    "telemetry-schema",
    "telemetry-macros",
    "telemetry-spool",
    "telemetry-runtime",
    "cargo-telemetry",
];

#[test]
fn what_is_published_holds_licences_and_a_readme_and_no_tests() {
    for name in PUBLISHED {
        // What is listed is what would be packed; nothing is asked of a registry.
        let mut list = cargo(&workspace());
        list.args(["package", "--offline", "--list", "--allow-dirty", "--package", name]);
        let files = succeed(&mut list);
        let files: Vec<&str> = files.lines().collect();
        for file in ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "src/lib.rs"] {
            assert!(files.contains(&file), "{name}: {file} is missing in {files:?}");
        }
        // Documentation that the sources include.
        if workspace().join(name).join("docs").is_dir() {
            for page in fs::read_dir(workspace().join(name).join("docs")).unwrap() {
                let page = format!("docs/{}", page.unwrap().file_name().to_str().unwrap());
                assert!(files.contains(&page.as_str()), "{name}: {page} is missing");
            }
        }
        let tests: Vec<_> = files.iter().filter(|file| file.split('/').any(|part| part.starts_with("tests"))).collect();
        assert!(tests.is_empty(), "{name}: {tests:?}");
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let whole = fs::read(workspace().join(licence)).unwrap();
            assert_eq!(fs::read(workspace().join(name).join(licence)).unwrap(), whole, "{name}/{licence}");
        }
    }
}

#[test]
fn every_published_manifest_says_what_a_registry_shows() {
    let mut metadata = cargo(&workspace());
    metadata.args(["metadata", "--offline", "--no-deps", "--format-version", "1"]);
    let metadata: serde_json::Value = serde_json::from_str(&succeed(&mut metadata)).unwrap();
    for name in PUBLISHED {
        let packages = metadata["packages"].as_array().unwrap();
        let package = packages.iter().find(|package| package["name"] == *name).unwrap();
        for key in ["description", "license", "repository", "documentation", "readme", "rust_version"] {
            assert!(package[key].as_str().is_some_and(|value| !value.is_empty()), "{name}: {key}");
        }
        for key in ["keywords", "categories"] {
            let words = package[key].as_array().unwrap();
            assert!((1..=5).contains(&words.len()), "{name}: {key}: {words:?}");
        }
    }
}
