//! Shapes that need no engine of regular expressions: a key is read from its beginning to its end, step by step, and no step is taken back.
//!
//! Nearly all shapes are literals and classes in a row, some of them with a few ways to be written (`(?:live|test)_…`). Each way is a list of steps, a class with
//! how often it stands there. A step takes as many bytes as it can; that is right where what may follow begins with no byte of its class, and only the last
//! one gives bytes back until the key ends where one may. For all other shapes there is no way, and their expression decides, which has to be compiled first; in
//! small trees that was a large part of the whole cost.
//!
//! The steps match what the expression does, preferring the same way (a test compares them).
//!
//! Also compiled into the build script; therefore it depends on `shape` alone.

use regex_syntax::hir::{Class, Hir, HirKind, Repetition};

use super::shape::class_of;

/// The most ways, and the most steps of each; a shape with more is left to its expression.
const MOST_WAYS: usize = 16;
const MOST_STEPS: usize = 512;

/// A class of ASCII characters, and how often it stands in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// The characters, a bit for each.
    pub class: [u64; 2],
    /// How many there are at least.
    pub least: u16,
    /// How many there are at most.
    pub most: u16,
}

/// The length of the key at the beginning of `text` that these steps read: the longest that no character of keys follows.
pub fn length(steps: &[Step], text: &[u8]) -> Option<usize> {
    let (last, others) = steps.split_last()?;
    let mut at = 0;
    for step in others {
        let n = step.count(&text[at..]);
        if n < usize::from(step.least) {
            return None;
        }
        at += n;
    }
    let n = last.count(&text[at..]);
    (usize::from(last.least)..=n).rev().map(|n| at + n).find(|end| text.get(*end).is_none_or(|byte| class_of(*byte) == 0))
}

impl Step {
    fn has(&self, byte: u8) -> bool {
        byte.is_ascii() && self.class[usize::from(byte / 64)] >> (byte % 64) & 1 == 1
    }

    /// How many bytes at the beginning of `text` it takes.
    fn count(&self, text: &[u8]) -> usize {
        text.iter().take(self.most.into()).take_while(|byte| self.has(**byte)).count()
    }

    fn meets(&self, other: &Self) -> bool {
        self.class.iter().zip(other.class).any(|(own, other)| own & other != 0)
    }

    /// Whether all its characters are those of tokens, none of which follows a key.
    fn is_of_tokens(&self) -> bool {
        (0..128).all(|byte| !self.has(byte) || class_of(byte) != 0)
    }
}

/// The ways to write a key that `hir` describes, the preferred one first. None if steps cannot tell.
pub fn ways(hir: &Hir) -> Vec<Vec<Step>> {
    let ways = expanded(hir).unwrap_or_default();
    if ways.iter().all(|way| is_sure(way)) { ways } else { Vec::new() }
}

/// Whether no step but the last has to give anything back: what may follow it begins otherwise.
fn is_sure(way: &[Step]) -> bool {
    let is_sure_at = |at: usize| {
        let (step, rest) = (&way[at], &way[at + 1..]);
        let n_next = rest.iter().position(|next| next.least > 0).map_or(rest.len(), |at| at + 1);
        let may_be_last = rest[..n_next].iter().all(|next| next.least == 0);
        step.least == step.most || !rest[..n_next].iter().any(|next| next.meets(step)) && (!may_be_last || step.is_of_tokens())
    };
    !way.is_empty() && (0..way.len() - 1).all(is_sure_at)
}

/// All ways to write what `hir` describes, in the order in which an expression tries them.
fn expanded(hir: &Hir) -> Option<Vec<Vec<Step>>> {
    match hir.kind() {
        HirKind::Empty => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.iter().map(|byte| step(std::iter::once(*byte), 1, 1)).collect::<Option<_>>()?]),
        HirKind::Class(class) => Some(vec![vec![class_step(class, 1, 1)?]]),
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) => expanded(&capture.sub),
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |ways, part| joined(&ways, &expanded(part)?)),
        HirKind::Alternation(branches) => {
            let ways = branches.iter().map(expanded).collect::<Option<Vec<_>>>()?.concat();
            (ways.len() <= MOST_WAYS).then_some(ways)
        }
        HirKind::Look(_) => None,
    }
}

/// A class is repeated by one step, a group by as many ways as there are numbers of it, the most first.
fn repeated(repetition: &Repetition) -> Option<Vec<Vec<Step>>> {
    let most = repetition.max.filter(|_| repetition.greedy)?;
    match repetition.sub.kind() {
        HirKind::Class(class) => return Some(vec![vec![class_step(class, repetition.min, most)?]]),
        HirKind::Literal(literal) if literal.0.len() == 1 => return Some(vec![vec![step(literal.0.iter().copied(), repetition.min, most)?]]),
        _ => {}
    }
    let once = expanded(&repetition.sub).filter(|_| ((most - repetition.min) as usize) < MOST_WAYS)?;
    let mut ways = vec![Vec::new()];
    let mut all = Vec::new();
    for n in 0..=most {
        if n >= repetition.min {
            all.splice(0..0, ways.iter().cloned());
        }
        if n < most {
            ways = joined(&ways, &once)?;
        }
    }
    (all.len() <= MOST_WAYS).then_some(all)
}

/// Each way before each other one.
fn joined(ways: &[Vec<Step>], next: &[Vec<Step>]) -> Option<Vec<Vec<Step>>> {
    let longest = |ways: &[Vec<Step>]| ways.iter().map(Vec::len).max().unwrap_or(0);
    let is_small = ways.len() * next.len() <= MOST_WAYS && longest(ways) + longest(next) <= MOST_STEPS;
    is_small.then(|| ways.iter().flat_map(|way| next.iter().map(move |next| [way.as_slice(), next].concat())).collect())
}

fn class_step(class: &Class, least: u32, most: u32) -> Option<Step> {
    let Class::Bytes(class) = class else { return None };
    step(class.ranges().iter().flat_map(|range| range.start()..=range.end()), least, most)
}

/// A step of these bytes, if all are ASCII.
fn step(bytes: impl Iterator<Item = u8>, least: u32, most: u32) -> Option<Step> {
    let mut class = [0; 2];
    for byte in bytes {
        *class.get_mut(usize::from(byte / 64))? |= 1 << (byte % 64);
    }
    Some(Step { class, least: u16::try_from(least).ok()?, most: u16::try_from(most).ok()? })
}

#[cfg(test)]
mod tests {
    use regex::bytes::Regex;

    use super::super::RuleSet;
    use super::super::draw::Draws;
    use super::*;

    fn ways_of(pattern: &str) -> Vec<Vec<Step>> {
        ways(&regex_syntax::ParserBuilder::new().unicode(false).utf8(false).build().parse(pattern).expect("a valid expression"))
    }

    /// Texts that are like `key`, with what may stand behind it.
    fn variants(key: &str, draws: &mut Draws) -> Vec<Vec<u8>> {
        const OTHERS: &[u8] = b"aZ09_-.=+/ \n\"\xff";
        let key = key.as_bytes();
        let (at, other) = (draws.below(key.len()), OTHERS[draws.below(OTHERS.len())]);
        let end = key.len() - draws.below(key.len().min(4));
        vec![
            key.to_vec(),
            [key, &[other]].concat(),
            [key, key].concat(),
            [&key[..end], &[other], key].concat(),
            [&key[..at], &[other], &key[at + 1..]].concat(),
            [&key[..at], &key[at + 1..]].concat(),
            [&key[..at], &[key[at]], &key[at..]].concat(),
            key[..at].to_vec(),
        ]
    }

    #[test]
    fn steps_read_what_the_expressions_of_the_rules_match() {
        let mut draws = Draws::new(1);
        for rule in RuleSet::built_in().rules.iter().filter(|rule| !rule.shape.ways.is_empty()) {
            for _ in 0..25 {
                let key = draws.shape(rule.shape.pattern);
                for text in variants(&key, &mut draws) {
                    let text = text.as_slice();
                    assert_eq!(rule.shape.match_at(text, 0), rule.shape.match_by_expression(text, 0), "{}: {}", rule.id, text.escape_ascii());
                }
            }
        }
    }

    #[test]
    fn nearly_all_shapes_are_read_by_steps() {
        let rules = RuleSet::built_in().rules;
        let others: Vec<&str> = rules.iter().filter(|rule| rule.shape.ways.is_empty()).map(|rule| rule.id).collect();
        assert!(others.len() * 20 < rules.len(), "{} of {}: {others:?}", others.len(), rules.len());
    }

    #[test]
    fn what_would_have_to_be_given_back_is_left_to_the_expression() {
        for pattern in ["[a-z]{2,4}[a-c]{2}", "[a-z+/]{4,8}={0,2}", "(?:ab|a)[b-c]{1,2}-?b", "[a-z]{1,3}?-", "(?:a|b|c1|d2){1,9}", "\\xffab", "(?:ab){0,90}"] {
            assert!(ways_of(pattern).is_empty(), "{pattern}");
        }
        for pattern in ["sk-(?:proj-|svcacct-)?[A-Za-z0-9_-]{20}", "(?:[0-9a-f]{4}-){3}[0-9a-f]{4}", "[a-z]{2,4}={0,2}", "(?:ab|a)[b-c]{1,2}", "x?y?-[a-z]{3}"]
        {
            assert!(!ways_of(pattern).is_empty(), "{pattern}");
        }
    }

    proptest::proptest! {
        #[test]
        fn steps_read_what_any_expression_matches(
            parts in proptest::collection::vec(proptest::sample::select(vec![
                "a", "b-", "[ab]{1,3}", "[b-d]{0,2}", "(?:a|bc)", "(?:ab)?", "(?:a[bc]{1,2}-){0,2}", "={0,2}", "[a=]{2,4}", "[ab]", "c?", "(?:a|ab|b)",
            ]), 1..6),
            text in "[abcd=-]{0,14}",
        ) {
            let pattern = parts.concat();
            let expression = Regex::new(&format!(r"\A(?-u:({pattern})(?:[^A-Za-z0-9_\-]|\z))")).expect("a valid expression");
            let expected = expression.captures(text.as_bytes()).map(|found| found[1].len());
            let ways = ways_of(&pattern);
            proptest::prop_assume!(!ways.is_empty());
            proptest::prop_assert_eq!(ways.iter().find_map(|way| length(way, text.as_bytes())), expected, "{}", pattern);
        }
    }
}
