//! What decides over a field is its type and never its name, and what the compiler says of a runtime that has another name.

use telemetry_runtime::{TelemetryValue, telemetry_event};
use telemetry_tests::fixture::Generated;

/// Names that mean something in the standard library.
mod own {
    use super::TelemetryValue;

    #[derive(TelemetryValue)]
    pub(super) enum Path {
        Short,
    }

    #[derive(TelemetryValue)]
    pub(super) struct String {
        pub(super) long: bool,
    }

    #[derive(TelemetryValue)]
    pub(super) enum Duration {
        Long(bool),
    }

    #[derive(TelemetryValue)]
    pub(super) enum Packages {
        None,
    }
}

#[telemetry_event]
struct NamedLikeOthers {
    path: own::Path,
    string: own::String,
    duration: Option<own::Duration>,
    packages: [own::Packages; 1],
}

#[test]
fn a04_a_type_of_any_name_may_be_a_field() {
    let recorded = super::payloads(|| {
        telemetry_runtime::record!(NamedLikeOthers {
            path: own::Path::Short,
            string: own::String { long: true },
            duration: Some(own::Duration::Long(false)),
            packages: [own::Packages::None],
        });
    });
    let expected = r#"{"path":"Short","string":{"long":true},"duration":{"Long":false},"packages":["None"]}"#;
    assert_eq!(recorded, [expected]);
}

const RENAMED: &str = r#"
pub static TELEMETRY: rt::Sdk = rt::sdk! {
    SDK name: "renamed", role: Library, default: On, env: "RENAMED",
    endpoint: "https://telemetry.acme.example", wire: EventBatch { strict: false },
    docs: "https://acme.example/telemetry", operator: "Acme Inc.", contact: "privacy@acme.example",
    region: "EU", retention: "90 days", shared_with: "nobody",
};

#[derive(rt::TelemetryValue)]
VALUE
pub enum Kind { One }

#[rt::telemetry_event EVENT]
pub struct Opened { kind: Kind, #[telemetry(range = 0..=9)] size: u8 }

#[rt::track_call CALL]
pub fn get_auth() {}

fn main() {
    rt::record!(Opened { kind: Kind::One, size: 3 });
    get_auth();
}
"#;

#[test]
fn a04_a_renamed_runtime_is_told_by_its_name() {
    let package = Generated::new(
        "renamed-runtime",
        "[dependencies]\nrt = { package = \"telemetry-runtime\", path = $RUNTIME }\n",
    );
    let check = |source: &str| {
        let checked = package.source(source).cargo().args(["check", "--message-format", "short"]).output().unwrap();
        (checked.status.success(), String::from_utf8_lossy(&checked.stderr).into_owned())
    };
    let unsaid = RENAMED.replace("SDK", "").replace("VALUE", "").replace("EVENT", "").replace("CALL", "");
    let (compiles, said) = check(&unsaid);
    let errors: Vec<&str> = said.lines().filter(|line| line.contains(": error")).collect();
    assert!(!compiles && errors.len() == 4, "{said}");
    let repairs = [
        "`crate: rt,`",
        "`#[telemetry(crate = rt)]`",
        "`#[telemetry_event(crate = rt)]`",
        "`#[track_call(crate = rt)]`",
    ];
    for repair in repairs {
        assert!(errors.iter().any(|error| error.contains(repair)), "{repair}: {said}");
    }
    // What the messages say to write, written.
    let written = RENAMED
        .replace("SDK", "crate: rt,")
        .replace("VALUE", "#[telemetry(crate = rt)]")
        .replace("EVENT", "(crate = rt)")
        .replace("CALL", "(crate = rt)");
    let (compiles, said) = check(&written);
    assert!(compiles, "{said}");
}
