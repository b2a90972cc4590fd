//! An answer as a table: for terminals, as CSV, as JSON.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A whole number.
    Whole(u64),
    /// A number that was estimated; shown without a fraction.
    About(f64),
    /// There is no figure: not zero, unknown.
    Missing,
}

impl Cell {
    /// A count, or none.
    pub fn maybe(count: Option<u64>) -> Self {
        count.map_or(Self::Missing, Self::Whole)
    }

    /// What people read; `missing` stands where there is no figure.
    pub fn text(&self, missing: &str) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Whole(count) => count.to_string(),
            Self::About(number) => format!("{number:.0}"),
            Self::Missing => missing.to_owned(),
        }
    }

    /// Whether it stands at the right of its column.
    pub const fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    fn json(&self) -> Value {
        match self {
            Self::Text(text) => json!(text),
            Self::Whole(count) => json!(count),
            Self::About(number) => json!(number.round()),
            Self::Missing => Value::Null,
        }
    }
}

/// Columns, rows, and what is to be said beside them.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Names of the columns, in `snake_case`.
    pub columns: Vec<&'static str>,
    /// As many cells each as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Sentences for people.
    pub notes: Vec<String>,
}

impl Table {
    /// A table without rows.
    pub fn new(columns: &[&'static str]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new(), notes: Vec::new() }
    }

    /// Columns in line, then the notes.
    pub fn to_text(&self) -> String {
        let head = self.columns.iter().map(|column| (*column).to_owned()).collect();
        let mut lines: Vec<Vec<String>> = vec![head];
        lines.extend(self.rows.iter().map(|row| row.iter().map(|cell| cell.text("-")).collect()));
        let width = |column: usize| {
            let cells = lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
        };
        let widths: Vec<usize> = (0..self.columns.len()).map(width).collect();
        let is_right: Vec<bool> = (0..self.columns.len()).map(|column| self.is_of_numbers(column)).collect();
        let mut text = String::new();
        for line in &lines {
            let mut padded = String::new();
            for ((cell, width), right) in line.iter().zip(&widths).zip(&is_right) {
                let width = *width;
                padded.push_str(&if *right { format!("{cell:>width$}  ") } else { format!("{cell:<width$}  ") });
            }
            text.push_str(padded.trim_end());
            text.push('\n');
        }
        for note in &self.notes {
            text.push_str(&format!("note: {note}\n"));
        }
        text
    }

    /// Whether a column holds nothing but numbers.
    pub fn is_of_numbers(&self, column: usize) -> bool {
        self.rows.iter().filter_map(|row| row.get(column)).all(Cell::is_number) && !self.rows.is_empty()
    }

    /// With a head; an empty cell where there is no figure. Notes are left out.
    pub fn to_csv(&self) -> String {
        let mut out = Vec::new();
        let head: Vec<String> = self.columns.iter().map(|column| (*column).to_owned()).collect();
        // Writing to memory does not fail.
        let _ = csv_line(&mut out, &head);
        for row in &self.rows {
            let cells: Vec<String> = row.iter().map(|cell| cell.text("")).collect();
            let _ = csv_line(&mut out, &cells);
        }
        String::from_utf8_lossy(&out).into_owned()
    }

    /// `{"rows":[{column: value}],"notes":[…]}`; `null` where there is no figure.
    pub fn to_json(&self) -> String {
        let object = |row: &Vec<Cell>| {
            let pairs = self.columns.iter().zip(row).map(|(column, cell)| ((*column).to_owned(), cell.json()));
            Value::Object(pairs.collect::<Map<_, _>>())
        };
        let rows: Vec<Value> = self.rows.iter().map(object).collect();
        format!("{:#}\n", json!({ "rows": rows, "notes": self.notes }))
    }
}

/// Writes one line of CSV. A cell that a spreadsheet would take for a formula begins with an apostrophe.
pub fn csv_line(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    let is_formula = |cell: &str| cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    writer.write_record(cells.iter().map(|cell| if is_formula(cell) { format!("'{cell}") } else { cell.clone() }))?;
    writer.flush()
}
