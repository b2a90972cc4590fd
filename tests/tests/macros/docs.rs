//! Whatever a description is written as, it arrives in the record.

use telemetry_runtime::{telemetry_event, track_call};

#[doc = include_str!("doc.md")]
#[telemetry_event]
struct FromAFile {
    #[doc = concat!("Whether it was ", "the first.")]
    first: bool,
    /// Which
    #[doc = include_str!("doc.md")]
    /// of them.
    #[doc = "\n"]
    which: Inner,
}

#[derive(telemetry_runtime::TelemetryValue)]
struct Inner {
    #[doc = stringify!(In a value.)]
    yes: bool,
}

macro_rules! event {
    ($doc:literal, $of_field:expr, $name:ident) => {
        #[doc = $doc]
        #[telemetry_event]
        struct $name {
            #[doc = $of_field]
            yes: bool,
        }
    };
}
event!("A literal.", "An expression.", FromFragments);
event!("A literal.", concat!("An ", "expression."), FromAMacro);

/** A block comment
 * with stars,
 *
 * and a second paragraph.
 */
#[telemetry_event]
struct FromABlock {
    /** With one line. */
    one: bool,
    /**
        Without
        stars.
    */
    two: bool,
}

#[doc = concat!("Calls ", "it.")]
#[track_call]
fn documented() {}

/// Real.
#[cfg_attr(all(), doc = "Before.")]
#[track_call]
#[cfg_attr(all(), doc = "Behind.")]
#[cfg_attr(any(), doc = "Never.")]
fn conditional() {}

/// Opens
/// it.
///
/// Again.
/// ## Examples
///
/// ```
/// opened();
/// ```
#[track_call]
fn opened() {}

/// Draws it:
///  ```ignore
/// drawn();
/// ```
#[track_call]
fn drawn() {}

/// A button.
#[track_call]
#[doc = "# Props\n*For details, see the [props struct definition](ButtonProps).*"]
#[doc = "- [`label`](ButtonProps::label) : `String`"]
fn below_a_framework() {}

/// # Title
/// #of it ####### or
/// that.
#[track_call]
fn without_sections() {}

#[doc = concat!("Reads\n it.\n\n", "   # Errors\n\nNone.")]
#[track_call]
fn read() {}

#[test]
fn a03_every_description_arrives_in_the_record() {
    documented();
    conditional();
    opened();
    drawn();
    below_a_framework();
    without_sections();
    read();
    let registry = telemetry_runtime::registry().unwrap();
    let file = "# A \"panel\"\n\nwas opened, by somebody.";
    for (key, expected) in [
        (
            "from_a_file",
            vec![file, "Whether it was the first.", "Which # A \"panel\"\n\nwas opened, by somebody.\n\nof them."],
        ),
        ("from_fragments", vec!["A literal.", "An expression."]),
        ("from_a_macro", vec!["A literal.", "An expression."]),
        (
            "from_a_block",
            vec!["A block comment with stars,\n\nand a second paragraph.", "With one line.", "Without stars."],
        ),
        ("method_called/documented", vec!["Calls it.", "Which method."]),
        ("method_called/conditional", vec!["Real. Before. Behind.", "Which method."]),
        // Sections and code are for programmers.
        ("method_called/opened", vec!["Opens it.\n\nAgain.", "Which method."]),
        ("method_called/drawn", vec!["Draws it:", "Which method."]),
        ("method_called/below_a_framework", vec!["A button.", "Which method."]),
        ("method_called/without_sections", vec!["# Title #of it ####### or that.", "Which method."]),
        ("method_called/read", vec!["Reads it.", "Which method."]),
    ] {
        let key = format!("macros/{key}");
        let event = registry.events().iter().find(|event| event.key() == key).unwrap();
        let docs: Vec<&str> = std::iter::once(&event.doc)
            .chain(event.fields.iter().map(|field| &field.doc))
            .map(String::as_str)
            .collect();
        assert_eq!(docs, expected, "{key}");
    }
    let manifest = registry.manifest().to_json();
    assert!(manifest.contains("\"In a value.\""), "{manifest}");
}

#[test]
fn a03_values_with_such_descriptions_are_recorded() {
    let recorded = super::payloads(|| {
        telemetry_runtime::record!(FromAFile { first: true, which: Inner { yes: false } });
        telemetry_runtime::record!(FromFragments { yes: true });
        telemetry_runtime::record!(FromAMacro { yes: true });
        telemetry_runtime::record!(FromABlock { one: true, two: false });
    });
    let expected = [
        r#"{"first":true,"which":{"yes":false}}"#,
        r#"{"yes":true}"#,
        r#"{"yes":true}"#,
        r#"{"one":true,"two":false}"#,
    ];
    assert_eq!(recorded, expected);
}
