//! The rows of `docs/compatibility.md` that explain a difference, each with what must be so that it does.

use serde_json::Value;

use crate::{
    calls,
    case::Case,
    compare::{Difference, Item},
};

/// A row: its identifier on the page, and whether it explains a difference of a case.
pub type Row = (&'static str, fn(&Case, &Difference) -> bool);

/// The rows. The first that explains a difference is its class.
pub const ROWS: &[Row] = &[
    ("C2", |_, difference| missing(difference).is_some_and(|item| item.target.ends_with(" /v1/logs"))),
    // The values that close here and not there.
    ("C44", |case, difference| {
        missing(difference).is_some() && case.of_collector() && closes(case.env("CLERK_TELEMETRY_DISABLED"), is_truthy)
    }),
    ("C46", |case, difference| {
        missing(difference).is_some() && case.of_collector() && closes(case.env("DO_NOT_TRACK"), |_| false)
    }),
    ("L11", |case, difference| {
        missing(difference).is_some() && is_cli(case) && closes(case.env("DO_NOT_TRACK"), |_| false)
    }),
    ("L9", |case, difference| {
        missing(difference).is_some()
            && is_cli(case)
            && closes(case.env("REFINE_NO_TELEMETRY"), |value| value == "true")
    }),
    ("R14", |case, difference| {
        let off = ["DO_NOT_TRACK", "REFINE_NO_TELEMETRY"].iter().any(|name| closes(case.env(name), |_| false));
        missing(difference).is_some() && is_core(case) && off
    }),
    ("L10", |case, difference| {
        let file = case.input()["dotenv"].as_str().is_some_and(|text| text.contains("REFINE_NO_TELEMETRY"));
        extra(difference).is_some() && file && !closes(case.env("REFINE_NO_TELEMETRY"), |_| false)
    }),
    ("C47", |case, difference| extra(difference).is_some() && case.input()["window"]["navigator"]["webdriver"] == true),
    ("C5", |_, difference| {
        changed(difference).is_some_and(|(golden, _, paths)| paths == [".sk"] && golden["sk"].is_string())
    }),
    ("C6", |_, difference| {
        changed(difference).is_some_and(|(golden, _, paths)| {
            let absent = |path: &str| golden[&path[1..]].as_str().unwrap_or_default().is_empty();
            paths.iter().all(|path| [".cv", ".sdk", ".sdkv"].contains(path) && absent(path))
        })
    }),
    ("C27", |_, difference| {
        changed(difference).is_some_and(|(golden, ours, paths)| {
            paths.iter().all(|path| at(&golden, path).is_f64() && at(&ours, path).is_null())
        })
    }),
    ("C29", |_, difference| {
        changed(difference).is_some_and(|(golden, ours, paths)| {
            let path = ".payload.themeName";
            paths == [path] && at(&golden, path).is_string() && *at(&ours, path) == "other"
        })
    }),
    // Any other name than those of the lists, where a list is.
    ("X9", |_, difference| {
        changed(difference).is_some_and(|(golden, ours, paths)| {
            paths.iter().all(|path| at(&golden, path).is_string() && *at(&ours, path) == "other")
        })
    }),
    ("L4", |case, difference| {
        is_cli(case)
            && changed(difference)
                .is_some_and(|(_, _, paths)| paths.iter().all(|path| [".packages", ".osVersion"].contains(path)))
    }),
    // The draw of this very event is the rate that holds for it.
    ("C61", |case, difference| {
        missing(difference)
            .is_some_and(|item| calls::of(case).iter().any(|call| call.tells(item) && call.at_the_rate()))
    }),
    ("C62", |case, difference| {
        let ignored = case.steps().iter().any(|step| step["options"]["perEventSampling"] == false);
        missing(difference).is_some() && ignored
    }),
    // A repeat of this very event that 24 hours and the day decide differently, in the direction of the difference.
    ("C71", |case, difference| {
        let (not_here, not_there) = calls::decided_by_time(case, one_side(difference));
        (missing(difference).is_some() && not_here) || (extra(difference).is_some() && not_there)
    }),
    ("C83", |case, difference| {
        one_side(difference).is_some()
            && case.input()["window"]["localStorage"].as_object().is_some_and(|storage| !storage.is_empty())
    }),
    // Another event of this collector, recorded before, has the same key for the model, and is not the same.
    ("C75", |case, difference| extra(difference).is_some_and(|item| calls::hidden_by_another(case, item))),
    // The same bytes, of payloads that differ in what is written as nothing.
    ("C78", |case, difference| {
        missing(difference).is_some_and(|item| sent_more(case, item, 2) && calls::differ_in_nothing(case, item))
    }),
    // The same values, in another order within an object.
    ("C73", |case, difference| {
        missing(difference).is_some_and(|item| {
            let bodies =
                case.value["requests"].as_array().into_iter().flatten().filter_map(|request| request["body"].as_str());
            let json = item.json();
            let in_another_order = |body: &str| {
                let body_json: Value = serde_json::from_str(body).unwrap_or_default();
                !body.contains(&item.text)
                    && body_json["events"].as_array().is_some_and(|events| events.contains(&json))
            };
            bodies.into_iter().any(in_another_order)
        })
    }),
    ("C94", |case, difference| extra(difference).is_some() && case.input()["window"]["requestIdleCallback"] == true),
    ("C91", |case, difference| matches!(difference, Difference::Batches { .. }) && !case.input()["window"].is_null()),
    ("C90", |case, difference| matches!(difference, Difference::Batches { .. }) && case.input()["window"].is_null()),
    ("C122", |case, difference| missing(difference).is_some() && case.of_collector() && redirected(case)),
    ("L15", |case, difference| missing(difference).is_some() && is_cli(case) && redirected(case)),
    ("R11", |case, difference| {
        let beyond = |item: &Item| {
            item.json()["projectId"].as_str().is_some_and(|id| id.chars().any(|letter| letter > '\u{ff}'))
        };
        is_core(case) && extra(difference).is_some_and(beyond)
    }),
    ("R16", |case, difference| {
        missing(difference).is_some_and(|item| sent_more(case, item, 2)) && case.input()["strict"] == true
    }),
    ("R15", |case, difference| {
        let again = case.steps().iter().any(|step| step["op"] == "unmount" || step["root"].is_string());
        missing(difference).is_some_and(|item| sent_more(case, item, 2)) && is_core(case) && again
    }),
    ("R18", |case, difference| extra(difference).is_some() && is_core(case) && absent(case, "Image")),
    ("R19", |case, difference| {
        let failed = matches!(difference, Difference::Exit(1) | Difference::Printed(_));
        failed && is_core(case) && absent(case, "Image")
    }),
    ("C50", |case, difference| printed(difference).is_some() && debugs(case)),
    ("X7", |case, difference| missing(difference).is_some() && closes(case.env("CLERK_TELEMETRY_DEBUG"), is_truthy)),
    ("C110", |_, difference| printed(difference).is_some_and(|text| text.starts_with("Attention: "))),
    ("C57", |_, difference| {
        printed(difference).is_some_and(|text| text.starts_with("[clerk/telemetry] Dropping invalid"))
    }),
    ("C125", |_, difference| {
        printed(difference).is_some_and(|text| text.starts_with("[clerk/telemetry] Error recording"))
    }),
    ("V2", |case, difference| matches!(difference, Difference::NoSteps) && case.steps().is_empty()),
    ("C81", |case, difference| {
        let calls: u64 = case.steps().iter().filter_map(|step| step["count"].as_u64()).sum();
        matches!(difference, Difference::NoSteps | Difference::Extra(_))
            && case.input()["transport"] == "stub"
            && calls > 4096
    }),
];

/// The rows by which the interpreter refuses a step.
pub const REFUSALS: [&str; 13] = ["C10", "C11", "C126", "C14", "C2", "C23", "V1", "V2", "X1", "X4", "X5", "X6", "X9"];

fn missing(difference: &Difference) -> Option<&Item> {
    if let Difference::Missing(item) = difference { Some(item) } else { None }
}

fn extra(difference: &Difference) -> Option<&Item> {
    if let Difference::Extra(item) = difference { Some(item) } else { None }
}

fn one_side(difference: &Difference) -> Option<&Item> {
    missing(difference).or_else(|| extra(difference))
}

fn printed(difference: &Difference) -> Option<&str> {
    if let Difference::Printed(text) = difference { Some(text) } else { None }
}

fn changed(difference: &Difference) -> Option<(Value, Value, Vec<&str>)> {
    let Difference::Changed { golden, ours, paths } = difference else { return None };
    (!paths.is_empty()).then(|| (golden.json(), ours.json(), paths.iter().map(String::as_str).collect()))
}

/// The value at a path of `Difference::Changed`.
fn at<'a>(value: &'a Value, path: &str) -> &'a Value {
    path.split('.').skip(1).fold(value, |value, key| &value[key])
}

fn is_cli(case: &Case) -> bool {
    case.package() == "@refinedev/cli"
}

fn is_core(case: &Case) -> bool {
    matches!(case.package(), "@refinedev/core" | "@pankod/refine-core")
}

fn absent(case: &Case, name: &str) -> bool {
    case.input()["globals"][name] == "absent"
}

fn redirected(case: &Case) -> bool {
    case.input()["server"] == "307"
}

/// Whether the golden has the item at least so often.
fn sent_more(case: &Case, item: &Item, times: usize) -> bool {
    let requests = case.value["requests"].as_array().into_iter().flatten();
    let all = requests.filter(|request| {
        let body = request["body"].as_str().unwrap_or_default();
        if item.text.is_empty() {
            item.target.ends_with(request["path"].as_str().unwrap_or("-"))
        } else {
            body.contains(&item.text)
        }
    });
    all.count() >= times
}

/// Whether a value closes here, and not for the model.
fn closes(value: Option<&str>, model: fn(&str) -> bool) -> bool {
    let Some(value) = value else { return false };
    let quiet = ["", "0", "false", "no", "off"].contains(&value.trim().to_lowercase().as_str());
    !quiet && !model(value)
}

/// What the Clerk client takes for true: `true` in any case of letters, or a number above 0 at the start.
pub fn is_truthy(value: &str) -> bool {
    if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
        return value.eq_ignore_ascii_case("true");
    }
    let text = value.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '\u{feff}');
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    !negative && digits.bytes().take_while(u8::is_ascii_digit).any(|digit| digit != b'0')
}

fn debugs(case: &Case) -> bool {
    let option = case.steps().iter().any(|step| step["options"]["debug"] == true);
    option || case.env("CLERK_TELEMETRY_DEBUG").is_some_and(is_truthy)
}
