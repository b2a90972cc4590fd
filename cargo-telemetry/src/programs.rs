//! What was read for a command: each program with its build, and the union of all.

use telemetry_schema::Manifest;

use crate::lock::{Build, Lock};

/// What one program or library can record.
#[derive(Debug)]
pub(crate) struct Program {
    /// The name of the build that it is of.
    pub(crate) build: String,
    /// Its records, with versions and places.
    pub(crate) manifest: Manifest,
}

/// All that was read for a command.
#[derive(Debug)]
pub(crate) struct Read {
    /// Each program with its build.
    pub(crate) programs: Vec<Program>,
    /// The union of all, each descriptor once, with versions and places.
    pub(crate) manifest: Manifest,
    /// What was read, in words.
    pub(crate) name: String,
}

impl Read {
    pub(crate) fn new(programs: Vec<Program>, name: String) -> Self {
        let sdks = programs.iter().flat_map(|program| program.manifest.sdks.iter().cloned());
        let events = programs.iter().flat_map(|program| program.manifest.events.iter().cloned());
        let manifest = Manifest::new(sdks.collect(), events.collect());
        Self { programs, manifest, name }
    }

    /// The lock file that these programs make.
    pub(crate) fn lock(&self, builds: Vec<Build>) -> Lock {
        Lock::of(builds, self.programs.iter().map(|program| (program.build.as_str(), &program.manifest)))
    }
}
