//! Types that are called like others: their traits say what they are.

use telemetry_runtime::{TelemetryValue, record, telemetry_event};

use super::payloads;

#[derive(TelemetryValue)]
enum Path {
    Left,
    Right { string: String },
}

// Names of other types, by which nobody may judge.
#[derive(TelemetryValue)]
enum String {
    Short,
}
#[derive(TelemetryValue)]
struct Vec {
    u8: f64,
}
#[derive(TelemetryValue)]
#[allow(non_camel_case_types)]
enum f64 {
    One,
}
/// Holds text, which the name hides.
#[derive(TelemetryValue)]
struct CountBucket {
    #[telemetry(free_text, max_len = 9, reason = "this is a test of names")]
    text: &'static str,
}
type Maybe<T> = Option<T>;
type Small = u8;

#[telemetry_event]
struct Named {
    path: Path,
    string: Maybe<String>,
    vec: Vec,
    count: CountBucket,
    #[telemetry(range = 0..=9)]
    small: Small,
    #[telemetry(range = 0..=9)]
    maybe: Maybe<Small>,
}

#[test]
fn a03_a_type_is_judged_by_its_traits_and_not_by_its_name() {
    let named = |path| Named {
        path,
        string: None,
        vec: Vec { u8: f64::One },
        count: CountBucket { text: "x" },
        small: 1,
        maybe: Some(2),
    };
    let recorded = payloads(|| {
        record!(named(Path::Left));
        record!(named(Path::Right { string: String::Short }));
    });
    let rest = r#""vec":{"u8":"One"},"count":{"text":"x"},"small":1,"maybe":2}"#;
    let expected =
        [format!(r#"{{"path":"Left",{rest}"#), format!(r#"{{"path":{{"Right":{{"string":"Short"}}}},{rest}"#)];
    assert_eq!(recorded, expected);
}
