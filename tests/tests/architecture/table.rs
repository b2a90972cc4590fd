//! The tables of rooms in `ARCHITECTURE.md`.

/// The rooms of one crate, the topmost first.
#[derive(Debug)]
pub(crate) struct Table {
    /// The crate.
    pub(crate) name: String,
    /// The rooms of each row; those of one row do not know each other.
    floors: Vec<Vec<String>>,
}

impl Table {
    /// On which floor a room is, counted from the top.
    pub(crate) fn floor(&self, room: &str) -> Option<usize> {
        self.floors.iter().position(|floor| floor.iter().any(|name| name == room))
    }

    /// How many floors there are.
    pub(crate) fn len(&self) -> usize {
        self.floors.len()
    }

    /// The names of all rooms.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        self.floors.iter().flatten()
    }
}

/// All tables of a page whose first column is headed `room`; each stands below a heading with the crate's name.
pub(crate) fn tables(page: &str) -> Vec<Table> {
    let mut tables: Vec<Table> = Vec::new();
    let (mut name, mut inside) = ("", false);
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            name = heading.trim().trim_matches('`');
        }
        let Some(cells) = line.trim().strip_prefix('|') else {
            inside = false;
            continue;
        };
        let first = cells.split('|').next().unwrap_or_default().trim();
        if first == "room" {
            inside = true;
            tables.push(Table { name: name.to_owned(), floors: Vec::new() });
        } else if inside && !first.starts_with("---") {
            // `host/` and `pipeline.rs` are named as people see them.
            let names = first.split('`').skip(1).step_by(2).map(|room| {
                let room = room.trim_end_matches('/');
                if room == "lib.rs" { "lib" } else { room.trim_end_matches(".rs") }.to_owned()
            });
            let names: Vec<String> = names.collect();
            assert!(!names.is_empty(), "a row without a room in the table of {name}: {line}");
            tables.last_mut().expect("a table has begun").floors.push(names);
        }
    }
    assert!(!tables.is_empty(), "ARCHITECTURE.md has no table of rooms");
    tables
}
