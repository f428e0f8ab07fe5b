//! Where a token stands: the name it is assigned to, the calls and containers around it, the lines near it.
//!
//! The result is a list of zones, spans of the text with a role. Which words stand in which zone is somebody else's question. The reading
//! goes outward from the token, nearest first, and is bounded in bytes whatever the text; what it cannot make out it leaves out.

mod outward;

use super::lex::{self, Item};
use super::syntax::{is_scheme, own_quote};
use crate::span::{Span, line_around, line_end, line_start};

/// The role of a piece of text for a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Zone {
    /// The name that the token is assigned to.
    Name,
    /// The text before the token in its own string: `Bearer `, `https://…?api_key=`.
    Own,
    /// The function or class of a call that the token is an argument of.
    Callee,
    /// The name of a container or section around the token.
    Enclosing,
    /// What stands beside the token in the same call, object or block.
    Sibling,
    /// What stands in the next container outward, or in a block of code around.
    Outer,
    /// The token's line.
    Line,
    /// The places where the variable is used.
    Flow,
    /// The lines next to it.
    Near,
    /// Up to some fifteen lines away.
    Around,
    /// Anywhere else in the blob, as far as it was read.
    File,
    /// The blob's path.
    Path,
}

/// Where a token stands.
#[derive(Debug, Default)]
pub struct Place {
    /// Zones, nearest first; a piece of text can be in several.
    pub zones: Vec<(Zone, Span)>,
    /// The name that the token is assigned to.
    pub name: Option<Span>,
    /// Whether the token stands in quotes, with nothing or only [`Zone::Own`] text before it.
    pub is_quoted: bool,
    /// Whether an assignment operator joins name and token.
    pub is_assigned: bool,
    /// The nearest call or subscript around the token.
    pub callee: Option<Span>,
}

/// Lines on each side that are near, and around.
const NEAR_LINES: usize = 3;
const AROUND_LINES: usize = 15;
/// Bytes on each side that can still be near, and around.
const NEAR_BYTES: usize = 600;
const AROUND_BYTES: usize = 3000;

/// What is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Zones,
    /// The name alone; what is read beside it may be left out.
    Name,
}

impl Place {
    /// Reads where `token` stands in `text`.
    pub fn read(text: &[u8], token: Span) -> Self {
        let mut place = Self::default();
        let line = line_around(text, token.start);
        place.read_left(text, token, line, Wanted::Zones);
        if !place.zones.iter().any(|(zone, _)| *zone == Zone::Sibling) {
            place.indented(text, line);
            place.section(text, line);
        }
        place.markup(text, token, line);
        place.zones.push((Zone::Line, bounded(line, token, NEAR_BYTES)));
        place.zones.push((Zone::Near, lines_around(text, line, NEAR_LINES, token, NEAR_BYTES * 2)));
        place.zones.push((Zone::Around, lines_around(text, line, AROUND_LINES, token, AROUND_BYTES)));
        place
    }

    /// The name that `token` is assigned to, as [`Place::read`] finds it: nothing is read beyond it.
    pub fn name_of(text: &[u8], token: Span) -> Option<Span> {
        let mut place = Self::default();
        let line = line_around(text, token.start);
        // That of an element is the token's whatever else stands before it.
        place.markup(text, token, line);
        if place.name.is_none() {
            place.read_left(text, token, line, Wanted::Name);
        }
        place.name
    }

    /// Reads what stands to the left of `token`, in its own string and before it.
    fn read_left(&mut self, text: &[u8], token: Span, line: Span, wanted: Wanted) {
        let quote = own_quote(text, token, line);
        self.is_quoted = quote.is_some();
        let own_start = quote.map_or(token.start, |at| at + 1);
        if own_start < token.start {
            self.zones.push((Zone::Own, Span::new(own_start, token.start)));
            self.assignment_inside(text, token.start, own_start);
        }
        outward::read(self, text, quote.unwrap_or(token.start), wanted);
    }

    /// All spans of a zone.
    pub fn zone(&self, wanted: Zone) -> impl Iterator<Item = Span> + '_ {
        self.zones.iter().filter(move |(zone, _)| *zone == wanted).map(|&(_, span)| span)
    }

    fn set_name(&mut self, name: Span) {
        self.name.get_or_insert(name);
        self.zones.push((Zone::Name, name));
    }

    /// A name and an operator inside the token's own string: `api_key=`, `Authorization: Bearer `.
    fn assignment_inside(&mut self, text: &[u8], from: usize, floor: usize) {
        let mut pos = from;
        while let Some((item, start)) = lex::item_before(text, pos, floor) {
            match item {
                Item::Word(word) if is_scheme(word.of(text)) => {}
                Item::Assign => {
                    if let Some((Item::Word(name) | Item::Text(name), _)) = lex::item_before(text, start, floor) {
                        self.is_assigned = true;
                        self.set_name(name);
                    }
                    return;
                }
                Item::Other if text[start] == b'\\' => {}
                _ => return,
            }
            pos = start;
        }
    }
}

/// The line with `n` lines on each side, as far as these are at most `reach` bytes away from `token`. Minified files have lines that are cut again and again.
pub fn lines_around(text: &[u8], line: Span, n: usize, token: Span, reach: usize) -> Span {
    let (floor, ceiling) = (token.start.saturating_sub(reach), text.len().min(token.end + reach));
    let mut span = line;
    for _ in 0..n {
        if span.start > floor {
            span.start = line_start(text, span.start - 1);
        }
        if span.end < ceiling {
            span.end = line_end(text, span.end + 1);
        }
    }
    bounded(span, token, reach)
}

/// The part of `span` that is at most `n` bytes away from `token`.
pub fn bounded(span: Span, token: Span, n: usize) -> Span {
    Span::new(span.start.max(token.start.saturating_sub(n)), span.end.min(token.end + n))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the place of `KEY…` (32 characters) in a text and shows a zone's texts.
    fn zone_texts(text: &str, zone: Zone) -> Vec<String> {
        let key = "K1y".repeat(11);
        let text = text.replace("KEY", &key[..32]);
        let at = text.find(&key[..32]).expect("the text holds KEY");
        let place = Place::read(text.as_bytes(), Span::new(at, at + 32));
        place.zone(zone).map(|span| String::from_utf8_lossy(span.of(text.as_bytes())).replace(&key[..32], "KEY")).collect()
    }

    fn has_name(text: &str, name: &str) {
        let names = zone_texts(text, Zone::Name);
        assert!(names.iter().any(|n| n.contains(name)), "{text}: {names:?}");
    }

    #[test]
    fn the_assigned_name_is_found_in_every_syntax() {
        for text in [
            "A_NAME=KEY",
            "export A_NAME=\"KEY\"",
            "$env:A_NAME = \"KEY\"",
            "ENV A_NAME KEY",
            "ARG A_NAME=KEY",
            "- A_NAME=KEY",
            "  A_NAME: KEY",
            "\"A_NAME\": \"KEY\"",
            "setx A_NAME KEY",
            "set -gx A_NAME KEY",
            "set \"A_NAME=KEY\"",
            "os.environ[\"A_NAME\"] = \"KEY\"",
            "os.environ.setdefault('A_NAME', 'KEY')",
            "os.getenv(\"A_NAME\", \"KEY\")",
            "const x = process.env.A_NAME || 'KEY'",
            "const x = process.env.A_NAME ?? \"KEY\"",
            "let A_NAME: &str = \"KEY\";",
            "private readonly string A_NAME = \"KEY\";",
            "const apiKey: string = \"KEY\" // A_NAME".replace("apiKey", "A_NAME").as_str(),
            "A_NAME := \"KEY\"",
            "'A_NAME' => 'KEY'",
            "env::var(\"A_NAME\").unwrap_or(\"KEY\".into())",
            "?model=x&A_NAME=KEY",
            "\"https://host/x?A_NAME=KEY\"",
            "docker run -e A_NAME=KEY -p 80",
            "--A_NAME KEY",
            "String A_NAME = \"KEY\";",
            "A_NAME = SecretStr(\"KEY\")",
            "A_NAME=(\n  \"KEY\"\n)",
            "<A_NAME>KEY</A_NAME>",
            "<string name=\"A_NAME\">KEY</string>",
            "client.A_NAME(\"KEY\")",
            "var A_NAME string = \"KEY\"",
            "Dim A_NAME As String = \"KEY\"",
            "DECLARE @A_NAME varchar(64) = N'KEY'",
            "A_NAME: Optional[str] = \"KEY\"",
            "let A_NAME: Option<&str> = Some(\"KEY\");",
            "const A_NAME: []const u8 = \"KEY\";",
            "A_NAME: |\n  KEY\n",
            "  A_NAME: >-\n    KEY\n",
            "A_NAME:\n  KEY\n",
            "const A_NAME =\n  'KEY';",
            "const A_NAME: string =\n  'KEY';",
            "A_NAME = \\\n  'KEY'",
            "'A_NAME' =>\n  'KEY'",
            "<A_NAME>\n  KEY\n</A_NAME>",
            "$ENV{A_NAME} = 'KEY';",
            "$ENV{'A_NAME'} = 'KEY';",
            "const A_NAME = isProd ? x : 'KEY';",
            "const A_NAME = isProd ? 'KEY' : x;",
            "A_NAME: process.env.X === 'y' ? x : 'KEY',",
        ] {
            if text.starts_with("client.") {
                assert_eq!(zone_texts(text, Zone::Callee), ["client.A_NAME"]);
            } else {
                has_name(text, "A_NAME");
            }
        }
    }

    #[test]
    fn calls_are_found_with_named_and_positional_arguments() {
        for text in [
            "x = Client(\"KEY\")",
            "Client(api_key=\"KEY\")",
            "new Client({ apiKey: \"KEY\" })",
            "Client(\n  url=\"http://x\",\n  api_key=\"KEY\",\n)",
            "Client(model(), Some(\"KEY\"))",
        ] {
            assert!(zone_texts(text, Zone::Callee).iter().any(|callee| callee == "Client"), "{text}: {:?}", zone_texts(text, Zone::Callee));
        }
    }

    #[test]
    fn containers_and_sections_are_found() {
        for text in [
            "outer: {\n  key: 'KEY' }",
            "\"outer\": {\n \"url\": \"u\",\n \"token\": \"KEY\"}",
            "outer:\n  api_key: KEY",
            "outer:\n  a: b\n\n  api_key: KEY\n",
            "[outer]\nkey = KEY",
            "'outer' => [\n 'api_key' => env('X', 'KEY'),\n]",
            "variable \"outer\" {\n  default = \"KEY\"\n}",
            "outer = {\n  'key': 'KEY' }",
            "outer = [\n  \"a\",\n  \"KEY\",\n]",
        ] {
            let found = zone_texts(text, Zone::Enclosing);
            assert!(found.iter().any(|name| name.contains("outer")), "{text}: {found:?}");
        }
    }

    #[test]
    fn siblings_are_those_of_the_same_object_or_block() {
        for text in [
            "[{ a: 'other' }, { provider: 'this', key: 'KEY' }]",
            "- provider: other\n  key: x\n- provider: this\n  key: KEY\n",
            "env:\n  - name: other\n    value: x\n  - name: this\n    value: KEY\n",
            "[[s]]\nname = \"other\"\nkey = 1\n[[s]]\nname = \"this\"\nkey = \"KEY\"\n",
            "<other/>\n<e\n    a=\"this\"\n    b=\"KEY\" />\n",
        ] {
            let found = zone_texts(text, Zone::Sibling);
            assert!(found.iter().any(|t| t.contains("this")) && !found.iter().take(1).any(|t| t.contains("other")), "{text}: {found:?}");
        }
    }

    #[test]
    fn lines_are_followed_as_far_as_they_count() {
        let token = "K1y".repeat(11);
        for (line, n_lines) in [("short\n", 60), ("\n", 20), ("x", 9000), ("a longer line, as in most files\n", 300)] {
            let text = format!("{0}\n{token}\n{0}", line.repeat(n_lines));
            let (text, start) = (text.as_bytes(), text.find(&token).expect("it is there"));
            let token = Span::new(start, start + token.len());
            for (n, reach) in [(0, 50), (3, 10), (3, 1200), (15, 3000)] {
                let own = line_around(text, token.start);
                let whole = (0..n).fold(own, |span, _| {
                    let start = if span.start > 0 { line_around(text, span.start - 1).start } else { 0 };
                    Span::new(start, if span.end < text.len() { line_around(text, span.end + 1).end } else { text.len() })
                });
                assert_eq!(lines_around(text, own, n, token, reach), bounded(whole, token, reach), "{line:?}");
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_name_alone_is_that_of_the_place(
            left in "([a-z]{1,3}|apiKey|Some|setToken|\\.unwrap_or|<[a-z]{1,3}>|<|[\"'`(){}\\[\\]=:,;?|> \n.-]){0,40}",
            right in "[\"')}\\],; \n</a>]{0,9}",
        ) {
            let text = format!("{left}{}{right}", "K1y".repeat(11));
            let token = Span::new(left.len(), left.len() + 33);
            proptest::prop_assert_eq!(Place::name_of(text.as_bytes(), token), Place::read(text.as_bytes(), token).name);
        }
    }

    #[test]
    fn no_text_makes_it_fail() {
        let junk = ["", "\"", "((((", "))))", "]]]=", "<a", "<", "\n\n- :", "==", "'\\'", "\u{e9}\u{e9}="];
        for left in junk {
            for right in junk {
                let text = format!("{left}{}{right}", "K1y".repeat(11));
                Place::read(text.as_bytes(), Span::new(left.len(), left.len() + 33));
            }
        }
    }
}
