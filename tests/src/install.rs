use std::{
    path::Path,
    process::{Command, Stdio},
};

/// Copies a program to where a test starts it.
///
/// The copy is made by a process of its own. `std::fs::copy` would hold the new file open for writing in the process of
/// the tests; a program that another thread starts in that moment inherits the descriptor until it is executed, and the
/// system refuses to start a file that anybody has open for writing ("Text file busy").
///
/// # Panics
///
/// If the program cannot be read, or the copy cannot be written.
#[track_caller]
pub fn install_program(from: &Path, to: &Path) {
    if cfg!(unix) {
        let output = crate::run(Command::new("cp").arg("--").arg(from).arg(to).stderr(Stdio::piped()));
        assert!(output.status.success(), "{}: {}", from.display(), String::from_utf8_lossy(&output.stderr));
    } else {
        std::fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::{
        sync::atomic::{AtomicBool, Ordering},
        thread,
    };

    use super::*;

    /// Programs are started all the time, as by other tests, while programs are copied and started.
    #[test]
    fn a_copy_can_be_started_while_others_start_programs() {
        let folder = tempfile::tempdir().unwrap();
        let ended = AtomicBool::new(false);
        let start = |program: &std::path::Path| Command::new(program).stdout(Stdio::null()).status();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    while !ended.load(Ordering::Relaxed) {
                        start("true".as_ref()).unwrap();
                    }
                });
            }
            let busy = (0..100).find_map(|number| {
                let copy = folder.path().join(format!("copy-{number}"));
                install_program("/bin/true".as_ref(), &copy);
                start(&copy).err()
            });
            ended.store(true, Ordering::Relaxed);
            assert!(busy.is_none(), "{busy:?}");
        });
    }
}
