//! From the configurations of other scanners to ours: a text that loads and means the same, with a comment for each thing that could not be carried over.

mod detect_secrets;
mod trufflehog;
mod write;
pub(crate) mod yaml;

use std::path::Path;

use super::document::{ConfigError, Document};
use super::gitleaks::{self, Plan};
use super::{LARGEST_FILE, read};
use crate::blob::path_text;
use crate::filter::one_line;
use crate::rule::RuleSet;
use write::Writer;

/// Whose configuration it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum From {
    /// `.gitleaks.toml`.
    Gitleaks,
    /// `.secrets.baseline`.
    DetectSecrets,
    /// The file of custom detectors, or the list of `--exclude-paths`.
    Trufflehog,
}

/// A configuration of ours that was made.
#[derive(Debug)]
pub struct Imported {
    /// The text of a `.keysift.toml`.
    pub text: String,
    /// How many things could not be carried over; each is a comment in the text.
    pub n_left_out: usize,
    /// What whoever uses it should know; comments of the text, too.
    pub remarks: Vec<String>,
}

/// Reads the file at `path` and writes what it means. `baseline` is how the configuration is to name the file, should it be a baseline.
///
/// # Errors
/// The file cannot be read, or is none of that scanner.
pub fn import(from: From, path: &Path, baseline: &str) -> Result<Imported, ConfigError> {
    let shown = one_line(&path_text(path));
    let text = read(path, LARGEST_FILE * 16).map_err(|what| ConfigError::File { path: shown.clone(), what, help: None })?;
    let document = Document { path: &shown, text: &text };
    let mut writer = Writer::new(&shown);
    match from {
        From::Gitleaks => of_gitleaks(path, &document, &mut writer)?,
        From::DetectSecrets => detect_secrets::write(&document, baseline, &mut writer)?,
        From::Trufflehog => trufflehog::write(&document, &mut writer)?,
    }
    Ok(writer.done())
}

fn of_gitleaks(path: &Path, document: &Document, writer: &mut Writer) -> Result<(), ConfigError> {
    let root = document.parse()?;
    if !gitleaks::is_theirs(document, &root)? && !root.is_empty() {
        let help = "its keys are `rules` as a list, `allowlists`, `extend`, `title`".to_owned();
        return Err(ConfigError::File { path: document.path.to_owned(), what: "is no configuration of gitleaks".to_owned(), help: Some(help) });
    }
    let built_in = RuleSet::built_in();
    let Plan { uses_built_in, disabled, rules, allows, warnings, .. } = gitleaks::whole(&read, path, document, &root)?.plan(document.path, &built_in);
    warnings.iter().for_each(|what| writer.left_out(what));
    writer.rules_table(uses_built_in, &disabled);
    let ids: Vec<(&str, String)> = rules.iter().map(|rule| (rule.id.as_str(), writer.id(&rule.id, &built_in))).collect();
    let ours = |id: &str| ids.iter().find(|(theirs, _)| *theirs == id).map_or_else(|| id.to_owned(), |(_, ours)| ours.clone());
    for rule in &rules {
        writer.rule(&ours(&rule.id), rule.name.as_deref().unwrap_or(&rule.id), &rule.pattern, &ours);
    }
    for allow in allows {
        let named = allow.rules.iter().map(|id| ours(id)).collect();
        writer.allow(&gitleaks::Allow { rules: named, ..allow });
    }
    Ok(())
}
