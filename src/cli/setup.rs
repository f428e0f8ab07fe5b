//! What stands before a scan: the rules, the configuration and the baseline in force, and the engine made of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use jiff::civil::Date;

use super::args::{BaselineArg, RunArgs};
use super::{Failure, output};
use crate::blob::path_text;
use crate::config::{self, Config};
use crate::filter::Baseline;
use crate::finding::Confidence;
use crate::rule::RuleSet;
use crate::scan::{Engine, Policy};
use crate::source;

/// What a command was told about configuration and baseline.
#[derive(Clone, Copy, Debug, Default)]
pub struct Chosen<'a> {
    /// `--config`.
    pub config: Option<&'a Path>,
    /// A configuration that was found beside what is scanned, where the command looks for one of its own.
    pub found: Option<&'a Path>,
    /// `--no-config`.
    pub no_config: bool,
    /// `--baseline`.
    pub baseline: Option<&'a Path>,
    /// `--rules`.
    pub rules: &'a [PathBuf],
    /// The text of the configuration, where a variable holds it.
    pub text: Option<&'a str>,
    /// The only rules to look for, if there are any.
    pub enabled_rules: &'a [String],
    /// Whether comments of other scanners do not count, whatever the configuration says.
    pub ignores_peers: bool,
}

impl<'a> Chosen<'a> {
    /// What `config`, `no_config`, `baseline` and `rules` say.
    pub fn new(config: Option<&'a PathBuf>, no_config: bool, baseline: &'a BaselineArg, rules: &'a [PathBuf]) -> Self {
        Self { config: config.map(PathBuf::as_path), no_config, baseline: baseline.file.as_deref(), rules, ..Self::default() }
    }
}

impl<'a> From<&'a RunArgs> for Chosen<'a> {
    fn from(args: &'a RunArgs) -> Self {
        let found = args.config_found.as_deref();
        let (text, enabled_rules, ignores_peers) = (args.config_text.as_deref(), args.enabled_rules.as_slice(), args.ignores_peers);
        Self { text, found, enabled_rules, ignores_peers, ..Self::new(args.config.as_ref(), args.no_config, &args.baseline, &args.rules) }
    }
}

/// The engine and the configuration for a scan of `paths`, whose report is relative to `root`.
pub fn engine(chosen: Chosen<'_>, paths: &[PathBuf], root: &Path, min_confidence: Confidence) -> Result<(Engine, Config), Failure> {
    let (rules, config) = configuration(chosen, paths, root)?;
    let file = chosen.baseline.or(config.baseline.as_deref());
    let baseline = file.map(|file| load_baseline(file, root)).transpose()?;
    Ok(engine_of(rules, config, min_confidence, baseline))
}

/// The rules and the configuration for a scan of `paths`, whose report is relative to `root`.
pub fn configuration(chosen: Chosen<'_>, paths: &[PathBuf], root: &Path) -> Result<(RuleSet, Config), Failure> {
    let mut rules = RuleSet::built_in();
    add_rules(chosen.rules, &mut rules)?;
    let variable = std::env::var_os("KEYSIFT_CONFIG");
    let Chosen { text, found, enabled_rules, ignores_peers, .. } = chosen;
    let is_named = chosen.config.is_some() || variable.as_ref().is_some_and(|value| !value.is_empty());
    let chosen = match (found, chosen.no_config) {
        (_, true) => None,
        (Some(found), _) if !is_named => Some(found.to_owned()),
        _ => config::choose(chosen.config, variable.as_deref(), &search_start(paths), root),
    };
    let mut config = match (text, chosen) {
        (Some(text), _) => load_text(text, &mut rules)?,
        (None, Some(path)) => Config { is_named, ..load_config(&path, &mut rules)? },
        (None, None) => Config::default(),
    };
    config.honor_peers &= !ignores_peers;
    if !enabled_rules.is_empty() {
        let help = "`keysift rules list` lists ours; those of the configuration have the ids that stand there";
        let not_enabled = config::gitleaks::keep_only(enabled_rules, &mut rules);
        config.not_enabled = not_enabled.map_err(|what| Failure::usage(format!("--enable-rule: {what}")).with_help(Some(help.to_owned())))?;
    }
    warn(&rules, &config);
    Ok((rules, config))
}

/// Loads the configuration that the variable for it holds.
fn load_text(text: &str, rules: &mut RuleSet) -> Result<Config, Failure> {
    let name = Path::new(super::compat::CONFIG_TEXT);
    let read = |path: &Path, largest: u64| match path == name {
        true if text.len() as u64 > largest => Err(format!("is larger than {largest} bytes")),
        true => Ok(text.to_owned()),
        false => config::read(path, largest),
    };
    config::load_by(&read, name, rules).map(|config| Config { is_named: true, ..config }).map_err(wrong)
}

/// Adds the rules of the files and folders that `--rules` names.
pub fn add_rules(paths: &[PathBuf], rules: &mut RuleSet) -> Result<(), Failure> {
    let files = paths.iter().map(|path| config::own::files_of(path)).collect::<Result<Vec<_>, _>>().map_err(wrong)?;
    add_rule_files(&config::read, &files.concat(), rules)
}

/// The same for rule files that `read` reads.
pub fn add_rule_files(read: &config::ReadFile<'_>, files: &[PathBuf], rules: &mut RuleSet) -> Result<(), Failure> {
    files.iter().try_for_each(|path| config::own::add_file(read, path, rules)).map_err(wrong)?;
    config::own::check_patterns(rules).map_err(|what| Failure::usage(what).with_help(Some("docs/rules.md describes patterns".to_owned())))
}

/// Says what the user should know about the rules and the configuration in force.
pub fn warn(rules: &RuleSet, config: &Config) {
    config.warnings.iter().for_each(|what| output::note(&format!("warning: {what}")));
    if let Some(what) = config::own::costly(rules) {
        output::note(&format!("warning: {what}"));
    }
}

/// A configuration that cannot be used, and the next step.
fn wrong(error: config::ConfigError) -> Failure {
    Failure::usage(&error).with_help(error.help())
}

/// The baseline at `file`, for reports relative to `root`.
pub fn load_baseline(file: &Path, root: &Path) -> Result<Baseline, Failure> {
    config::baseline::load(file, &path_text(root)).map(accepted).map_err(wrong)
}

/// A baseline that was read; what in it accepts nothing is said.
pub fn accepted(loaded: config::baseline::Loaded) -> Baseline {
    loaded.warnings.iter().for_each(|what| output::note(&format!("warning: {what}")));
    loaded.baseline
}

/// The engine, and what of the configuration it does not need.
pub fn engine_of(rules: RuleSet, config: Config, min_confidence: Confidence, baseline: Option<Baseline>) -> (Engine, Config) {
    let mut rest = config;
    let policy = Policy { allow: std::mem::take(&mut rest.allow), baseline, honor_peers: rest.honor_peers, today: today(), min_confidence };
    (Engine::new(rules, policy), rest)
}

/// The day on which entries and comments expire.
pub fn today() -> Date {
    jiff::Zoned::now().date()
}

/// How many threads scan, if `asked` does not say.
pub fn n_threads(asked: Option<u16>) -> usize {
    asked.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// Loads the configuration at `path` and changes `rules` as it says.
pub fn load_config(path: &Path, rules: &mut RuleSet) -> Result<Config, Failure> {
    config::load(path, rules).map_err(wrong)
}

/// Where the search for a configuration begins: the folder that holds all of `paths`, whatever their order, written as it was typed or relative to the
/// current folder where that can be.
fn search_start(paths: &[PathBuf]) -> PathBuf {
    let here = || PathBuf::from(".");
    let Ok(common) = source::common_folder(paths) else { return here() };
    let is_common = |folder: &PathBuf| source::common_folder(std::slice::from_ref(folder)).is_ok_and(|folder| folder == common);
    let folder_of = |path: &Path| if path.is_dir() { path.to_owned() } else { path.parent().map(Path::to_owned).unwrap_or_default() };
    // A hook names many files of few folders.
    let typed: BTreeSet<PathBuf> = paths.iter().map(|path| folder_of(path)).map(|folder| if folder.as_os_str().is_empty() { here() } else { folder }).collect();
    let relative = || {
        let current = source::common_folder(&[here()]).ok()?;
        let inside = common.strip_prefix(current).ok()?.to_owned();
        Some(if inside.as_os_str().is_empty() { here() } else { inside })
    };
    typed.into_iter().find(is_common).or_else(relative).unwrap_or(common)
}
