/// The columns of text output. Fixed, so that a result does not depend on who looks at it.
pub(super) const COLUMNS: usize = 80;

/// Breaks `text` at spaces into lines of at most `COLUMNS` with `indent` in front of each. A longer word stays whole.
pub(super) fn wrap(text: &str, indent: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > COLUMNS {
            out.push('\n');
            column = 0;
        }
        if column == 0 {
            out.push_str(&" ".repeat(indent));
            column = indent;
        } else {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += width;
    }
    if column > 0 {
        out.push('\n');
    }
    out
}
