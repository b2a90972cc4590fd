//! What an SDK keeps in a page: keys of `localStorage` below `telemetry/<sdk>/`, of the names that files have elsewhere.

use std::io;

use telemetry_schema::cut;

use crate::base::{
    effects::{self, Effect},
    page,
};

/// The keys of one SDK.
#[derive(Debug)]
pub(crate) struct SdkDir {
    prefix: String,
}

/// Why there is no place to keep consent and events: then nothing is recorded.
const NO_STORAGE: &str = "the browser keeps nothing for this page";

impl SdkDir {
    /// The keys of an SDK; reads one, and writes none.
    ///
    /// # Errors
    ///
    /// If the browser refuses.
    pub(crate) fn of(sdk: &str) -> Result<Self, &'static str> {
        let dir = Self { prefix: cut::joined(&["telemetry/", sdk, "/"]) };
        page::stored(&dir.key("consent")).map_err(|_| NO_STORAGE)?;
        Ok(dir)
    }

    /// What all keys begin with.
    pub(crate) fn prefix(&self) -> &str {
        &self.prefix
    }

    fn key(&self, name: &str) -> String {
        cut::joined(&[&self.prefix, name])
    }

    /// The text under a name; `None` if there is none.
    pub(crate) fn read(&self, name: &str) -> io::Result<Option<String>> {
        page::stored(&self.key(name)).map_err(refused)
    }

    /// Replaces the text under a name.
    pub(crate) fn put(&self, name: &str, text: &str) -> io::Result<()> {
        effects::note(Effect::Files);
        page::store(&self.key(name), text).map_err(refused)
    }

    /// Removes a name.
    pub(crate) fn remove(&self, name: &str) -> io::Result<()> {
        effects::note(Effect::Files);
        page::remove(&self.key(name)).map_err(refused)
    }

    /// All names that begin so.
    pub(crate) fn names(&self, begin: &str) -> Vec<String> {
        page::keys(&self.prefix, begin).unwrap_or_default()
    }

    /// The text under a name, as the file that it is elsewhere.
    pub(crate) fn read_small(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        Ok(self.read(name)?.map(String::into_bytes))
    }

    /// Replaces the text under a name.
    pub(crate) fn replace_small(&self, name: &str, text: &[u8], _durable: bool) -> io::Result<()> {
        self.put(name, str::from_utf8(text).unwrap_or_default())
    }

    /// What is to become a file of bytes.
    pub(crate) fn stage_small(&self, name: &'static str, bytes: &[u8], _durable: bool) -> io::Result<Staged<'_>> {
        Ok(Staged { dir: self, name, bytes: bytes.to_vec() })
    }
}

/// The next version of a file.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    dir: &'a SdkDir,
    name: &'static str,
    bytes: Vec<u8>,
}

impl Staged<'_> {
    /// Makes it the file.
    ///
    /// # Errors
    ///
    /// If the browser refuses; the file is as it was.
    pub(crate) fn take_place(self) -> io::Result<()> {
        self.dir.replace_small(self.name, &self.bytes, true)
    }
}

/// Bytes that are no text, a character for each.
pub(crate) fn read_bytes(dir: &SdkDir, name: &str) -> io::Result<Option<Vec<u8>>> {
    let bytes = |text: String| text.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect::<Option<Vec<u8>>>();
    match dir.read(name)?.map(bytes) {
        Some(None) => Err(io::ErrorKind::InvalidData.into()),
        read => Ok(read.flatten()),
    }
}

/// As [`read_bytes`], the other way round.
pub(crate) fn replace_bytes(dir: &SdkDir, name: &str, bytes: &[u8]) -> io::Result<()> {
    dir.put(name, &bytes.iter().map(|byte| char::from(*byte)).collect::<String>())
}

/// Why a key could not be read or written.
pub(crate) fn why(_: &io::Error) -> String {
    "the browser refuses it, or the text is none of ours".to_owned()
}

fn refused(_: page::Refused) -> io::Error {
    io::ErrorKind::StorageFull.into()
}
