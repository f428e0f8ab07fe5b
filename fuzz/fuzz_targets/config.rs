//! Configurations, baselines and rule files are either understood or refused, whatever they hold.

#![no_main]

use std::io::Write as _;
use std::sync::LazyLock;

use keysift::config;
use keysift::rule::{RuleSet, format, shape};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a temporary folder can be made"));

fuzz_target!(|bytes: &[u8]| {
    let path = FOLDER.path().join(config::FILE_NAME);
    std::fs::File::create(&path).and_then(|mut file| file.write_all(bytes)).expect("a file in the temporary folder can be written");
    let mut rules = RuleSet::built_in();
    let (n_rules, n_providers) = (rules.rules.len(), rules.providers.len());
    match config::load(&path, &mut rules) {
        // No file of rules lies beside it, so that rules can only have been switched off.
        Ok(config) => assert_eq!(n_rules, rules.rules.len() + config.disabled.len()),
        Err(error) => {
            assert_eq!((n_rules, n_providers), (rules.rules.len(), rules.providers.len()), "a refused file leaves the rules as they are");
            assert!(!error.to_string().contains('\x1b'), "a message carries no terminal escape");
        }
    }

    if let Err(error) = config::baseline::load(&path, "/root") {
        assert!(!error.to_string().contains('\x1b'), "a message carries no terminal escape");
    }

    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(file) = format::parse(text) {
        for rule in &file.rules {
            // Refusing a shape is fine; what is derived from an accepted one must hold together.
            if let Ok(facts) = shape::derive(&rule.shape, true) {
                assert!(facts.anchor_len.0 <= facts.anchor_len.1);
                assert!(facts.anchor_len.0 + facts.n_lead <= facts.max_len);
            }
        }
    }
});
