//! Whoever watches what comes in: each gets a line of JSON for each event and each refusal, from the moment on at which it has
//! asked. Nothing is kept for anybody, and nobody waits for a watcher.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc::{self, Receiver, Sender, error::TrySendError};

/// Watchers at one time; a team has a handful.
const WATCHERS: usize = 16;

/// Lines that a watcher may be behind; what comes then is not shown to it, and counted.
const LINES: usize = 1024;

/// All watchers.
#[derive(Debug, Default)]
pub struct Watchers(Mutex<Vec<Watcher>>);

#[derive(Debug)]
struct Watcher {
    lines: Sender<Bytes>,
    /// Lines that it had no room for.
    missed: u64,
}

impl Watchers {
    /// Whether anybody watches.
    pub fn is_watched(&self) -> bool {
        !self.all().is_empty()
    }

    /// One more; `None` if there are enough.
    pub fn subscribe(&self) -> Option<Receiver<Bytes>> {
        let mut all = self.all();
        all.retain(|watcher| !watcher.lines.is_closed());
        if all.len() >= WATCHERS {
            return None;
        }
        let (lines, receiver) = mpsc::channel(LINES);
        // So that it knows that what comes from now on is shown.
        let _ = lines.try_send(Bytes::from_static(b"{\"watching\":true}\n"));
        all.push(Watcher { lines, missed: 0 });
        Some(receiver)
    }

    /// Shows these lines, each with its end, to everybody.
    pub fn show(&self, lines: &[String]) {
        let mut all = self.all();
        for line in lines {
            let line = Bytes::from(line.clone());
            all.retain_mut(|watcher| watcher.show(&line));
        }
    }

    /// Nothing comes any more.
    pub fn end(&self) {
        self.all().clear();
    }

    fn all(&self) -> std::sync::MutexGuard<'_, Vec<Watcher>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watcher {
    /// Whether it is still there.
    fn show(&mut self, line: &Bytes) -> bool {
        if self.missed > 0 {
            let missed = Bytes::from(format!("{{\"missed\":{}}}\n", self.missed));
            if self.lines.try_send(missed).is_ok() {
                self.missed = 0;
            }
        }
        match self.lines.try_send(line.clone()) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.missed += 1;
                true
            }
            Err(TrySendError::Closed(_)) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_watcher_misses_lines_and_hears_how_many() {
        let watchers = Watchers::default();
        let mut slow = watchers.subscribe().unwrap();
        let line = ["{}\n".to_owned()];
        // One place is taken by the first line.
        (0..LINES + 6).for_each(|_| watchers.show(&line));
        (0..LINES).for_each(|_| drop(slow.try_recv().unwrap()));
        watchers.show(&line);
        assert_eq!(slow.try_recv().unwrap(), "{\"missed\":7}\n");
        assert_eq!(slow.try_recv().unwrap(), "{}\n");
        drop(slow);
        watchers.show(&line);
        assert!(!watchers.is_watched());
        let all: Vec<_> = (0..WATCHERS).map(|_| watchers.subscribe().unwrap()).collect();
        assert!(watchers.subscribe().is_none());
        drop(all);
        assert!(watchers.subscribe().is_some());
    }
}
