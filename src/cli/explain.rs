//! `keysift explain`.

use std::fmt::Write as _;
use std::fs::File;
use std::path::Path;

use super::args::ExplainArgs;
use super::{Failure, output};
use crate::finding::{Confidence, Evidence, Exit};
use crate::report::mask::{Mask, printable};
use crate::scan::{self, Explanation};
use crate::score::Judgement;
use crate::source;

/// Runs the command and gives the exit code.
pub fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let (path, line, column) = parse(&args.place)?;
    let path = Path::new(path);
    let mut file = File::open(path).map_err(|error| Failure::usage(format!("cannot open {}: {error}", path.display())))?;
    let (engine, _) = super::scan::engine(args.config.as_deref(), path, Confidence::Low)?;
    let cannot_place = |error: std::io::Error| Failure::usage(format!("cannot find out where {} lies: {error}", path.display()));
    let root = source::root_of(&[path.to_owned()]).map_err(cannot_place)?;
    let origin = source::origin_of(&root, path).map_err(cannot_place)?;
    let explained =
        scan::explain(&engine, &origin, &mut file, line, column).map_err(|error| Failure::incomplete(format!("cannot read {}: {error}", path.display())))?;
    let mut text = String::new();
    if explained.is_empty() {
        put(&mut text, &format!("{}:{line}: nothing to judge: no run of at least 16 letters, digits, `_` and `-`", printable(&origin.path)));
    }
    let mask = Mask::of(explained.iter().filter_map(|explanation| explanation.finding.as_ref()), false);
    let path = mask.text(&origin.path);
    for explanation in &explained {
        describe(&mut text, &path, explanation);
    }
    output::to_stdout(text.as_bytes()).map(|()| Exit::Clean.code())
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
    put(text, &format!("{path}:{}:{}: {}", start.line, start.column, explanation.masked));
    let Some(judgement) = &explanation.judgement else {
        return put(text, "  not reported: it has no known shape and does not look random");
    };
    match (&explanation.finding, &judgement.candidate, judgement.quiet) {
        (Some(finding), ..) => {
            let providers = match finding.providers.as_slice() {
                [] => finding.rule.provider.name.to_owned(),
                several => several.iter().map(|provider| provider.name).collect::<Vec<_>>().join(" or "),
            };
            put(text, &format!("  reported as {} ({providers}), confidence {}", finding.rule.id, finding.confidence.text()));
            if let Some(suppression) = &finding.suppression {
                let reason = suppression.reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default();
                put(text, &format!("  suppressed by {}{}", printable(&suppression.by), printable(&reason)));
            }
            finding.evidence.iter().for_each(|piece| evidence(text, piece));
        }
        (None, Some(candidate), _) => put(text, &format!("  not reported by itself: it is part of another finding ({})", candidate.rule.id)),
        (None, None, why) => put(text, &format!("  not reported: {}", why.unwrap_or("too little evidence"))),
    }
    considered(text, judgement);
}

fn considered(text: &mut String, judgement: &Judgement) {
    let is_told = |provider: &str| judgement.candidate.as_ref().is_some_and(|candidate| candidate.rule.provider.id == provider);
    for one in judgement.considered.iter().filter(|one| !is_told(one.provider.id)) {
        put(text, &format!("  considered {}: {} points, {} with distance", one.provider.name, one.points, one.rank));
        one.evidence.iter().for_each(|piece| evidence(text, piece));
    }
    if judgement.candidate.is_some() {
        return;
    }
    if let Some(piece) = &judgement.credential {
        evidence(text, piece);
    }
    if judgement.shape_points > 0 {
        put(text, &format!("  {:+5}  shape: it looks random", judgement.shape_points));
    }
}

fn evidence(text: &mut String, piece: &Evidence) {
    put(text, &format!("  {:+5}  {}: {}", piece.weight, piece.kind, printable(&piece.text)));
}

fn put(text: &mut String, line: &str) {
    writeln!(text, "{line}").expect("writing to a String cannot fail");
}

#[cfg(test)]
mod tests {
    use super::parse;

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
