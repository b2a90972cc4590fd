//! Where an item is declared, without telling anything of the build machine.

use std::path::Path;

use proc_macro2::Span;

/// `file:line` of `span`.
pub(crate) fn of(span: Span) -> String {
    if cfg!(test) {
        return "src/lib.rs:1".to_owned(); // Unit tests run outside the compiler, where spans know no file.
    }
    let span = span.unwrap();
    let root = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    format!("{}:{}", shown(&span.file(), &root), span.line())
}

/// The place where `span` begins, for what is missing in a macro that is called over many lines.
pub(crate) fn start(span: Span) -> Span {
    if cfg!(test) { span } else { span.unwrap().start().into() }
}

/// The path of a source file as a record shows it.
///
/// The compiler names files of workspace members relative to the workspace; others absolute, which would carry a folder
/// of the build machine into every binary and make builds differ.
fn shown(file: &str, root: &str) -> String {
    let file = file.replace('\\', "/");
    let root = root.replace('\\', "/");
    if let Some(inside) = file.strip_prefix(&root).and_then(|inside| inside.strip_prefix('/'))
        && !root.is_empty()
    {
        return inside.to_owned();
    }
    let drive = file.as_bytes().get(1) == Some(&b':');
    if file.starts_with('/') || drive || file.split('/').any(|part| part == "..") {
        return Path::new(&file).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    }
    file
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn no_folder_of_the_build_machine_is_shown() {
        for (file, root, expected) in [
            ("acme/src/lib.rs", "/home/jane/work/acme", "acme/src/lib.rs"),
            ("/home/jane/work/acme/src/lib.rs", "/home/jane/work/acme", "src/lib.rs"),
            ("/home/jane/work/acme-2/src/lib.rs", "/home/jane/work/acme", "lib.rs"),
            ("/home/jane/other/src/lib.rs", "", "lib.rs"),
            ("../jane/src/lib.rs", "/home/jane/work/acme", "lib.rs"),
            ("C:\\Users\\jane\\acme\\src\\lib.rs", "C:\\Users\\jane\\acme", "src/lib.rs"),
            ("D:\\jane\\lib.rs", "C:\\Users\\jane\\acme", "lib.rs"),
            ("src\\event\\mod.rs", "C:\\acme", "src/event/mod.rs"),
        ] {
            assert_eq!(shown(file, root), expected);
        }
    }
}
