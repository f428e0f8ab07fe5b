//! GitHub's `primaryLocationLineHash`: by it code scanning knows an alert again when lines move.
//!
//! Its upload action computes the hash from the checked-out file (github/codeql-action, `src/fingerprints.ts`) and believes no other one, so this is the
//! same function of the same bytes: a polynomial with the factor 37, in 64 bits that wrap, over 100 UTF-16 code units from the first one of the line on,
//! where spaces and tabs do not count, CR and CRLF are LF, and the end of the file is 65535 and then zeros. Behind a colon follows how often the file
//! had the value up to this line.
//!
//! There is no hash where it would be another one than GitHub's, or where it would tell too much: in a blob that was decoded or is binary, beyond the first
//! window of a big blob (the lines before it are gone), and on lines with a secret that could be guessed from it.

use std::collections::{BTreeMap, BTreeSet};

use crate::blob::{Encoding, Window};
use crate::finding::Candidate;
use crate::rule::{GENERIC_PASSWORD, GENERIC_SECRET};
use crate::span::Span;

const BLOCK: usize = 100;
const FACTOR: u64 = 37;
const END: u16 = u16::MAX;
const LINE_FEED: u16 = 0x0A;
/// What stands for bytes that are no UTF-8.
const REPLACEMENT: u16 = 0xFFFD;
/// The most bytes of a character in UTF-8.
const LONGEST_CHARACTER: usize = 4;

/// The hashes of the lines on which `candidates`, which are sorted by place, begin.
pub(super) fn of(window: &Window<'_>, candidates: &[Candidate]) -> BTreeMap<u64, String> {
    if window.at != 0 || !window.is_verbatim || window.encoding != Encoding::Utf8 {
        return BTreeMap::new();
    }
    let mut lines = Vec::new();
    let (mut line, mut at) = (window.first_line, 0);
    for candidate in candidates {
        if candidate.span.start > at {
            line += memchr::memchr_iter(b'\n', &window.bytes[at..candidate.span.start]).count() as u64;
            at = candidate.span.start;
        }
        lines.push(line);
    }
    lines.dedup();
    // The last window of a blob owns its bytes to the end, each other one shows more than it owns.
    let is_whole = window.owned.end == window.bytes.len();
    let hidden: Vec<Span> = candidates.iter().filter(|candidate| is_guessable(candidate)).map(|candidate| candidate.span).collect();
    let hashed = hashes(window.bytes, is_whole, &lines).into_iter();
    hashed.filter(|(_, (_, extent))| !hidden.iter().any(|span| span.overlaps(*extent))).map(|(line, (hash, _))| (line, hash)).collect()
}

fn is_guessable(candidate: &Candidate) -> bool {
    #[expect(clippy::disallowed_methods, reason = "compares the secret with its rule's public prefixes, shows nothing")]
    let n_public = candidate.rule.shape.n_public(candidate.secret.expose());
    matches!(candidate.rule.id, GENERIC_PASSWORD | GENERIC_SECRET) || candidate.secret.is_guessable(n_public)
}

/// The hashes of `lines`, which are sorted, each with the bytes that it was made of. Of a text that goes on (`!is_whole`) only what is sure.
fn hashes(text: &[u8], is_whole: bool, lines: &[u64]) -> BTreeMap<u64, (String, Span)> {
    let n_lines = lines.last().map_or(0, |line| usize::try_from(*line).unwrap_or(usize::MAX));
    let starts: Vec<usize> = line_starts(text).take(n_lines).collect();
    let units = |start: usize| Units { text, at: start, low: None, end: is_whole.then_some(END) };
    let wanted: BTreeMap<u64, usize> = lines.iter().filter_map(|line| Some((*line, *starts.get(usize::try_from(line - 1).ok()?)?))).collect();
    // Only a line that begins as a wanted one may have its hash; of the others no more is read.
    let beginnings: BTreeSet<u64> = wanted.values().map(|start| units(*start).beginning()).collect();
    let mut counts: BTreeMap<u64, u64> = wanted.values().filter_map(|start| Some((units(*start).hash()?.0, 0))).collect();
    let mut found = BTreeMap::new();
    for (start, line) in starts.iter().zip(1..) {
        let is_alike = beginnings.contains(&units(*start).beginning());
        let Some((hash, extent)) = is_alike.then(|| units(*start).hash()).flatten() else { continue };
        let Some(count) = counts.get_mut(&hash) else { continue };
        *count += 1;
        if wanted.contains_key(&line) {
            found.insert(line, (format!("{hash:x}:{count}"), extent));
        }
    }
    found
}

/// Where lines begin: at the start, and behind each LF, CRLF and CR.
fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    let ends = memchr::memchr2_iter(b'\n', b'\r', text).filter(|at| !text[*at..].starts_with(b"\r\n"));
    std::iter::once(0).chain(ends.map(|at| at + 1))
}

/// The code units that count, from a place on.
struct Units<'a> {
    text: &'a [u8],
    at: usize,
    /// The second half of a character that has two.
    low: Option<u16>,
    /// What comes behind the text, if that ends there.
    end: Option<u16>,
}

impl Units<'_> {
    /// The first four units.
    fn beginning(self) -> u64 {
        self.take(4).fold(0, |all, unit| all << 16 | u64::from(unit))
    }

    /// The hash, and the bytes that it is made of; none if it depends on what comes behind the text.
    fn hash(mut self) -> Option<(u64, Span)> {
        self.skip_blanks();
        let start = self.at;
        let mut hash = 0_u64;
        for _ in 0..BLOCK {
            hash = hash.wrapping_mul(FACTOR).wrapping_add(u64::from(self.next()?));
        }
        // At its end the text may be cut within a character.
        (self.end.is_some() || self.at < self.text.len()).then_some((hash, Span::new(start, self.at)))
    }

    fn skip_blanks(&mut self) {
        self.at += self.text[self.at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    }
}

impl Iterator for Units<'_> {
    type Item = u16;

    fn next(&mut self) -> Option<u16> {
        if let Some(low) = self.low.take() {
            return Some(low);
        }
        self.skip_blanks();
        let rest = &self.text[self.at..];
        let (unit, n) = match rest {
            [] => {
                // Behind the mark of the end there are zeros.
                let end = self.end?;
                self.end = Some(0);
                return Some(end);
            }
            [b'\r', b'\n', ..] => (LINE_FEED, 2),
            [b'\r', ..] => (LINE_FEED, 1),
            [byte, ..] if byte.is_ascii() => (u16::from(*byte), 1),
            _ => {
                let chunk = rest[..rest.len().min(LONGEST_CHARACTER)].utf8_chunks().next()?;
                match chunk.valid().chars().next() {
                    Some(c) => {
                        let mut both = [0; 2];
                        self.low = c.encode_utf16(&mut both).get(1).copied();
                        (both[0], c.len_utf8())
                    }
                    None => (REPLACEMENT, chunk.invalid().len()),
                }
            }
        };
        self.at += n;
        Some(unit)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(text: &[u8]) -> Vec<String> {
        let lines: Vec<u64> = (1..=text.len() as u64 + 1).collect();
        hashes(text, true, &lines).into_values().map(|(hash, _)| hash).collect()
    }

    /// The published algorithm in other words: the units of the whole text, and for each line the value of a number to the base 37, digit by digit in
    /// decimal long hand, of which the rest modulo 2^64 is taken at the end.
    fn by_long_hand(text: &[u8]) -> Vec<String> {
        let text = String::from_utf8_lossy(text).replace("\r\n", "\n").replace('\r', "\n");
        let mut units: Vec<u16> = Vec::new();
        let mut starts = Vec::new();
        let mut is_start = true;
        for unit in text.encode_utf16().filter(|unit| *unit != 9 && *unit != 32).chain([u16::MAX]) {
            if is_start {
                starts.push(units.len());
            }
            is_start = unit == 10;
            units.push(unit);
        }
        units.resize(units.len() + 100, 0);
        let mut seen: Vec<u64> = Vec::new();
        let hash = |start: &usize| {
            // Little-endian digits to the base 2^32: no bit is lost until the end.
            let mut number: Vec<u64> = vec![0];
            for unit in &units[*start..*start + 100] {
                let mut carry = u64::from(*unit);
                for digit in &mut number {
                    let sum = *digit * 37 + carry;
                    (*digit, carry) = (sum & 0xFFFF_FFFF, sum >> 32);
                }
                if carry > 0 {
                    number.push(carry);
                }
            }
            let value = number[0] | number.get(1).copied().unwrap_or(0) << 32;
            seen.push(value);
            format!("{value:x}:{}", seen.iter().filter(|other| **other == value).count())
        };
        starts.iter().map(hash).collect()
    }

    #[test]
    fn the_published_values_come_out() {
        // From the tests of the upload action.
        assert_eq!(all(b""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(all(b" a\nb\n  \t\tc\n d"), ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]);
        let greeting = ["8b7cf3e952e7aeb2:1", "b1ae1287ec4718d9:1", "bff680108adb0fcc:1", "c6805c5e1288b612:1", "b86d3392aea1be30:1", "e6ceba753e1a442:1"];
        for text in [
            &b" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"[..],
            b" hello; \t\r\nworld!!!\r\n\r\n\r\n  \t\tGreetings\r\n End",
            b" hello; \t\rworld!!!\r\r\r  \t\tGreetings\r End",
        ] {
            assert_eq!(all(text), greeting);
        }
    }

    #[test]
    fn equal_lines_are_numbered() {
        assert_eq!(all(&b"x\n".repeat(205)), by_long_hand(&b"x\n".repeat(205)));
        assert!(all(&b"x\n".repeat(205)).contains(&format!("{}:2", all(&b"x\n".repeat(205))[0].trim_end_matches(":1"))));
    }

    #[test]
    fn text_that_goes_on_gives_only_what_is_sure() {
        let text = [b"a".repeat(150).as_slice(), b"\nshort"].concat();
        let found = hashes(&text, false, &[1, 2]);
        assert_eq!(found.into_keys().collect::<Vec<_>>(), [1]);
    }

    proptest! {
        #[test]
        fn every_text_is_hashed_as_by_long_hand(parts in prop::collection::vec(prop_oneof![
            Just(" ".to_owned()), Just("\t".to_owned()), Just("\n".to_owned()), Just("\r".to_owned()), Just("\r\n".to_owned()),
            Just("😀".to_owned()), Just("é漢".to_owned()), "[a-z=]{1,40}"], 0..80)) {
            let text = parts.concat();
            prop_assert_eq!(all(text.as_bytes()), by_long_hand(text.as_bytes()));
        }

        #[test]
        fn every_bytes_are_hashed_as_by_long_hand(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            prop_assert_eq!(all(&bytes), by_long_hand(&bytes));
        }
    }
}
