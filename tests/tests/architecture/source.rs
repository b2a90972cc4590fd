//! The sources of one crate, parsed, with the module of each file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// One file.
pub(crate) struct Source {
    /// Its path below `src`.
    pub(crate) file: String,
    /// The module that it is, as a path from the crate's root.
    pub(crate) module: Vec<String>,
    pub(crate) syntax: syn::File,
}

/// A crate.
pub(crate) struct Crate {
    pub(crate) sources: Vec<Source>,
}

/// Whether a file holds tests alone: these may use whatever they like.
fn is_test(file: &str) -> bool {
    file.split('/').any(|part| part == "tests" || part == "tests.rs")
}

impl Crate {
    /// Reads all files below a folder.
    pub(crate) fn read(src: &Path) -> Self {
        let files = texts(src);
        assert!(files.len() > 1, "{} files in {}", files.len(), src.display());
        let files: Vec<(&str, &str)> = files.iter().map(|(file, text)| (file.as_str(), text.as_str())).collect();
        Self::of(&files)
    }

    /// A crate of these files: path below `src`, and text.
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let source = |(file, text): &(&str, &str)| {
            let mut module: Vec<String> = file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            if module.last().is_some_and(|last| ["lib", "mod"].contains(&last.as_str())) {
                module.pop();
            }
            let syntax = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
            Source { file: (*file).to_owned(), module, syntax }
        };
        let sources = files.iter().filter(|(file, _)| !is_test(file)).map(source).collect();
        Self { sources }
    }

    /// The rooms: modules at the root, and the root itself as `lib`.
    pub(crate) fn rooms(&self) -> BTreeSet<String> {
        self.sources.iter().map(|source| room(&source.module)).collect()
    }

    /// How many files lie side by side in each folder.
    pub(crate) fn files_by_folder(&self) -> BTreeMap<String, usize> {
        let mut folders = BTreeMap::new();
        for source in &self.sources {
            let folder = source.file.rsplit_once('/').map_or("", |(folder, _)| folder);
            *folders.entry(folder.to_owned()).or_default() += 1;
        }
        folders
    }

    /// Whether there is such a module in a file of its own.
    pub(crate) fn has_module(&self, module: &[String]) -> bool {
        self.sources.iter().any(|source| source.module == module)
    }
}

/// The room that a module belongs to.
pub(crate) fn room(module: &[String]) -> String {
    module.first().map_or("lib", String::as_str).to_owned()
}

/// The text of every source below a folder, with its path there.
pub(crate) fn texts(folder: &Path) -> Vec<(String, String)> {
    let mut files = Vec::new();
    collect(folder, folder, &mut files);
    files
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let file = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push((file, fs::read_to_string(&path).unwrap()));
        }
    }
    files.sort();
}
