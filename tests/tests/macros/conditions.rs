//! Parts that are there in some builds only.

use telemetry_runtime::{TelemetryValue, record, telemetry_event, track_call, track_mount};

use super::payloads;

#[track_call(props(
    #[cfg(any())] never,
    #[cfg(all())] always,
    plain = true,
    #[cfg(test)] #[cfg(not(any()))] both = always,
    #[cfg(test)]
    #[cfg(any())]
    neither = never,
))]
fn in_some_builds(#[cfg(any())] never: bool, always: bool) {}

#[track_mount(component = "Last", props(#[cfg(test)] first, #[cfg(not(test))] last), rename_all = "camelCase")]
fn last(first: Option<u8>) {}

#[track_call(props(#[cfg(any())] gone))]
fn alone(#[cfg(any())] gone: bool) {}

#[telemetry_event]
struct Conditional {
    #[cfg(any())]
    gone: Gone,
    #[cfg_attr(all(), telemetry(rename = "here"))]
    side: Side,
}

#[derive(TelemetryValue)]
enum Side {
    #[cfg(any())]
    Gone(Gone),
    Left,
    #[cfg(test)]
    Right {
        #[cfg(any())]
        gone: Gone,
        yes: bool,
    },
}

#[test]
fn a03_props_fields_and_parameters_may_have_conditions() {
    let recorded = payloads(|| {
        in_some_builds(true);
        last(None);
        alone();
        record!(Conditional { side: Side::Left });
        record!(Conditional { side: Side::Right { yes: true } });
    });
    let expected = [
        r#"{"method":"in_some_builds","always":true,"plain":true,"both":true}"#,
        r#"{"component":"Last","first":false}"#,
        r#"{"method":"alone"}"#,
        r#"{"here":"Left"}"#,
        r#"{"here":{"Right":{"yes":true}}}"#,
    ];
    assert_eq!(recorded, expected);
}
