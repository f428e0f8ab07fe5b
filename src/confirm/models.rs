//! Lists of models: what a key can reach, in families that tell a reader at a glance what it is good for.
//!
//! The family comes from what a provider says about a model where it says anything (Mistral's `type` and `capabilities`), else from words of its id.

use serde_json::Value;

use super::{facts, json};

/// What a model is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Text, a big one.
    Large,
    /// Text, a small one.
    Small,
    /// Programs.
    Code,
    /// Vectors, and ranking by them.
    Embedding,
    /// Reads or draws pictures, and little else.
    Vision,
    /// Hears or speaks.
    Audio,
    /// Tells harmful content.
    Moderation,
    /// The customer's own, trained on the customer's data.
    FineTuned,
    /// Its id does not tell.
    Other,
}

impl Family {
    /// The word used in reports.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Small => "small",
            Self::Code => "code",
            Self::Embedding => "embedding",
            Self::Vision => "vision",
            Self::Audio => "audio",
            Self::Moderation => "moderation",
            Self::FineTuned => "fine-tuned",
            Self::Other => "other",
        }
    }
}

/// A list of models.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Models {
    /// How many there are.
    pub n: usize,
    /// Their ids, printable and of bounded length, in the order of the list; families in their own order, without empty ones.
    pub by_family: Vec<(Family, Vec<String>)>,
}

impl Models {
    /// How many there are of each family, in a line.
    pub fn text(&self) -> String {
        let families: Vec<String> = self.by_family.iter().map(|(family, ids)| format!("{} {}", ids.len(), family.text())).collect();
        let models = if self.n == 1 { "model" } else { "models" };
        format!("{} {models}: {}", self.n, families.join(", "))
    }

    fn add(&mut self, family: Family, id: &str) {
        self.n += 1;
        let at = self.by_family.partition_point(|(other, _)| *other < family);
        if self.by_family.get(at).is_none_or(|(other, _)| *other != family) {
            self.by_family.insert(at, (family, Vec::new()));
        }
        self.by_family[at].1.push(facts::clean(id));
    }
}

/// The models that a body lists, in any of the common forms; a body that was cut as far as it is whole.
pub fn models(body: &[u8]) -> Option<Models> {
    let body = body.trim_ascii();
    let value = match serde_json::from_slice::<Value>(body) {
        Ok(value) => value,
        Err(error) if error.is_eof() => json::whole_part(body)?,
        Err(_) => return None,
    };
    of(&value)
}

/// The models of `{"data": [{"id": …}]}`, `{"models": [{"name": …}]}` or `[{"id": …}]`.
pub fn of(value: &Value) -> Option<Models> {
    let list = ["data", "models"].iter().find_map(|name| value.get(*name)).unwrap_or(value).as_array()?;
    let mut models = Models::default();
    for model in list {
        // The last one of a list that was cut may lack its id.
        let id = ["id", "name", "model"].iter().find_map(|name| model.get(*name)).unwrap_or(model).as_str();
        if let Some(id) = id {
            models.add(family(id, model), id);
        }
    }
    (models.n > 0 || list.is_empty()).then_some(models)
}

/// The models that are called so.
pub fn of_names(names: Vec<&Value>) -> Models {
    let mut models = Models::default();
    names.into_iter().filter_map(Value::as_str).for_each(|id| models.add(family(id, &Value::Null), id));
    models
}

/// Beginnings of words in an id, in the order in which they decide.
const WORDS: &[(Family, &[&str])] = &[
    (Family::Moderation, &["moderation", "guard", "shieldgemma", "safety"]),
    (Family::Embedding, &["embed", "rerank", "bge", "e5", "gte", "minilm", "voyage", "colbert", "jina"]),
    (Family::Audio, &["whisper", "tts", "audio", "voxtral", "transcri", "speech", "realtime", "orpheus", "kokoro", "sonic", "lyria", "asr"]),
    (Family::Code, &["code", "coder", "codestral", "devstral", "starcoder", "fim", "codex"]),
    (
        Family::Vision,
        &[
            "ocr", "vision", "vl", "vlm", "image", "imagen", "imagine", "pixtral", "dall", "flux", "sora", "veo", "stable", "sdxl", "llava", "cogview", "wan",
            "video", "kling",
        ],
    ),
    (
        Family::Small,
        &["mini", "nano", "tiny", "small", "haiku", "lite", "flash", "ministral", "micro", "instant", "fast", "air", "nemo", "phi", "light", "smol"],
    ),
    (
        Family::Large,
        &[
            "large",
            "medium",
            "opus",
            "sonnet",
            "pro",
            "max",
            "ultra",
            "gpt",
            "chatgpt",
            "claude",
            "o1",
            "o3",
            "o4",
            "grok",
            "gemini",
            "deepseek",
            "command",
            "mistral",
            "mixtral",
            "magistral",
            "llama",
            "qwen",
            "qwq",
            "glm",
            "kimi",
            "moonshot",
            "sonar",
            "jamba",
            "minimax",
            "nova",
            "gemma",
            "yi",
            "hermes",
            "solar",
            "reka",
            "plus",
            "turbo",
        ],
    ),
];

/// Billions of parameters below which a model is small.
const SMALL_BELOW: f64 = 20.0;

fn family(id: &str, model: &Value) -> Family {
    let id = id.to_ascii_lowercase();
    let is_own = model.get("type").and_then(Value::as_str) == Some("fine-tuned");
    if is_own || id.starts_with("ft:") || id.starts_with("ft-") || id.starts_with("tunedmodels/") || id.contains(":ft-") {
        return Family::FineTuned;
    }
    let can = |what: &str| model.pointer(&format!("/capabilities/{what}")).and_then(Value::as_bool);
    if can("completion_chat") == Some(false) {
        let told = [("moderation", Family::Moderation), ("audio", Family::Audio), ("ocr", Family::Vision), ("completion_fim", Family::Code)];
        if let Some((_, family)) = told.iter().find(|(what, _)| can(what) == Some(true)) {
            return *family;
        }
    }
    let words: Vec<&str> = id.split(|c: char| !c.is_ascii_alphanumeric() && c != '.').collect();
    let named = WORDS.iter().find(|(_, begins)| words.iter().any(|word| begins.iter().any(|begin| is_word(word, begin)))).map(|(family, _)| *family);
    match (named, size(&words)) {
        (None | Some(Family::Large | Family::Small), Some(size)) => {
            if size < SMALL_BELOW {
                Family::Small
            } else {
                Family::Large
            }
        }
        (Some(family), _) => family,
        (None, None) => Family::Other,
    }
}

/// Short beginnings must be the whole word, but for a number behind them.
fn is_word(word: &str, begin: &str) -> bool {
    word.strip_prefix(begin).is_some_and(|rest| begin.len() > 4 || rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}

/// Billions of parameters, where a word is a number and a `b`.
fn size(words: &[&str]) -> Option<f64> {
    words.iter().find_map(|word| word.strip_suffix('b')?.parse::<f64>().ok()).filter(|size| size.is_finite())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_tell_the_family() {
        use Family::{Audio, Code, Embedding, FineTuned, Large, Moderation, Other, Small, Vision};
        for (id, expected) in [
            ("mistral-large-latest", Large),
            ("mistral-medium-3.5", Large),
            ("mistral-small-4", Small),
            ("ministral-3-8b-2512", Small),
            ("mistral-nemo-12b", Small),
            ("codestral-2508", Code),
            ("devstral-2-2512", Code),
            ("mistral-embed", Embedding),
            ("codestral-embed", Embedding),
            ("mistral-moderation-latest", Moderation),
            ("mistral-ocr-latest", Vision),
            ("pixtral-large-latest", Vision),
            ("voxtral-mini-latest", Audio),
            ("ft:open-mistral-7b:abc:20250101", FineTuned),
            ("ft:gpt-4o-mini-2024-07-18:acme::x", FineTuned),
            ("gpt-5", Large),
            ("gpt-4o-mini", Small),
            ("o3", Large),
            ("gpt-4o-mini-tts", Audio),
            ("text-embedding-3-small", Embedding),
            ("omni-moderation-latest", Moderation),
            ("dall-e-3", Vision),
            ("claude-opus-4-5", Large),
            ("claude-3-5-haiku-latest", Small),
            ("models/gemini-2.5-flash", Small),
            ("models/gemini-2.5-pro", Large),
            ("meta-llama/Llama-3.3-70B-Instruct", Large),
            ("meta-llama/Llama-3.1-8B-Instruct", Small),
            ("qwen/qwen2.5-coder-32b", Code),
            ("whisper-large-v3", Audio),
            ("rerank-v3.5", Embedding),
            ("llama-guard-4-12b", Moderation),
            ("babbage-002", Other),
            ("", Other),
        ] {
            assert_eq!(family(id, &Value::Null), expected, "{id}");
        }
    }

    #[test]
    fn what_the_provider_says_counts_more_than_the_id() {
        let model = |json: &str| serde_json::from_str::<Value>(json).expect("it is JSON");
        assert_eq!(family("acme-support", &model(r#"{"type":"fine-tuned"}"#)), Family::FineTuned);
        assert_eq!(family("m-1", &model(r#"{"capabilities":{"completion_chat":false,"moderation":true}}"#)), Family::Moderation);
        assert_eq!(family("m-1", &model(r#"{"capabilities":{"completion_chat":false,"ocr":true}}"#)), Family::Vision);
        assert_eq!(family("mistral-large-3", &model(r#"{"capabilities":{"completion_chat":true,"vision":true}}"#)), Family::Large);
    }

    #[test]
    fn the_common_forms_are_read() {
        let expected = "2 models: 1 large, 1 embedding";
        for body in [
            r#"{"object":"list","data":[{"id":"mistral-large-3"},{"id":"mistral-embed"}]}"#,
            r#"{"models":[{"name":"models/gemini-3-pro"},{"name":"models/gemini-embedding-001"}]}"#,
            r#"[{"id":"gpt-5"},{"id":"text-embedding-3-large"}]"#,
            r#"["gpt-5","text-embedding-3-large"]"#,
            r#"{"data":[{"id":"gpt-5"},{"id":"text-embedding-3-large"},{"id":"#,
            r#"{"data":[{"id":"gpt-5"},{"id":"text-embedding-3-large"},{"object":"model","id":"gp"#,
        ] {
            assert_eq!(models(body.as_bytes()).map(|models| models.text()).as_deref(), Some(expected), "{body}");
        }
        assert_eq!(models(br#"{"data":[]}"#).map(|models| models.n), Some(0));
        for other in ["", "<html>", "{}", r#"{"data":{"id":"x"}}"#, r#"{"data":[{"x":"y"}]}"#, "[1]"] {
            assert_eq!(models(other.as_bytes()), None, "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_not(body: Vec<u8>) {
            let _ = models(&body);
        }
    }
}
