//! A number as ECMAScript prints it: the page has that already.

pub(crate) fn float(value: f64) -> String {
    if value.is_finite() { super::page::number_text(value) } else { "null".to_owned() }
}
