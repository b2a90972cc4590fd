//! Files that are made from the records and committed: the page and the schema.

use std::path::Path;

use telemetry_schema::Manifest;

use crate::{
    config::{Config, PageFile, SchemaFile},
    exit_code::ExitCode,
    failure::Failure,
    files,
    finding::{Finding, Rule},
    json_schema, page,
};

/// Compares the files that `config` names, below `folder`, with what the records make of them today. `same_program` are the
/// words that make another command read the same program.
pub(crate) fn check(
    manifest: &Manifest,
    config: &Config,
    folder: &Path,
    same_program: &str,
) -> Result<Vec<Finding>, Failure> {
    let mut findings = Vec::new();
    if let Some(file) = &config.page {
        let wanted = page_text(manifest, file, folder)?;
        let command = format!("docs{same_program}{}", page_flags(file, folder));
        findings.extend(compare(Rule::PageOutdated, &command, &folder.join(&file.path), &wanted)?);
    }
    if let Some(file) = &config.schema {
        let wanted = schema_text(manifest, file, &config.name)?;
        let flags = file.sdk.iter().map(|sdk| format!(" --sdk {sdk}")).collect::<String>();
        let command = format!("schema{same_program}{flags}");
        findings.extend(compare(Rule::SchemaOutdated, &command, &folder.join(&file.path), &wanted)?);
    }
    Ok(findings)
}

fn is_html(file: &PageFile) -> bool {
    file.path.extension().is_some_and(|extension| extension == "html" || extension == "htm")
}

fn page_text(manifest: &Manifest, file: &PageFile, folder: &Path) -> Result<String, Failure> {
    let intro = match &file.intro {
        Some(path) => {
            let path = folder.join(path);
            Some(files::text(&path, &files::shown(&path))?.replace("\r\n", "\n"))
        }
        None => None,
    };
    let options = page::Options { sdk: file.sdk.clone(), intro };
    Ok(if is_html(file) { page::html(manifest, &options) } else { page::markdown(manifest, &options) })
}

fn page_flags(file: &PageFile, folder: &Path) -> String {
    let mut flags = String::new();
    if is_html(file) {
        flags.push_str(" --format html");
    }
    if let Some(sdk) = &file.sdk {
        flags.push_str(&format!(" --sdk {sdk}"));
    }
    if let Some(intro) = &file.intro {
        flags.push_str(&format!(" --intro {}", files::shown(&folder.join(intro))));
    }
    flags
}

fn schema_text(manifest: &Manifest, file: &SchemaFile, config: &str) -> Result<String, Failure> {
    let names: Vec<_> = manifest.sdks.iter().map(|sdk| sdk.sdk.as_str()).collect();
    let name = match (&file.sdk, names.as_slice()) {
        (Some(name), _) => name.as_str(),
        (None, [only]) => *only,
        (None, _) => {
            let message = format!("{config}: [schema] must name an SDK, because there is not exactly one");
            return Err(Failure::new(ExitCode::Config, message).with_hint(format!("sdk = one of {}", names.join(", "))));
        }
    };
    let schema = json_schema::of(manifest, name).ok_or_else(|| {
        Failure::new(ExitCode::Config, format!("{config}: [schema]: no SDK is named `{name}`"))
            .with_hint(format!("there is {}", names.join(", ")))
    })?;
    Ok(json_schema::to_text(&schema))
}

fn compare(rule: Rule, command: &str, path: &Path, wanted: &str) -> Result<Option<Finding>, Failure> {
    let name = files::shown(path);
    let found = if path.exists() { Some(files::text(path, &name)?.replace("\r\n", "\n")) } else { None };
    let message = match &found {
        Some(found) if found == wanted => return Ok(None),
        Some(found) => {
            let same = found.lines().zip(wanted.lines()).take_while(|(found, wanted)| found == wanted).count();
            format!("says something else than the records, from line {} on", same + 1)
        }
        None => "is missing".to_owned(),
    };
    let repair = format!("write it with `cargo telemetry {command} --output {name}`");
    Ok(Some(Finding::new(rule, message, repair).at(&name)))
}
