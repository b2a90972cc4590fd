//! From the bytes of a program to its manifest, without running it.
//!
//! Read are ELF, Mach-O (universal files: every architecture), PE and COFF, WebAssembly (modules and components), and
//! archives of them, which Rust's `rlib` is. `docs/event-record.md` describes the bytes.
//!
//! Only headers and telemetry sections are read, and of WebAssembly what is in memory at first, so the size of a file hardly matters. A file is never trusted: every
//! bound stands in [`limits`], and what cannot be read is a [`Fault`] that names the place. The rest is read all the same.
//!
//! What a reader cannot know: **no section means unknown, never clean.** [`crate::absent`] looks further.

mod compressed;
mod elf;
mod error;
mod fault;
mod image;
pub mod limits;
mod macho;
mod magic;
mod pe;
mod records;
mod source;
mod survey;
mod wasm;
mod window;

use std::path::Path;

use telemetry_schema::Manifest;

pub(crate) use self::{
    compressed::open as open_section,
    fault::Faults,
    image::{Layout, Section, gaps},
    magic::{Container, container, describe},
    source::{FileSource, Source, Stream, plain, shown},
    survey::{Other, Survey, joined, start_of, survey},
};
pub use self::{
    error::ReadError,
    fault::{Fault, FaultKind},
    image::ImageFormat,
};

/// What was read of one file.
#[derive(Debug)]
pub struct Reading {
    /// Which file, for messages.
    pub path: String,
    /// All SDKs and events, in the order of every manifest. Records that are equal byte by byte are listed once.
    pub manifest: Manifest,
    /// The programs, libraries and object files that the file consists of, in its own order.
    pub images: Vec<Image>,
    /// What could not be read, up to [`limits::FAULTS`] of them.
    pub faults: Vec<Fault>,
    /// How many faults there were beyond those.
    pub further_faults: u64,
}

/// One program, library or object file of one architecture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// How it is written.
    pub format: ImageFormat,
    /// The member of the archive or the architecture, from the outside to the inside; empty for the file itself.
    pub member: String,
    /// It holds machine code.
    pub code: bool,
    /// How many telemetry sections it has. None means unknown, never clean.
    pub sections: usize,
    /// How many records were read of them, those that other images hold too included.
    pub records: usize,
}

impl Reading {
    /// Whether everything was read: only then the manifest lists all that the file can record.
    pub fn is_complete(&self) -> bool {
        self.faults.is_empty()
    }

    /// The faults as text for people: one line each, at most ten.
    pub fn faults_text(&self) -> String {
        let count = self.faults.len() as u64 + self.further_faults;
        let mut text = format!("{} cannot be read completely, so a list would not be complete", self.path);
        for fault in self.faults.iter().take(10) {
            text.push_str(&format!("\n  {fault}"));
        }
        if count > 10 {
            text.push_str(&format!("\n  and {} more", count - 10));
        }
        text
    }
}

/// Reads all records of the file at `path`, and all of it.
///
/// # Errors
///
/// See [`ReadError`]. A file without records is an error, because "no section" means unknown, and so is one of which a
/// part cannot be read, because what is not listed would look as if it were not there.
pub fn read(path: &Path) -> Result<Reading, ReadError> {
    let reading = inspect(path)?;
    if !reading.is_complete() {
        return Err(ReadError::Incomplete(Box::new(reading)));
    }
    if reading.manifest.sdks.is_empty() && reading.manifest.events.is_empty() {
        return Err(ReadError::NoRecords { path: reading.path });
    }
    Ok(reading)
}

/// Reads what can be read of the file at `path`; the answer says what could not.
///
/// # Errors
///
/// [`ReadError::Io`], [`ReadError::NotAFile`] and [`ReadError::Format`].
pub fn inspect(path: &Path) -> Result<Reading, ReadError> {
    let file = FileSource::open(path)?;
    collect(&file, shown(path))
}

/// The same for bytes that are in memory; `name` stands for the path in messages.
///
/// # Errors
///
/// [`ReadError::Format`].
pub fn inspect_bytes(name: &str, bytes: &[u8]) -> Result<Reading, ReadError> {
    collect(&bytes, name.to_owned())
}

fn collect(source: &dyn Source, path: String) -> Result<Reading, ReadError> {
    let survey = survey(source);
    if survey.unknown {
        let start =
            start_of(source, &(0..source.len())).map_err(|source| ReadError::Io { path: path.clone(), source })?;
        return Err(ReadError::Format { path, what: describe(&start) });
    }
    Ok(reading(source, path, survey).0)
}

/// The records of a file whose parts are known; returns those parts as well, for what else they are looked at.
pub(crate) fn reading(source: &dyn Source, path: String, survey: Survey) -> (Reading, Vec<Layout>) {
    let Survey { images: layouts, mut faults, .. } = survey;
    let mut collected = records::Collected::default();
    let mut images = Vec::with_capacity(layouts.len());
    for layout in &layouts {
        let (mut sections, mut records) = (0, 0);
        for section in layout.sections.iter().filter(|section| section.telemetry) {
            sections += 1;
            records += collected.read(source, layout, section, &mut faults);
        }
        for data in &layout.data {
            let found = collected.read_among(source, layout, data, &mut faults);
            sections += usize::from(found > 0);
            records += found;
        }
        images.push(Image {
            format: layout.format,
            member: layout.member.clone(),
            code: layout.code,
            sections,
            records,
        });
    }
    let Faults { list: faults, further: further_faults } = faults;
    let manifest = Manifest::new(collected.sdks, collected.events);
    (Reading { path, manifest, images, faults, further_faults }, layouts)
}
