//! `consent.json`: what the user decided, and which events they were told of.

#[cfg_attr(in_page, path = "consent_file/format_page.rs")]
mod format;
#[cfg(all(test, native))]
#[expect(dead_code, reason = "pages use it; tested where tests run")]
#[path = "consent_file/format_page.rs"]
mod page_format;

use std::io;

use telemetry_schema::Level;

pub(crate) use self::format::{NAME, parse};
use crate::base::collections::BTreeMap;
use crate::{
    decide::consent::Consent,
    write::files::state_dir::{self, SdkDir, Staged},
};

/// What the file holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ConsentFile {
    /// The user's decision; `None` if they were told and decided nothing.
    pub(crate) consent: Option<Consent>,
    /// The digest of each event that the user was told of, by the event's key.
    pub(crate) agreed: BTreeMap<String, String>,
    /// The digest of the SDK's endpoint, envelope and identity that the user was told of.
    pub(crate) sdk: Option<String>,
    /// How much the user lets be recorded; `None` is all of it.
    pub(crate) level: Option<Level>,
}

/// What [`load`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ConsentState {
    /// There is no such file: nobody was told or asked.
    Absent,
    /// There is one, but it does not say what the user decided. It counts as `Off`, for this reason.
    Unreadable(String),
    /// The file says this.
    Loaded(ConsentFile),
}

/// Reads the file. An empty file is unreadable, not absent: a full disk may have cut a refusal down to it.
pub(crate) fn load(dir: &SdkDir) -> ConsentState {
    let bytes = match dir.read_small(NAME) {
        Ok(None) => return ConsentState::Absent,
        Ok(Some(bytes)) => bytes,
        Err(error) => return ConsentState::Unreadable(state_dir::why(&error)),
    };
    parse(&bytes)
}

/// The next version of the file, with this decision, and with this level, or the one that was chosen before. What an older version of the runtime keeps in it of what was told stays.
pub(crate) fn decided(dir: &SdkDir, consent: Consent, level: Option<Level>) -> ConsentFile {
    let before = match load(dir) {
        ConsentState::Loaded(file) => file,
        ConsentState::Absent | ConsentState::Unreadable(_) => ConsentFile::default(),
    };
    ConsentFile { consent: Some(consent), level: level.or(before.level), ..before }
}

/// Replaces the file; with `durable`, so that it survives a power failure. A decision of the user must; that a notice was
/// shown need not, and a short program may end while the disk is waited for, only to show the notice again.
///
/// # Errors
///
/// If it could not be written; the file is as it was.
pub(crate) fn store(dir: &SdkDir, file: &ConsentFile, durable: bool) -> io::Result<()> {
    stage(dir, file, durable)?.take_place()
}

/// Writes the file's next version beside it.
///
/// # Errors
///
/// If it could not be written.
pub(crate) fn stage<'a>(dir: &'a SdkDir, file: &ConsentFile, durable: bool) -> io::Result<Staged<'a>> {
    dir.stage_small(NAME, &format::render(file), durable)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::write::test_kit::Home;

    #[test]
    fn a_decision_reads_back_as_documented() {
        let home = Home::new();
        let dir = home.sdk();
        assert_eq!(load(&dir), ConsentState::Absent);
        let file = ConsentFile {
            consent: Some(Consent::Local),
            agreed: [("acme/opened".to_owned(), "00ff".to_owned())].into(),
            sdk: Some("11".to_owned()),
            level: None,
        };
        store(&dir, &file, true).unwrap();
        assert_eq!(load(&dir), ConsentState::Loaded(file));
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(home.file(NAME)).unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"version": 1, "consent": "local", "agreed": {"acme/opened": "00ff"}, "sdk": "11"})
        );
        store(&dir, &ConsentFile::default(), false).unwrap();
        assert_eq!(load(&dir), ConsentState::Loaded(ConsentFile::default()), "undecided is null");
        // A level stays over further decisions, and a file without one means all, as it did before there were levels.
        store(&dir, &decided(&dir, Consent::On, Some(Level::Basic)), true).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&std::fs::read(home.file(NAME)).unwrap()).unwrap();
        assert_eq!(json["level"], "basic");
        assert_eq!(decided(&dir, Consent::Off, None).level, Some(Level::Basic));
        let level = |text: &str| match parse(text.as_bytes()) {
            ConsentState::Loaded(file) => Some(file.level),
            _ => None,
        };
        assert_eq!(level(r#"{"version":1,"consent":"on","agreed":{},"sdk":null}"#), Some(None));
        assert_eq!(level(r#"{"version":1,"consent":"on","agreed":{},"sdk":null,"level":"all"}"#), None, "off, unread");
    }

    #[test]
    fn what_cannot_be_read_is_unreadable_and_never_absent() {
        let home = Home::new();
        let dir = home.sdk();
        let path = home.file(NAME);
        let long = format!("{{\"version\":1{}}}", " ".repeat(300 * 1024));
        for text in [
            "",
            " ",
            "{",
            "[]",
            "null",
            "\0\0\0\0",
            "{\"version\":1}",
            r#"{"version":2,"consent":"on","agreed":{},"sdk":null}"#,
            r#"{"version":1,"consent":"yes","agreed":{},"sdk":null}"#,
            r#"{"version":1,"consent":"on","agreed":{},"sdk":null} x"#,
            r#"{"version":1,"consent":"off","consent":"on","agreed":{},"sdk":null}"#,
            &long,
        ] {
            std::fs::write(&path, text).unwrap();
            assert!(matches!(load(&dir), ConsentState::Unreadable(_)), "{text:.40}");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(matches!(load(&dir), ConsentState::Unreadable(_)), "a folder");
        std::fs::remove_dir(&path).unwrap();
        std::os::unix::fs::symlink("/etc/hostname", &path).unwrap();
        assert!(matches!(load(&dir), ConsentState::Unreadable(_)), "a symbolic link");
    }
}
