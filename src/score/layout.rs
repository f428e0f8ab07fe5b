//! Structure that is shown without brackets: indentation, section headers, markup.

use super::place::{Place, Zone};
use crate::span::{Span, line_above, line_around, line_start};

impl Place {
    /// YAML and other indented text: keys above with less indentation, and the block of lines with the same.
    pub(super) fn indented(&mut self, text: &[u8], line: Span) {
        let Some(own) = Indent::of(text, line) else { return self.headed(text, line) };
        let mut siblings = line;
        let (mut level, mut at, mut in_block, mut has_parent) = (own.key_at, line.start, true, false);
        for _ in 0..80 {
            if level == 0 && !in_block {
                break;
            }
            let Some(above) = line_above(text, at) else { break };
            at = above.start;
            let Some(indent) = Indent::of_any(text, above) else { continue };
            if indent.key_at < level {
                if let Some(key) = Indent::of(text, above).and_then(|indent| indent.key) {
                    self.zones.push((Zone::Enclosing, key));
                }
                level = indent.key_at;
                in_block = false;
                has_parent = true;
            } else if has_parent && indent.key_at == level && (indent.is_item || is_used(text, above)) {
                // `- uses: owner/action` above `with:`: what the item is says whose its parts are.
                if let Some(key) = Indent::of(text, above).and_then(|indent| indent.key) {
                    self.zones.push((Zone::Enclosing, Span::new(key.start, above.end)));
                }
                level -= usize::from(indent.is_item && level > 0);
            } else if in_block && indent.key_at == own.key_at {
                siblings.start = above.start;
                in_block = !indent.is_item && !own.is_item;
            }
            in_block &= !own.is_item;
        }
        if self.zone(Zone::Enclosing).last().is_some_and(|key| matches!(key.of(text), b"stringData" | b"data")) {
            self.zones.extend(manifest_name(text, line).map(|name| (Zone::Enclosing, name)));
        }
        let mut at = line.end;
        for _ in 0..30 {
            if at + 1 >= text.len() {
                break;
            }
            let below = line_around(text, at + 1);
            at = below.end;
            let Some(indent) = Indent::of_any(text, below) else { break };
            if indent.key_at < own.key_at || indent.is_item && indent.key_at == own.key_at {
                break;
            }
            siblings.end = below.end;
        }
        if own.key_at > 0 && siblings != line {
            self.zones.push((Zone::Sibling, siblings));
        }
    }

    /// Code that shows its structure by indentation: the headers above, such as `def`, `class`, `if` or `case`.
    pub(super) fn headed(&mut self, text: &[u8], line: Span) {
        let indentation = |line: Span| line.of(text).iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let mut level = indentation(line);
        let mut at = line.start;
        for _ in 0..60 {
            if level == 0 {
                return;
            }
            let Some(above) = line_above(text, at) else { return };
            at = above.start;
            let content = above.of(text).trim_ascii();
            if content.is_empty() || indentation(above) >= level || content.len() > 200 {
                continue;
            }
            level = indentation(above);
            let is_block = || content.ends_with(b"|") && memchr::memmem::find(content, b" do |").is_some();
            if content.ends_with(b":") || content.ends_with(b"{") || content.ends_with(b"=>") || content.ends_with(b"do") || is_block() {
                self.zones.push((Zone::Enclosing, above));
            }
        }
    }

    /// INI and TOML: the header above, and what the section says it is about (`provider = …`).
    pub(super) fn section(&mut self, text: &[u8], line: Span) {
        if !self.is_assigned {
            return;
        }
        let mut subject: Option<(usize, Span)> = None;
        let mut at = line.start;
        for _ in 0..60 {
            let Some(above) = line_above(text, at) else { return };
            at = above.start;
            let content = above.of(text).trim_ascii();
            if content.len() > 2 && content.starts_with(b"[") && content.ends_with(b"]") && !content.contains(&b',') {
                self.zones.push((Zone::Enclosing, above));
                return self.zones.extend(subject.map(|(_, subject)| (Zone::Sibling, subject)));
            }
            if let Some(rank) = rank_of_subject(content)
                && subject.is_none_or(|(best, _)| rank < best)
            {
                subject = Some((rank, above));
            }
        }
    }

    /// XML: the attributes beside the token, or the element it is the text of and the one before.
    pub(super) fn markup(&mut self, text: &[u8], token: Span, line: Span) {
        let is_first = line.start > 0 && text[line.start..token.start].iter().all(u8::is_ascii_whitespace);
        // `<name>` and its text may have a line each.
        let line = if is_first { Span::new(line_start(text, line.start - 1), line.end) } else { line };
        let start = line.start.max(token.start.saturating_sub(400));
        let left = &text[start..token.start];
        let Some(open) = memchr::memrchr(b'<', left).map(|i| start + i) else { return self.attribute(text, token, line) };
        if !text.get(open + 1).is_some_and(u8::is_ascii_alphabetic) {
            return;
        }
        match memchr::memchr(b'>', &text[open..token.start]).map(|i| open + i) {
            None => {
                self.zones.push((Zone::Sibling, tag_around(text, open, token, line)));
            }
            Some(close) if text[close + 1..token.start].iter().all(u8::is_ascii_whitespace) => {
                let tag = Span::new(open + 1, close);
                let first_word = tag.of(text).split(|byte| byte.is_ascii_whitespace()).next().unwrap_or_default();
                self.name = Some(Span::new(tag.start, tag.start + first_word.len()));
                self.is_assigned = true;
                self.zones.push((Zone::Name, tag));
                if line.start > 0 {
                    self.zones.push((Zone::Sibling, Span::new(line_start(text, line.start - 1), token.start)));
                }
                self.described(text, line);
            }
            Some(_) => {}
        }
    }

    /// XML: the elements beside that of the line, one on each line, which say what all of them are about: `<id>mistral</id>`.
    fn described(&mut self, text: &[u8], line: Span) {
        let above = std::iter::successors(Some(line), |line| line_above(text, line.start));
        let below = std::iter::successors(Some(line), |line| (line.end + 1 < text.len()).then(|| line_around(text, line.end + 1)));
        let is_beside = |line: &Span| is_element(line.of(text));
        let above = above.skip(1).take(MOST_ATTRIBUTES).take_while(is_beside);
        for line in above.chain(below.skip(1).take(MOST_ATTRIBUTES).take_while(is_beside)) {
            let (tag, inside) = element(text, line);
            if tag == b"description" {
                self.zones.push((Zone::Sibling, inside));
            } else if SUBJECTS.contains(&tag) {
                self.zones.push((Zone::Enclosing, inside));
            }
        }
    }

    /// XML: the other attributes of an element that has a line for each.
    fn attribute(&mut self, text: &[u8], token: Span, line: Span) {
        let mut own = line_around(text, token.start);
        for _ in 0..MOST_ATTRIBUTES {
            if !is_attribute(&text[own.start..own.end.min(token.start)]) {
                return;
            }
            let Some(above) = line_above(text, own.start) else { return };
            own = above;
            let content = own.of(text).trim_ascii();
            if content.starts_with(b"<") {
                if content.get(1).is_some_and(u8::is_ascii_alphabetic) && !content.contains(&b'>') {
                    self.zones.push((Zone::Sibling, tag_around(text, own.start, token, line)));
                }
                return;
            }
        }
    }
}

/// Whether a line is one element with its text: `<name>…</name>`.
fn is_element(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.len() < LONGEST_ELEMENT && line.starts_with(b"<") && line.get(1).is_some_and(u8::is_ascii_alphabetic) && (line.ends_with(b"/>") || is_closed(line))
}

fn is_closed(line: &[u8]) -> bool {
    line.ends_with(b">") && memchr::memmem::rfind(line, b"</").is_some()
}

/// Longer elements do not say what others are about.
const LONGEST_ELEMENT: usize = 200;

/// The tag of the element that the line is, and the span of its text.
fn element(text: &[u8], line: Span) -> (&[u8], Span) {
    let open = line.start + memchr::memchr(b'<', line.of(text)).map_or(line.len(), |at| at + 1);
    let n_tag = text[open..line.end].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let start = memchr::memchr(b'>', &text[open..line.end]).map_or(line.end, |at| open + at + 1);
    let end = memchr::memmem::rfind(line.of(text), b"</").map_or(start, |at| (line.start + at).max(start));
    (&text[open..open + n_tag], Span::new(start, end))
}

/// How well a line of a configuration says what its section is about, by the name that it says it under; of a sentence it is not known.
fn rank_of_subject(line: &[u8]) -> Option<usize> {
    let at = memchr::memchr(b'=', line)?;
    let (name, value) = (line[..at].trim_ascii_end(), line[at + 1..].trim_ascii());
    SUBJECTS.iter().position(|subject| *subject == name).filter(|_| !value.contains(&b' '))
}

/// The names under which a section says what it is about, the clearest first.
const SUBJECTS: [&[u8]; 8] = [b"provider", b"service", b"vendor", b"type", b"kind", b"name", b"id", b"title"];

/// The tag from `open` on in which the token stands, as far as its line goes.
fn tag_around(text: &[u8], open: usize, token: Span, line: Span) -> Span {
    Span::new(open, memchr::memchr(b'>', &text[token.end..line.end.max(token.end)]).map_or(line.end, |i| token.end + i))
}

/// So many lines of attributes are read above one.
const MOST_ATTRIBUTES: usize = 8;

/// Whether a line begins with an attribute of an element: `android:name="`.
fn is_attribute(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let n = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'-' | b'_' | b'.')).count();
    n > 0 && (line[n..].starts_with(b"=\"") || line[n..].starts_with(b"='"))
}

/// Whether a text may be Markdown, by its path.
pub(super) fn is_markdown(path: &str) -> bool {
    path.is_empty() || [".md", ".mdx", ".markdown"].iter().any(|ending| path.ends_with(ending))
}

/// The nearest title above the token's line, if it is one of those that `is_wanted`. What looks like a title of the first level may be a comment in an example.
pub(super) fn title_above(text: &[u8], token: Span, is_wanted: impl Fn(&[u8]) -> bool) -> Option<Span> {
    let mut line = line_around(text, token.start);
    for _ in 0..MOST_BELOW_TITLE {
        line = line_above(text, line.start)?;
        let level = line.of(text).iter().take_while(|byte| **byte == b'#').count();
        if matches!(level, 1..=6) && text[line.start + level..].starts_with(b" ") && line.len() < 60 {
            match is_wanted(&text[line.start + level..line.end]) {
                true => return Some(line),
                false if level > 1 => return None,
                false => {}
            }
        }
    }
    None
}

/// So many lines of a section are taken to be about its title.
const MOST_BELOW_TITLE: usize = 30;

/// Whether a line of a step names the action that it runs.
fn is_used(text: &[u8], line: Span) -> bool {
    line.of(text).trim_ascii_start().starts_with(b"uses:")
}

/// The line of a manifest of Kubernetes that names what the line at `line` is a part of: `name: …` below `metadata:`, between two `---`.
fn manifest_name(text: &[u8], line: Span) -> Option<Span> {
    let reach = Span::new(line.start.saturating_sub(MANIFEST), text.len().min(line.end + MANIFEST));
    let start = memchr::memmem::rfind(&text[reach.start..line.start], b"\n---").map_or(reach.start, |at| reach.start + at);
    let end = memchr::memmem::find(&text[line.end..reach.end], b"\n---").map_or(reach.end, |at| line.end + at);
    let mut metadata = memchr::memmem::find_iter(&text[start..end], b"metadata:").map(|at| start + at);
    let head = line_around(text, metadata.find(|&at| at == 0 || text[at - 1] == b'\n')?);
    let mut at = head.end + 1;
    while at < end {
        let below = line_around(text, at);
        let inside = below.of(text);
        if !inside.starts_with(b" ") {
            return None;
        }
        if inside.trim_ascii_start().starts_with(b"name:") {
            return Some(below);
        }
        at = below.end + 1;
    }
    None
}

/// How far from a value its manifest's name may stand.
const MANIFEST: usize = 2000;

/// The indentation of a line with a key or a list item.
struct Indent {
    key_at: usize,
    is_item: bool,
    key: Option<Span>,
}

impl Indent {
    /// Of any line with text that is no comment.
    fn of_any(text: &[u8], line: Span) -> Option<Self> {
        let bytes = line.of(text);
        let mut key_at = bytes.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
        if matches!(bytes[key_at], b'#' | b'\r') {
            return None;
        }
        let is_item = bytes[key_at..].starts_with(b"- ");
        if is_item {
            key_at += 2 + bytes[key_at + 2..].iter().take_while(|&&byte| byte == b' ').count();
        }
        Some(Self { key_at, is_item, key: None })
    }

    /// Of a line `key:` or `key: value`, or an item `- value`.
    fn of(text: &[u8], line: Span) -> Option<Self> {
        let mut indent = Self::of_any(text, line)?;
        let bytes = line.of(text);
        let rest = bytes.get(indent.key_at..)?;
        let n_key = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'"' | b'\'' | b'/')).count();
        let is_key = n_key > 0 && rest.get(n_key) == Some(&b':') && rest.get(n_key + 1).is_none_or(|byte| byte.is_ascii_whitespace());
        if is_key {
            // For `- name: Mistral` the whole line tells what the item is.
            let end = if indent.is_item { bytes.len() } else { indent.key_at + n_key };
            indent.key = Some(Span::new(line.start + indent.key_at, line.start + end));
        }
        (is_key || indent.is_item).then_some(indent)
    }
}
