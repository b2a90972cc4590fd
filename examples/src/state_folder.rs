use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU32, Ordering},
};

/// A temporary folder in place of the user's state folder; removed at the end.
#[derive(Debug)]
pub(crate) struct StateFolder(PathBuf);

impl StateFolder {
    pub(crate) fn new() -> io::Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("telemetry-example-{}-{number}", process::id()));
        #[cfg_attr(not(unix), expect(unused_mut, reason = "other systems have no modes"))]
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?; // Fails if somebody else made it first.
        Ok(Self(path))
    }

    /// The variable that moves the state folder on this platform, and where to.
    pub(crate) fn variable(&self) -> (&'static str, &Path) {
        let name = if cfg!(windows) {
            "LOCALAPPDATA"
        } else if cfg!(target_vendor = "apple") {
            "HOME"
        } else {
            "XDG_STATE_HOME"
        };
        (name, &self.0)
    }

    /// Everything in the folder, files and folders.
    pub(crate) fn entries(&self) -> io::Result<Vec<PathBuf>> {
        fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                if entry.file_type()?.is_dir() {
                    walk(&entry.path(), found)?;
                }
                found.push(entry.path());
            }
            Ok(())
        }
        let mut found = Vec::new();
        walk(&self.0, &mut found)?;
        for path in &mut found {
            if let Ok(inside) = path.strip_prefix(&self.0) {
                *path = inside.to_owned();
            }
        }
        found.sort();
        Ok(found)
    }
}

impl Drop for StateFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
