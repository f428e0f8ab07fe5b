//! Keys in hexadecimal digits, as dumps and settings of embedded systems write them.

use crate::common::repo::TestRepo;
use crate::common::{Keysift, Tree, findings, found, key, mistral, text};

fn digits(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_key_in_digits_is_found_at_the_digits() {
    let plain = key("groq-api-key", 1);
    for wrapped in [plain.clone(), format!("GROQ_API_KEY={plain}\n"), format!("{{\"groq\": \"{plain}\"}}")] {
        for written in [digits(&wrapped), digits(&wrapped).to_ascii_uppercase(), format!("0x{}", digits(&wrapped))] {
            let content = format!("blob = \"{written}\"\n");
            let finding = found("a.conf", &content);
            assert_eq!((text(&finding["secret"]), text(&finding["layer"])), (plain.as_str(), "hex"));
            let offset = content.find(written.trim_start_matches("0x")).expect("it is there") as u64;
            assert_eq!(finding["offset"].as_u64(), Some(offset), "{content}");
        }
    }
}

#[test]
fn what_stands_around_a_key_in_digits_tells_whose_it_is() {
    let report = Tree::with(&[("a.conf", &format!("x: {}\n", digits(&format!("MISTRAL_API_KEY={}\n", mistral(1)))))]).report(&["--show-secrets"]);
    assert_eq!(text(&findings(&report)[0]["rule"]), "mistral-api-key", "{report}");
}

#[test]
fn neither_the_key_nor_its_digits_are_shown() {
    let plain = key("groq-api-key", 2);
    let tree = Tree::with(&[("a.conf", &format!("blob = {}\n", digits(&plain)))]);
    for format in ["text", "json", "html", "csv", "sarif"] {
        let out = tree.run(&["scan", "-f", format, "--min-confidence", "low"]).expect(1).out().to_owned();
        assert!(!out.contains(&plain[8..20]) && !out.contains(&digits(&plain[8..20])), "{format}: {out}");
    }
}

#[test]
fn a_history_is_searched_in_digits_too() {
    let repo = TestRepo::new();
    repo.write("a.conf", format!("blob = {}\n", digits(&key("groq-api-key", 3))));
    repo.commit("a key");
    let report = Keysift::new(&repo.path()).args(&["history", "-f", "json"]).run().expect(1).json();
    assert_eq!(text(&findings(&report)[0]["layer"]), "hex");
}
