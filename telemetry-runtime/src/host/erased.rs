//! What became of the state folder of an SDK.

use std::{fmt, path::PathBuf};

/// What was removed, and what is left.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Erased {
    /// The state folder; `None` where there was none.
    pub folder: Option<PathBuf>,
    /// How many events were waiting to be sent there.
    pub events: u64,
    /// The names of the files and folders that were removed; of a folder the one name, with `/` at its end.
    pub removed: Vec<String>,
    /// What is in the folder and is not ours, or could not be removed.
    pub left: Vec<String>,
    /// The user had said no, and that alone is kept, or the program would begin again.
    pub off_stays: bool,
}

impl fmt::Display for Erased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(folder) = &self.folder else { return f.write_str("There was nothing to remove.") };
        let folder = folder.display();
        if self.removed.is_empty() {
            write!(f, "There was nothing to remove in {folder}.")?;
        } else {
            write!(f, "Removed from {folder}: {}.", self.removed.join(", "))?;
            match self.events {
                0 => {}
                1 => f.write_str(" With it 1 event that was waiting.")?,
                events => write!(f, " With it {events} events that were waiting.")?,
            }
        }
        if self.off_stays {
            f.write_str(" Your decision, off, is kept, or the program would begin again.")?;
        }
        if !self.left.is_empty() {
            write!(f, " Left alone, since it is not ours: {}.", self.left.join(", "))?;
        }
        Ok(())
    }
}
