//! The corpus of `tests/corpus/cases.jsonl`: real files with places for keys, and with spans that must stay quiet.
//!
//! One case a line, `{"path": …, "text": …}`. In the text, `{{provider:kind}}` stands for a key of that provider, `{{provider|b64:kind}}` for one
//! wrapped in base64, and `[[kind:text]]` marks a span that is no key. `{{hex:32}}`, `{{alnum:20}}` and the like, and `{{uuid}}`, stand for random
//! text of that alphabet and length, anywhere. Everything is drawn from a seed when it is rendered: no random-looking literal is stored.

use keysift::rule::RuleSet;
use keysift::rule::draw::{self, Draws};

use super::{base64, project, text};

/// A file of the rendered corpus.
pub struct File {
    /// Where it lies.
    pub path: String,
    /// What it holds.
    pub text: String,
    /// Its spans that are judged.
    pub labels: Vec<Label>,
}

/// A span that is judged.
#[derive(Clone, Debug)]
pub struct Label {
    /// Line, from 1.
    pub line: u64,
    /// First column and one past the last, in characters from 1.
    pub columns: (u64, u64),
    /// Whose key it is.
    pub whose: Whose,
    /// What it stands for, in a word.
    pub kind: String,
}

/// Whose key a span is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This provider's.
    Provider(String),
    /// Nobody's: it must not be reported.
    Nobody,
    /// Not to be judged.
    Unjudged,
}

/// The rules from whose shapes a provider's keys are drawn, where it is not the one named `<provider>-api-key`.
const RULES: &[(&str, &[&str])] = &[
    ("azure-openai", &["azure-openai-api-key", "azure-openai-legacy-api-key"]),
    ("databricks", &["databricks-access-token"]),
    ("gemini", &["google-gemini-api-key"]),
    ("huggingface", &["huggingface-user-token"]),
    ("langfuse", &["langfuse-secret-key"]),
    ("langsmith", &["langsmith-personal-token", "langsmith-service-key"]),
    ("replicate", &["replicate-api-token"]),
    ("together", &["together-api-key", "together-legacy-api-key"]),
    ("wandb", &["wandb-legacy-api-key"]),
];

/// Names of fillers and their alphabets.
const ALPHABETS: &[(&str, &[u8])] = &[
    ("hex", draw::HEX),
    ("HEX", b"0123456789ABCDEF"),
    ("alnum", draw::ALNUM),
    ("lower", draw::LOWER),
    ("upper", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    ("url", b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_"),
    ("base64", draw::BASE64),
];

/// All files, with the keys that `seed` gives.
pub fn rendered(seed: u64) -> Vec<File> {
    let path = project().join("tests/corpus/cases.jsonl");
    let cases = std::fs::read_to_string(path).expect("the corpus is part of the project");
    let mut renderer = Renderer { draws: Draws::new(seed), rules: RuleSet::built_in() };
    cases.lines().map(|case| serde_json::from_str::<serde_json::Value>(case).expect("a case is JSON")).map(|case| renderer.file(&case)).collect()
}

struct Renderer {
    draws: Draws,
    rules: RuleSet,
}

impl Renderer {
    fn file(&mut self, case: &serde_json::Value) -> File {
        let (mut lines, mut labels) = (Vec::new(), Vec::new());
        for (number, line) in (1..).zip(text(&case["text"]).split('\n')) {
            lines.push(self.line(line, number, &mut labels));
        }
        File { path: text(&case["path"]).to_owned(), text: lines.join("\n"), labels }
    }

    fn line(&mut self, line: &str, number: u64, labels: &mut Vec<Label>) -> String {
        let (mut out, mut rest) = (String::new(), line);
        while let Some(at) = [rest.find("{{"), rest.find("[[")].into_iter().flatten().min() {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let start = out.chars().count() as u64 + 1;
            let mut label = |out: &str, whose, kind: &str| {
                labels.push(Label { line: number, columns: (start, out.chars().count() as u64 + 1), whose, kind: kind.to_owned() });
            };
            if let Some((mark, after)) = key_mark(rest) {
                out.push_str(&self.key(&mark));
                if let Some(whose) = mark.whose() {
                    label(&out, whose, mark.kind);
                }
                rest = after;
            } else if let Some((kind, quiet, after)) = quiet_mark(rest) {
                out.push_str(&self.line(quiet, number, &mut Vec::new()));
                label(&out, Whose::Nobody, kind);
                rest = after;
            } else {
                out.push_str(&rest[..2]);
                rest = &rest[2..];
            }
        }
        out + rest
    }

    fn key(&mut self, mark: &KeyMark<'_>) -> String {
        let key = self.raw_key(mark);
        if mark.is_wrapped { base64(key.as_bytes()) } else { key }
    }

    fn raw_key(&mut self, mark: &KeyMark<'_>) -> String {
        let draws = &mut self.draws;
        let filler = |name: &str| ALPHABETS.iter().find(|(known, _)| *known == name).map(|(_, alphabet)| *alphabet);
        if let Some(alphabet) = filler(mark.name) {
            return draws.text(mark.kind.parse().expect("a filler has a length"), alphabet);
        }
        if let Some(other) = mark.name.strip_prefix("other-") {
            let n_letters = other.bytes().take_while(u8::is_ascii_alphabetic).count();
            let (name, n) = other.split_at(n_letters);
            return draws.text(n.parse().expect("the name ends in a length"), filler(name).expect("the name has an alphabet"));
        }
        match mark.name {
            "uuid" => draws.uuid(),
            "azure-ai" | "azure-mistral" => draws.text(32, draw::ALNUM),
            "mistral_nodigit" => draws.text(32, &draw::ALNUM[10..]),
            provider => {
                let usual = format!("{provider}-api-key");
                let known = RULES.iter().find(|(known, _)| *known == provider).map(|(_, rules)| *rules);
                let rule = known.map_or(usual.as_str(), |rules| rules[draws.below(rules.len())]);
                let rule = self.rules.get(rule).unwrap_or_else(|| panic!("{provider} has the rule {rule}"));
                draws.key(rule)
            }
        }
    }
}

/// `{{name:kind}}`, `{{name|b64:kind}}` or `{{uuid}}`.
struct KeyMark<'t> {
    name: &'t str,
    is_wrapped: bool,
    kind: &'t str,
}

impl KeyMark<'_> {
    /// Whose key is drawn; nothing for a filler.
    fn whose(&self) -> Option<Whose> {
        match self.name {
            "uuid" => None,
            name if ALPHABETS.iter().any(|(filler, _)| *filler == name) => None,
            "azure-ai" | "azure-mistral" => Some(Whose::Unjudged),
            name if name.starts_with("other-") => Some(Whose::Unjudged),
            "mistral_nodigit" => Some(Whose::Provider("mistral".to_owned())),
            "gemini" => Some(Whose::Provider("google".to_owned())),
            name => Some(Whose::Provider(name.to_owned())),
        }
    }
}

/// The mark at the start of `text`, and what follows it.
fn key_mark(text: &str) -> Option<(KeyMark<'_>, &str)> {
    let (inside, after) = text.strip_prefix("{{")?.split_once("}}")?;
    if inside == "uuid" {
        return Some((KeyMark { name: inside, is_wrapped: false, kind: "" }, after));
    }
    let (name, kind) = inside.split_once(':')?;
    let (name, is_wrapped) = name.strip_suffix("|b64").map_or((name, false), |name| (name, true));
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    (is_word(name) && is_word(kind)).then_some((KeyMark { name, is_wrapped, kind }, after))
}

/// Kind and text of the quiet span at the start of `text`, and what follows it.
fn quiet_mark(text: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = text.strip_prefix("[[")?.split_once(':')?;
    if kind.is_empty() || !kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') {
        return None;
    }
    let mut end = rest.find("]]")?;
    // The text itself may end in a bracket.
    while rest[end + 2..].starts_with(']') {
        end += 1;
    }
    Some((kind, &rest[..end], &rest[end + 2..]))
}
