//! One figure: what it shows, the plot, its numbers as a table, as CSV and as JSON, how they were sampled, and what the manifest says of it.

use maud::{Markup, PreEscaped, Render, html};

use super::plot::{Drawn, WIDTH};
use crate::answers::{Cell, Table};

/// Rows of a table on the page; the CSV has all.
const MOST_ROWS: usize = 400;

/// One figure.
#[derive(Debug)]
pub(super) struct Figure {
    /// Its name in the address, unique on the page.
    pub(super) id: String,
    /// Its heading.
    pub(super) title: String,
    /// What it shows, in a sentence.
    pub(super) what: String,
    /// The plot, where there is something to draw.
    pub(super) drawn: Option<Drawn>,
    /// The names of the lines, in the order of the colours.
    pub(super) legend: Vec<String>,
    /// The numbers.
    pub(super) table: Table,
    /// Columns that the heading says already.
    pub(super) told: &'static [&'static str],
    /// Where the same numbers are: the path without its ending, and the query.
    pub(super) source: (String, String),
    /// Of which share of installations they come.
    pub(super) sampling: String,
    /// What the manifest says of it.
    pub(super) definition: Markup,
}

impl Render for Figure {
    fn render(&self) -> Markup {
        let Self { id, title, what, drawn, legend, table, told, source: (path, query), sampling, definition } = self;
        let mark = if query.is_empty() { "" } else { "?" };
        let link = |ending: &str| format!("{path}.{ending}{mark}{query}");
        html! {
            section .figure aria-labelledby=(format!("{id}-head")) {
                h3 #(format!("{id}-head")) { (title) }
                p { (what) }
                @if table.rows.is_empty() {
                    p .none { "There is nothing in these days." }
                } @else {
                    div .pair {
                        @if let Some(Drawn { height, shapes }) = drawn {
                            div .plot {
                                @if !legend.is_empty() {
                                    ul .legend {
                                        @for (name, number) in legend.iter().zip(1..) {
                                            li { span class=(format!("swatch s{number}")) aria-hidden="true" {} (name) }
                                        }
                                    }
                                }
                                svg viewBox=(format!("0 0 {WIDTH} {height}")) role="img"
                                    aria-labelledby=(format!("{id}-title {id}-desc")) {
                                    title #(format!("{id}-title")) { (title) }
                                    desc #(format!("{id}-desc")) { (what) " The table beside it has the same numbers." }
                                    (PreEscaped(shapes))
                                }
                            }
                        }
                        (numbers(title, table, told))
                    }
                }
                @for note in &table.notes { p .note { (note) } }
                p .source {
                    (sampling) " "
                    a href=(link("csv")) { "CSV" span .unseen { ": " (title) } } " "
                    a href=(link("json")) { "JSON" span .unseen { ": " (title) } }
                }
                details {
                    summary { "Definition" span .unseen { ": " (title) } }
                    (definition)
                }
            }
        }
    }
}

/// A table that scrolls by itself, by keyboard too.
pub(super) fn numbers(title: &str, table: &Table, told: &[&str]) -> Markup {
    // All of one SDK: its name stands above. Nor is there a column of nothing.
    let is_shown = |column: &usize| {
        let name = table.columns.get(*column).copied().unwrap_or_default();
        let is_empty = |row: &Vec<Cell>| matches!(row.get(*column), Some(Cell::Text(text)) if text.is_empty());
        name != "sdk" && !told.contains(&name) && !table.rows.iter().all(is_empty)
    };
    let shown: Vec<usize> = (0..table.columns.len()).filter(is_shown).collect();
    let first = table.rows.len().saturating_sub(MOST_ROWS);
    let cell = |row: &[Cell], column: usize| row.get(column).map_or_else(String::new, |cell| cell.text("–"));
    let class = |column: usize| table.is_of_numbers(column).then_some("number");
    html! {
        div .numbers role="region" tabindex="0" aria-label=(format!("Numbers: {title}")) {
            table {
                caption {
                    "Numbers"
                    @if first > 0 { ": the last " (MOST_ROWS) " of " (table.rows.len()) " rows; the CSV has all" }
                }
                thead { tr {
                    @for column in &shown {
                        th scope="col" class=[class(*column)] { (table.columns.get(*column).unwrap_or(&"").replace('_', " ")) }
                    }
                } }
                tbody {
                    @for row in table.rows.iter().skip(first) { tr {
                        @for (column, place) in shown.iter().zip(0..) {
                            @if place == 0 { th scope="row" { (cell(row, *column)) } }
                            @else { td class=[class(*column)] { (cell(row, *column)) } }
                        }
                    } }
                }
            }
        }
    }
}
