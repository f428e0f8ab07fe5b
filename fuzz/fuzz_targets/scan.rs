//! A window of any bytes is scanned without a panic, each finding is where it says, and two windows that share a text find what one finds.
//!
//! Random bytes hold no keys. Therefore a byte 0xFF and the one after it stand for a key drawn from a rule's shape, 0xFD and the one after it for
//! such a key wrapped in base64, and 0xFE with the two after it for a word near which keys stand; the rest of the input is taken as it is.

#![no_main]

use std::sync::LazyLock;

use keysift::blob::{Encoding, Origin, Window};
use keysift::finding::{Finding, Layer};
use keysift::rule::RuleSet;
use keysift::rule::draw::Draws;
use keysift::scan::{Engine, check};
use keysift::span::Span;
use libfuzzer_sys::fuzz_target;

static RULES: LazyLock<RuleSet> = LazyLock::new(RuleSet::built_in);
static ENGINE: LazyLock<Engine> = LazyLock::new(|| check::engine(RuleSet::built_in()));
static WORDS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let lists = |context: &keysift::rule::Context| [context.names, context.hosts, context.imports, context.constructors, context.models].concat();
    RULES.providers.iter().flat_map(|provider| [provider.env.to_vec(), lists(&provider.context)].concat()).collect()
});

const PATHS: [&str; 6] = [".env", "src/app.py", "config.yaml", "package-lock.json", "notes.ipynb", "a/b/mistral.ts"];

fuzz_target!(|input: &[u8]| {
    let [path, encoding, cut, rest @ ..] = input else { return };
    let text = filled(rest);
    let encoding = if encoding % 8 == 7 { Encoding::Binary } else { Encoding::Utf8 };
    let origin = Origin::new(PATHS[usize::from(*path) % PATHS.len()]);
    let scanned = |owned: Span| {
        let mut found = Vec::new();
        ENGINE.scan_window(&origin, &Window { encoding, owned, ..Window::whole(&text) }, &mut found);
        for finding in &found {
            check_finding(finding, &text, owned);
        }
        found
    };

    let whole = scanned(Span::new(0, text.len()));
    if *cut > 0 {
        let cut = text.len() * usize::from(*cut) / 255;
        let mut parts = scanned(Span::new(0, cut));
        parts.extend(scanned(Span::new(cut, text.len())));
        let place = |finding: &Finding| (finding.region, finding.rule.id, finding.confidence);
        assert_eq!(
            parts.iter().map(place).collect::<Vec<_>>(),
            whole.iter().map(place).collect::<Vec<_>>(),
            "two windows that share a text find what one finds"
        );
    }
});

fn check_finding(finding: &Finding, text: &[u8], owned: Span) {
    let start = usize::try_from(finding.region.offset).expect("the text fits into memory");
    // What wraps a key in base64 may begin before its first token, a structured secret goes on behind what announces it, and that decides who owns it.
    let is_owned = (start < owned.end || finding.rule.structure.is_some()) && (start >= owned.start || finding.layer == Layer::Base64);
    assert!(is_owned, "{}: {start} is not owned: {owned:?}", finding.rule.id);
    assert!(finding.region.start < finding.region.end && finding.secret.n_bytes() > 0);
    let n_lines = text[..start].iter().filter(|&&byte| byte == b'\n').count() as u64;
    assert_eq!(finding.region.start.line, 1 + n_lines);
    #[expect(clippy::disallowed_methods, reason = "compares the secret with the text it came from, shows nothing")]
    let (secret, line) = (finding.secret.expose(), finding.excerpt.line.expose());
    assert!(start + secret.len() <= text.len(), "{}: the secret ends behind the text", finding.rule.id);
    let shown = finding.excerpt.secret;
    assert!(shown.end <= line.len() && !shown.is_empty(), "{}: the secret lies outside of its excerpt", finding.rule.id);
    let masked = &finding.excerpt.masked;
    assert!(masked.iter().any(|span| span.contains(shown)), "{}: an excerpt leaves its own secret unmasked", finding.rule.id);
    assert!(masked.iter().all(|span| span.end <= line.len()) && masked.is_sorted(), "{}: an excerpt's masks are no list of places in it", finding.rule.id);
    if finding.layer == Layer::Raw {
        assert!(&text[start..start + secret.len()] == secret, "{}: the text at the reported place is not the secret", finding.rule.id);
        assert!(shown.of(line) == secret, "{}: the excerpt's secret is another", finding.rule.id);
    }
}

/// The input with its keys and words filled in.
fn filled(input: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut bytes = input.iter().copied();
    while let Some(byte) = bytes.next() {
        let mut next = || bytes.next().unwrap_or_default();
        match byte {
            0xFF => text.extend(key(next()).bytes()),
            0xFD => text.extend(base64(format!("my_api_key: ???{} >>>", key(next())).as_bytes())),
            0xFE => text.extend(WORDS[usize::from(u16::from_le_bytes([next(), next()])) % WORDS.len()].bytes()),
            _ => text.push(byte),
        }
    }
    text
}

fn key(which: u8) -> &'static str {
    static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
        let shape = |which: usize| RULES.rules[which % RULES.rules.len()].shape.pattern;
        (0..=u8::MAX).map(|which| Draws::new(u64::from(which)).shape(shape(usize::from(which)))).collect()
    });
    &KEYS[usize::from(which)]
}

fn base64(text: &[u8]) -> Vec<u8> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = |group: &[u8]| {
        let bits = group.iter().fold(0, |bits, &byte| bits << 8 | usize::from(byte)) << (8 * (3 - group.len()));
        [18, 12, 6, 0].map(|shift| ALPHABET[bits >> shift & 63]).into_iter().take(group.len() + 1).collect::<Vec<u8>>()
    };
    text.chunks(3).flat_map(digits).collect()
}
