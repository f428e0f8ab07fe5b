//! `keysift explain`.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::slice;

use super::args::ExplainArgs;
use super::scan::STREAM;
use super::{Failure, output, setup};
use crate::blob::{Origin, path_text};
use crate::config;
use crate::finding::{Confidence, Evidence, Exit, Finding};
use crate::report::mask::Mask;
use crate::rule::structure::Structure;
use crate::rule::{ContextNeed, Rule};
use crate::scan::{self, Explained, Explanation};
use crate::score::{Judgement, model};
use crate::source;

/// Columns of other tokens that are named.
const N_COLUMNS: usize = 8;

/// Runs the command and gives the exit code.
pub fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let (path, line, column) = parse(&args.place)?;
    let Subject { origin, root, mut content, paths } = if path == "-" { stdin(args.path.as_deref())? } else { named(Path::new(path), args)? };
    let chosen = setup::Chosen::new(args.config.as_ref(), args.no_config, &args.baseline, &args.rules);
    let (engine, _) = setup::engine(chosen, &paths, &root, Confidence::Low)?;
    let explained = scan::explain(&engine, &origin, &mut content, line, column).map_err(|error| Failure::incomplete(format!("cannot read {path}: {error}")))?;
    if !explained.is_media && line > explained.n_lines {
        let n_lines = if explained.n_lines == 1 { "1 line".to_owned() } else { format!("{} lines", explained.n_lines) };
        return Err(Failure::usage(format!("there is no line {line}: the file has {n_lines}")));
    }
    let mask = Mask::of(explained.places.iter().filter_map(|explanation| explanation.finding.as_ref()), false);
    let path = mask.text(&origin.path);
    let mut text = String::new();
    if explained.places.is_empty() {
        put(&mut text, &format!("{path}:{line}: {}", nothing(&explained, line, column)));
    }
    for explanation in &explained.places {
        describe(&mut text, &path, explanation);
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
}

/// What is explained, and what decides about it.
struct Subject {
    /// The path that reports give it, which is judged, too.
    origin: Origin,
    /// The folder to which reports are relative.
    root: PathBuf,
    content: Box<dyn Read>,
    /// Where the search for a configuration begins.
    paths: Vec<PathBuf>,
}

/// Standard input, as the file at `path`.
fn stdin(path: Option<&str>) -> Result<Subject, Failure> {
    let paths = vec![PathBuf::from(".")];
    let root = source::root_of(&paths).map_err(|error| Failure::usage(format!("cannot find out where the current folder lies: {error}")))?;
    Ok(Subject { origin: Origin::new(path.unwrap_or(STREAM)), root, content: Box::new(io::stdin()), paths })
}

/// The file at `path`.
fn named(path: &Path, args: &ExplainArgs) -> Result<Subject, Failure> {
    if args.path.is_some() {
        return Err(Failure::usage("--path says which file standard input is, and `-` is not what is to be explained"));
    }
    let (path, file) = open(path)?;
    let cannot_place = |error: io::Error| Failure::usage(format!("cannot find out where {} lies: {error}", path.display()));
    let root = source::root_of(slice::from_ref(&path)).map_err(cannot_place)?;
    // Where nothing tells which folder is scanned, its path as typed says most: a name alone hides that it lies among tests.
    let is_scanned_there = source::is_established(&root).map_err(cannot_place)? || config::find(&root, &root).is_some();
    let origin = if is_scanned_there { source::origin_of(&root, &path).map_err(cannot_place)? } else { Origin::new(&path_text(&path)) };
    Ok(Subject { origin, root, content: Box::new(file), paths: vec![path] })
}

/// Opens the file: as typed, else relative to the root of a report that is made in the current folder, which is how reports name it.
fn open(path: &Path) -> Result<(PathBuf, File), Failure> {
    let as_typed = match File::open(path) {
        Ok(file) => return Ok((path.to_owned(), file)),
        Err(error) => error,
    };
    let below_root = source::root_of(&[PathBuf::from(".")]).ok().map(|root| root.join(path)).filter(|_| as_typed.kind() == ErrorKind::NotFound);
    match below_root.and_then(|path| Some((File::open(&path).ok()?, path))) {
        Some((file, path)) => Ok((path, file)),
        None => {
            let of_history = "a file that only the history holds: `git show COMMIT:PATH | keysift explain -:LINE --path PATH`".to_owned();
            Err(Failure::usage(format!("cannot open {}: {as_typed}", path.display())).with_help((as_typed.kind() == ErrorKind::NotFound).then_some(of_history)))
        }
    }
}

/// Why there is nothing to explain.
fn nothing(explained: &Explained, line: u64, column: Option<u64>) -> String {
    if explained.is_media {
        return "nothing to judge: compressed or media content is not scanned".to_owned();
    }
    let columns: Vec<String> = explained.elsewhere.iter().take(N_COLUMNS).map(u64::to_string).collect();
    match (column, columns.as_slice()) {
        (Some(column), [one]) => format!("nothing at column {column}; line {line} has a token at column {one}"),
        (Some(column), [first @ .., last]) => format!("nothing at column {column}; line {line} has tokens at columns {} and {last}", first.join(", ")),
        _ => "nothing to judge: no run of at least 16 letters, digits, `_` and `-`, and no value of a secret-like name".to_owned(),
    }
}

fn parse(place: &str) -> Result<(&str, u64, Option<u64>), Failure> {
    let wrong = || {
        Failure::usage(format!("`{place}` is not of the form FILE:LINE or FILE:LINE:COL"))
            .with_help(Some("for instance `keysift explain src/app.py:12`".to_owned()))
    };
    let number = |text: &str| text.parse::<u64>().ok().filter(|&n| n > 0);
    let (rest, last) = place.rsplit_once(':').ok_or_else(wrong)?;
    let last = number(last).ok_or_else(wrong)?;
    match rest.rsplit_once(':').and_then(|(path, line)| Some((path, number(line)?))) {
        Some((path, line)) if !path.is_empty() => Ok((path, line, Some(last))),
        _ if !rest.is_empty() => Ok((rest, last, None)),
        _ => Err(wrong()),
    }
}

fn describe(text: &mut String, path: &str, explanation: &Explanation) {
    let start = explanation.region.start;
    let shown = explanation.finding.as_ref().filter(|finding| finding.rule.is_of_path()).map_or(explanation.masked.as_str(), |_| "the file itself");
    put(text, &format!("{path}:{}:{}: {shown}", start.line, start.column));
    match (&explanation.finding, &explanation.judgement) {
        (Some(finding), judgement) => {
            reported(text, finding);
            match judgement {
                Some(judgement) if !is_settled(finding.rule) => weighed(text, explanation.least, judgement),
                _ => settled(text, finding.rule, &finding.evidence),
            }
        }
        (None, Some(judgement)) => not_reported(text, explanation.least, judgement),
        (None, None) => put(text, "  not reported: it has no known shape, and is not what keys without one are: random, long enough, and no words"),
    }
}

/// Whether findings of this rule need no sum of points.
fn is_settled(rule: &Rule) -> bool {
    rule.context == ContextNeed::Helpful || rule.structure.is_some()
}

fn not_reported(text: &mut String, least: (i32, i32, i32), judgement: &Judgement) {
    match (&judgement.candidate, judgement.quiet) {
        (Some(_), _) => put(text, "  not reported by itself: it is part of another finding"),
        (None, why) => put(text, &format!("  not reported: {}", why.unwrap_or("too little evidence"))),
    }
    match &judgement.candidate {
        Some(candidate) if is_settled(candidate.rule) => settled(text, candidate.rule, &candidate.evidence),
        _ => weighed(text, least, judgement),
    }
}

fn reported(text: &mut String, finding: &Finding) {
    let providers = match finding.providers.as_slice() {
        [] => finding.rule.provider.name.to_owned(),
        several => several.iter().map(|provider| provider.name).collect::<Vec<_>>().join(" or "),
    };
    put(text, &format!("  reported as {} ({providers}), confidence {}", finding.rule.id, finding.confidence.text()));
    if let Some(layer) = finding.layer.text() {
        put(text, &format!("  layer: written in {layer}; the secret above is decoded"));
    }
    if let Some(suppression) = &finding.suppression {
        let reason = suppression.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
        put(text, &format!("  suppressed by {}{reason}", suppression.by));
    }
    if let Some(why) = &finding.unheard {
        put(text, &format!("  note: {why}"));
    }
}

/// The evidence of what no sum of points decides about.
fn settled(text: &mut String, rule: &Rule, evidence: &[Evidence]) {
    let what = match rule {
        rule if rule.is_of_path() => "the path of its file",
        rule if rule.pattern.is_some() => "the pattern of its rule",
        rule if rule.structure.is_some_and(Structure::is_assigned) => "its name and its value",
        rule if rule.structure.is_some() => "what it is a part of",
        _ => "its shape",
    };
    let decides = if rule.structure.is_some_and(Structure::is_assigned) {
        "decide about it, for medium confidence at most"
    } else {
        "identifies it, so that no sum decides"
    };
    put(text, &format!("  {what} {decides}; what speaks for it, and against it:"));
    evidence.iter().for_each(|piece| counted(text, piece.weight, &kind_and_text(piece)));
}

/// The points of everything that was considered, as they were counted.
fn weighed(text: &mut String, least: (i32, i32, i32), judgement: &Judgement) {
    for one in &judgement.considered {
        // Distance decides only between providers, so that it is not worth a word where it changes nothing.
        let near = if one.rank == one.points { String::new() } else { format!(" ({} by distance, which tells providers apart)", one.rank) };
        put(text, &format!("  considered {}: {} points{near}", one.provider.name, one.points));
        let mut rank = 0;
        for piece in &one.evidence {
            let (points, how) = share(piece.weight, rank);
            rank += usize::from(piece.weight > 0);
            counted(text, points, &format!("{}{how}", kind_and_text(piece)));
        }
        shared(text, judgement);
        total(text, one.points, least, judgement);
    }
    if judgement.considered.is_empty() && (judgement.credential.is_some() || judgement.shape_points > 0) {
        put(text, "  no provider is named near it");
        shared(text, judgement);
    }
    let is_ambiguous = judgement.candidate.as_ref().is_some_and(|candidate| !candidate.providers.is_empty());
    if is_ambiguous && judgement.considered.len() > 1 {
        put(text, &format!("  ambiguous, which lowers the confidence: by distance a provider must be {} points ahead of the next", model::MARGIN));
    }
}

/// What a provider's piece of evidence counts: the best whole, the second half, the third a quarter, the others nothing.
fn share(weight: i32, rank: usize) -> (i32, String) {
    match rank {
        // What speaks against it is no further hint: it counts whole.
        _ if weight <= 0 => (weight, String::new()),
        0 => (weight, String::new()),
        1 => (weight >> 1, format!(" (half of {weight})")),
        2 => (weight >> 2, format!(" (a quarter of {weight})")),
        _ => (0, format!(" (not counted; it would have {weight})")),
    }
}

/// The points that every provider shares.
fn shared(text: &mut String, judgement: &Judgement) {
    if let Some(piece) = &judgement.credential {
        counted(text, piece.weight, &kind_and_text(piece));
    }
    if judgement.shape_points > 0 {
        counted(text, judgement.shape_points, "shape: it looks random");
    }
}

/// The sum of a provider's case, and which threshold it met or missed.
fn total(text: &mut String, points: i32, least: (i32, i32, i32), judgement: &Judgement) {
    let (least_sum, least_provider, least_credential) = least;
    let credential = judgement.credential.as_ref().map_or(0, |piece| piece.weight);
    let sum = points + credential + judgement.shape_points;
    let what = if sum < least_sum {
        format!("too few: {least_sum} are needed")
    } else if points < least_provider {
        format!("too few of them are the provider's: {points}, and {least_provider} are needed")
    } else if credential < least_credential {
        format!("too few of them say that it is a credential: {credential}, and {least_credential} are needed")
    } else {
        let met = [(model::HIGH, "high"), (model::MEDIUM, "medium")].into_iter().find(|(from, _)| sum >= *from);
        let (from, confidence) = met.unwrap_or((least_sum, "low"));
        format!("enough for {confidence} confidence, which needs {from}")
    };
    output::put(text, &format!("  {sum:5}  "), &format!("points in all, {what}"));
}

fn kind_and_text(piece: &Evidence) -> String {
    format!("{}: {}", piece.kind, piece.text)
}

fn counted(text: &mut String, points: i32, what: &str) {
    output::put(text, &format!("  {points:+5}  "), what);
}

fn put(text: &mut String, line: &str) {
    let body = line.trim_start();
    output::put(text, &line[..line.len() - body.len()], body);
}

#[cfg(test)]
mod tests {
    use super::{model, parse};

    #[test]
    fn the_page_says_how_many_points_are_needed() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/reports.md")).expect("it is there");
        for (points, what) in [(model::REPORT, "report"), (model::MEDIUM, "medium"), (model::HIGH, "high"), (model::MARGIN, "points ahead")] {
            let said = page.lines().any(|line| line.contains(&format!("{points} ")) && line.contains(what));
            assert!(said, "docs/reports.md does not say {points} for {what}");
        }
    }

    #[test]
    fn places_are_read_from_the_right() {
        assert_eq!(parse("a.py:3").expect("valid"), ("a.py", 3, None));
        assert_eq!(parse("a.py:3:7").expect("valid"), ("a.py", 3, Some(7)));
        assert_eq!(parse(r"C:\a.py:3").expect("valid"), (r"C:\a.py", 3, None));
        for wrong in ["a.py", "a.py:", "a.py:0", ":3", "a.py:x"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
