//! Accuracy as a regression test: on hundreds of realistic files, keys are found and named by the right provider, and what only looks like a key
//! stays quiet.
//!
//! The corpus is rendered with several seeds, so that it holds other keys each time; [`common::corpus`] describes its format.

use std::collections::{BTreeMap, HashMap};

use crate::common::corpus::{self, Label, Whose};
use crate::common::{Tree, findings, number, text};
use serde_json::Value;

const SEEDS: [u64; 3] = [1, 2, 3];

/// What a group of keys came to.
#[derive(Default)]
struct Score {
    n_keys: u32,
    /// Keys that a finding attributes to their provider.
    n_attributed: u32,
    /// Keys with findings that do not.
    n_wrong: u32,
    missed: BTreeMap<String, Vec<String>>,
}

impl Score {
    fn recall(&self) -> f64 {
        f64::from(self.n_attributed) / f64::from(self.n_keys)
    }

    /// Of what is reported, the part that is right; `n_false` findings stand on no key.
    fn precision(&self, n_false: usize) -> f64 {
        f64::from(self.n_attributed) / (f64::from(self.n_attributed + self.n_wrong) + n_false as f64)
    }
}

/// A finding, as far as it is scored.
struct Found {
    line: u64,
    columns: (u64, u64),
    provider: String,
    /// Whether it would show as more than a note.
    is_loud: bool,
    confidence: String,
    is_on_label: bool,
}

impl Found {
    fn new(finding: &Value) -> Self {
        let (line, end_line) = (number(&finding["line"]), number(&finding["end_line"]));
        assert_eq!(line, end_line, "no key of the corpus goes over a line's end: {finding}");
        let confidence = text(&finding["confidence"]).to_owned();
        Self {
            line,
            columns: (number(&finding["column"]), number(&finding["end_column"])),
            provider: text(&finding["provider"]["id"]).to_owned(),
            is_loud: confidence != "low" && finding["severity"] != "low",
            confidence,
            is_on_label: false,
        }
    }

    fn is_on(&self, label: &Label) -> bool {
        self.line == label.line && self.columns.0 < label.columns.1 && label.columns.0 < self.columns.1
    }
}

#[test]
fn keys_are_named_by_their_provider_and_look_alikes_stay_quiet() {
    let (mut mistral, mut others) = (Score::default(), Score::default());
    let (mut false_mistral, mut false_others, mut wrong, mut twice) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for seed in SEEDS {
        let files = corpus::rendered(seed);
        let tree = Tree::new();
        files.iter().for_each(|file| tree.write(&file.path, &file.text));
        let report = tree.run(&["scan", "--no-ignore", "--format", "json", "."]).expect(1).json();
        assert_eq!(number(&report["coverage"]["n_blobs"]), files.len() as u64);
        let mut found: HashMap<&str, Vec<Found>> = HashMap::new();
        for finding in findings(&report) {
            found.entry(text(&finding["path"])).or_default().push(Found::new(finding));
        }
        for file in &files {
            let found = found.entry(&file.path).or_default();
            for label in &file.labels {
                let place = format!("seed {seed}: {}:{}: {}", file.path, label.line, label.kind);
                let mut hits: Vec<&mut Found> = found.iter_mut().filter(|found| found.is_on(label)).collect();
                hits.iter_mut().for_each(|found| found.is_on_label = true);
                match &label.whose {
                    Whose::Provider(provider) => {
                        let score = if provider == "mistral" { &mut mistral } else { &mut others };
                        score.n_keys += 1;
                        if hits.len() > 1 {
                            twice.push(place.clone());
                        }
                        if hits.iter().any(|found| found.provider == *provider) {
                            score.n_attributed += 1;
                        } else {
                            score.n_wrong += u32::from(!hits.is_empty());
                            let instead = hits.iter().map(|found| format!(" (as {}, {})", found.provider, found.confidence)).collect::<String>();
                            score.missed.entry(label.kind.clone()).or_default().push(format!("{place}{instead}"));
                        }
                        wrong.extend(
                            hits.iter()
                                .filter(|found| found.provider != *provider && found.provider != "generic" && found.confidence != "low")
                                .map(|found| format!("{place}: a key of {provider} given to {} with confidence {}", found.provider, found.confidence)),
                        );
                    }
                    Whose::Nobody => hits.iter().filter(|found| found.is_loud).for_each(|found| {
                        let list = if found.provider == "mistral" { &mut false_mistral } else { &mut false_others };
                        list.push(format!("{place} (as {}, {})", found.provider, found.confidence));
                    }),
                    Whose::Unjudged => {}
                }
            }
            for stray in found.iter().filter(|found| found.is_loud && !found.is_on_label) {
                let list = if stray.provider == "mistral" { &mut false_mistral } else { &mut false_others };
                list.push(format!("seed {seed}: {}:{}: stray (as {}, {})", file.path, stray.line, stray.provider, stray.confidence));
            }
        }
    }
    let figures = [
        ("Mistral recall", mistral.recall(), 0.95),
        ("Mistral precision", mistral.precision(false_mistral.len()), 0.98),
        ("other providers' recall", others.recall(), 0.97),
        ("other providers' precision", others.precision(false_others.len()), 0.98),
    ];
    let lines: Vec<String> = figures.iter().map(|(what, is, least)| format!("{what}: {is:.4} (at least {least})")).collect();
    let shown = |title: &str, list: &[String]| format!("{title}: {}\n  {}", list.len(), list.join("\n  "));
    let missed =
        |score: &Score| score.missed.iter().map(|(kind, places)| format!("{kind}: {}\n    {}", places.len(), places.join("\n    "))).collect::<Vec<_>>();
    let details = [
        lines.join("\n"),
        shown("missed, Mistral, by kind", &missed(&mistral)),
        shown("missed, others, by kind", &missed(&others)),
        shown("false, as Mistral's", &false_mistral),
        shown("false, as others'", &false_others),
        shown("wrong provider", &wrong),
        shown("found twice", &twice),
    ]
    .join("\n");
    // Shown with `cargo test -- --nocapture`.
    println!("{details}");
    assert!(figures.iter().all(|(_, is, least)| is >= least), "{details}");
    assert!(wrong.is_empty(), "{details}");
    assert!(twice.is_empty(), "{details}");
}
