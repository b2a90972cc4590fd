//! The page of `watch`: events as they arrive, the last one on top, without a script. The browser goes on reading, and each line that
//! comes is one item more.

use axum::body::Bytes;
use maud::{Markup, PreEscaped, html};
use serde_json::Value;

use super::frame;

/// Where items stand, in the text of the page.
const PLACE: &str = "<!-- arrivals -->";

/// What stands before the first item, and behind the last.
pub(super) fn around() -> (String, String) {
    let main = html! {
        h1 { "What comes in" }
        p { "Each event as it arrives, as its record has it, with the answer that its client got; the last one is on top. Of what is refused
             only the SDK and the reason are shown: the rest is nowhere kept. Nothing of this is kept either; a reload begins anew." }
        div role="log" aria-label="What comes in" { ol .arrivals { (PreEscaped(PLACE)) } }
        p .none { "The collector has ended." }
    };
    let text = frame::document("What comes in", &[], &main, frame::ARRIVALS).into_string();
    let (begin, end) = text.split_once(PLACE).unwrap_or((&text, ""));
    (begin.to_owned(), end.to_owned())
}

/// A line of `watch` as an item.
pub(super) fn item(line: Bytes) -> Bytes {
    let line: Value = serde_json::from_slice(&line).unwrap_or_default();
    markup(&line).into_string().into()
}

fn markup(line: &Value) -> Markup {
    let word = |key: &str| line.get(key).and_then(Value::as_str).filter(|word| !word.is_empty());
    if let Some(missed) = line.get("missed") {
        return html! { li .refused { (missed) " lines were not shown: they came faster than they were read." } };
    }
    let (Some(sdk), Some(answer)) = (word("sdk"), word("answer")) else {
        return html! { li { "Watching: events are shown as they arrive." } };
    };
    if let Some(reason) = word("reason") {
        let n = line.get("n").and_then(Value::as_u64).unwrap_or(1);
        return html! {
            li .refused { strong { "refused" } " " (sdk) ": " code { (reason) } @if n > 1 { ", " (n) " events" } }
        };
    }
    let is_unknown = line.get("is_version_known") == Some(&Value::Bool(false));
    html! {
        li {
            strong { (answer.replace('_', " ")) } " " (sdk) ": " (word("event").unwrap_or("-"))
            @if let Some(discriminant) = word("discriminant") { " " (discriminant) }
            ", version " (word("version").unwrap_or("not told")) @if is_unknown { " (not added)" }
            ", " (word("day").unwrap_or("-"))
            br; code { (line.get("payload").unwrap_or(&Value::Null)) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_are_text_and_never_markup() {
        let item = |line: &str| String::from_utf8(item(Bytes::from(line.to_owned())).to_vec()).unwrap();
        let hostile = r#"{"sdk":"a","answer":"accepted","event":"<b>","version":"1.0.0","day":"2026-11-22","payload":{"text":"</code><script>"}}"#;
        let text = item(hostile);
        assert!(
            text.starts_with("<li>") && text.ends_with("</li>") && !text.contains("<script") && !text.contains("<b>")
        );
        assert!(text.contains("{&quot;text&quot;:&quot;&lt;/code&gt;&lt;script&gt;&quot;}"), "{text}");
        assert!(item(r#"{"sdk":"a","answer":"refused","reason":"bad_json","n":2}"#).contains("2 events"));
        assert!(item(r#"{"missed":7}"#).contains("7 lines"));
        assert!(item(r#"{"watching":true}"#).contains("Watching") && item("no JSON").contains("<li>"));
        let (begin, end) = around();
        assert!(begin.contains("<ol") && end.starts_with("</ol>") && end.ends_with("</html>"));
    }
}
